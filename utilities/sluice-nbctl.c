/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* sluice-nbctl: reads and changes the northbound database.
 *
 * What ovs-vsctl is to Open_vSwitch, built on the same db-ctl-base.  This file
 * has the main loop; nbctl.h tells where the rest is.
 *
 * Errors: anything that goes wrong before the commit ends the program through
 * ctl_fatal(), exit status 1, with nothing changed.  After the commit only the
 * wait can fail, exit status 2. */

#include <config.h>

#include <limits.h>
#include <stdlib.h>

#include "fatal-signal.h"
#include "lib/sluice-nb-idl.h"
#include "lib/sluice-version.h"
#include "nbctl.h"
#include "nbctl-alive.h"
#include "nbctl-fetch.h"
#include "nbctl-history.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "timeval.h"
#include "util.h"

/* There is one, and exit functions get no argument. */
static struct nbctl nbctl;

/* How rows can be named in the commands of db-ctl-base, besides by UUID, in
 * the order of nbrec_table_classes. */
static const struct ctl_table_class tables[NBREC_N_TABLES] = {
    [NBREC_TABLE_AGENT].row_ids[0] = { &nbrec_agent_col_host, NULL, NULL },
    [NBREC_TABLE_CONNECTION].row_ids[0]
        = { &nbrec_connection_col_target, NULL, NULL },
    [NBREC_TABLE_HOST].row_ids[0] = { &nbrec_host_col_host, NULL, NULL },
    [NBREC_TABLE_NETWORK].row_ids[0]
        = { &nbrec_network_col_name, NULL, NULL },
    [NBREC_TABLE_PORT].row_ids[0] = { &nbrec_port_col_name, NULL, NULL },
    [NBREC_TABLE_RBAC_PERMISSION].row_ids[0]
        = { &nbrec_rbac_permission_col_table, NULL, NULL },
    [NBREC_TABLE_RBAC_ROLE].row_ids[0]
        = { &nbrec_rbac_role_col_name, NULL, NULL },
    [NBREC_TABLE_SUBNET].row_ids[0] = { &nbrec_subnet_col_name, NULL, NULL },
};

static void register_commands(void);
static bool needs_database(void);
static void connect_to_database(void);
static int main_loop(void);
static void clean_up(void);
OVS_NO_RETURN static void clean_up_and_exit(int status);

int
main(int argc, char *argv[])
{
    int status;

    ovs_set_program_name(argv[0], SLUICE_VERSION);
    fatal_ignore_sigpipe();
    vlog_set_levels(NULL, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");

    /* What a transaction failed for is said when it is not tried again. */
    vlog_set_levels_from_string_assert("ovsdb_idl:console:err");

    register_commands();
    nbctl_parse_command_line(&nbctl, argc, argv);
    if (!needs_database()) {
        ctl_timeout_setup(nbctl.timeout);
        nbctl_run_without_database(&nbctl);
        clean_up();
        return EXIT_SUCCESS;
    }
    connect_to_database();
    nbctl_run_prerequisites(&nbctl);
    status = main_loop();
    clean_up();
    return status;
}

static void
register_commands(void)
{
    /* No "show" of db-ctl-base's: it would compare every port with every
     * network, and leave out whatever is down. */
    ctl_init(&nbrec_idl_class, nbrec_table_classes, tables, NULL,
             clean_up_and_exit);
    ctl_register_commands(nbctl_global_commands);
    ctl_register_commands(nbctl_history_commands);
    ctl_register_commands(nbctl_host_commands);
    ctl_register_commands(nbctl_net_add_commands);
    ctl_register_commands(nbctl_network_commands);
    ctl_register_commands(nbctl_port_add_commands);
    ctl_register_commands(nbctl_port_commands);
    ctl_register_commands(nbctl_port_show_commands);
    ctl_register_commands(nbctl_remote_commands);
    ctl_register_commands(nbctl_show_commands);
}

static bool
needs_database(void)
{
    for (size_t i = 0; i < nbctl.n_commands; i++) {
        if (!history_is(&nbctl.commands[i])) {
            return true;
        }
    }
    return !nbctl.n_commands;
}

/* What the replica was when the commands ran last. */
struct replica_version {
    unsigned int seqno;
    unsigned int condition_seqno;
};

/* Returns true if the commands should be run: all that they fetch is there,
 * and the replica is not the one of the last time, '*version', with which a
 * commit that failed would fail again.  Updates '*version' then. */
static bool
should_run(struct replica_version *version)
{
    struct replica_version new = {
        ovsdb_idl_get_seqno(nbctl.idl),
        ovsdb_idl_get_condition_seqno(nbctl.idl),
    };

    if (!fetch_arrived(nbctl.fetch)
        || (new.seqno == version->seqno
            && new.condition_seqno == version->condition_seqno)) {
        return false;
    }
    *version = new;
    return true;
}

/* Returns the exit status. */
static int
main_loop(void)
{
    struct replica_version version = { ovsdb_idl_get_seqno(nbctl.idl), 0 };

    for (;;) {
        ovsdb_idl_run(nbctl.idl);
        if (!ovsdb_idl_is_alive(nbctl.idl)) {
            int error = ovsdb_idl_get_last_error(nbctl.idl);
            ctl_fatal("%s: database connection failed (%s)", nbctl.db,
                      ovs_retval_to_string(error));
        }

        const char *missing = fetch_missing_table(nbctl.fetch);
        if (missing) {
            ctl_fatal("%s: the database has no table %s: its schema is older "
                      "than this program (see \"ovsdb-client convert\")",
                      nbctl.db, missing);
        }

        if (should_run(&version)) {
            int status;

            if (nbctl_run(&nbctl, &status)) {
                return status;
            }
        } else {
            ovsdb_idl_wait(nbctl.idl);
            poll_block();
        }
    }
}

static void
connect_to_database(void)
{
    nbctl.deadline = (nbctl.timeout
                      ? time_msec() + nbctl.timeout * 1000LL : LLONG_MAX);
    ctl_timeout_setup(nbctl.timeout);

    nbctl.idl = ovsdb_idl_create_unconnected(&nbrec_idl_class, false);
    ovsdb_idl_set_shuffle_remotes(nbctl.idl, nbctl.shuffle_remotes);
    ovsdb_idl_set_remote(nbctl.idl, nbctl.db, nbctl.retry);
    ovsdb_idl_set_leader_only(nbctl.idl, nbctl.leader_only);
    ovsdb_idl_set_db_change_aware(nbctl.idl, false);
    nbctl.fetch = fetch_create(nbctl.idl);
}

struct alive *
nbctl_alive(struct nbctl *program)
{
    if (!program->alive) {
        program->alive = alive_create(program->db, program->idl,
                                      program->fetch);
    }
    return program->alive;
}

static void
clean_up(void)
{
    if (nbctl.txn) {
        ovsdb_idl_txn_abort(nbctl.txn);
        ovsdb_idl_txn_destroy(nbctl.txn);
    }
    alive_destroy(nbctl.alive);
    fetch_destroy(nbctl.fetch);
    ovsdb_idl_destroy(nbctl.idl);
    for (size_t i = 0; i < nbctl.n_commands; i++) {
        shash_destroy_free_data(&nbctl.commands[i].options);
    }
    free(nbctl.commands);
    svec_destroy(&nbctl.made_macs);
    free(nbctl.vni_seeds);
    free(nbctl.args);
    free(nbctl.ca_cert);
    free(nbctl.db);
}

/* What ctl_fatal() calls. */
static void
clean_up_and_exit(int status)
{
    clean_up();
    exit(status);
}
