/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See ofswitch.h. */

#include <config.h>

#include "ofswitch.h"

#include "coverage.h"
#include "dirs.h"
#include "dp-sync.h"
#include "flow-batch.h"
#include "flow-dump.h"
#include "flow-table.h"
#include "latency.h"
#include "oflow.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/rconn.h"
#include "openvswitch/vlog.h"
#include "pipeline.h"
#include "socket-util.h"
#include "timeval.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(ofswitch);

COVERAGE_DEFINE(agent_flow_foreign_change);
COVERAGE_DEFINE(agent_flow_refused);
COVERAGE_DEFINE(agent_flow_sync);

/* How often a connection that is not there is tried, in ms: connecting to a
 * socket of this machine that nobody listens to costs nothing, and until a
 * restarted vswitchd has its flows, its ports are dead. */
#define RETRY_MS 20

/* How long after an error that names no flow the switch is read again, in
 * ms: without a culprit, the next attempt may fail the same way. */
#define ERROR_BACKOFF_MS 1000

enum ofswitch_state {
    OFS_DISCONNECTED,
    OFS_UNSYNCED,               /* Connected; nothing compared yet. */
    OFS_READING,                /* Reading back, to compare. */
    OFS_SYNCED,
};

/* A dump somebody asked for. */
struct reader {
    struct ovs_list node;
    struct flow_dump dump;
    ofswitch_dump_cb *cb;
    void *aux;
};

struct ofswitch {
    struct rconn *rconn;
    char *bridge;
    unsigned int connection;    /* rconn's connection seqno. */
    long long int retry_at;
    enum ofswitch_state state;

    struct flow_dump dump;      /* In OFS_READING. */
    bool resync;                /* Read back again. */
    long long int resync_at;    /* But not before. */
    struct ovs_list readers;    /* "struct reader"s. */

    uint64_t seq;               /* Last one given out. */
    uint64_t acked;
    struct ovs_list batches;    /* "struct flow_batch"es in flight, in order. */
    struct latency barriers;    /* From sent to the barrier's reply. */

    struct dp_sync *dp_sync;
    uint64_t proving;           /* What it proves to be in force. */
    long long int proof_start;  /* In us. */
    struct latency proofs;      /* From the barrier's reply to the proof. */
};

struct ofswitch *
ofswitch_create(void)
{
    struct ofswitch *sw = xzalloc(sizeof *sw);

    sw->rconn = rconn_create(0, 1, DSCP_DEFAULT, 1u << OFLOW_VERSION);
    ovs_list_init(&sw->readers);
    ovs_list_init(&sw->batches);
    sw->dp_sync = dp_sync_create();
    return sw;
}

static void
end_reader(struct reader *reader, bool ok)
{
    ovs_list_remove(&reader->node);
    reader->cb(ok ? &reader->dump : NULL, reader->aux);
    flow_dump_destroy(&reader->dump);
    free(reader);
}

/* Forgets what belonged to a connection that is gone. */
static void
disconnected(struct ofswitch *sw)
{
    struct flow_batch *batch;
    struct reader *reader;

    dp_sync_cancel(sw->dp_sync);
    LIST_FOR_EACH_POP (batch, node, &sw->batches) {
        flow_batch_destroy(batch);
    }
    LIST_FOR_EACH_SAFE (reader, node, &sw->readers) {
        end_reader(reader, false);
    }
    if (sw->state == OFS_READING) {
        flow_dump_destroy(&sw->dump);
    }
    sw->state = OFS_DISCONNECTED;
    sw->resync = false;
}

void
ofswitch_destroy(struct ofswitch *sw)
{
    if (sw) {
        disconnected(sw);
        rconn_destroy(sw->rconn);
        dp_sync_destroy(sw->dp_sync);
        free(sw->bridge);
        free(sw);
    }
}

static void
connect_now(struct ofswitch *sw)
{
    char *target = xasprintf("unix:%s/%s.mgmt", ovs_rundir(), sw->bridge);

    rconn_connect(sw->rconn, target, target);
    free(target);
    sw->retry_at = time_msec() + RETRY_MS;
}

void
ofswitch_set_bridge(struct ofswitch *sw, const char *bridge)
{
    if (nullable_string_is_equal(bridge, sw->bridge)) {
        return;
    }
    free(sw->bridge);
    sw->bridge = nullable_xstrdup(bridge);
    disconnected(sw);
    if (bridge) {
        connect_now(sw);
    } else {
        rconn_disconnect(sw->rconn);
    }
}

bool
ofswitch_is_synced(const struct ofswitch *sw)
{
    return sw->state == OFS_SYNCED && !sw->resync;
}

char *
ofswitch_status(const struct ofswitch *sw)
{
    static const char *states[] = {
        [OFS_DISCONNECTED] = "disconnected",
        [OFS_UNSYNCED] = "connected, nothing compared yet",
        [OFS_READING] = "connected, reading flows back",
        [OFS_SYNCED] = "connected, in step",
    };

    if (!sw->bridge) {
        return xstrdup("no bridge");
    }
    return xasprintf("%s", sw->resync && sw->state == OFS_SYNCED
                     ? "connected, flows are to be compared again"
                     : states[sw->state]);
}

const struct latency *
ofswitch_barrier_latency(const struct ofswitch *sw)
{
    return &sw->barriers;
}

const struct latency *
ofswitch_proof_latency(const struct ofswitch *sw)
{
    return &sw->proofs;
}

const char *
ofswitch_proof_status(const struct ofswitch *sw)
{
    return dp_sync_status(sw->dp_sync);
}

uint64_t
ofswitch_acked(const struct ofswitch *sw)
{
    return sw->acked;
}

void
ofswitch_resync(struct ofswitch *sw)
{
    sw->resync = true;
    sw->resync_at = 0;
}

static void
send_msg(struct ofswitch *sw, struct ofpbuf *msg)
{
    /* Fails only when the connection is gone, which is noticed elsewhere. */
    rconn_send(sw->rconn, msg, NULL);
}

/* Sending. */

static void
send_batch(struct ofswitch *sw, struct ovs_list *changes)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);
    struct flow_batch *batch = flow_batch_create(++sw->seq, changes, &msgs);
    struct ofpbuf *msg;

    batch->sent = time_usec();
    ovs_list_push_back(&sw->batches, &batch->node);
    LIST_FOR_EACH_POP (msg, list_node, &msgs) {
        send_msg(sw, msg);
    }
}

uint64_t
ofswitch_send(struct ofswitch *sw, struct flow_table *ft)
{
    if (sw->state != OFS_SYNCED || sw->resync) {
        flow_table_clear_changes(ft);
        return sw->seq + 1;
    }
    if (ft->n_changes) {
        send_batch(sw, &ft->changes);
        flow_table_clear_changes(ft);
    }
    return sw->seq;
}

void
ofswitch_read_flows(struct ofswitch *sw, uint64_t cookie,
                    uint64_t cookie_mask, ofswitch_dump_cb *cb, void *aux)
{
    struct reader *reader;

    if (sw->state == OFS_DISCONNECTED) {
        cb(NULL, aux);
        return;
    }
    reader = xmalloc(sizeof *reader);
    reader->cb = cb;
    reader->aux = aux;
    ovs_list_push_back(&sw->readers, &reader->node);
    send_msg(sw, flow_dump_init(&reader->dump, cookie, cookie_mask));
}

/* Synchronization. */

/* One monitor for each table of ours: the table of learned flows changes all
 * the time and is nobody's business. */
static void
request_monitors(struct ofswitch *sw)
{
    for (size_t i = 0; i < pipeline_n_owned_tables; i++) {
        struct ofputil_flow_monitor_request request = {
            .id = i + 1,
            .command = OFPFMC_ADD,
            .flags = OFPFMF_ADD | OFPFMF_REMOVED | OFPFMF_MODIFY,
            .out_port = OFPP_ANY,
            .out_group = OFPG_ANY,
            .table_id = pipeline_owned_tables[i],
            .match = MATCH_CATCHALL_INITIALIZER,
        };
        struct ofpbuf *msg = ofpbuf_new(0);

        ofputil_append_flow_monitor_request(&request, msg, OFLOW_PROTOCOL);
        ofpmsg_update_length(msg);
        send_msg(sw, msg);
    }
}

static void
start_reading(struct ofswitch *sw)
{
    COVERAGE_INC(agent_flow_sync);
    sw->resync = false;
    sw->state = OFS_READING;
    send_msg(sw, flow_dump_init(&sw->dump, 0, 0));
}

/* Everything was read back: sends the difference. */
static void
finish_reading(struct ofswitch *sw, struct topology *topology)
{
    struct ovs_list changes = OVS_LIST_INITIALIZER(&changes);
    struct flow_change *change;
    size_t n;

    flow_dump_diff(&sw->dump, &topology->flows, &changes);
    n = ovs_list_size(&changes);
    VLOG_INFO("%s: %"PRIuSIZE" flows installed, %"PRIuSIZE" wanted, "
              "%"PRIuSIZE" changes", sw->bridge, hmap_count(&sw->dump.flows),
              hmap_count(&topology->flows.flows), n);
    flow_dump_destroy(&sw->dump);
    sw->state = OFS_SYNCED;
    flow_table_clear_changes(&topology->flows);
    send_batch(sw, &changes);
    LIST_FOR_EACH_POP (change, node, &changes) {
        flow_change_destroy(change);
    }
}

/* Receiving. */

static struct flow_batch *
find_batch_by_barrier(const struct ofswitch *sw, ovs_be32 xid)
{
    struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &sw->batches) {
        if (batch->barrier_xid == xid) {
            return batch;
        }
    }
    return NULL;
}

/* Whatever was refused, what is installed is not certain any more. */
static void
handle_error(struct ofswitch *sw, const struct ofp_header *oh,
             struct topology *topology)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(10, 10);
    enum ofperr error = ofperr_decode_msg(oh, NULL);
    struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &sw->batches) {
        const struct uuid *owner = flow_batch_owner(batch, oh->xid);

        if (owner) {
            COVERAGE_INC(agent_flow_refused);
            VLOG_WARN_RL(&rl, UUID_FMT": flow refused: %s", UUID_ARGS(owner),
                         ofperr_to_string(error));
            batch->failed = batch->culprit_known = true;
            topology_refused(topology, owner, ofperr_to_string(error));
            ofswitch_resync(sw);
            return;
        } else if (flow_batch_is_control(batch, oh->xid)) {
            batch->failed = true;
            if (!batch->culprit_known) {
                sw->resync = true;
                sw->resync_at = time_msec() + ERROR_BACKOFF_MS;
                VLOG_WARN_RL(&rl, "bundle refused: %s",
                             ofperr_to_string(error));
            }
            return;
        }
    }
    VLOG_WARN_RL(&rl, "error from the switch: %s", ofperr_to_string(error));
}

/* Tells whether a flow update speaks of what somebody else did. */
static void
handle_flow_update(struct ofswitch *sw, const struct ofp_header *oh)
{
    struct ofpbuf msg = ofpbuf_const_initializer(oh, ntohs(oh->length));
    struct ofputil_flow_update update;
    struct ofpbuf ofpacts;
    bool foreign = false;

    ofpbuf_init(&ofpacts, 64);
    while (!ofputil_decode_flow_update(&update, &msg, &ofpacts)) {
        foreign = (foreign || update.event == OFPFME_ADDED
                   || update.event == OFPFME_REMOVED
                   || update.event == OFPFME_MODIFIED
                   || update.event == OFPFME_RESUMED);
    }
    ofpbuf_uninit(&ofpacts);
    if (foreign && !sw->resync) {
        COVERAGE_INC(agent_flow_foreign_change);
        VLOG_INFO("%s: flows were changed by somebody else", sw->bridge);
        ofswitch_resync(sw);
    }
}

static void
handle_flow_stats(struct ofswitch *sw, const struct ofp_header *oh,
                  struct topology *topology)
{
    struct reader *reader;

    if (sw->state == OFS_READING && oh->xid == sw->dump.xid) {
        if (flow_dump_reply(&sw->dump, oh)) {
            finish_reading(sw, topology);
        }
        return;
    }
    LIST_FOR_EACH_SAFE (reader, node, &sw->readers) {
        if (reader->dump.xid == oh->xid
            && flow_dump_reply(&reader->dump, oh)) {
            end_reader(reader, true);
        }
    }
}

static void
handle_msg(struct ofswitch *sw, const struct ofpbuf *msg,
           struct topology *topology)
{
    const struct ofp_header *oh = msg->data;
    struct flow_batch *batch;
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    }
    if (type == OFPTYPE_BARRIER_REPLY) {
        batch = find_batch_by_barrier(sw, oh->xid);
        if (batch) {
            batch->barred = true;
            latency_add(&sw->barriers, time_usec() - batch->sent);
        }
    } else if (type == OFPTYPE_ECHO_REQUEST) {
        send_msg(sw, ofputil_encode_echo_reply(oh));
    } else if (type == OFPTYPE_ERROR) {
        handle_error(sw, oh, topology);
    } else if (type == OFPTYPE_FLOW_STATS_REPLY) {
        handle_flow_stats(sw, oh, topology);
    } else if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        handle_flow_update(sw, oh);
    }
}

/* Has revalidators begin a pass over what the datapath has cached. */
static void
nudge(struct ofswitch *sw)
{
    struct ovs_list flows = OVS_LIST_INITIALIZER(&flows);
    struct oflow *flow;

    pipeline_nudge_flow(&flows);
    LIST_FOR_EACH (flow, node, &flows) {
        send_msg(sw, oflow_encode_delete(flow));
    }
    oflow_list_clear(&flows);
}

/* Starts the proof that all batches up to the last one that the switch has
 * confirmed are in force. */
static void
start_proof(struct ofswitch *sw)
{
    const struct flow_batch *batch;

    LIST_FOR_EACH (batch, node, &sw->batches) {
        if (!batch->barred) {
            break;
        }
        sw->proving = batch->seq;
    }
    sw->proof_start = time_usec();
    dp_sync_start(sw->dp_sync);
}

static void
run_proof(struct ofswitch *sw)
{
    enum dp_sync_state state;
    struct flow_batch *batch;

    while ((state = dp_sync_run(sw->dp_sync)) == DP_SYNC_NUDGE) {
        nudge(sw);
    }
    if (state == DP_SYNC_DONE) {
        latency_add(&sw->proofs, time_usec() - sw->proof_start);
        LIST_FOR_EACH (batch, node, &sw->batches) {
            batch->proven = batch->seq <= sw->proving;
        }
    }
}

/* Takes finished batches off the front. */
static void
acknowledge(struct ofswitch *sw)
{
    struct flow_batch *batch;

    LIST_FOR_EACH_SAFE (batch, node, &sw->batches) {
        if (!batch->barred) {
            break;
        } else if (batch->failed) {
            /* What it was for is acknowledged with the next comparison. */
        } else if (batch->closing && !batch->proven) {
            break;
        } else {
            sw->acked = batch->seq;
        }
        ovs_list_remove(&batch->node);
        flow_batch_destroy(batch);
    }
    if (!ovs_list_is_empty(&sw->batches)) {
        batch = CONTAINER_OF(ovs_list_front(&sw->batches), struct flow_batch,
                             node);
        if (batch->barred && dp_sync_is_idle(sw->dp_sync)) {
            start_proof(sw);
            run_proof(sw);
        }
    }
}

static void
run_connection(struct ofswitch *sw)
{
    rconn_run(sw->rconn);
    if (sw->state != OFS_DISCONNECTED
        && (!rconn_is_connected(sw->rconn)
            || rconn_get_connection_seqno(sw->rconn) != sw->connection)) {
        VLOG_INFO("%s: OpenFlow connection lost", sw->bridge);
        disconnected(sw);
    }
    if (!rconn_is_connected(sw->rconn)) {
        /* In back-off, or between two attempts: do not be patient. */
        if (time_msec() >= sw->retry_at
            && !strcmp(rconn_get_state(sw->rconn), "BACKOFF")) {
            connect_now(sw);
        }
    } else if (sw->state == OFS_DISCONNECTED) {
        sw->state = OFS_UNSYNCED;
        sw->connection = rconn_get_connection_seqno(sw->rconn);
        request_monitors(sw);
    }
}

void
ofswitch_run(struct ofswitch *sw, struct topology *topology)
{
    struct ofpbuf *msg;

    if (!sw->bridge) {
        return;
    }
    run_connection(sw);
    while (sw->state != OFS_DISCONNECTED && (msg = rconn_recv(sw->rconn))) {
        handle_msg(sw, msg, topology);
        ofpbuf_delete(msg);
    }
    run_proof(sw);
    acknowledge(sw);

    if (topology->ready
        && (sw->state == OFS_UNSYNCED
            || (sw->state == OFS_SYNCED && sw->resync
                && time_msec() >= sw->resync_at))) {
        start_reading(sw);
    }
}

void
ofswitch_wait(struct ofswitch *sw)
{
    if (!sw->bridge) {
        return;
    }
    rconn_run_wait(sw->rconn);
    rconn_recv_wait(sw->rconn);
    dp_sync_wait(sw->dp_sync);
    if (!rconn_is_connected(sw->rconn)) {
        poll_timer_wait_until(sw->retry_at);
    }
    if (sw->resync && sw->state == OFS_SYNCED) {
        poll_timer_wait_until(sw->resync_at);
    }
}
