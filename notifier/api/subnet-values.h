/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_SUBNET_VALUES_H
#define API_SUBNET_VALUES_H 1

/* Between a subnet as the API's attributes have it and as address management
 * (ipam/subnet-rules.h) does.  Pure functions of their arguments. */

#include <jansson.h>

#include "ipam/subnet-rules.h"

/* Fills '*request' from normal forms by attribute, from which it borrows; for
 * the caller to subnet_request_destroy().  What is not in 'values' is not
 * given. */
void subnet_request_from_values(const json_t *values,
                                struct subnet_request *request);
void subnet_request_destroy(struct subnet_request *);

/* Sets in 'values' what 'subnet' decides: "cidr", "gateway_ip",
 * "allocation_pools". */
void subnet_to_values(const struct subnet *subnet, json_t *values);

#endif /* api/subnet-values.h */
