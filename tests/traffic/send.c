/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The sender: numbered packets at an even pace.  A sender that was not
 * scheduled for a while catches up, so that the number sent is what pace and
 * time say. */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>

#include "csum.h"
#include "openvswitch/json.h"
#include "traffic.h"
#include "util.h"

/* UDP ports: the first of both; with VARY_L4 both count up from it. */
#define FIRST_PORT 10000
#define N_PORTS 50000

/* A sender that is late looks for signals once in so many packets. */
#define SIGNAL_INTERVAL 64

struct sender {
    const struct traffic_options *o;
    int fd, signal_fd;
    int64_t start_ns;
    uint64_t seq;               /* The next packet's, so: how many so far. */
    struct traffic_frame frame;
};

static bool sender_run(struct sender *);
static bool sender_expired(const struct sender *, int64_t now_ns);
static bool sender_wait(struct sender *, int64_t ns);
static void sender_send(struct sender *);
static void compose_frame(struct traffic_frame *,
                          const struct traffic_options *);
static void vary_frame(struct traffic_frame *, const struct traffic_options *,
                       uint32_t flow);
static struct json *sender_report(const struct sender *);

int
traffic_send(const struct traffic_options *o)
{
    struct sender s = {
        .o = o,
        .fd = traffic_open_socket(o->dev, 0),
        .signal_fd = traffic_open_signals(),
    };

    compose_frame(&s.frame, o);
    traffic_ready();
    s.start_ns = traffic_now_ns(CLOCK_MONOTONIC);
    while (sender_run(&s)) {
        continue;
    }
    traffic_print(sender_report(&s));
    close(s.signal_fd);
    close(s.fd);
    return 0;
}

/* Waits for the next packet's time and sends it.  Returns false at the end. */
static bool
sender_run(struct sender *s)
{
    int64_t now = traffic_now_ns(CLOCK_MONOTONIC);
    int64_t due = s->start_ns;

    if (sender_expired(s, now)) {
        return false;
    }
    if (s->o->pps) {
        due += s->seq * INT64_C(1000000000) / s->o->pps;
    }
    if ((due > now || s->seq % SIGNAL_INTERVAL == 0)
        && !sender_wait(s, MAX(due - now, 0))) {
        return false;
    }
    if (traffic_now_ns(CLOCK_MONOTONIC) >= due) {
        sender_send(s);
    }
    return true;
}

static bool
sender_expired(const struct sender *s, int64_t now_ns)
{
    const struct traffic_options *o = s->o;

    return ((o->count && s->seq >= o->count)
            || (o->duration_ns
                && now_ns - s->start_ns >= (int64_t) o->duration_ns));
}

/* Waits for 'ns' or a signal.  Returns false if told to stop. */
static bool
sender_wait(struct sender *s, int64_t ns)
{
    struct timespec ts = { ns / 1000000000, ns % 1000000000 };
    struct pollfd pfd = { .fd = s->signal_fd, .events = POLLIN };

    if (ppoll(&pfd, 1, &ts, NULL) < 0 && errno != EINTR) {
        ovs_fatal(errno, "poll");
    }
    int signum = traffic_next_signal(s->signal_fd);
    if (signum == SIGUSR1) {
        traffic_print(sender_report(s));
    }
    return !signum || signum == SIGUSR1;
}

static void
sender_send(struct sender *s)
{
    struct traffic_frame *frame = &s->frame;

    vary_frame(frame, s->o, s->seq % s->o->flows);
    put_16aligned_be32(&frame->stamp.seq, htonl(s->seq));
    uint64_t now = traffic_now_ns(CLOCK_MONOTONIC);
    put_16aligned_be32(&frame->stamp.sent_hi, htonl(now >> 32));
    put_16aligned_be32(&frame->stamp.sent_lo, htonl(now));

    for (;;) {
        if (send(s->fd, frame, sizeof *frame, 0) == sizeof *frame) {
            s->seq++;
            return;
        } else if (errno != EINTR && errno != ENOBUFS) {
            ovs_fatal(errno, "%s: cannot send", s->o->dev);
        }
    }
}

/* The UDP checksum is left out, as IPv4 allows: switches do not look. */
static void
compose_frame(struct traffic_frame *frame, const struct traffic_options *o)
{
    size_t udp_len = sizeof frame->udp + sizeof frame->stamp;

    memset(frame, 0, sizeof *frame);
    frame->eth.eth_src = o->src_mac;
    frame->eth.eth_dst = o->dst_mac;
    frame->eth.eth_type = htons(ETH_TYPE_IP);

    frame->ip.ip_ihl_ver = IP_IHL_VER(5, 4);
    frame->ip.ip_tot_len = htons(sizeof frame->ip + udp_len);
    frame->ip.ip_ttl = 64;
    frame->ip.ip_proto = IPPROTO_UDP;
    put_16aligned_be32(&frame->ip.ip_src, o->src_ip);
    put_16aligned_be32(&frame->ip.ip_dst, o->dst_ip);
    frame->ip.ip_csum = csum(&frame->ip, sizeof frame->ip);

    frame->udp.udp_len = htons(udp_len);
    put_16aligned_be32(&frame->stamp.magic, htonl(TRAFFIC_MAGIC));
    put_16aligned_be32(&frame->stamp.stream, htonl(o->stream));
    vary_frame(frame, o, 0);
}

static void
vary_frame(struct traffic_frame *frame, const struct traffic_options *o,
           uint32_t flow)
{
    frame->udp.udp_src = htons(FIRST_PORT);
    frame->udp.udp_dst = htons(FIRST_PORT);

    switch (o->vary) {
    case VARY_NONE:
        break;
    case VARY_L4:
        frame->udp.udp_src = htons(FIRST_PORT + flow % N_PORTS);
        frame->udp.udp_dst = htons(FIRST_PORT + flow / N_PORTS % N_PORTS);
        break;
    case VARY_SRC_MAC:
        eth_addr_from_uint64(eth_addr_to_uint64(o->src_mac) + flow,
                             &frame->eth.eth_src);
        break;
    case VARY_DST_MAC:
        eth_addr_from_uint64(eth_addr_to_uint64(o->dst_mac) + flow,
                             &frame->eth.eth_dst);
        break;
    }
}

static struct json *
sender_report(const struct sender *s)
{
    struct json *report = json_object_create();

    json_object_put(report, "sent", json_integer_create(s->seq));
    return report;
}
