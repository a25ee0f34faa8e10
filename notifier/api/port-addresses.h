/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_PORT_ADDRESSES_H
#define API_PORT_ADDRESSES_H 1

/* The IP_Allocation rows of a port that an operation makes or changes: from
 * what the replica has to what ipam/choose.h decides on, and back into the
 * transaction.  Single-threaded. */

#include <jansson.h>
#include <stddef.h>

#include "compiler.h"

struct api_error;
struct nb_row;
struct operation;
struct uuid;

struct port_addresses_request {
    const struct nb_row *network;
    const struct nb_row *port;  /* NULL: it is being created. */
    const char *device_owner;   /* As it will be; and so the MAC address. */
    const char *mac;
    const json_t *fixed_ips;    /* Normal form; NULL: not given. */
};

/* Adds to the transaction the rows of the addresses that the port gets, and
 * reserves those.  Puts into '*refs' the ids of all rows that it shall refer
 * to, for the caller to free. */
struct api_error *port_addresses_choose(struct operation *,
                                        const struct port_addresses_request *,
                                        struct uuid **refs, size_t *n_refs)
    OVS_WARN_UNUSED_RESULT;

#endif /* api/port-addresses.h */
