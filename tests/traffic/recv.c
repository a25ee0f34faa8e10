/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The receiver: counts the packets of its stream.  Times are the kernel's,
 * taken as the packet came in, so that a receiver which was not scheduled for
 * a while does not distort them. */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <linux/if_packet.h>

#include "openvswitch/json.h"
#include "tally.h"
#include "traffic.h"
#include "util.h"

/* Room for half a minute of 1,000 packets/s: the receiver is never the one
 * that loses packets. */
#define RECEIVE_BUFFER (32 * 1024 * 1024)

struct receiver {
    int fd;
    uint32_t stream;
    struct tally tally;
    int64_t last_realtime_ns;
    int64_t longest_delay_ns;   /* From being sent to arriving. */
    uint64_t dropped;           /* By the kernel, before this program. */
};

static int receiver_open(const struct traffic_options *);
static void receiver_loop(struct receiver *, int signal_fd, int quiet_ms);
static void receiver_drain(struct receiver *);
static void receiver_take(struct receiver *, const struct traffic_frame *,
                          const struct msghdr *);
static struct json *receiver_report(struct receiver *);
static int64_t packet_realtime_ns(const struct msghdr *);
static int64_t stamp_sent_ns(const struct traffic_stamp *);

int
traffic_recv(const struct traffic_options *o)
{
    struct receiver r = { .fd = receiver_open(o), .stream = o->stream };
    int signal_fd = traffic_open_signals();

    tally_init(&r.tally);
    traffic_ready();
    receiver_loop(&r, signal_fd, o->quiet_ms);
    traffic_print(receiver_report(&r));
    tally_destroy(&r.tally);
    close(signal_fd);
    close(r.fd);
    return 0;
}

static int
receiver_open(const struct traffic_options *o)
{
    int fd = traffic_open_socket(o->dev, ETH_TYPE_IP);
    int size = RECEIVE_BUFFER;
    int on = 1;

    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)
        || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on)) {
        ovs_fatal(errno, "%s: cannot set socket options", o->dev);
    }
    return fd;
}

/* Returns when told to stop and nothing has come for 'quiet_ms'. */
static void
receiver_loop(struct receiver *r, int signal_fd, int quiet_ms)
{
    bool stopping = false;

    for (;;) {
        struct pollfd pfds[2] = {
            { .fd = r->fd, .events = POLLIN },
            { .fd = signal_fd, .events = POLLIN },
        };
        int n = poll(pfds, 2, stopping ? quiet_ms : -1);
        if (n < 0 && errno != EINTR) {
            ovs_fatal(errno, "poll");
        } else if (!n) {
            return;
        }

        receiver_drain(r);
        int signum = traffic_next_signal(signal_fd);
        if (signum == SIGUSR1) {
            traffic_print(receiver_report(r));
        } else if (signum) {
            stopping = true;
        }
    }
}

static void
receiver_drain(struct receiver *r)
{
    for (;;) {
        struct traffic_frame frame;
        struct iovec iov = { &frame, sizeof frame };
        struct sockaddr_ll from;
        char control[CMSG_SPACE(sizeof(struct timespec))];
        struct msghdr msg = {
            .msg_name = &from, .msg_namelen = sizeof from,
            .msg_iov = &iov, .msg_iovlen = 1,
            .msg_control = control, .msg_controllen = sizeof control,
        };
        ssize_t n = recvmsg(r->fd, &msg, MSG_DONTWAIT);

        if (n < 0) {
            if (errno == EINTR) {
                continue;
            } else if (errno == EAGAIN) {
                return;
            }
            ovs_fatal(errno, "cannot receive");
        }
        if (n == sizeof frame && from.sll_pkttype != PACKET_OUTGOING) {
            receiver_take(r, &frame, &msg);
        }
    }
}

static void
receiver_take(struct receiver *r, const struct traffic_frame *frame,
              const struct msghdr *msg)
{
    const struct traffic_stamp *stamp = &frame->stamp;

    if (get_16aligned_be32(&stamp->magic) == htonl(TRAFFIC_MAGIC)
        && get_16aligned_be32(&stamp->stream) == htonl(r->stream)) {
        int64_t realtime = packet_realtime_ns(msg);
        int64_t age = traffic_now_ns(CLOCK_REALTIME) - realtime;

        int64_t arrival = traffic_now_ns(CLOCK_MONOTONIC) - age;

        tally_add(&r->tally, ntohl(get_16aligned_be32(&stamp->seq)), arrival);
        r->last_realtime_ns = realtime;
        r->longest_delay_ns = MAX(r->longest_delay_ns,
                                  arrival - stamp_sent_ns(stamp));
    }
}

static int64_t
packet_realtime_ns(const struct msghdr *msg)
{
    const struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);

    if (!cmsg || cmsg->cmsg_level != SOL_SOCKET
        || cmsg->cmsg_type != SCM_TIMESTAMPNS) {
        ovs_fatal(0, "the kernel gave a packet no time");
    }

    struct timespec ts;
    memcpy(&ts, CMSG_DATA(cmsg), sizeof ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static int64_t
stamp_sent_ns(const struct traffic_stamp *stamp)
{
    uint64_t hi = ntohl(get_16aligned_be32(&stamp->sent_hi));

    return (hi << 32) | ntohl(get_16aligned_be32(&stamp->sent_lo));
}

static struct json *
receiver_report(struct receiver *r)
{
    struct tpacket_stats stats;
    socklen_t size = sizeof stats;

    if (getsockopt(r->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size)) {
        ovs_fatal(errno, "cannot read packet statistics");
    }
    r->dropped += stats.tp_drops; /* Reading resets it. */

    const struct tally *t = &r->tally;
    const struct {
        const char *name;
        int64_t value;
    } members[] = {
        { "received", t->received },
        { "lost", tally_lost(t) },
        { "duplicated", t->duplicated },
        { "first_seq", t->first_seq },
        { "last_seq", t->last_seq },
        { "first_monotonic_ns", t->first_ns },
        { "last_monotonic_ns", t->last_ns },
        { "last_realtime_ns", r->last_realtime_ns },
        { "longest_gap_ns", t->longest_gap_ns },
        { "longest_delay_ns", r->longest_delay_ns },
        { "dropped_by_receiver", r->dropped },
    };
    struct json *report = json_object_create();
    for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
        json_object_put(report, members[i].name,
                        json_integer_create(members[i].value));
    }
    return report;
}
