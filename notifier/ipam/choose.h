/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Which addresses a port gets.
 *
 * Decides only: the addresses are the port's when the database has taken them,
 * and its index refuses what another notifier was quicker to take.  Then the
 * caller, whose replica shows those by now, decides anew.
 *
 * Refusals are as ipam/error.h says.  One thread at a time, since the sets
 * that are searched are changed for a moment. */

#ifndef IPAM_CHOOSE_H
#define IPAM_CHOOSE_H 1

#include <stdbool.h>
#include <stddef.h>

#include "ipam/addr-set.h"
#include "ipam/address.h"
#include "ipam/error.h"
#include "openvswitch/types.h"
#include "openvswitch/uuid.h"

/* Neutron's default: a port that asks for more is refused, unless it is the
 * network's own ("network:..." as its device_owner). */
#define PORT_MAX_FIXED_IPS 5

/* One of the network's subnets.  Everything is borrowed. */
struct choose_subnet {
    struct uuid id;
    struct ip_prefix cidr;
    const struct ip_range *pools;
    size_t n_pools;
    bool auto_address;          /* subnet_mode_is_auto(). */
    bool enable_dhcp;
    const char *const *service_types;
    size_t n_service_types;
    struct addr_set *used;      /* All addresses in use, the port's own too.
                                 * NULL if there are none. */
};

/* An element of a port's "fixed_ips", as its user gave it: at least one of the
 * two.  A subnet that does not exist at all is for the caller to refuse, with
 * 404; one of another network is refused here. */
struct fixed_ip_ask {
    bool has_subnet;
    struct uuid subnet;
    bool has_address;
    struct ip_addr address;
};

struct port_address {
    struct uuid subnet;
    struct ip_addr address;
};

struct choose_request {
    struct uuid network;        /* For messages. */
    const char *device_owner;   /* May be "". */
    struct eth_addr mac;        /* As it will be. */

    const struct choose_subnet *subnets; /* All of the network, in the order
                                          * in which to try them. */
    size_t n_subnets;

    bool fixed_ips_given;
    const struct fixed_ip_ask *fixed_ips;
    size_t n_fixed_ips;

    const struct port_address *current; /* What the port has; at creation
                                         * nothing. */
    size_t n_current;
    bool update;                /* The port exists: it keeps what it has if
                                 * fixed_ips are not given. */

    ovs_u128 random;            /* 128 random bits, new for each attempt. */
};

struct choice {
    struct port_address *addresses; /* All that the port shall have: first the
                                     * kept ones of 'current', in its order. */
    size_t n_addresses;
    size_t n_kept;
    struct port_address *released;  /* Those of 'current' it loses. */
    size_t n_released;
};

/* Fills '*choice', for the caller to destroy; with nothing if it is refused.
 *
 * A port whose fixed_ips are not given gets one address of each IP version for
 * which there are subnets, from the first of them that has one left, those
 * first that are for its device_owner.  An empty list takes none.  An address
 * asked for by value need not be in a pool.  A subnet with automatic addresses
 * gives each port the one made of its MAC address, asked for or not and beside
 * an empty list too, and no other: that is what its guest will use.  Only a
 * router's port has there just what it asks for.
 *
 * An update keeps each address that is asked for, by value or by its subnet,
 * and the automatic ones if the MAC address has not changed. */
struct ipam_error *choose_addresses(const struct choose_request *,
                                    struct choice *)
    OVS_WARN_UNUSED_RESULT;

/* Frees what 'choice' points to, not 'choice'. */
void choice_destroy(struct choice *choice);

/* The refusal of an address that another has taken: IpAddressAlreadyAllocated,
 * for the caller whose transaction an index refused once too often. */
struct ipam_error *choose_error_in_use(struct ip_addr, struct uuid subnet)
    OVS_WARN_UNUSED_RESULT;

#endif /* ipam/choose.h */
