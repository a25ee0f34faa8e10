/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/chooser.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

char *
chooser_id_text(struct uuid id, char s[UUID_LEN + 1])
{
    snprintf(s, UUID_LEN + 1, UUID_FMT, UUID_ARGS(&id));
    return s;
}

struct ipam_error *
choose_error_in_use(struct ip_addr addr, struct uuid subnet)
{
    char text[IP_ADDR_SIZE], id[UUID_LEN + 1];

    return ipam_error(409, "IpAddressAlreadyAllocated",
                      "IP address %s already allocated in subnet %s",
                      ip_addr_format(addr, text), chooser_id_text(subnet, id));
}

/* Candidates. */

static bool
is_router(const char *device_owner)
{
    static const char *const owners[] = {
        "network:router_interface",
        "network:router_interface_distributed",
        "network:ha_router_replicated_interface",
        "network:router_centralized_snat",
    };

    for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
        if (!strcmp(device_owner, owners[i])) {
            return true;
        }
    }
    return false;
}

static bool
is_for(const struct choose_subnet *subnet, const char *device_owner)
{
    for (size_t i = 0; i < subnet->n_service_types; i++) {
        if (!strcmp(subnet->service_types[i], device_owner)) {
            return true;
        }
    }
    return false;
}

static void
add_candidates(struct chooser *c, size_t *n, bool first)
{
    const struct choose_request *request = c->request;

    for (size_t i = 0; i < request->n_subnets; i++) {
        const struct choose_subnet *subnet = &request->subnets[i];

        if ((subnet->n_service_types > 0) == first) {
            c->candidates[(*n)++] = (struct candidate) {
                .subnet = subnet,
                .eligible = (!subnet->n_service_types
                             || is_for(subnet, request->device_owner)
                             || (subnet->enable_dhcp
                                 && !strcmp(request->device_owner,
                                            "network:dhcp"))),
                .used = subnet->used ? subnet->used : addr_set_create(),
            };
        }
    }
}

void
chooser_init(struct chooser *c, const struct choose_request *request)
{
    size_t n = 0;

    memset(c, 0, sizeof *c);
    c->request = request;
    c->router = is_router(request->device_owner);
    c->candidates = xcalloc(request->n_subnets, sizeof *c->candidates);
    add_candidates(c, &n, true);
    add_candidates(c, &n, false);
}

void
chooser_destroy(struct chooser *c)
{
    for (size_t i = 0; i < c->n_chosen; i++) {
        ovs_assert(addr_set_remove(chooser_find(c, c->chosen[i].subnet)->used,
                                   c->chosen[i].address));
    }
    for (size_t i = 0; i < c->request->n_subnets; i++) {
        if (!c->candidates[i].subnet->used) {
            addr_set_destroy(c->candidates[i].used);
        }
    }
    free(c->candidates);
    free(c->chosen);
}

struct candidate *
chooser_find(const struct chooser *c, struct uuid id)
{
    for (size_t i = 0; i < c->request->n_subnets; i++) {
        if (uuid_equals(&c->candidates[i].subnet->id, &id)) {
            return &c->candidates[i];
        }
    }
    return NULL;
}

bool
chooser_is_auto(const struct chooser *c, const struct candidate *candidate)
{
    return candidate->subnet->auto_address && !c->router;
}

struct ip_addr
chooser_auto_address(const struct chooser *c,
                     const struct candidate *candidate)
{
    return ip_addr_from_eui64(candidate->subnet->cidr, c->request->mac);
}

/* Whether a port may have 'addr' in the subnet. */
static bool
is_usable(const struct chooser *c, const struct candidate *candidate,
          struct ip_addr addr)
{
    struct ip_prefix cidr = candidate->subnet->cidr;

    if (!ip_prefix_contains(cidr, addr)) {
        return false;
    }
    if (addr.version == 6) {
        /* The first address is that of routers, and a port without an owner
         * may be one. */
        return (cidr.len == 128 || c->router || !*c->request->device_owner
                || !strcmp(c->request->device_owner, "network:router_gateway")
                || !ip_addr_equals(addr, ip_prefix_first(cidr)));
    }
    return (cidr.len >= 31
            || (!ip_addr_equals(addr, ip_prefix_first(cidr))
                && !ip_addr_equals(addr, ip_prefix_last(cidr))));
}

/* New addresses. */

static struct ipam_error *
take(struct chooser *c, struct candidate *candidate, struct ip_addr addr)
{
    if (!addr_set_insert(candidate->used, addr)) {
        return choose_error_in_use(addr, candidate->subnet->id);
    }
    if (c->n_chosen >= c->allocated_chosen) {
        c->chosen = x2nrealloc(c->chosen, &c->allocated_chosen,
                               sizeof *c->chosen);
    }
    c->chosen[c->n_chosen++] = (struct port_address) {
        .subnet = candidate->subnet->id,
        .address = addr,
    };
    return NULL;
}

/* Takes a free address of the pools of 'candidate'.  False if it has none. */
static bool
take_free(struct chooser *c, struct candidate *candidate)
{
    const struct choose_subnet *subnet = candidate->subnet;
    struct ip_addr addr;

    if (!addr_set_find_free(candidate->used, subnet->pools, subnet->n_pools,
                            c->request->random, &addr)) {
        return false;
    }
    ovs_assert(!take(c, candidate, addr));
    return true;
}

struct ipam_error *
chooser_take_named(struct chooser *c, const struct fixed_ip_ask *ask)
{
    struct candidate *candidate = NULL;
    char text[IP_ADDR_SIZE], id[UUID_LEN + 1];

    ip_addr_format(ask->address, text);
    if (ask->has_subnet) {
        candidate = chooser_find(c, ask->subnet);
        if (!is_usable(c, candidate, ask->address)) {
            return ipam_error(400, "InvalidIpForSubnet",
                              "IP address %s is not a valid IP for the "
                              "specified subnet.", text);
        }
    } else {
        for (size_t i = 0; i < c->request->n_subnets && !candidate; i++) {
            if (c->candidates[i].eligible
                && is_usable(c, &c->candidates[i], ask->address)) {
                candidate = &c->candidates[i];
            }
        }
        if (!candidate) {
            return ipam_error(400, "InvalidIpForNetwork",
                              "IP address %s is not a valid IP for any of the "
                              "subnets on the specified network.", text);
        }
    }
    if (!chooser_is_auto(c, candidate)) {
        return take(c, candidate, ask->address);
    } else if (ip_addr_equals(ask->address,
                              chooser_auto_address(c, candidate))) {
        return NULL;            /* chooser_take_auto() will. */
    }
    return ipam_error(400, "AllocationOnAutoAddressSubnet",
                      "IPv6 address %s cannot be directly assigned to a port "
                      "on subnet %s as the subnet is configured for automatic "
                      "addresses", text,
                      chooser_id_text(candidate->subnet->id, id));
}

struct ipam_error *
chooser_take_default(struct chooser *c, int version)
{
    char id[UUID_LEN + 1];
    bool tried = false;

    for (size_t i = 0; i < c->request->n_subnets; i++) {
        struct candidate *candidate = &c->candidates[i];

        if (candidate->eligible && !chooser_is_auto(c, candidate)
            && candidate->subnet->cidr.addr.version == version) {
            if (take_free(c, candidate)) {
                return NULL;
            }
            tried = true;
        }
    }
    return (!tried ? NULL
            : ipam_error(409, "IpAddressGenerationFailure",
                         "No more IP addresses available on network %s.",
                         chooser_id_text(c->request->network, id)));
}

struct ipam_error *
chooser_take_in(struct chooser *c, struct candidate *candidate)
{
    char id[UUID_LEN + 1], subnet_id[UUID_LEN + 1];

    return (take_free(c, candidate) ? NULL
            : ipam_error(409, "IpAddressGenerationFailure",
                         "No more IP addresses available on network %s, "
                         "subnet %s.",
                         chooser_id_text(c->request->network, id),
                         chooser_id_text(candidate->subnet->id, subnet_id)));
}

struct ipam_error *
chooser_take_auto(struct chooser *c, struct candidate *candidate)
{
    return take(c, candidate, chooser_auto_address(c, candidate));
}
