/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See intent.h. */

#include <config.h>

#include "intent.h"

#include <string.h>

#include "util.h"
#include "uuid.h"

void
intent_port_clone(struct intent_port *dst, const struct intent_port *src)
{
    *dst = *src;
    dst->name = xstrdup(src->name);
    dst->mac_address = xstrdup(src->mac_address);
}

void
intent_port_destroy(struct intent_port *port)
{
    free(port->name);
    free(port->mac_address);
    memset(port, 0, sizeof *port);
}

bool
intent_port_equal(const struct intent_port *a, const struct intent_port *b)
{
    return (uuid_equals(&a->uuid, &b->uuid)
            && uuid_equals(&a->network, &b->network)
            && !strcmp(a->name, b->name)
            && !strcmp(a->mac_address, b->mac_address)
            && a->admin_state_up == b->admin_state_up
            && a->port_security_enabled == b->port_security_enabled
            && a->revision_number == b->revision_number);
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
            && uuid_equals(&a->segment, &b->segment)
            && nullable_string_is_equal(a->network_type, b->network_type)
            && nullable_string_is_equal(a->physical_network,
                                        b->physical_network)
            && a->segmentation_id == b->segmentation_id);
}
