/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See ofswitch.h. */

#include <config.h>

#include "ofswitch.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "coverage.h"
#include "dirs.h"
#include "dp-sync.h"
#include "flow-batch.h"
#include "flow-dump.h"
#include "flow-inflight.h"
#include "flow-table.h"
#include "latency.h"
#include "oflow.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-packet.h"
#include "openvswitch/ofp-print.h"
#include "openvswitch/ofp-switch.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/token-bucket.h"
#include "openvswitch/rconn.h"
#include "openvswitch/vlog.h"
#include "pipeline.h"
#include "socket-util.h"
#include "timeval.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

VLOG_DEFINE_THIS_MODULE(ofswitch);

COVERAGE_DEFINE(agent_flood_cut);
COVERAGE_DEFINE(agent_flood_resumed);
COVERAGE_DEFINE(agent_flow_foreign_change);
COVERAGE_DEFINE(agent_flow_refused);
COVERAGE_DEFINE(agent_flow_sync);

/* How often, in ms, it is looked whether vswitchd listens: connecting to a
 * socket of this machine costs nothing, and until a restarted vswitchd has its
 * flows, its ports are dead. */
#define LISTEN_MS 20

/* How long, in ms, a connection that somebody listened to may take, before
 * another is tried. */
#define CONNECT_MS 1000

/* The least time, in ms, between two readings of all flows: somebody who goes
 * on changing them must not keep us, and vswitchd, busy. */
#define RESYNC_MS 50

/* How long after an error that names no flow the switch is read again, in
 * ms: without a culprit, the next attempt may fail the same way. */
#define ERROR_BACKOFF_MS 1000

/* So many messages of the switch are taken before everything else has its
 * turn: a VM whose floods keep coming back to be resumed, each perhaps at
 * once, must not keep us from hearing that its port is to be shut. */
#define MAX_MESSAGES 100

/* Floods are resumed so many times a second, and after a rest so many times at
 * once: ovs-vswitchd does it in the thread that changes flows.  A flood beyond
 * that reaches those before its next pause alone. */
#define RESUMES_PER_S 500

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

    struct token_bucket resumes; /* 1,000 tokens for each. */
    struct flow_inflight inflight;
};

struct ofswitch *
ofswitch_create(void)
{
    struct ofswitch *sw = xzalloc(sizeof *sw);

    sw->rconn = rconn_create(0, 1, DSCP_DEFAULT, 1u << OFLOW_VERSION);
    ovs_list_init(&sw->readers);
    token_bucket_init(&sw->resumes, RESUMES_PER_S, RESUMES_PER_S * 1000);
    flow_inflight_init(&sw->inflight);
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
    struct reader *reader;

    flow_inflight_clear(&sw->inflight);
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
        flow_inflight_destroy(&sw->inflight);
        free(sw->bridge);
        free(sw);
    }
}

/* Connects if vswitchd listens.  rconn would tell the log of each attempt. */
static void
try_to_connect(struct ofswitch *sw)
{
    char *path = xasprintf("%s/%s.mgmt", ovs_rundir(), sw->bridge);
    int fd = make_unix_socket(SOCK_STREAM, true, NULL, path);

    if (fd < 0) {
        sw->retry_at = time_msec() + LISTEN_MS;
    } else {
        char *target = xasprintf("unix:%s", path);

        close(fd);
        rconn_connect(sw->rconn, target, target);
        sw->retry_at = time_msec() + CONNECT_MS;
        free(target);
    }
    free(path);
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
    rconn_disconnect(sw->rconn);
    sw->retry_at = 0;
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
    return &sw->inflight.barriers;
}

const struct latency *
ofswitch_proof_latency(const struct ofswitch *sw)
{
    return &sw->inflight.proofs;
}

const char *
ofswitch_proof_status(const struct ofswitch *sw)
{
    return dp_sync_status(sw->inflight.dp_sync);
}

uint64_t
ofswitch_acked(const struct ofswitch *sw)
{
    return sw->inflight.acked;
}

void
ofswitch_resync(struct ofswitch *sw)
{
    sw->resync = true;
}

static void
send_msg(struct ofswitch *sw, struct ofpbuf *msg)
{
    /* Fails only when the connection is gone, which is noticed elsewhere. */
    rconn_send(sw->rconn, msg, NULL);
}

/* Sending. */

static void
send_msgs(struct ofswitch *sw, struct ovs_list *msgs)
{
    struct ofpbuf *msg;

    LIST_FOR_EACH_POP (msg, list_node, msgs) {
        send_msg(sw, msg);
    }
}

static void
send_changes(struct ofswitch *sw, const struct ovs_list *changes, bool prove)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);

    flow_inflight_add(&sw->inflight, changes, prove, &msgs);
    send_msgs(sw, &msgs);
}

uint64_t
ofswitch_send(struct ofswitch *sw, struct flow_table *ft)
{
    if (sw->state != OFS_SYNCED || sw->resync) {
        flow_table_clear_changes(ft);
        return sw->inflight.seq + 1;
    }
    if (ft->n_changes) {
        send_changes(sw, &ft->changes, false);
        flow_table_clear_changes(ft);
    }
    return sw->inflight.seq;
}

/* Returns a reader whose request is to be sent; or answers, and returns NULL,
 * if there is no connection. */
static struct reader *
add_reader(struct ofswitch *sw, ofswitch_dump_cb *cb, void *aux)
{
    struct reader *reader;

    if (sw->state == OFS_DISCONNECTED) {
        cb(NULL, aux);
        return NULL;
    }
    reader = xmalloc(sizeof *reader);
    reader->cb = cb;
    reader->aux = aux;
    ovs_list_push_back(&sw->readers, &reader->node);
    return reader;
}

void
ofswitch_read_flows(struct ofswitch *sw, uint64_t cookie,
                    uint64_t cookie_mask, ofswitch_dump_cb *cb, void *aux)
{
    struct reader *reader = add_reader(sw, cb, aux);

    if (reader) {
        send_msg(sw, flow_dump_init(&reader->dump, cookie, cookie_mask));
    }
}

void
ofswitch_read_table(struct ofswitch *sw, uint8_t table, ofswitch_dump_cb *cb,
                    void *aux)
{
    struct reader *reader = add_reader(sw, cb, aux);

    if (reader) {
        send_msg(sw, flow_dump_init_table(&reader->dump, table));
    }
}

void
ofswitch_inject(struct ofswitch *sw, ofp_port_t ofport, const void *frame,
                size_t len)
{
    struct ofputil_packet_out po = {
        .packet = frame,
        .packet_len = len,
        .buffer_id = UINT32_MAX,
    };
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);

    if (sw->state != OFS_DISCONNECTED) {
        ofpact_put_OUTPUT(&actions)->port = OFPP_TABLE;
        po.ofpacts = actions.data;
        po.ofpacts_len = actions.size;
        match_init_catchall(&po.flow_metadata);
        match_set_in_port(&po.flow_metadata, ofport);
        send_msg(sw, ofputil_encode_packet_out(&po, OFLOW_PROTOCOL));
    }
    ofpbuf_uninit(&actions);
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

/* To a management connection a switch sends packets only if it is told how
 * much of each. */
static void
request_packets(struct ofswitch *sw)
{
    const struct ofputil_switch_config config = {
        .frag = OFPUTIL_FRAG_NORMAL,
        .miss_send_len = UINT16_MAX,
    };

    send_msg(sw, ofputil_encode_set_config(&config, OFLOW_VERSION));
    send_msg(sw, ofputil_encode_set_packet_in_format(
                 OFLOW_VERSION, OFPUTIL_PACKET_IN_NXT2));
}

static void
start_reading(struct ofswitch *sw)
{
    COVERAGE_INC(agent_flow_sync);
    sw->resync = false;
    sw->resync_at = time_msec() + RESYNC_MS;
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
    send_changes(sw, &changes, true);
    LIST_FOR_EACH_POP (change, node, &changes) {
        flow_change_destroy(change);
    }
}

/* Receiving. */

/* If a request for flows failed, its replies will not come. */
static void
handle_read_error(struct ofswitch *sw, ovs_be32 xid)
{
    struct reader *reader;

    if (sw->state == OFS_READING && sw->dump.xid == xid) {
        flow_dump_destroy(&sw->dump);
        sw->state = OFS_UNSYNCED;
        sw->resync_at = time_msec() + ERROR_BACKOFF_MS;
    }
    LIST_FOR_EACH_SAFE (reader, node, &sw->readers) {
        if (reader->dump.xid == xid) {
            end_reader(reader, false);
        }
    }
}

/* Whatever was refused, what is installed is not certain any more. */
static void
handle_error(struct ofswitch *sw, const struct ofp_header *oh,
             struct topology *topology)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(10, 10);
    struct flow_batch *batch = flow_inflight_find(&sw->inflight, oh->xid);
    const char *reason = ofperr_to_string(ofperr_decode_msg(oh, NULL));
    const struct uuid *owner;

    if (!batch) {
        VLOG_WARN_RL(&rl, "error from the switch: %s", reason);
        handle_read_error(sw, oh->xid);
        return;
    }
    flow_inflight_refused(&sw->inflight, batch);
    owner = flow_batch_owner(batch, oh->xid);
    if (owner) {
        COVERAGE_INC(agent_flow_refused);
        VLOG_WARN_RL(&rl, UUID_FMT": flow refused: %s", UUID_ARGS(owner),
                     reason);
        batch->culprit_known = true;
        ofswitch_resync(sw);
        if (!topology_refused(topology, owner, reason)) {
            /* Nobody's, so it will be wanted again. */
            sw->resync_at = time_msec() + ERROR_BACKOFF_MS;
        }
    } else if (!batch->culprit_known) {
        VLOG_WARN_RL(&rl, "bundle refused: %s", reason);
        sw->resync = true;
        sw->resync_at = time_msec() + ERROR_BACKOFF_MS;
    }
}

/* A flood that was interrupted (see PIPELINE_FLOOD_WHOLE) goes on. */
static void
handle_packet_in(struct ofswitch *sw, const struct ofp_header *oh)
{
    struct ofputil_packet_in pin;
    struct ofpbuf continuation;

    if (!ofputil_decode_packet_in(oh, true, NULL, NULL, &pin, NULL, NULL,
                                  &continuation)
        && continuation.size) {
        if (!token_bucket_withdraw(&sw->resumes, 1000)) {
            COVERAGE_INC(agent_flood_cut);
            return;
        }
        COVERAGE_INC(agent_flood_resumed);
        send_msg(sw, ofputil_encode_resume(&pin, &continuation,
                                           OFLOW_PROTOCOL));
    }
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
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(10, 10);

        COVERAGE_INC(agent_flow_foreign_change);
        VLOG_INFO_RL(&rl, "%s: flows were changed by somebody else",
                     sw->bridge);
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
    enum ofptype type;

    if (ofptype_decode(&type, oh)) {
        return;
    }
    if (type == OFPTYPE_BARRIER_REPLY) {
        flow_inflight_barrier(&sw->inflight, oh->xid);
    } else if (type == OFPTYPE_ECHO_REQUEST) {
        send_msg(sw, ofputil_encode_echo_reply(oh));
    } else if (type == OFPTYPE_ERROR) {
        handle_error(sw, oh, topology);
    } else if (type == OFPTYPE_FLOW_STATS_REPLY) {
        handle_flow_stats(sw, oh, topology);
    } else if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        handle_flow_update(sw, oh);
    } else if (type == OFPTYPE_PACKET_IN) {
        handle_packet_in(sw, oh);
    }
}

/* True between two attempts to connect, false during one. */
static bool
is_resting(const struct ofswitch *sw)
{
    const char *state = rconn_get_state(sw->rconn);

    return !strcmp(state, "BACKOFF") || !strcmp(state, "VOID");
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
        sw->retry_at = 0;
    }
    if (!rconn_is_connected(sw->rconn)) {
        /* In back-off, or between two attempts: do not be patient. */
        if (time_msec() >= sw->retry_at && is_resting(sw)) {
            try_to_connect(sw);
        }
    } else if (sw->state == OFS_DISCONNECTED) {
        sw->state = OFS_UNSYNCED;
        sw->resync_at = 0;
        sw->connection = rconn_get_connection_seqno(sw->rconn);
        request_monitors(sw);
        request_packets(sw);
    }
}

static bool
needs_reading(const struct ofswitch *sw)
{
    return (sw->state == OFS_UNSYNCED
            || (sw->state == OFS_SYNCED && sw->resync));
}

void
ofswitch_run(struct ofswitch *sw, struct topology *topology)
{
    struct ovs_list msgs = OVS_LIST_INITIALIZER(&msgs);
    struct ofpbuf *msg;

    if (!sw->bridge) {
        return;
    }
    run_connection(sw);
    for (int i = 0; i < MAX_MESSAGES && sw->state != OFS_DISCONNECTED
                    && (msg = rconn_recv(sw->rconn)) != NULL; i++) {
        handle_msg(sw, msg, topology);
        ofpbuf_delete(msg);
    }
    flow_inflight_run(&sw->inflight, &msgs);
    send_msgs(sw, &msgs);

    if (topology->ready && needs_reading(sw)
        && time_msec() >= sw->resync_at) {
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
    flow_inflight_wait(&sw->inflight);
    if (is_resting(sw)) {
        poll_timer_wait_until(sw->retry_at);
    }
    if (needs_reading(sw) && time_msec() < sw->resync_at) {
        poll_timer_wait_until(sw->resync_at);
    }
}
