/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where a packet goes from its last table, in words; see trace-tell.h. */

#include <config.h>

#include "trace-teller.h"

#include <inttypes.h>
#include <stdlib.h>

#include "commands-objects.h"
#include "encap.h"
#include "flow.h"
#include "openvswitch/dynamic-string.h"
#include "topology-objects.h"
#include "trace.h"
#include "util.h"

/* The physical network that 'ofport' leads to, or NULL. */
static const char *
find_physnet(const struct topology *topology, ofp_port_t ofport)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &topology->physnets) {
        const struct physnet *physnet = node->data;

        if (physnet->ofport == ofport) {
            return node->name;
        }
    }
    return NULL;
}

static bool
find_tunnel(const struct topology *topology, ofp_port_t ofport,
            enum encap_type *type)
{
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        if (topology->vtep.tunnels[i].ofport == ofport) {
            *type = i;
            return true;
        }
    }
    return false;
}

static void
tell_tunnel(struct teller *teller, enum encap_type type)
{
    const struct encap encap = { .type = type, .ip = teller->peer };
    const struct lpeer *peer = topology_find_peer(teller->topology, &encap);
    char *address = encap_ip_to_string(&teller->peer);
    struct ds hosts = DS_EMPTY_INITIALIZER;
    char *way;

    if (peer) {
        commands_format_hosts(peer, &hosts);
    } else {
        ds_put_cstr(&hosts, "an unknown hypervisor");
    }
    way = xasprintf("%s to %s (%s)", encap_type_name(type), address,
                    ds_cstr(&hosts));
    ds_put_format(teller->out, "remote: by %s, VNI %"PRId64"\n", way,
                  teller->from->net->intent.segmentation_id);
    trace_verdict_leave(&teller->verdict, way, peer ? ds_cstr(&hosts) : NULL);
    ds_destroy(&hosts);
    free(address);
    free(way);
}

static void
tell_wire(struct teller *teller, const char *physnet)
{
    const struct intent_network *net = &teller->from->net->intent;
    char *way = (net->segmentation_id
                 ? xasprintf("physical network %s, VLAN %"PRId64, physnet,
                             net->segmentation_id)
                 : xasprintf("physical network %s, untagged", physnet));

    teller_say(teller, "by %s", way);
    trace_verdict_leave(&teller->verdict, way, NULL);
    free(way);
}

static void
tell_delivery(struct teller *teller, const struct lport *port)
{
    char *text = teller_port_text(port);

    if (port == teller->from) {
        teller_say(teller, "not back to %s", text);
    } else {
        teller_say(teller, "to %s, interface %s", text,
                   port->vif_name ? port->vif_name : "?");
        trace_verdict_deliver(&teller->verdict, text);
    }
    free(text);
}

void
teller_output(struct teller *teller, ofp_port_t ofport)
{
    const struct lport *port = teller_find_port(teller, teller->table->cookie);
    const char *physnet = find_physnet(teller->topology, ofport);
    enum encap_type type;

    if (teller->verdict.answered || ofport == OFPP_IN_PORT) {
        return;                 /* The answer goes back. */
    } else if (port) {
        tell_delivery(teller, port);
    } else if (find_tunnel(teller->topology, ofport, &type)) {
        tell_tunnel(teller, type);
    } else if (physnet) {
        tell_wire(teller, physnet);
    }
}
