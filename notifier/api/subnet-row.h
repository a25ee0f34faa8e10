/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_SUBNET_ROW_H
#define API_SUBNET_ROW_H 1

/* Subnet rows as address management (ipam/) wants them.
 *
 * Rows can be written by anybody: what cannot be read of one is as if it was
 * not there.  Single-threaded. */

#include <stdbool.h>

#include "compiler.h"
#include "ipam/subnet-rules.h"

struct nb_row;

/* Fills '*subnet', for the caller to subnet_destroy() in any case.  False if
 * the row's cidr cannot be read: then nothing can be done with it. */
bool subnet_row_read(const struct nb_row *, struct subnet *)
    OVS_WARN_UNUSED_RESULT;

/* The row's cidr alone. */
bool subnet_row_cidr(const struct nb_row *, struct ip_prefix *)
    OVS_WARN_UNUSED_RESULT;

#endif /* api/subnet-row.h */
