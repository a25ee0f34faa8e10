/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See objects.h. */

#include <config.h>

#include "objects.h"

#include <stdlib.h>

#include "flow.h"

void
objects_add_port(unsigned int network, unsigned int n, bool admin_up,
                 bool unknown, struct ovs_list *flows)
{
    const struct pipeline_port port = {
        .uuid = unit_uuid(UNIT_PORT, n),
        .network = unit_uuid(UNIT_NETWORK, network),
        .mac = ETH_ADDR_C(02,00,00,00,00,05),
        .ofport = u16_to_ofp(n),
        .admin_up = admin_up,
        .unknown = unknown,
    };

    pipeline_port_flows(&port, flows);
}

void
objects_make_members(struct pipeline_member *members, size_t n,
                     bool unknown)
{
    for (size_t i = 0; i < n; i++) {
        members[i].port = unit_uuid(UNIT_PORT, i + 1);
        members[i].ofport = u16_to_ofp(i + 1);
        members[i].unknown = unknown && i % 3 == 0;
    }
    qsort(members, n, sizeof *members, pipeline_compare_members);
}

void
objects_add_network(unsigned int network, size_t n, bool unknown,
                    ofp_port_t wire, uint16_t vlan, struct ovs_list *flows)
{
    struct pipeline_member *members = xcalloc(n, sizeof *members);
    const struct pipeline_network facts = {
        .uuid = unit_uuid(UNIT_NETWORK, network),
        .members = members,
        .n_members = n,
        .wire = wire,
        .wire_vlan = vlan,
    };

    objects_make_members(members, n, unknown);
    pipeline_network_flows(&facts, flows);
    free(members);
}
