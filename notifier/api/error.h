/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Why a request is refused, as the Networking API says it.
 *
 * A function that can refuse returns NULL if all is well, otherwise one of
 * these, which the caller destroys.  Messages name the attribute or object
 * and the reason, are UTF-8 and of bounded length: what they quote of the
 * client's own words is cut after API_QUOTE_MAX characters. */

#ifndef API_ERROR_H
#define API_ERROR_H 1

#include <jansson.h>
#include <stddef.h>

#include "openvswitch/compiler.h"

struct ipam_error;

/* Bytes of a value that a message quotes: enough to recognize it by. */
#define API_QUOTE_MAX 100

struct api_error {
    int status;                 /* Of HTTP: 400 or more. */
    const char *type;           /* Static: "PortNotFound"... */
    char *message;
};

/* 'type' NULL: api_error_type() of 'status'. */
struct api_error *api_error(int status, const char *type,
                            const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4) OVS_WARN_UNUSED_RESULT;

/* 400 HTTPBadRequest: "Invalid input for ATTRIBUTE. Reason: ...." */
struct api_error *api_error_input(const char *attribute,
                                  const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3) OVS_WARN_UNUSED_RESULT;

/* The same with 'reason', which is freed. */
struct api_error *api_error_input_steal(const char *attribute, char *reason)
    OVS_WARN_UNUSED_RESULT;

/* What 'error' says, which is destroyed.  NULL for NULL. */
struct api_error *api_error_from_ipam(struct ipam_error *error)
    OVS_WARN_UNUSED_RESULT;

/* Accepts NULL. */
void api_error_destroy(struct api_error *);

/* The type that goes with a status if nothing more is known: "HTTPNotFound"
 * for 404. */
const char *api_error_type(int status);

/* The body of the reply, {"NeutronError": {"type": ..., "message": ...,
 * "detail": ""}}, for the caller to free; the same of its parts. */
char *api_error_body(const struct api_error *);
char *api_error_body_from(const char *type, const char *message);

/* 'value' as a message quotes it, in single quotes and cut after
 * API_QUOTE_MAX bytes: a string itself, anything else as JSON text.  For the
 * caller to free. */
char *api_quote(const json_t *value);
char *api_quote_string(const char *);

#endif /* api/error.h */
