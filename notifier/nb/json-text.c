/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* JSON text of Open vSwitch's library.  Nothing in here can fail. */

#include <config.h>

#include "nb/json-text.h"

#include "openvswitch/json.h"
#include "util.h"

char *
nb_json_text(const char *s)
{
    struct json *json = json_string_create(s);
    char *text;

    ovs_assert(!strcmp(json_string(json), s));
    text = json_to_string(json, 0);
    json_destroy(json);
    return text;
}
