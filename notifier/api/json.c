/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* JSON with limits.  See json.h.
 *
 * Depth and number of values are counted by one pass over the text that only
 * knows strings, brackets and commas: jansson would otherwise recurse, and
 * spend memory, before it could be asked. */

#include <config.h>

#include "api/json.h"

#include <string.h>

#include "api/error.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define DUMP_FLAGS (JSON_COMPACT | JSON_ENCODE_ANY)

/* What is left of 's' after the string that begins before it. */
static size_t
skip_string(const char *text, size_t i, size_t len)
{
    while (i < len && text[i] != '"') {
        i += text[i] == '\\' ? 2 : 1;
    }
    return i;
}

static struct api_error *
check_size(const char *text, size_t len)
{
    int depth = 0;
    size_t values = 0;

    for (size_t i = 0; i < len; i++) {
        switch (text[i]) {
        case '"':
            i = skip_string(text, i + 1, len);
            break;
        case '{':
        case '[':
            if (++depth > API_JSON_MAX_DEPTH) {
                return api_error(400, NULL, "Malformed request body: arrays "
                                 "and objects are nested more than %d deep.",
                                 API_JSON_MAX_DEPTH);
            }
            values++;
            break;
        case '}':
        case ']':
            depth--;
            break;
        case ',':
            values++;
            break;
        }
    }
    return (values <= API_JSON_MAX_VALUES ? NULL
            : api_error(400, NULL, "Malformed request body: it has more than "
                        "%d values.", API_JSON_MAX_VALUES));
}

/* What jansson says is wrong, which quotes the text and may end its quotation
 * within a character: made ASCII if it is not UTF-8. */
static struct api_error *
parse_error(json_error_t *error)
{
    json_t *valid = json_string(error->text);

    for (char *s = error->text; !valid && *s; s++) {
        *s = (unsigned char) *s < 0x80 ? *s : '?';
    }
    json_decref(valid);
    return api_error(400, NULL, "Malformed request body: %s at line %d, "
                     "column %d.", error->text, error->line, error->column);
}

struct api_error *
api_json_parse(const char *text, size_t len, json_t **jsonp)
{
    json_error_t json_error;

    struct api_error *error = check_size(text, len);
    if (error) {
        return error;
    }
    *jsonp = json_loadb(text, len, JSON_REJECT_DUPLICATES, &json_error);
    return *jsonp ? NULL : parse_error(&json_error);
}

char *
api_json_to_string(const json_t *json)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    api_json_put(json, &s);
    return ds_steal_cstr(&s);
}

static int
append(const char *buffer, size_t size, void *out)
{
    ds_put_buffer(out, buffer, size);
    return 0;
}

void
api_json_put(const json_t *json, struct ds *out)
{
    ds_reserve(out, out->length);
    if (json_dump_callback(json, append, out, DUMP_FLAGS)) {
        OVS_NOT_REACHED();      /* Only if 'json' is not JSON. */
    }
}

static void
put_escaped(unsigned char c, struct ds *out)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    const char *letter = letters;

    while (*letter && (unsigned char) *letter != c) {
        letter += 2;
    }
    if (*letter) {
        ds_put_char(out, '\\');
        ds_put_char(out, letter[1]);
    } else {
        ds_put_format(out, "\\u%04X", c);
    }
}

void
api_json_put_string(const char *s, struct ds *out)
{
    const char *done = s;

    ds_put_char(out, '"');
    for (; *s; s++) {
        unsigned char c = *s;

        if (c < 0x20 || c == '"' || c == '\\') {
            ds_put_buffer(out, done, s - done);
            put_escaped(c, out);
            done = s + 1;
        }
    }
    ds_put_buffer(out, done, s - done);
    ds_put_char(out, '"');
}
