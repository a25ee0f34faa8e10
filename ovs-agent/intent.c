/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See intent.h. */

#include <config.h>

#include "intent.h"

#include <string.h>

#include "util.h"
#include "uuid.h"

static char **
strings_clone(char *const *strings, size_t n)
{
    char **copy = xmalloc(n * sizeof *copy + 1);

    for (size_t i = 0; i < n; i++) {
        copy[i] = xstrdup(strings[i]);
    }
    return copy;
}

static void
strings_destroy(char **strings, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        free(strings[i]);
    }
    free(strings);
}

/* Both in the database's order, which is that of their values. */
static bool
strings_equal(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
    if (n_a != n_b) {
        return false;
    }
    for (size_t i = 0; i < n_a; i++) {
        if (strcmp(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

void
intent_port_clone(struct intent_port *dst, const struct intent_port *src)
{
    *dst = *src;
    dst->name = xstrdup(src->name);
    dst->mac_address = xstrdup(src->mac_address);
    dst->host = xstrdup(src->host);
    dst->allocations = xmemdup(src->allocations, (src->n_allocations
                                                  * sizeof(struct uuid)));
    dst->ip_addresses = strings_clone(src->ip_addresses, src->n_ip_addresses);
}

void
intent_port_destroy(struct intent_port *port)
{
    free(port->name);
    free(port->mac_address);
    free(port->host);
    free(port->allocations);
    strings_destroy(port->ip_addresses, port->n_ip_addresses);
    memset(port, 0, sizeof *port);
}

bool
intent_port_equal(const struct intent_port *a, const struct intent_port *b)
{
    return (uuid_equals(&a->uuid, &b->uuid)
            && uuid_equals(&a->network, &b->network)
            && !strcmp(a->name, b->name)
            && !strcmp(a->mac_address, b->mac_address)
            && !strcmp(a->host, b->host)
            && a->admin_state_up == b->admin_state_up
            && a->port_security_enabled == b->port_security_enabled
            && a->revision_number == b->revision_number
            && a->n_allocations == b->n_allocations
            && !memcmp(a->allocations, b->allocations,
                       a->n_allocations * sizeof *a->allocations)
            && strings_equal(a->ip_addresses, a->n_ip_addresses,
                             b->ip_addresses, b->n_ip_addresses));
}

void
intent_network_clone(struct intent_network *dst,
                     const struct intent_network *src)
{
    *dst = *src;
    dst->name = xstrdup(src->name);
    dst->network_type = nullable_xstrdup(src->network_type);
    dst->physical_network = nullable_xstrdup(src->physical_network);
}

void
intent_network_destroy(struct intent_network *network)
{
    free(network->name);
    free(network->network_type);
    free(network->physical_network);
    memset(network, 0, sizeof *network);
}

bool
intent_network_equal(const struct intent_network *a,
                     const struct intent_network *b)
{
    return (uuid_equals(&a->uuid, &b->uuid)
            && !strcmp(a->name, b->name)
            && a->admin_state_up == b->admin_state_up
            && a->revision_number == b->revision_number
            && a->mtu == b->mtu
            && uuid_equals(&a->segment, &b->segment)
            && nullable_string_is_equal(a->network_type, b->network_type)
            && nullable_string_is_equal(a->physical_network,
                                        b->physical_network)
            && a->segmentation_id == b->segmentation_id);
}

void
intent_port_place_clone(struct intent_port_place *dst,
                        const struct intent_port_place *src)
{
    *dst = *src;
    dst->host = xstrdup(src->host);
    dst->mac_address = xstrdup(src->mac_address);
    dst->ip_addresses = strings_clone(src->ip_addresses, src->n_ip_addresses);
}

void
intent_port_place_destroy(struct intent_port_place *place)
{
    free(place->host);
    free(place->mac_address);
    strings_destroy(place->ip_addresses, place->n_ip_addresses);
    memset(place, 0, sizeof *place);
}

bool
intent_port_place_equal(const struct intent_port_place *a,
                        const struct intent_port_place *b)
{
    return (uuid_equals(&a->row, &b->row)
            && uuid_equals(&a->port, &b->port)
            && uuid_equals(&a->network, &b->network)
            && !strcmp(a->host, b->host)
            && a->claim == b->claim
            && !strcmp(a->mac_address, b->mac_address)
            && strings_equal(a->ip_addresses, a->n_ip_addresses,
                             b->ip_addresses, b->n_ip_addresses));
}

void
intent_net_place_clone(struct intent_net_place *dst,
                       const struct intent_net_place *src)
{
    *dst = *src;
    dst->host = xstrdup(src->host);
    dst->encap = xstrdup(src->encap);
}

void
intent_net_place_destroy(struct intent_net_place *place)
{
    free(place->host);
    free(place->encap);
    memset(place, 0, sizeof *place);
}

bool
intent_net_place_equal(const struct intent_net_place *a,
                       const struct intent_net_place *b)
{
    return (uuid_equals(&a->row, &b->row)
            && uuid_equals(&a->network, &b->network)
            && !strcmp(a->host, b->host)
            && !strcmp(a->encap, b->encap)
            && a->unknown_addresses == b->unknown_addresses);
}
