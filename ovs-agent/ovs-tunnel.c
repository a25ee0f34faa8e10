/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See ovs-tunnel.h.  A tunnel port of ours carries
 * external_ids:sluice-tunnel, its type, by which it is known again; no other
 * port is touched. */

#include <config.h>

#include "ovs-tunnel.h"

#include <string.h>

#include "agent-config.h"
#include "encap.h"
#include "flow.h"
#include "lib/vswitch-idl.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge.h"
#include "ovsdb-idl.h"
#include "topology-objects.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovs_tunnel);

#define TUNNEL_KEY "sluice-tunnel"

/* What the port of a type is called; for the caller to free. */
static char *
port_name(enum encap_type type)
{
    return xasprintf("sluice-%s", encap_type_name(type));
}

/* The port of ours of 'type' and its only Interface, or NULL. */
static const struct ovsrec_port *
find_tunnel(const struct ovsrec_bridge *bridge, enum encap_type type,
            const struct ovsrec_interface **iface)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct ovsrec_port *port = bridge->ports[i];
        const char *ours
            = (port->n_interfaces == 1
               ? smap_get(&port->interfaces[0]->external_ids, TUNNEL_KEY)
               : NULL);

        if (ours && !strcmp(ours, encap_type_name(type))) {
            *iface = port->interfaces[0];
            return port;
        }
    }
    return NULL;
}

void
ovs_tunnel_find(const struct ovsrec_bridge *bridge, struct vtep *vtep)
{
    for (int type = 0; type < ENCAP_N_TYPES; type++) {
        const struct ovsrec_interface *iface;

        vtep->tunnels[type].ofport
            = (vtep->tunnels[type].enabled
               && find_tunnel(bridge, type, &iface) && iface->n_ofport
               && iface->ofport[0] > 0
               ? u16_to_ofp(iface->ofport[0]) : OFPP_NONE);
    }
}

/* With its own address as local_ip it takes what is sent there and nothing
 * else, and others see what it sends come from there. */
static void
get_options(const struct agent_config *config, struct smap *options)
{
    smap_add(options, "remote_ip", "flow");
    smap_add(options, "key", "flow");
    smap_add(options, "local_ip", config->encap_ip);
}

static void
add_tunnel(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *bridge,
           enum encap_type type, const struct smap *options)
{
    const struct smap ids = SMAP_CONST1(&ids, TUNNEL_KEY,
                                        encap_type_name(type));
    char *name = port_name(type);
    const struct ovsrec_interface *iface
        = ovs_bridge_add_port(txn, bridge, name, encap_type_name(type));

    VLOG_INFO("bridge %s: adding tunnel port %s", bridge->name, name);
    ovsrec_interface_set_options(iface, options);
    ovsrec_interface_set_external_ids(iface, &ids);
    free(name);
}

/* Is there a port, on any bridge, that has the name of ours of 'type' and is
 * not ours?  The database would refuse a second, and all that comes with
 * it. */
static bool
is_name_taken(const struct ovsdb_idl *idl, enum encap_type type)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);
    const struct ovsrec_port *port;
    char *name = port_name(type);
    bool taken = false;

    OVSREC_PORT_FOR_EACH (port, idl) {
        taken |= (!strcmp(port->name, name)
                  && !(port->n_interfaces
                       && smap_get(&port->interfaces[0]->external_ids,
                                   TUNNEL_KEY)));
    }
    if (taken) {
        VLOG_WARN_RL(&rl, "a port that is not ours is called %s: no tunnel of "
                     "type %s", name, encap_type_name(type));
    }
    free(name);
    return taken;
}

/* Fixes the port of one type. */
static bool
fix_tunnel(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *idl,
           const struct ovsrec_bridge *bridge, enum encap_type type,
           const struct agent_config *config)
{
    bool wanted = (config->encap_ip
                   && sset_contains(&config->encap_types,
                                    encap_type_name(type)));
    struct smap options = SMAP_INITIALIZER(&options);
    const struct ovsrec_interface *iface;
    const struct ovsrec_port *port = find_tunnel(bridge, type, &iface);
    bool wrong = wanted != (port != NULL);

    if (wanted) {
        get_options(config, &options);
    }
    if (wanted && port) {
        wrong = !smap_equal(&iface->options, &options);
    } else if (wanted) {
        wrong = !is_name_taken(idl, type);
    }
    if (!txn || !wrong) {
        /* Nothing to do, or not now. */
    } else if (!wanted) {
        VLOG_INFO("bridge %s: removing tunnel port %s", bridge->name,
                  port->name);
        ovsrec_bridge_update_ports_delvalue(bridge, port);
    } else if (port) {
        ovsrec_interface_set_options(iface, &options);
    } else {
        add_tunnel(txn, bridge, type, &options);
    }
    smap_destroy(&options);
    return wrong;
}

/* Removes the port of one type from every bridge but 'bridge': sluice-bridge
 * was another, and of two ports with one name the database refuses the second
 * and all that comes with it. */
static bool
remove_elsewhere(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *idl,
                 const struct ovsrec_bridge *bridge, enum encap_type type)
{
    const struct ovsrec_bridge *other;
    bool wrong = false;

    OVSREC_BRIDGE_FOR_EACH (other, idl) {
        const struct ovsrec_interface *iface;
        const struct ovsrec_port *port
            = (other != bridge ? find_tunnel(other, type, &iface) : NULL);

        wrong |= port != NULL;
        if (port && txn) {
            VLOG_INFO("bridge %s: removing tunnel port %s", other->name,
                      port->name);
            ovsrec_bridge_update_ports_delvalue(other, port);
        }
    }
    return wrong;
}

bool
ovs_tunnel_fix(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *idl,
               const struct ovsrec_bridge *bridge,
               const struct agent_config *config)
{
    bool wrong = false;

    for (int type = 0; type < ENCAP_N_TYPES; type++) {
        wrong |= remove_elsewhere(txn, idl, bridge, type);
        wrong |= fix_tunnel(txn, idl, bridge, type, config);
    }
    return wrong;
}
