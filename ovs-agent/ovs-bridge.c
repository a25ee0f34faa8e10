/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See ovs-bridge.h.  A patch port of ours carries external_ids:sluice-peer,
 * the bridge behind it, by which it is known again; no other port is
 * touched. */

#include <config.h>

#include "ovs-bridge.h"

#include <string.h>

#include "agent-config.h"
#include "flow.h"
#include "lib/vswitch-idl.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "sset.h"
#include "topology.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(ovs_bridge);

#define PEER_KEY "sluice-peer"

void
ovs_bridge_register(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *columns[] = {
        &ovsrec_bridge_col_external_ids,
        &ovsrec_bridge_col_fail_mode,
        &ovsrec_bridge_col_name,
        &ovsrec_bridge_col_other_config,
        &ovsrec_bridge_col_ports,
        &ovsrec_bridge_col_protocols,
        &ovsrec_port_col_external_ids,
        &ovsrec_port_col_interfaces,
        &ovsrec_port_col_name,
        &ovsrec_interface_col_error,
        &ovsrec_interface_col_external_ids,
        &ovsrec_interface_col_name,
        &ovsrec_interface_col_ofport,
        &ovsrec_interface_col_options,
        &ovsrec_interface_col_type,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
    }
    ovsdb_idl_add_column(idl, &ovsrec_bridge_col_datapath_type);
    ovsdb_idl_omit_alert(idl, &ovsrec_bridge_col_datapath_type);
}

const struct ovsrec_bridge *
ovs_bridge_find(const struct ovsdb_idl *idl, const char *name)
{
    const struct ovsrec_bridge *bridge;

    OVSREC_BRIDGE_FOR_EACH (bridge, idl) {
        if (!strcmp(bridge->name, name)) {
            return bridge;
        }
    }
    return NULL;
}

/* An empty set of protocols means all of them. */
static bool
has_protocol(const struct ovsrec_bridge *bridge, const char *protocol)
{
    for (size_t i = 0; i < bridge->n_protocols; i++) {
        if (!strcmp(bridge->protocols[i], protocol)) {
            return true;
        }
    }
    return !bridge->n_protocols;
}

char *
ovs_bridge_check(const struct ovsrec_bridge *bridge)
{
    if (!has_protocol(bridge, "OpenFlow15")) {
        return xasprintf("bridge %s does not speak OpenFlow15: add it to its "
                         "protocols, or clear them", bridge->name);
    } else if (bridge->fail_mode && !strcmp(bridge->fail_mode, "secure")) {
        return NULL;
    }
    return xasprintf("bridge %s has fail_mode=%s: it must be secure, or it "
                     "would forward everything while no agent runs",
                     bridge->name,
                     bridge->fail_mode ? bridge->fail_mode : "standalone");
}

bool
ovs_bridge_is_in_band(const struct ovsrec_bridge *bridge)
{
    return !smap_get_bool(&bridge->other_config, "disable-in-band", false);
}

const struct ovsrec_interface *
ovs_bridge_add_port(struct ovsdb_idl_txn *txn,
                    const struct ovsrec_bridge *bridge, const char *name,
                    const char *type)
{
    struct ovsrec_interface *iface = ovsrec_interface_insert(txn);
    struct ovsrec_port *port = ovsrec_port_insert(txn);

    ovsrec_interface_set_name(iface, name);
    ovsrec_interface_set_type(iface, type);
    ovsrec_port_set_name(port, name);
    ovsrec_port_set_interfaces(port, &iface, 1);
    ovsrec_bridge_update_ports_addvalue(bridge, port);
    return iface;
}

void
ovs_bridge_create(struct ovsdb_idl_txn *txn,
                  const struct ovsrec_open_vswitch *ovs,
                  const struct agent_config *config)
{
    struct ovsrec_bridge *bridge = ovsrec_bridge_insert(txn);

    VLOG_INFO("creating bridge %s", config->bridge);
    ovsrec_bridge_set_name(bridge, config->bridge);
    ovsrec_bridge_set_fail_mode(bridge, "secure");
    ovs_bridge_disable_in_band(bridge);
    if (config->datapath_type) {
        ovsrec_bridge_set_datapath_type(bridge, config->datapath_type);
    }
    ovs_bridge_add_port(txn, bridge, config->bridge, "internal");
    ovsrec_open_vswitch_update_bridges_addvalue(ovs, bridge);
}

void
ovs_bridge_disable_in_band(const struct ovsrec_bridge *bridge)
{
    ovsrec_bridge_update_other_config_setkey(bridge, "disable-in-band",
                                             "true");
}

/* Patch ports. */

static const struct ovsrec_port *
find_port(const struct ovsrec_bridge *bridge, const char *name)
{
    for (size_t i = 0; i < bridge->n_ports; i++) {
        if (!strcmp(bridge->ports[i]->name, name)) {
            return bridge->ports[i];
        }
    }
    return NULL;
}

static char *
patch_name(const char *from, const char *to)
{
    return xasprintf("patch-%s-to-%s", from, to);
}

static struct physnet *
find_physnet(const struct ovsdb_idl *idl, const struct ovsrec_bridge *bridge,
             const char *name, const char *to)
{
    struct physnet *physnet = xzalloc(sizeof *physnet);
    char *port_name = patch_name(bridge->name, to);
    const struct ovsrec_port *port = find_port(bridge, port_name);

    physnet->ofport = OFPP_NONE;
    if (!ovs_bridge_find(idl, to)) {
        physnet->fault = xasprintf("physical_network \"%s\" is mapped to "
                                   "bridge \"%s\", which does not exist",
                                   name, to);
    } else if (port && port->n_interfaces == 1
               && port->interfaces[0]->n_ofport == 1
               && port->interfaces[0]->ofport[0] > 0) {
        physnet->ofport = u16_to_ofp(port->interfaces[0]->ofport[0]);
    } else {
        physnet->fault = xasprintf("patch port %s to physical_network \"%s\" "
                                   "has no OpenFlow port", port_name, name);
    }
    free(port_name);
    return physnet;
}

void
ovs_bridge_find_physnets(const struct ovsdb_idl *idl,
                         const struct ovsrec_bridge *bridge,
                         const struct agent_config *config,
                         struct shash *physnets)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &config->bridge_mappings) {
        shash_add(physnets, node->key,
                  find_physnet(idl, bridge, node->key, node->value));
    }
}

/* Makes sure of the half of a patch that is on 'from'.  Returns whether it was
 * missing. */
static bool
fix_patch(struct ovsdb_idl_txn *txn, const struct ovsrec_bridge *from,
          const struct ovsrec_bridge *to)
{
    char *name = patch_name(from->name, to->name);
    char *peer = patch_name(to->name, from->name);
    bool missing = !find_port(from, name);

    if (missing && txn) {
        const struct smap options = SMAP_CONST1(&options, "peer", peer);
        const struct smap ids = SMAP_CONST1(&ids, PEER_KEY, to->name);
        const struct ovsrec_interface *iface
            = ovs_bridge_add_port(txn, from, name, "patch");

        ovsrec_interface_set_options(iface, &options);
        ovsrec_interface_set_external_ids(iface, &ids);
    }
    free(name);
    free(peer);
    return missing;
}

static bool
is_mapped(const struct agent_config *config, const char *bridge)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &config->bridge_mappings) {
        if (!strcmp(node->value, bridge)) {
            return true;
        }
    }
    return false;
}

/* Removes our patch ports on 'bridge' that lead to no mapped bridge, with
 * their other halves.  Returns whether there are any. */
static bool
drop_patches(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *idl,
             const struct ovsrec_bridge *bridge,
             const struct agent_config *config)
{
    bool any = false;

    for (size_t i = 0; i < bridge->n_ports; i++) {
        const struct ovsrec_port *port = bridge->ports[i];
        const char *to = (port->n_interfaces
                          ? smap_get(&port->interfaces[0]->external_ids,
                                     PEER_KEY)
                          : NULL);

        if (!to || is_mapped(config, to)) {
            continue;
        }
        any = true;
        if (txn) {
            const struct ovsrec_bridge *other = ovs_bridge_find(idl, to);
            char *name = patch_name(to, bridge->name);
            const struct ovsrec_port *half
                = other ? find_port(other, name) : NULL;

            if (half) {
                ovsrec_bridge_update_ports_delvalue(other, half);
            }
            ovsrec_bridge_update_ports_delvalue(bridge, port);
            free(name);
        }
    }
    return any;
}

bool
ovs_bridge_fix_patches(struct ovsdb_idl_txn *txn, const struct ovsdb_idl *idl,
                       const struct ovsrec_bridge *bridge,
                       const struct agent_config *config)
{
    bool wrong = drop_patches(txn, idl, bridge, config);
    struct sset done = SSET_INITIALIZER(&done);
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &config->bridge_mappings) {
        const struct ovsrec_bridge *to = ovs_bridge_find(idl, node->value);

        /* Once a bridge: what was added to 'txn' is not in 'idl' yet. */
        if (to && to != bridge && sset_add(&done, to->name)) {
            wrong |= fix_patch(txn, bridge, to);
            wrong |= fix_patch(txn, to, bridge);
        }
    }
    sset_destroy(&done);
    return wrong;
}
