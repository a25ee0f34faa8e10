/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Errors of the API.  See error.h. */

#include <config.h>

#include "api/error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "ipam/error.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static struct api_error *
api_error_steal(int status, const char *type, char *message)
{
    struct api_error *error = xmalloc(sizeof *error);

    error->status = status;
    error->type = type ? type : api_error_type(status);
    error->message = message;
    return error;
}

struct api_error *
api_error(int status, const char *type, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    return api_error_steal(status, type, message);
}

struct api_error *
api_error_input_steal(const char *attribute, char *reason)
{
    const char *stop = reason[0] && strchr(".!?", reason[strlen(reason) - 1])
                       ? "" : ".";
    char *message = xasprintf("Invalid input for %s. Reason: %s%s",
                              attribute, reason, stop);

    free(reason);
    return api_error_steal(400, NULL, message);
}

struct api_error *
api_error_input(const char *attribute, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *reason = xvasprintf(format, args);
    va_end(args);
    return api_error_input_steal(attribute, reason);
}

struct api_error *
api_error_from_ipam(struct ipam_error *ipam)
{
    if (!ipam) {
        return NULL;
    }

    struct api_error *error = api_error_steal(ipam->status, ipam->type,
                                              xstrdup(ipam->message));
    ipam_error_destroy(ipam);
    return error;
}

void
api_error_destroy(struct api_error *error)
{
    if (error) {
        free(error->message);
        free(error);
    }
}

const char *
api_error_type(int status)
{
    switch (status) {
    case 400: return "HTTPBadRequest";
    case 401: return "HTTPUnauthorized";
    case 403: return "HTTPForbidden";
    case 404: return "HTTPNotFound";
    case 405: return "HTTPMethodNotAllowed";
    case 408: return "HTTPRequestTimeout";
    case 409: return "HTTPConflict";
    case 412: return "HTTPPreconditionFailed";
    case 413: return "HTTPRequestEntityTooLarge";
    case 414: return "HTTPRequestURITooLong";
    case 431: return "HTTPRequestHeaderFieldsTooLarge";
    case 501: return "HTTPNotImplemented";
    case 503: return "HTTPServiceUnavailable";
    default: return (status < 500 ? "HTTPClientError"
                     : "HTTPInternalServerError");
    }
}

char *
api_error_body_from(const char *type, const char *message)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_cstr(&s, "{\"NeutronError\":{\"type\":");
    api_json_put_string(type, &s);
    ds_put_cstr(&s, ",\"message\":");
    api_json_put_string(message, &s);
    ds_put_cstr(&s, ",\"detail\":\"\"}}");
    return ds_steal_cstr(&s);
}

char *
api_error_body(const struct api_error *error)
{
    return api_error_body_from(error->type, error->message);
}

/* Appends 'len' bytes at 's', UTF-8, or as many whole characters of it as
 * API_QUOTE_MAX allows and "...". */
static void
put_cut(const char *s, size_t len, struct ds *out)
{
    bool cut = len > API_QUOTE_MAX;

    if (cut) {
        len = API_QUOTE_MAX;
        while (len && ((unsigned char) s[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    ds_put_buffer(out, s, len);
    if (cut) {
        ds_put_cstr(out, "...");
    }
}

char *
api_quote_string(const char *s)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    ds_put_char(&out, '\'');
    put_cut(s, strlen(s), &out);
    ds_put_char(&out, '\'');
    return ds_steal_cstr(&out);
}

char *
api_quote(const json_t *value)
{
    if (json_is_string(value)) {
        return api_quote_string(json_string_value(value));
    }

    struct ds out = DS_EMPTY_INITIALIZER;
    char *text = api_json_to_string(value);
    ds_put_char(&out, '\'');
    put_cut(text, strlen(text), &out);
    ds_put_char(&out, '\'');
    free(text);
    return ds_steal_cstr(&out);
}
