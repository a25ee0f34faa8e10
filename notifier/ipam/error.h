/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Why a request about addresses is refused, as the Networking API says it.
 *
 * A function that can refuse returns NULL if all is well, otherwise one of
 * these, which the caller destroys. */

#ifndef IPAM_ERROR_H
#define IPAM_ERROR_H 1

#include "openvswitch/compiler.h"

struct ipam_error {
    int status;                 /* Of HTTP: 400 or 409. */
    const char *type;           /* Static: "InvalidInput"... */
    char *message;              /* A sentence that names the value. */
};

struct ipam_error *ipam_error(int status, const char *type,
                              const char *format, ...)
    OVS_PRINTF_FORMAT(3, 4) OVS_WARN_UNUSED_RESULT;

/* InvalidInput, 400: "Invalid input for operation: ...." */
struct ipam_error *ipam_error_input(const char *format, ...)
    OVS_PRINTF_FORMAT(1, 2) OVS_WARN_UNUSED_RESULT;

/* HTTPBadRequest, 400: "Invalid input for ATTRIBUTE. Reason: ...."  For an
 * attribute's value that cannot be read at all. */
struct ipam_error *ipam_error_attribute(const char *attribute,
                                        const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3) OVS_WARN_UNUSED_RESULT;

/* Accepts NULL. */
void ipam_error_destroy(struct ipam_error *);

/* What a user wrote, in quotes, for a message that names it, for the caller to
 * free.  If it is long it is cut, between two characters of UTF-8. */
char *ipam_quote(const char *);

#endif /* ipam/error.h */
