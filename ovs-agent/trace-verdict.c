/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See trace-verdict.h. */

#include <config.h>

#include "trace-verdict.h"

#include <inttypes.h>
#include <stdlib.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* So many are named; of more, it is said how many. */
#define MAX_NAMED 4

void
trace_verdict_init(struct trace_verdict *verdict)
{
    verdict->answered = false;
    svec_init(&verdict->delivered);
    svec_init(&verdict->left);
    sset_init(&verdict->hosts);
    svec_init(&verdict->dropped);
    verdict->going = NULL;
}

void
trace_verdict_destroy(struct trace_verdict *verdict)
{
    svec_destroy(&verdict->delivered);
    svec_destroy(&verdict->left);
    sset_destroy(&verdict->hosts);
    svec_destroy(&verdict->dropped);
}

void
trace_verdict_drop(struct trace_verdict *verdict, const char *who,
                   const char *why)
{
    svec_add_nocopy(&verdict->dropped, xasprintf("%s, which %s", who, why));
}

void
trace_verdict_deliver(struct trace_verdict *verdict, const char *port)
{
    svec_add(&verdict->delivered, port);
    verdict->going = &verdict->delivered;
}

void
trace_verdict_leave(struct trace_verdict *verdict, const char *way,
                    const char *host)
{
    svec_add(&verdict->left, way);
    if (host) {
        sset_add(&verdict->hosts, host);
    }
    verdict->going = &verdict->left;
}

void
trace_verdict_settle(struct trace_verdict *verdict)
{
    verdict->going = NULL;
}

bool
trace_verdict_take_back(struct trace_verdict *verdict, const char *why)
{
    struct svec *going = verdict->going;
    char *where;

    if (!going) {
        return false;
    }
    verdict->going = NULL;
    where = going->names[--going->n];
    svec_add_nocopy(&verdict->dropped,
                    xasprintf("the switch on the way to %s: %s", where, why));
    free(where);
    return true;
}

/* Appends to the sentence that begins at 'start' of 'out'. */
static void
put_names(struct ds *out, size_t start, const char *what,
          const struct svec *names, const char *kind)
{
    if (!names->n) {
        return;
    }
    ds_put_format(out, "%s%s ", out->length > start ? "; " : "", what);
    if (names->n > MAX_NAMED) {
        ds_put_format(out, "%"PRIuSIZE" %s", names->n, kind);
        return;
    }
    for (size_t i = 0; i < names->n; i++) {
        ds_put_format(out, "%s%s", i ? ", " : "", names->names[i]);
    }
}

/* What comes of what has left. */
static void
put_beyond(struct ds *out, const struct sset *hosts)
{
    char *names;

    if (sset_is_empty(hosts)) {
        ds_put_cstr(out, "; what becomes of it there is not known here");
    } else if (sset_count(hosts) > MAX_NAMED) {
        ds_put_cstr(out, "; whether it is delivered there is for them to say: "
                    "ask their agents");
    } else {
        names = sset_join(hosts, ", ", "");
        ds_put_format(out, "; whether it is delivered there is for %s to say: "
                      "ask %s", names, (sset_count(hosts) > 1
                                        ? "their agents" : "its agent"));
        free(names);
    }
}

void
trace_verdict_format(const struct trace_verdict *verdict, bool nothing_done,
                     struct ds *out)
{
    size_t start = out->length;

    if (verdict->answered) {
        ds_put_cstr(out, "answered here");
        return;
    } else if (nothing_done && !verdict->dropped.n
               && (verdict->delivered.n || verdict->left.n)) {
        ds_put_cstr(out, "dropped by the switch; --raw shows its trace");
        return;
    }
    put_names(out, start, "delivered to", &verdict->delivered, "ports");
    put_names(out, start, "leaves by", &verdict->left, "tunnels");
    if (verdict->left.n) {
        put_beyond(out, &verdict->hosts);
    }
    put_names(out, start, "dropped by", &verdict->dropped, "gates");
    if (out->length == start) {
        ds_put_cstr(out, "dropped: nobody else is there to take it");
    }
}
