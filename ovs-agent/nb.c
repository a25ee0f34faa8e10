/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See nb.h. */

#include <config.h>

#include "nb.h"

#include <stdlib.h>
#include <string.h>

#include "agent-lock.h"
#include "interest.h"
#include "nb-rows.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "reconnect.h"
#include "sluice-nb-idl.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(nb);

struct nb {
    struct ovsdb_idl *idl;
    char *remote;
    char *host;
    struct interest interest;

    unsigned int seqno;         /* Of the IDL, last looked at. */
    bool have_view;             /* Since this connection came up? */
    bool resynced;              /* See nb_take_resynced(). */
    unsigned int cond_target;   /* Condition seqno of all we asked for. */
    long long int hold_until;   /* Leave the connection alone until then. */
};

/* The IDL makes no clause for _uuid, which is no column to it. */
static const struct ovsdb_idl_column uuid_column = {
    .name = "_uuid",
    .type = {
        .key = { .type = OVSDB_TYPE_UUID },
        .value = { .type = OVSDB_TYPE_VOID },
        .n_min = 1,
        .n_max = 1,
    },
};

/* What is wanted, and where things are. */
static void
register_intent(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *columns[] = {
        &nbrec_network_col_admin_state_up,
        &nbrec_network_col_mtu,
        &nbrec_network_col_name,
        &nbrec_network_col_revision_number,
        &nbrec_network_col_segment,
        &nbrec_segment_col_network_type,
        &nbrec_segment_col_physical_network,
        &nbrec_segment_col_segmentation_id,
        &nbrec_port_col_admin_state_up,
        &nbrec_port_col_host,
        &nbrec_port_col_ip_allocations,
        &nbrec_port_col_mac_address,
        &nbrec_port_col_name,
        &nbrec_port_col_network,
        &nbrec_port_col_port_security_enabled,
        &nbrec_port_col_revision_number,
        &nbrec_ip_allocation_col_ip_address,
        &nbrec_host_col_admin_state_up,
        &nbrec_host_col_host,
        &nbrec_host_col_revision_number,
        &nbrec_port_location_col_claim,
        &nbrec_port_location_col_host,
        &nbrec_port_location_col_ip_addresses,
        &nbrec_port_location_col_mac_address,
        &nbrec_port_location_col_network,
        &nbrec_port_location_col_port,
        &nbrec_network_location_col_encap,
        &nbrec_network_location_col_host,
        &nbrec_network_location_col_network,
        &nbrec_network_location_col_unknown_addresses,
    };

    for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
        ovsdb_idl_add_column(idl, columns[i]);
        ovsdb_idl_track_add_column(idl, columns[i]);
    }
}

/* Rows of our own.  They are tracked, so that one that somebody else removed
 * is written again; but of the Agent row its presence alone. */
static void
register_status(struct ovsdb_idl *idl)
{
    static const struct ovsdb_idl_column *tracked[] = {
        &nbrec_agent_col_host,
        &nbrec_port_binding_col_fault,
        &nbrec_port_binding_col_host,
        &nbrec_port_binding_col_network,
        &nbrec_port_binding_col_port,
        &nbrec_port_binding_col_revision_number,
        &nbrec_port_binding_col_up,
        &nbrec_network_binding_col_encap,
        &nbrec_network_binding_col_fault,
        &nbrec_network_binding_col_host,
        &nbrec_network_binding_col_network,
        &nbrec_network_binding_col_revision_number,
    };
    static const struct ovsdb_idl_column *quiet[] = {
        &nbrec_agent_col_bridge,
        &nbrec_agent_col_bridge_mappings,
        &nbrec_agent_col_datapath_type,
        &nbrec_agent_col_encaps,
        &nbrec_agent_col_heartbeat,
        &nbrec_agent_col_host_revision_number,
        &nbrec_agent_col_roles,
        &nbrec_agent_col_subscriptions,
        &nbrec_agent_col_version,
    };

    for (size_t i = 0; i < ARRAY_SIZE(tracked); i++) {
        ovsdb_idl_add_column(idl, tracked[i]);
        ovsdb_idl_track_add_column(idl, tracked[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(quiet); i++) {
        ovsdb_idl_add_column(idl, quiet[i]);
        ovsdb_idl_omit_alert(idl, quiet[i]);
    }
}

struct nb *
nb_create(void)
{
    struct nb *nb = xzalloc(sizeof *nb);

    nb->idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    register_intent(nb->idl);
    register_status(nb->idl);
    interest_init(&nb->interest);
    return nb;
}

void
nb_destroy(struct nb *nb)
{
    if (nb) {
        ovsdb_idl_destroy(nb->idl);
        interest_destroy(&nb->interest);
        free(nb->remote);
        free(nb->host);
        free(nb);
    }
}

struct ovsdb_idl *
nb_idl(const struct nb *nb)
{
    return nb->idl;
}

/* Conditions. */

static void
add_uuid_clause(struct ovsdb_idl_condition *cond,
                const struct ovsdb_idl_column *column,
                const struct uuid *uuid)
{
    /* On the heap: a clause shares its datum's keys. */
    union ovsdb_atom *atom = xmalloc(sizeof *atom);
    struct ovsdb_datum datum = { .n = 1, .keys = atom };

    atom->uuid = *uuid;
    ovsdb_idl_condition_add_clause(cond, OVSDB_F_EQ, column, &datum);
    ovsdb_datum_destroy(&datum, &column->type);
}

/* Adds: 'column' is our name. */
static void
add_host(const struct nb *nb, struct ovsdb_idl_condition *cond,
         const struct ovsdb_idl_column *column)
{
    union ovsdb_atom *atom = xmalloc(sizeof *atom);
    struct ovsdb_datum datum = { .n = 1, .keys = atom };

    atom->s = ovsdb_atom_string_create(nb->host);
    ovsdb_idl_condition_add_clause(cond, OVSDB_F_EQ, column, &datum);
    ovsdb_datum_destroy(&datum, &column->type);
}

/* Adds: 'column' is one of 'uuids'. */
static void
add_uuids(struct ovsdb_idl_condition *cond,
          const struct ovsdb_idl_column *column, const struct uuidset *uuids)
{
    const struct uuidset_node *node;

    /* No row has this UUID.  It is there so that no condition ever brings in a
     * column that this session's first did not have: ovsdb-server 3.1, whose
     * sessions share a monitor, then reads beyond the rows that still wait to
     * be sent to another, and crashes. */
    add_uuid_clause(cond, column, &UUID_ZERO);
    UUIDSET_FOR_EACH (node, uuids) {
        add_uuid_clause(cond, column, &node->uuid);
    }
}

/* What is asked for of a table: the rows with our name in 'host', and those
 * with one of 'uuids[i]' in 'columns[i]'; each may be NULL.  Only "==": a
 * single other operator would make ovsdb-server evaluate the whole table's
 * conditions one by one. */
struct request {
    const struct ovsdb_idl_table_class *table;
    const struct ovsdb_idl_column *host;
    const struct ovsdb_idl_column *columns[2];
    const struct uuidset *uuids[2];
};

static unsigned int
set_condition(struct nb *nb, const struct request *request)
{
    struct ovsdb_idl_condition cond = OVSDB_IDL_CONDITION_INIT(&cond);
    unsigned int seqno;

    if (request->host) {
        add_host(nb, &cond, request->host);
    }
    for (size_t i = 0; i < ARRAY_SIZE(request->columns); i++) {
        if (request->columns[i]) {
            add_uuids(&cond, request->columns[i], request->uuids[i]);
        }
    }
    seqno = ovsdb_idl_set_condition(nb->idl, request->table, &cond);
    ovsdb_idl_condition_destroy(&cond);
    return seqno;
}

static void
send_interest(struct nb *nb)
{
    const struct interest *interest = &nb->interest;
    const struct request requests[] = {
        { &nbrec_table_agent, &nbrec_agent_col_host, { NULL }, { NULL } },
        { &nbrec_table_host, &nbrec_host_col_host, { NULL }, { NULL } },
        { &nbrec_table_port_binding, &nbrec_port_binding_col_host,
          { NULL }, { NULL } },
        { &nbrec_table_network_binding, &nbrec_network_binding_col_host,
          { NULL }, { NULL } },
        { &nbrec_table_port, &nbrec_port_col_host,
          { &uuid_column }, { &interest->ports } },
        { &nbrec_table_network, NULL,
          { &uuid_column }, { &interest->networks } },
        { &nbrec_table_segment, NULL,
          { &uuid_column }, { &interest->segments } },
        { &nbrec_table_ip_allocation, NULL,
          { &uuid_column }, { &interest->allocations } },
        { &nbrec_table_port_location, &nbrec_port_location_col_host,
          { &nbrec_port_location_col_port, &nbrec_port_location_col_network },
          { &interest->located_ports, &interest->overlays } },
        { &nbrec_table_network_location, &nbrec_network_location_col_host,
          { &nbrec_network_location_col_network }, { &interest->networks } },
    };

    for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
        unsigned int seqno = set_condition(nb, &requests[i]);

        if (!i || (int) (seqno - nb->cond_target) > 0) {
            nb->cond_target = seqno;
        }
    }
}

void
nb_set_interest(struct nb *nb, const struct interest *interest)
{
    struct interest copy;

    interest_clone(&copy, interest);
    interest_swap(&nb->interest, &copy);
    interest_destroy(&copy);
    if (nb->host) {
        send_interest(nb);
    }
}

void
nb_configure(struct nb *nb, const char *remote, const char *host,
             int probe_interval)
{
    if (!nullable_string_is_equal(nb->host, host)) {
        char *lock = agent_lock_name(host);

        free(nb->host);
        nb->host = xstrdup(host);
        /* While it is held, we are alive, and nobody else is us. */
        ovsdb_idl_set_lock(nb->idl, lock);
        free(lock);
        send_interest(nb);
    }
    if (!nullable_string_is_equal(nb->remote, remote)) {
        free(nb->remote);
        nb->remote = nullable_xstrdup(remote);
        nb->hold_until = 0;
        if (remote) {
            ovsdb_idl_set_shuffle_remotes(nb->idl, true);
            ovsdb_idl_set_leader_only(nb->idl, false);
        }
        ovsdb_idl_set_remote(nb->idl, remote, true);
        /* The library keeps a connection whose remote is still among them;
         * then nothing comes anew. */
        nb->have_view = nb->have_view && nb_is_connected(nb);
        VLOG_INFO("northbound database: %s", remote ? remote : "none");
    }
    if (probe_interval >= 0) {
        ovsdb_idl_set_probe_interval(nb->idl, probe_interval);
    }
}

void
nb_run(struct nb *nb, struct topology *topology)
{
    if (!nb->remote || time_msec() < nb->hold_until) {
        return;
    }

    bool was_connected = nb_is_connected(nb);
    ovsdb_idl_run(nb->idl);

    if (ovsdb_idl_get_seqno(nb->idl) != nb->seqno) {
        nb->seqno = ovsdb_idl_get_seqno(nb->idl);
        if (nb->have_view) {
            nb_rows_hand_over_changes(nb->idl, topology);
        } else {
            nb_rows_hand_over_all(nb->idl, topology);
            nb->have_view = true;
            nb->resynced = true;
            send_interest(nb);
            /* A condition whose change was in flight when the last connection
             * was lost is sent again by the next run, for which the library
             * does not wake us. */
            poll_immediate_wake();
        }
    }
    ovsdb_idl_track_clear(nb->idl);

    if (was_connected && !nb_is_connected(nb)) {
        /* The session waits by itself as long as all others do: what is
         * random comes on top of that. */
        nb->hold_until = (time_msec() + RECONNECT_DEFAULT_MIN_BACKOFF
                          + random_range(NB_RECONNECT_JITTER_MS));
        VLOG_WARN("%s: connection to the northbound database lost",
                  nb->remote);
    }
    if (!nb_is_connected(nb)) {
        nb->have_view = false;
    }
}

void
nb_wait(struct nb *nb)
{
    if (!nb->remote) {
        return;
    } else if (time_msec() < nb->hold_until) {
        poll_timer_wait_until(nb->hold_until);
    } else {
        ovsdb_idl_wait(nb->idl);
    }
}

bool
nb_is_connected(const struct nb *nb)
{
    return ovsdb_idl_is_connected(nb->idl);
}

bool
nb_is_settled(const struct nb *nb)
{
    return (nb->have_view && nb_is_connected(nb)
            && (int) (ovsdb_idl_get_condition_seqno(nb->idl)
                      - nb->cond_target) >= 0);
}

bool
nb_take_resynced(struct nb *nb)
{
    bool resynced = nb->resynced;

    nb->resynced = false;
    return resynced;
}

const char *
nb_status(const struct nb *nb)
{
    if (!nb->remote) {
        return "not configured: set external_ids:sluice-remote";
    } else if (!nb_is_connected(nb)) {
        return "disconnected";
    } else if (!nb->have_view) {
        return "connecting";
    } else if (!nb_is_settled(nb)) {
        return "waiting for what was asked for";
    } else if (!ovsdb_idl_has_lock(nb->idl)) {
        /* Somebody holds it, or a notifier cannot ask its server. */
        return "connected, waiting for this host's lock: another agent has "
               "its name, or the notifier's database is away";
    }
    return "connected";
}
