/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef OBJECTS_H
#define OBJECTS_H 1

/* Ports and networks by number, for tests of the pipeline. */

#include "unit.h"

#include "ovs-agent/pipeline.h"

/* Appends the flows of port 'n', at OpenFlow port 'n', in 'network'. */
void objects_add_port(unsigned int network, unsigned int n, bool admin_up,
                      bool unknown, struct ovs_list *flows);

/* Fills in ports 1 to 'n', of which every third, if 'unknown', takes unknown
 * addresses. */
void objects_make_members(struct pipeline_member *, size_t n, bool unknown);

/* Appends the flows of 'network' with those ports. */
void objects_add_network(unsigned int network, size_t n, bool unknown,
                         ofp_port_t wire, uint16_t vlan,
                         struct ovs_list *flows);

#endif /* tests/unit/objects.h */
