/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See descriptors.h.  A limit that cannot be raised is no error: there is room
 * for fewer. */

#include <config.h>

#include "descriptors.h"

#include <sys/resource.h>

#include "util.h"

/* What has been promised. */
static unsigned int asked = DESCRIPTORS_OTHER;

/* Returns the limit, raised to 'need' or as near to it as may be. */
static rlim_t
raise_limit(rlim_t need)
{
    struct rlimit r, more;

    if (getrlimit(RLIMIT_NOFILE, &r)) {
        return 0;
    }
    if (r.rlim_cur >= need) {
        return r.rlim_cur;
    }
    /* Root may raise the hard limit too. */
    more = (struct rlimit) { need, MAX(r.rlim_max, need) };
    if (!setrlimit(RLIMIT_NOFILE, &more)) {
        return need;
    }
    more = (struct rlimit) { r.rlim_max, r.rlim_max };
    return setrlimit(RLIMIT_NOFILE, &more) ? r.rlim_cur : r.rlim_max;
}

unsigned int
descriptors_ask(unsigned int n)
{
    rlim_t limit = raise_limit((rlim_t) asked + n);
    unsigned int room = limit > asked ? MIN(limit - asked, n) : 0;

    asked += room;
    return room;
}

void
descriptors_give_back(unsigned int n)
{
    asked -= n;
}
