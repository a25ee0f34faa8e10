/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See dp-sync.h.  The control socket is that which ovs-appctl(8) would use;
 * it is kept open from one proof to the next. */

#include <config.h>

#include "dp-sync.h"

#include <errno.h>

#include "coverage.h"
#include "daemon.h"
#include "dirs.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(dp_sync);

COVERAGE_DEFINE(agent_dp_sync);
COVERAGE_DEFINE(agent_dp_sync_blind);

/* Passes that have to end; see dp-sync.h. */
#define N_PASSES 2

struct dp_sync {
    struct jsonrpc *rpc;        /* To vswitchd, or NULL. */
    bool active;
    bool nudge;                 /* Owed by the caller. */
    int passes_left;
    long long int blind_until;  /* If nonzero, waiting blindly, in ms. */
    const char *status;
};

struct dp_sync *
dp_sync_create(void)
{
    struct dp_sync *sync = xzalloc(sizeof *sync);

    sync->status = "nothing proven yet";
    return sync;
}

void
dp_sync_destroy(struct dp_sync *sync)
{
    if (sync) {
        jsonrpc_close(sync->rpc);
        free(sync);
    }
}

const char *
dp_sync_status(const struct dp_sync *sync)
{
    return sync->status;
}

/* Opens the control socket.  Returns 0 or an errno. */
static int
open_control(struct dp_sync *sync)
{
    char *pidfile = xasprintf("%s/ovs-vswitchd.pid", ovs_rundir());
    pid_t pid = read_pidfile(pidfile);
    struct stream *stream;
    char *name;
    int error;

    free(pidfile);
    if (pid < 0) {
        return -pid;
    }
    name = xasprintf("unix:%s/ovs-vswitchd.%ld.ctl", ovs_rundir(),
                     (long int) pid);
    error = stream_open(name, &stream, DSCP_DEFAULT);
    if (!error) {
        error = stream_connect(stream);
        if (error) {
            stream_close(stream);
        } else {
            sync->rpc = jsonrpc_open(stream);
        }
    }
    free(name);
    return error;
}

static void
go_blind(struct dp_sync *sync, const char *why)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 1);

    COVERAGE_INC(agent_dp_sync_blind);
    VLOG_WARN_RL(&rl, "cannot ask ovs-vswitchd whether its datapath has "
                 "followed (%s): acknowledging after %d ms", why,
                 DP_SYNC_BLIND_MS);
    jsonrpc_close(sync->rpc);
    sync->rpc = NULL;
    sync->nudge = false;
    sync->blind_until = time_msec() + DP_SYNC_BLIND_MS;
    sync->status = "delay instead of proof: ovs-vswitchd does not answer "
                   "revalidator/wait";
}

/* Asks to be told of the end of a pass. */
static void
request_pass(struct dp_sync *sync)
{
    int error = sync->rpc ? jsonrpc_get_status(sync->rpc) : ENOTCONN;

    if (error) {
        jsonrpc_close(sync->rpc);
        sync->rpc = NULL;
        error = open_control(sync);
    }
    if (!error) {
        error = jsonrpc_send(sync->rpc,
                             jsonrpc_create_request("revalidator/wait",
                                                    json_array_create_empty(),
                                                    NULL));
    }
    if (error) {
        go_blind(sync, ovs_retval_to_string(error));
    } else {
        sync->nudge = true;
    }
}

bool
dp_sync_is_idle(const struct dp_sync *sync)
{
    return !sync->active;
}

void
dp_sync_start(struct dp_sync *sync)
{
    ovs_assert(!sync->active);
    COVERAGE_INC(agent_dp_sync);
    sync->active = true;
    sync->blind_until = 0;
    sync->passes_left = N_PASSES;
    request_pass(sync);
}

void
dp_sync_cancel(struct dp_sync *sync)
{
    if (sync->active) {
        sync->active = sync->nudge = false;
        /* A late reply must not be taken for the next one's. */
        jsonrpc_close(sync->rpc);
        sync->rpc = NULL;
    }
}

/* Takes in a reply, if there is one. */
static void
receive(struct dp_sync *sync)
{
    struct jsonrpc_msg *msg;
    int error;

    jsonrpc_run(sync->rpc);
    error = jsonrpc_recv(sync->rpc, &msg);
    if (error == EAGAIN) {
        return;
    } else if (error) {
        go_blind(sync, ovs_retval_to_string(error));
        return;
    }

    if (msg->type == JSONRPC_REPLY) {
        if (--sync->passes_left) {
            request_pass(sync);
        }
    } else {
        go_blind(sync, (msg->error && msg->error->type == JSON_STRING
                        ? json_string(msg->error) : "unexpected answer"));
    }
    jsonrpc_msg_destroy(msg);
}

enum dp_sync_state
dp_sync_run(struct dp_sync *sync)
{
    if (!sync->active) {
        return DP_SYNC_IDLE;
    }
    if (!sync->blind_until && !sync->nudge) {
        receive(sync);
    }
    if (sync->nudge) {
        sync->nudge = false;
        jsonrpc_run(sync->rpc);
        return DP_SYNC_NUDGE;
    } else if (sync->blind_until) {
        if (time_msec() < sync->blind_until) {
            return DP_SYNC_BUSY;
        }
    } else if (sync->passes_left) {
        return DP_SYNC_BUSY;
    } else {
        sync->status = "proven by revalidator/wait";
    }
    sync->active = false;
    return DP_SYNC_DONE;
}

void
dp_sync_wait(struct dp_sync *sync)
{
    if (!sync->active) {
        return;
    } else if (sync->blind_until) {
        poll_timer_wait_until(sync->blind_until);
    } else if (sync->nudge) {
        poll_immediate_wake();
    } else {
        jsonrpc_wait(sync->rpc);
        jsonrpc_recv_wait(sync->rpc);
    }
}
