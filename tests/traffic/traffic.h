/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TESTS_TRAFFIC_H
#define TESTS_TRAFFIC_H 1

/* sluice-traffic: a sender and a receiver of packets that can be accounted
 * for one by one.  Both are run inside the network namespaces of virtual
 * machines and speak raw Ethernet, so that no kernel in between answers,
 * retries or drops on its own judgement.
 *
 * Both print "ready" when they have begun, one line of JSON when they receive
 * SIGUSR1, and a last such line when they end, by themselves or on SIGTERM or
 * SIGINT.  Errors that make the figures worthless end the program. */

#include <stdint.h>
#include <openvswitch/types.h>
#include "packets.h"

struct json;

#define TRAFFIC_MAGIC 0x51c3f10a

/* What each packet carries as its UDP payload. */
struct traffic_stamp {
    ovs_16aligned_be32 magic;   /* TRAFFIC_MAGIC. */
    ovs_16aligned_be32 stream;  /* Tells concurrent runs apart. */
    ovs_16aligned_be32 seq;     /* 0 for the first packet. */
    ovs_16aligned_be32 sent_hi; /* CLOCK_MONOTONIC in ns when it was sent, */
    ovs_16aligned_be32 sent_lo; /* upper and lower half. */
};

struct traffic_frame {
    struct eth_header eth;
    struct ip_header ip;
    struct udp_header udp;
    struct traffic_stamp stamp;
};
BUILD_ASSERT_DECL(sizeof(struct traffic_frame)
                  == ETH_HEADER_LEN + IP_HEADER_LEN + UDP_HEADER_LEN + 20);

/* What a sender with several flows varies from packet to packet. */
enum traffic_vary {
    VARY_NONE,
    VARY_L4,                    /* UDP ports. */
    VARY_SRC_MAC,
    VARY_DST_MAC,
};

struct traffic_options {
    const char *dev;
    uint32_t stream;

    /* Sender only. */
    struct eth_addr src_mac, dst_mac;
    ovs_be32 src_ip, dst_ip;
    uint32_t pps;               /* 0: as fast as it goes. */
    uint64_t count;             /* 0: until told to stop. */
    uint64_t duration_ns;       /* 0: until told to stop. */
    enum traffic_vary vary;
    uint32_t flows;             /* Distinct flows, at least 1. */

    /* Receiver only: when told to stop, it goes on until no packet has come
     * for so long. */
    int quiet_ms;
};

int traffic_send(const struct traffic_options *);
int traffic_recv(const struct traffic_options *);

/* Services for both, in traffic.c. */
int traffic_open_socket(const char *dev, uint16_t protocol);
int traffic_open_signals(void);
int traffic_next_signal(int signal_fd);
void traffic_ready(void);
void traffic_print(struct json *report);
int64_t traffic_now_ns(int clock_id);

#endif /* tests/traffic/traffic.h */
