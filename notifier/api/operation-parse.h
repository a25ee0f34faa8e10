/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_OPERATION_PARSE_H
#define API_OPERATION_PARSE_H 1

/* What every operation takes from its request beside its body:
 *
 *     If-Match: revision_number=N
 *     ?wait=applied[&timeout=SECONDS]
 *
 * Single-threaded. */

#include <stdint.h>

#include "openvswitch/compiler.h"

struct api_error;
struct operation;

/* Fills 'op'.  Refuses a query with anything else. */
struct api_error *operation_parse(struct operation *op)
    OVS_WARN_UNUSED_RESULT;

/* Parses the value of an If-Match header into '*revision'. */
struct api_error *operation_parse_if_match(const char *value,
                                           int64_t *revision)
    OVS_WARN_UNUSED_RESULT;

#endif /* api/operation-parse.h */
