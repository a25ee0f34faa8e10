/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See ovs-local.h. */

#include <config.h>

#include "ovs-local.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "db-writer.h"
#include "encap.h"
#include "flow.h"
#include "lib/vswitch-idl.h"
#include "openvswitch/vlog.h"
#include "ovs-bridge.h"
#include "ovs-tunnel.h"
#include "ovsdb-idl.h"
#include "topology.h"
#include "underlay.h"
#include "util.h"
#include "uuid.h"
#include "uuidset.h"
#include "vif.h"

VLOG_DEFINE_THIS_MODULE(ovs_local);

#define STATUS_KEY "sluice-status"

struct ovs_local {
    struct ovsdb_idl *idl;
    unsigned int seqno;
    struct db_writer writer;
    struct agent_config *config; /* NULL until read. */
    struct vif_table vifs;

    char *datapath_type;        /* The bridge's; NULL: it is not there yet. */
    char *bridge_fault;         /* Why the bridge is not ours; NULL: it is. */
    struct underlay *underlay;
    bool reread;                /* Look again, whatever the seqno. */
    bool rows_due;              /* A bridge, patch or its status is missing. */
    bool all_status_due;
    struct uuidset status_due;  /* Logical ports. */
};

struct ovs_local *
ovs_local_create(const char *remote)
{
    struct ovs_local *local = xzalloc(sizeof *local);

    local->idl = ovsdb_idl_create(remote, &ovsrec_idl_class, false, true);
    ovsdb_idl_add_column(local->idl, &ovsrec_open_vswitch_col_bridges);
    ovsdb_idl_add_column(local->idl, &ovsrec_open_vswitch_col_external_ids);
    ovs_bridge_register(local->idl);
    ovsdb_idl_set_lock(local->idl, "sluice_agent");
    db_writer_init(&local->writer, local->idl, "Open_vSwitch");
    vif_table_init(&local->vifs);
    local->underlay = underlay_create();
    uuidset_init(&local->status_due);
    local->bridge_fault = xstrdup("not read yet");
    return local;
}

void
ovs_local_destroy(struct ovs_local *local)
{
    if (local) {
        db_writer_destroy(&local->writer);
        ovsdb_idl_destroy(local->idl);
        agent_config_destroy(local->config);
        underlay_destroy(local->underlay);
        vif_table_destroy(&local->vifs);
        uuidset_destroy(&local->status_due);
        free(local->datapath_type);
        free(local->bridge_fault);
        free(local);
    }
}

const struct agent_config *
ovs_local_config(const struct ovs_local *local)
{
    return local->config;
}

bool
ovs_local_bridge_ready(const struct ovs_local *local)
{
    /* Two agents on one switch would undo each other's changes. */
    return (!local->bridge_fault
            && !ovsdb_idl_is_lock_contended(local->idl));
}

const char *
ovs_local_datapath_type(const struct ovs_local *local)
{
    const char *type = (local->datapath_type ? local->datapath_type
                        : local->config ? local->config->datapath_type
                        : NULL);

    return type && type[0] ? type : "system";
}

const struct vif_table *
ovs_local_vifs(const struct ovs_local *local)
{
    return &local->vifs;
}

char *
ovs_local_status(const struct ovs_local *local)
{
    return xasprintf("%s%s%s%s%s",
                     (!ovsdb_idl_is_connected(local->idl) ? "disconnected"
                      : !ovsdb_idl_has_lock(local->idl)
                      ? "connected, but another sluice-agent runs here"
                      : "connected"),
                     local->bridge_fault ? "; " : "",
                     local->bridge_fault ? local->bridge_fault : "",
                     local->writer.refusal ? "; it refuses what we write: "
                     : "",
                     local->writer.refusal ? local->writer.refusal : "");
}

void
ovs_local_recheck_status(struct ovs_local *local, const struct uuid *port)
{
    if (!uuidset_contains(&local->status_due, port)) {
        uuidset_insert(&local->status_due, port);
    }
}

void
ovs_local_recheck_all_status(struct ovs_local *local)
{
    local->all_status_due = true;
}

/* Reading. */

static void
read_config(struct ovs_local *local, const struct ovsrec_open_vswitch *ovs)
{
    struct agent_config *config;
    char hostname[256] = "localhost";
    const char *fault;

    if (gethostname(hostname, sizeof hostname - 1)) {
        VLOG_WARN_ONCE("gethostname: %s", ovs_strerror(errno));
    }
    config = agent_config_parse(&ovs->external_ids, hostname);
    if (local->config && agent_config_equal(local->config, config)) {
        agent_config_destroy(config);
        return;
    }
    agent_config_destroy(local->config);
    local->config = config;
    SSET_FOR_EACH (fault, &config->faults) {
        VLOG_WARN("Open_vSwitch external_ids: %s", fault);
    }
}

/* One row of a scan from one Interface; false if it is no VIF. */
static bool
read_vif(const struct ovsrec_interface *iface, struct vif_row *row)
{
    const char *iface_id = smap_get(&iface->external_ids, "iface-id");

    if (!iface_id) {
        return false;
    }
    *row = (struct vif_row) {
        .iface = iface->header_.uuid,
        .name = iface->name,
        .iface_id = iface_id,
        .ofport = iface->n_ofport ? iface->ofport[0] : 0,
        .error = iface->error,
        .status = smap_get(&iface->external_ids, STATUS_KEY),
    };
    return true;
}

struct scan_aux {
    struct ovs_local *local;
    struct topology *topology;
};

static void
vif_changed(const struct uuid *port, void *aux_)
{
    struct scan_aux *aux = aux_;

    topology_update_vif(aux->topology, port,
                        vif_table_find(&aux->local->vifs, port));
    ovs_local_recheck_status(aux->local, port);
}

/* Looks at every Interface of 'bridge', NULL: no bridge. */
static void
scan_vifs(struct ovs_local *local, const struct ovsrec_bridge *bridge,
          struct topology *topology)
{
    struct scan_aux aux = { local, topology };
    struct vif_row *rows = NULL;
    size_t n = 0, allocated = 0;

    for (size_t i = 0; bridge && i < bridge->n_ports; i++) {
        const struct ovsrec_port *port = bridge->ports[i];

        for (size_t j = 0; j < port->n_interfaces; j++) {
            if (n >= allocated) {
                rows = x2nrealloc(rows, &allocated, sizeof *rows);
            }
            n += read_vif(port->interfaces[j], &rows[n]);
        }
    }
    vif_table_scan(&local->vifs, rows, n, vif_changed, &aux);
    free(rows);
}

static void
set_bridge_fault(struct ovs_local *local, char *fault)
{
    if (fault && !nullable_string_is_equal(fault, local->bridge_fault)) {
        VLOG_WARN("%s", fault);
    }
    free(local->bridge_fault);
    local->bridge_fault = fault;
}

/* Returns the integration bridge if it is there and ours to program. */
static const struct ovsrec_bridge *
read_bridge(struct ovs_local *local)
{
    const struct ovsrec_bridge *bridge
        = ovs_bridge_find(local->idl, local->config->bridge);

    local->rows_due = !bridge;
    if (!bridge) {
        set_bridge_fault(local, xasprintf("bridge %s does not exist yet",
                                          local->config->bridge));
        return NULL;
    }
    free(local->datapath_type);
    local->datapath_type = xstrdup(bridge->datapath_type);
    set_bridge_fault(local, ovs_bridge_check(bridge));
    local->rows_due |= !nullable_string_is_equal(
        smap_get(&bridge->external_ids, STATUS_KEY), local->bridge_fault);
    if (local->bridge_fault) {
        return NULL;
    }
    local->rows_due |= ovs_bridge_is_in_band(bridge);
    local->rows_due |= ovs_bridge_fix_patches(NULL, local->idl, bridge,
                                              local->config);
    local->rows_due |= ovs_tunnel_fix(NULL, local->idl, bridge, local->config);
    return bridge;
}

/* How others reach us; 'bridge' NULL: not at all, for now. */
static void
read_vtep(const struct ovs_local *local, const struct ovsrec_bridge *bridge,
          struct topology *topology)
{
    const struct agent_config *config = local->config;
    struct vtep vtep = { .host = config->host };

    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        vtep.tunnels[i].enabled = sset_contains(&config->encap_types,
                                                encap_type_name(i));
        vtep.tunnels[i].ofport = OFPP_NONE;
    }
    if (config->encap_ip) {
        vtep.has_ip = encap_ip_from_string(config->encap_ip, &vtep.ip);
        int mtu = underlay_mtu(local->underlay, &vtep.ip);

        vtep.no_device = mtu == UNDERLAY_NO_DEVICE;
        vtep.mtu = MAX(mtu, 0);
    }
    if (bridge) {
        ovs_tunnel_find(bridge, &vtep);
    }
    topology_update_vtep(topology, &vtep);
}

void
ovs_local_run(struct ovs_local *local, struct topology *topology)
{
    const struct ovsrec_open_vswitch *ovs;
    const struct ovsrec_bridge *bridge;
    struct shash physnets = SHASH_INITIALIZER(&physnets);

    ovsdb_idl_run(local->idl);
    local->reread |= underlay_run(local->underlay);
    if (db_writer_run(&local->writer) == DB_WRITER_FAILED) {
        local->reread = true;
    }
    ovs = ovsrec_open_vswitch_first(local->idl);
    if (!ovs || (ovsdb_idl_get_seqno(local->idl) == local->seqno
                 && !local->reread)) {
        return;
    }
    local->reread = false;
    local->seqno = ovsdb_idl_get_seqno(local->idl);
    local->all_status_due = true;

    read_config(local, ovs);
    bridge = read_bridge(local);
    read_vtep(local, bridge, topology);
    if (bridge || !ovs_bridge_find(local->idl, local->config->bridge)) {
        scan_vifs(local, bridge, topology);
    }
    if (bridge) {
        ovs_bridge_find_physnets(local->idl, bridge, local->config,
                                 &physnets);
    }
    topology_update_physnets(topology, &physnets);
    shash_destroy(&physnets);
}

/* Writing. */

/* What 'vif' should say, for the caller to free, or NULL to leave it as it is
 * for now. */
static char *
vif_status(const struct vif *vif, const struct topology *topology,
           bool nb_settled, bool nb_connected)
{
    const struct lport *port;

    if (vif->fault) {
        return xstrdup(vif->fault);
    }
    port = topology_find_port(topology, &vif->port);
    if (!port || !port->obj.known) {
        return nullable_xstrdup(nb_settled ? "unknown-port"
                                : nb_connected ? NULL
                                : "waiting for the northbound database");
    } else if (!port->obj.applied
               || !ovs_list_is_empty(&port->obj.unacked_node)) {
        return NULL;
    } else if (port->obj.fault) {
        return xstrdup(port->obj.fault);
    } else if (port->elsewhere) {
        return xasprintf("standby: the port is at %s", port->elsewhere);
    }
    return xstrdup(port->intent.admin_state_up ? "up" : "down");
}

static void
write_vif_status(struct ovs_local *local, const struct vif *vif,
                 const struct topology *topology, bool nb_settled,
                 bool nb_connected)
{
    char *status = vif_status(vif, topology, nb_settled, nb_connected);

    if (status && !nullable_string_is_equal(vif->status, status)) {
        const struct ovsrec_interface *iface
            = ovsrec_interface_get_for_uuid(local->idl, &vif->iface);

        if (iface) {
            ovsrec_interface_update_external_ids_setkey(iface, STATUS_KEY,
                                                        status);
        }
    }
    free(status);
}

/* Takes the status off Interfaces that are no VIFs any more. */
static void
clear_stale_statuses(struct ovs_local *local)
{
    const struct ovsrec_interface *iface;

    OVSREC_INTERFACE_FOR_EACH (iface, local->idl) {
        if (smap_get(&iface->external_ids, STATUS_KEY)
            && !smap_get(&iface->external_ids, "iface-id")) {
            ovsrec_interface_update_external_ids_delkey(iface, STATUS_KEY);
        }
    }
}

static void
write_statuses(struct ovs_local *local, const struct topology *topology,
               bool nb_settled, bool nb_connected)
{
    const struct uuidset_node *node;
    const struct vif *vif;

    if (local->all_status_due) {
        HMAP_FOR_EACH (vif, iface_node, &local->vifs.by_iface) {
            write_vif_status(local, vif, topology, nb_settled, nb_connected);
        }
        clear_stale_statuses(local);
    } else {
        UUIDSET_FOR_EACH (node, &local->status_due) {
            vif = vif_table_find(&local->vifs, &node->uuid);
            if (vif) {
                write_vif_status(local, vif, topology, nb_settled,
                                 nb_connected);
            }
        }
    }
    local->all_status_due = false;
    uuidset_clear(&local->status_due);
}

static void
write_bridge(struct ovs_local *local, struct ovsdb_idl_txn *txn)
{
    const struct ovsrec_open_vswitch *ovs
        = ovsrec_open_vswitch_first(local->idl);
    const struct ovsrec_bridge *bridge
        = ovs_bridge_find(local->idl, local->config->bridge);

    if (!bridge) {
        ovs_bridge_create(txn, ovs, local->config);
        return;
    }
    if (local->bridge_fault) {
        ovsrec_bridge_update_external_ids_setkey(bridge, STATUS_KEY,
                                                 local->bridge_fault);
        return;
    }
    if (smap_get(&bridge->external_ids, STATUS_KEY)) {
        ovsrec_bridge_update_external_ids_delkey(bridge, STATUS_KEY);
    }
    if (ovs_bridge_is_in_band(bridge)) {
        ovs_bridge_disable_in_band(bridge);
    }
    ovs_bridge_fix_patches(txn, local->idl, bridge, local->config);
    ovs_tunnel_fix(txn, local->idl, bridge, local->config);
}

/* Statuses first, and bridge rows in a transaction of their own: if the
 * database refuses one of these, every port can still be told how it is. */
void
ovs_local_write(struct ovs_local *local, struct topology *topology,
                bool nb_settled, bool nb_connected)
{
    bool status_due = (local->all_status_due
                       || !uuidset_is_empty(&local->status_due));
    struct ovsdb_idl_txn *txn;

    if (!local->config || (!local->rows_due && !status_due)) {
        return;
    }
    txn = db_writer_begin(&local->writer);
    if (!txn) {
        return;
    }
    if (status_due) {
        write_statuses(local, topology, nb_settled, nb_connected);
    } else {
        ovsdb_idl_txn_add_comment(txn, "sluice-agent: setting up bridge %s",
                                  local->config->bridge);
        write_bridge(local, txn);
        local->rows_due = false;
    }
    db_writer_commit(&local->writer, txn);
}

void
ovs_local_wait(struct ovs_local *local)
{
    ovsdb_idl_wait(local->idl);
    underlay_wait(local->underlay);
    db_writer_wait(&local->writer);
}
