/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See dp-sync.h.  Both connections to the control socket are kept open from
 * one proof to the next. */

#include <config.h>

#include "dp-sync.h"

#include <errno.h>

#include "coverage.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"
#include "vswitchd.h"

VLOG_DEFINE_THIS_MODULE(dp_sync);

COVERAGE_DEFINE(agent_dp_sync);
COVERAGE_DEFINE(agent_dp_sync_blind);

enum step {
    STEP_IDLE,
    STEP_ROUND,                 /* Awaiting the main loop's next round. */
    STEP_FIRST_PASS,
    STEP_SECOND_PASS,
    STEP_BLIND,                 /* Waiting for 'blind_until'. */
    STEP_PROVEN,
};

struct dp_sync {
    struct jsonrpc *waits;      /* Opened first: for "revalidator/wait". */
    struct jsonrpc *rounds;     /* Opened second: for any other command. */
    enum step step;
    bool nudge;                 /* Owed by the caller. */
    long long int nudge_at;     /* In a pass: nudge again then, in ms. */
    long long int pass_start;   /* In ms. */
    long long int pass_ms;      /* How long the last pass took. */
    long long int blind_until;  /* In ms. */
    const char *status;
};

struct dp_sync *
dp_sync_create(void)
{
    struct dp_sync *sync = xzalloc(sizeof *sync);

    sync->status = "nothing proven yet";
    return sync;
}

static void
close_connections(struct dp_sync *sync)
{
    jsonrpc_close(sync->waits);
    jsonrpc_close(sync->rounds);
    sync->waits = sync->rounds = NULL;
}

void
dp_sync_destroy(struct dp_sync *sync)
{
    if (sync) {
        close_connections(sync);
        free(sync);
    }
}

const char *
dp_sync_status(const struct dp_sync *sync)
{
    return sync->status;
}

static int
open_connections(struct dp_sync *sync)
{
    int error = vswitchd_connect(&sync->waits);

    return error ? error : vswitchd_connect(&sync->rounds);
}

static void
go_blind(struct dp_sync *sync, const char *why)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    COVERAGE_INC(agent_dp_sync_blind);
    VLOG_WARN_RL(&rl, "cannot ask ovs-vswitchd whether its datapath has "
                 "followed (%s): acknowledging after %d ms", why,
                 DP_SYNC_BLIND_MS);
    close_connections(sync);
    sync->step = STEP_BLIND;
    sync->nudge = false;
    sync->blind_until = time_msec() + DP_SYNC_BLIND_MS;
    sync->status = "delay instead of proof: ovs-vswitchd does not answer "
                   "revalidator/wait";
}

/* Sends 'command' and enters 'step', which ends with its reply. */
static void
request(struct dp_sync *sync, struct jsonrpc *rpc, const char *command,
        enum step step)
{
    int error = jsonrpc_send(rpc, jsonrpc_create_request(
                                 command, json_array_create_empty(), NULL));

    if (error) {
        go_blind(sync, ovs_retval_to_string(error));
    } else {
        sync->step = step;
    }
}

static void
request_pass(struct dp_sync *sync, enum step step)
{
    sync->pass_start = time_msec();
    sync->nudge_at = (sync->pass_start
                      + MAX(DP_SYNC_RENUDGE_MS, 2 * sync->pass_ms));
    sync->nudge = true;
    request(sync, sync->waits, "revalidator/wait", step);
}

bool
dp_sync_is_idle(const struct dp_sync *sync)
{
    return sync->step == STEP_IDLE;
}

void
dp_sync_start(struct dp_sync *sync)
{
    int error = 0;

    ovs_assert(sync->step == STEP_IDLE);
    COVERAGE_INC(agent_dp_sync);
    if (!sync->rounds || jsonrpc_get_status(sync->rounds)
        || jsonrpc_get_status(sync->waits)) {
        close_connections(sync);
        error = open_connections(sync);
    }
    if (error) {
        go_blind(sync, ovs_retval_to_string(error));
    } else {
        request(sync, sync->rounds, "version", STEP_ROUND);
    }
}

void
dp_sync_cancel(struct dp_sync *sync)
{
    sync->step = STEP_IDLE;
    sync->nudge = false;
    /* A late reply must not be taken for the next proof's; and if vswitchd is
     * gone, nobody is behind them any more. */
    close_connections(sync);
}

/* The connection whose reply ends this step, or NULL. */
static struct jsonrpc *
awaited(const struct dp_sync *sync)
{
    return (sync->step == STEP_ROUND ? sync->rounds
            : sync->step == STEP_FIRST_PASS
              || sync->step == STEP_SECOND_PASS ? sync->waits
            : NULL);
}

static void
next_step(struct dp_sync *sync)
{
    if (sync->step == STEP_ROUND) {
        request_pass(sync, STEP_FIRST_PASS);
        return;
    }
    sync->pass_ms = time_msec() - sync->pass_start;
    if (sync->step == STEP_FIRST_PASS) {
        request_pass(sync, STEP_SECOND_PASS);
    } else {
        sync->step = STEP_PROVEN;
        sync->status = "proven by revalidator/wait";
    }
}

/* Takes in the reply that is awaited, if it is there. */
static void
receive(struct dp_sync *sync, struct jsonrpc *rpc)
{
    struct jsonrpc_msg *msg;
    int error;

    jsonrpc_run(rpc);
    error = jsonrpc_recv(rpc, &msg);
    if (error) {
        if (error != EAGAIN) {
            go_blind(sync, ovs_retval_to_string(error));
        }
        return;
    }

    if (msg->type == JSONRPC_REPLY) {
        next_step(sync);
    } else {
        go_blind(sync, (msg->error && msg->error->type == JSON_STRING
                        ? json_string(msg->error) : "unexpected answer"));
    }
    jsonrpc_msg_destroy(msg);
}

enum dp_sync_state
dp_sync_run(struct dp_sync *sync)
{
    struct jsonrpc *rpc = awaited(sync);

    if (rpc && !sync->nudge) {
        receive(sync, rpc);
        if (awaited(sync) == sync->waits && sync->waits
            && time_msec() >= sync->nudge_at) {
            sync->nudge = true;
            sync->nudge_at = time_msec() + MAX(DP_SYNC_RENUDGE_MS,
                                               2 * sync->pass_ms);
        }
    }
    if (sync->nudge) {
        sync->nudge = false;
        return DP_SYNC_NUDGE;
    } else if (sync->step == STEP_IDLE) {
        return DP_SYNC_IDLE;
    } else if (sync->step == STEP_PROVEN
               || (sync->step == STEP_BLIND
                   && time_msec() >= sync->blind_until)) {
        sync->step = STEP_IDLE;
        return DP_SYNC_DONE;
    }
    return DP_SYNC_BUSY;
}

void
dp_sync_wait(struct dp_sync *sync)
{
    struct jsonrpc *rpc = awaited(sync);

    if (sync->nudge || sync->step == STEP_PROVEN) {
        poll_immediate_wake();
    } else if (sync->step == STEP_BLIND) {
        poll_timer_wait_until(sync->blind_until);
    } else if (rpc) {
        jsonrpc_wait(rpc);
        jsonrpc_recv_wait(rpc);
        if (rpc == sync->waits) {
            poll_timer_wait_until(sync->nudge_at);
        }
    }
}
