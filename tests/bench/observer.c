/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See observer.h.  Owns one OpenFlow connection.  toggle.c and watch.c build
 * on it; errors end the program. */

#include <config.h>

#include "observer.h"

#include <errno.h>
#include <time.h>

#include "byte-order.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-monitor.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofp-protocol.h"
#include "openvswitch/ofp-util.h"
#include "openvswitch/ofpbuf.h"
#include "openvswitch/vconn.h"
#include "util.h"

/* The connection is local: longer than this it is not there. */
#define CONNECT_TIMEOUT_MSEC 5000

struct observer {
    struct vconn *vconn;
    char *bridge;
    uint64_t cookie;            /* 0: any. */
};

static void
observer_start_monitor(struct observer *observer)
{
    struct ofputil_flow_monitor_request request = {
        .id = 1,
        .command = OFPFMC_ADD,
        .flags = OFPFMF_ADD | OFPFMF_REMOVED | OFPFMF_MODIFY,
        .out_port = OFPP_NONE,
        .out_group = OFPG_ANY,
        .table_id = 0xff,
        .match = MATCH_CATCHALL_INITIALIZER,
    };
    struct ofpbuf *msg = ofpbuf_new(0);
    struct ofpbuf *reply;
    enum ofptype type;
    int error;

    ofputil_append_flow_monitor_request(&request, msg, OFPUTIL_P_OF15_OXM);
    ofpmsg_update_length(msg);
    error = vconn_transact(observer->vconn, msg, &reply);
    if (error) {
        ovs_fatal(error, "%s: no flow monitor", observer->bridge);
    }
    if (ofptype_decode(&type, reply->data)
        || type != OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        ovs_fatal(0, "%s: flow monitor refused", observer->bridge);
    }
    ofpbuf_delete(reply);
}

struct observer *
observer_open(const char *bridge)
{
    struct observer *observer = xzalloc(sizeof *observer);
    int error;

    observer->bridge = xstrdup(bridge);
    error = vconn_open_block(bridge, 1u << OFP15_VERSION, 0,
                             CONNECT_TIMEOUT_MSEC, &observer->vconn);
    if (error) {
        ovs_fatal(error, "%s: cannot connect", bridge);
    }
    observer_start_monitor(observer);
    return observer;
}

void
observer_close(struct observer *observer)
{
    if (observer) {
        vconn_close(observer->vconn);
        free(observer->bridge);
        free(observer);
    }
}

void
observer_set_cookie(struct observer *observer, uint64_t cookie)
{
    observer->cookie = cookie;
}

/* Counts the updates in 'msg', which is consumed. */
static int
count_changes(const struct observer *observer, struct ofpbuf *msg)
{
    struct ofpbuf ofpacts;
    int n = 0;

    ofpbuf_init(&ofpacts, 0);
    for (;;) {
        struct ofputil_flow_update update;
        int error = ofputil_decode_flow_update(&update, msg, &ofpacts);

        if (error == EOF) {
            break;
        } else if (error) {
            ovs_fatal(0, "%s: %s", observer->bridge, ofperr_to_string(error));
        }
        n += (!observer->cookie
              || observer->cookie == ntohll(update.cookie));
    }
    ofpbuf_uninit(&ofpacts);
    return n;
}

bool
observer_run(struct observer *observer, struct observation *seen)
{
    struct ofpbuf *msg;
    enum ofptype type;
    int error = vconn_recv(observer->vconn, &msg);

    seen->n_changes = 0;
    vconn_run(observer->vconn);
    if (error == EAGAIN) {
        return false;
    } else if (error) {
        ovs_fatal(error, "%s: connection lost", observer->bridge);
    }

    seen->when = bench_now();
    if (ofptype_decode(&type, msg->data)) {
        ovs_fatal(0, "%s: message not understood", observer->bridge);
    }
    if (type == OFPTYPE_FLOW_MONITOR_STATS_REPLY) {
        seen->n_changes = count_changes(observer, msg);
    } else if (type == OFPTYPE_ECHO_REQUEST) {
        vconn_send_block(observer->vconn,
                         ofputil_encode_echo_reply(msg->data));
    }
    ofpbuf_delete(msg);
    return seen->n_changes > 0;
}

void
observer_wait(struct observer *observer)
{
    vconn_run_wait(observer->vconn);
    vconn_recv_wait(observer->vconn);
}

long long int
bench_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}
