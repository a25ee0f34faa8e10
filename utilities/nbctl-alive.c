/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Tells live hypervisors from dead ones.  See nbctl-alive.h.
 *
 * By their locks (nbctl-alive-locks.h), or if those prove nothing, by their
 * heartbeats, which are rows like all others. */

#include <config.h>

#include "nbctl-alive.h"

#include "lib/sluice-nb-idl.h"
#include "nbctl-alive-locks.h"
#include "nbctl-fetch.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb-idl.h"
#include "sset.h"
#include "timeval.h"
#include "util.h"

struct alive {
    const struct ovsdb_idl *idl;
    struct fetch *fetch;
    struct alive_locks *locks;
    struct sset hosts;          /* Those that were asked about. */
};

static enum alive_state get_by_heartbeat(struct alive *, const char *host);

void
alive_fetch_columns(struct fetch *fetch)
{
    fetch_column(fetch, &nbrec_agent_col_host);
    fetch_column(fetch, &nbrec_agent_col_heartbeat);
}

struct alive *
alive_create(const char *remotes, const struct ovsdb_idl *idl,
             struct fetch *fetch)
{
    struct alive *alive = xzalloc(sizeof *alive);

    alive->idl = idl;
    alive->fetch = fetch;
    alive->locks = alive_locks_create(remotes);
    sset_init(&alive->hosts);
    return alive;
}

void
alive_destroy(struct alive *alive)
{
    if (alive) {
        alive_locks_destroy(alive->locks);
        sset_destroy(&alive->hosts);
        free(alive);
    }
}

enum alive_state
alive_get(struct alive *alive, const char *name)
{
    enum alive_state state = alive_locks_get(alive->locks, name);

    sset_add(&alive->hosts, name);
    return (alive_locks_prove(alive->locks)
            ? state : get_by_heartbeat(alive, name));
}

void
alive_run(struct alive *alive)
{
    alive_locks_run(alive->locks);
}

void
alive_wait(struct alive *alive)
{
    alive_locks_wait(alive->locks);
}

static bool
is_all_known(struct alive *alive)
{
    const char *host;

    SSET_FOR_EACH (host, &alive->hosts) {
        if (alive_get(alive, host) == ALIVE_UNKNOWN) {
            return false;
        }
    }
    return true;
}

void
alive_block(struct alive *alive)
{
    for (;;) {
        alive_run(alive);
        if (is_all_known(alive)) {
            break;
        }
        alive_wait(alive);
        poll_block();
    }
}

static enum alive_state
get_by_heartbeat(struct alive *alive, const char *host)
{
    const struct nbrec_agent *agent;

    if (!fetch_string_eq(alive->fetch, &nbrec_agent_col_host, host)
        || !fetch_arrived(alive->fetch)) {
        return ALIVE_UNKNOWN;
    }
    NBREC_AGENT_FOR_EACH (agent, alive->idl) {
        if (!strcmp(agent->host, host)) {
            long long int last = agent->heartbeat + ALIVE_HEARTBEAT_MS;
            long long int left = last - time_wall_msec();

            if (left >= 0) {
                poll_timer_wait(left + 1);
                return ALIVE_UP;
            }
        }
    }
    return ALIVE_DOWN;
}
