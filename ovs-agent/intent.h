/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef INTENT_H
#define INTENT_H 1

/* What the northbound database wants, as far as an agent needs it: plain
 * copies of rows, made by nb.c and kept by topology.c, so that nothing behind
 * nb.c knows the IDL or holds a pointer into it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/uuid.h"

/* A Port row.  Strings are owned by whoever owns the struct. */
struct intent_port {
    struct uuid uuid;
    struct uuid network;
    char *name;
    char *mac_address;          /* As written; perhaps malformed. */
    char *host;                 /* Where it should be; "" for anywhere. */
    bool admin_state_up;
    bool port_security_enabled;
    int64_t revision_number;
    struct uuid *allocations;   /* Its IP_Allocation rows; */
    size_t n_allocations;
    char **ip_addresses;        /* of those that are here, the address. */
    size_t n_ip_addresses;
};

/* A Network row, with its Segment. */
struct intent_network {
    struct uuid uuid;
    char *name;
    bool admin_state_up;
    int64_t revision_number;
    int64_t mtu;                /* 0: none stated. */
    struct uuid segment;        /* Its Segment; zero: a local network. */
    char *network_type;         /* NULL if it has none, or not here yet. */
    char *physical_network;     /* Likewise. */
    int64_t segmentation_id;
};

/* The Host row; a hypervisor without one is up, at revision 0. */
struct intent_host {
    bool admin_state_up;
    int64_t revision_number;
};

/* A Port_Location row: what a hypervisor says of a port it holds. */
struct intent_port_place {
    struct uuid row;
    struct uuid port;
    struct uuid network;
    char *host;
    int64_t claim;
    char *mac_address;          /* As written; perhaps malformed. */
    char **ip_addresses;
    size_t n_ip_addresses;
};

/* A Network_Location row: how a hypervisor takes an overlay's packets. */
struct intent_net_place {
    struct uuid row;
    struct uuid network;
    char *host;
    char *encap;                /* As written; perhaps malformed. */
    bool unknown_addresses;
};

void intent_port_clone(struct intent_port *, const struct intent_port *);
void intent_port_destroy(struct intent_port *);
bool intent_port_equal(const struct intent_port *, const struct intent_port *);

void intent_network_clone(struct intent_network *,
                          const struct intent_network *);
void intent_network_destroy(struct intent_network *);
bool intent_network_equal(const struct intent_network *,
                          const struct intent_network *);

void intent_port_place_clone(struct intent_port_place *,
                             const struct intent_port_place *);
void intent_port_place_destroy(struct intent_port_place *);
bool intent_port_place_equal(const struct intent_port_place *,
                             const struct intent_port_place *);

void intent_net_place_clone(struct intent_net_place *,
                            const struct intent_net_place *);
void intent_net_place_destroy(struct intent_net_place *);
bool intent_net_place_equal(const struct intent_net_place *,
                            const struct intent_net_place *);

#endif /* intent.h */
