/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* JSON in and out of the API, with limits.
 *
 * What comes in is refused unless it is one object or array in UTF-8 without
 * NUL, duplicate keys, or more than the limits below, before memory is spent
 * on it.  What goes out is compact, UTF-8, keys in the order in which they
 * were set: equal values have equal text. */

#ifndef API_JSON_H
#define API_JSON_H 1

#include <jansson.h>
#include <stddef.h>

#include "openvswitch/compiler.h"

struct api_error;
struct ds;

/* Nesting of arrays and objects.  A bulk request needs 5; what is deeper is a
 * client's own profile, or an attack on somebody's stack. */
#define API_JSON_MAX_DEPTH 32

/* Values in one text.  One costs up to 130 bytes however short its text; a
 * bulk create of 1,000 ports with every attribute has about 50,000. */
#define API_JSON_MAX_VALUES (256 * 1024)

/* Puts into '*jsonp' the value of 'len' bytes at 'text', for the caller to
 * json_decref().  400 HTTPBadRequest if it is refused. */
struct api_error *api_json_parse(const char *text, size_t len,
                                 json_t **jsonp) OVS_WARN_UNUSED_RESULT;

/* The text of 'json', for the caller to free; appends it to 'out'. */
char *api_json_to_string(const json_t *json);
void api_json_put(const json_t *json, struct ds *out);

/* Appends a string, which is UTF-8, as JSON has it, with its quotes; exactly
 * as api_json_put() would. */
void api_json_put_string(const char *, struct ds *out);

#endif /* api/json.h */
