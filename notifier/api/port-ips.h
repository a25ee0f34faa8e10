/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The addresses of a port, as an attribute: hooks for its table (api/attr.h
 * says what each does).  A filter's strings are "ip_address=A",
 * "subnet_id=ID" and "ip_address_substr=S"; an address of the port has to
 * pass one of each kind given. */

#ifndef API_PORT_IPS_H
#define API_PORT_IPS_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "api/attr.h"

json_t *api_fixed_ips_show(const struct api_view *, const struct nb_row *);
bool api_fixed_ips_match(const struct api_view *, const struct nb_row *,
                         const char *const *values, size_t n);
bool api_fixed_ips_find(const struct api_view *, const char *const *values,
                        size_t n, struct api_candidates *);
struct api_error *api_fixed_ips_filter(const struct api_attr *,
                                       const char *value, char **normal);

#endif /* api/port-ips.h */
