/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* That the program's two JSON libraries are apart. */

#include <config.h>

#include "json-check.h"

#include <jansson.h>
#include <stdlib.h>

#include "nb/json-text.h"
#include "util.h"

void
json_check(void)
{
    char *text = nb_json_text("caf\xc3\xa9 \"x\"");
    json_t *theirs = json_loads(text, JSON_DECODE_ANY, NULL);
    json_t *ours = json_string("caf\xc3\xa9 \"x\"");

    if (!json_equal(theirs, ours)) {
        ovs_fatal(0, "linked with two JSON libraries of the same names");
    }
    json_decref(ours);
    json_decref(theirs);
    free(text);
}
