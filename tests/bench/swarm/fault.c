/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See fault.h. */

#include <config.h>

#include "fault.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/json.h"
#include "util.h"

static void
count(struct faults *faults, const char *kind)
{
    size_t i = 0;

    while (i < faults->n_kinds && strcmp(faults->kinds[i], kind)) {
        i++;
    }
    ovs_assert(i < FAULT_KINDS);
    if (i == faults->n_kinds) {
        faults->kinds[faults->n_kinds++] = kind;
    }
    faults->counts[i]++;
    faults->n++;
}

void
fault(struct faults *faults, const char *kind, unsigned int agent,
      const char *format, ...)
{
    count(faults, kind);
    if (faults->n_examples < FAULT_EXAMPLES) {
        va_list args;
        char *details;

        va_start(args, format);
        details = xvasprintf(format, args);
        va_end(args);
        faults->examples[faults->n_examples++] = xasprintf(
            "hv%u: %s: %s", agent, kind, details);
        free(details);
    }
}

void
faults_put(const struct faults *faults, struct ds *s)
{
    ds_put_format(s, ", \"errors\": %"PRIu64, faults->n);
    if (!faults->n) {
        return;
    }
    ds_put_cstr(s, ", \"error_kinds\": {");
    for (size_t i = 0; i < faults->n_kinds; i++) {
        ds_put_format(s, "%s\"%s\": %"PRIu64, i ? ", " : "",
                      faults->kinds[i], faults->counts[i]);
    }
    ds_put_cstr(s, "}, \"first_errors\": [");
    for (size_t i = 0; i < faults->n_examples; i++) {
        ds_put_cstr(s, i ? ", " : "");
        json_string_escape(faults->examples[i], s);
    }
    ds_put_char(s, ']');
}

void
faults_destroy(struct faults *faults)
{
    for (size_t i = 0; i < faults->n_examples; i++) {
        free(faults->examples[i]);
    }
}
