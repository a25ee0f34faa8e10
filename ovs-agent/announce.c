/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See announce.h. */

#include <config.h>

#include "announce.h"

#include <stdlib.h>

#include "coverage.h"
#include "dp-packet.h"
#include "encap.h"
#include "ofswitch.h"
#include "openvswitch/poll-loop.h"
#include "packets.h"
#include "timeval.h"
#include "topology.h"
#include "util.h"
#include "uuid.h"

COVERAGE_DEFINE(agent_announced);

struct announcement {
    struct ovs_list node;       /* In announcer's 'pending'. */
    struct uuid port;
    int rounds_left;
    int round;                  /* How often it was sent. */
    long long int due;          /* In ms of time_msec(). */
};

void
announcer_init(struct announcer *announcer)
{
    ovs_list_init(&announcer->pending);
}

void
announcer_destroy(struct announcer *announcer)
{
    struct announcement *announcement;

    LIST_FOR_EACH_POP (announcement, node, &announcer->pending) {
        free(announcement);
    }
}

/* How often 'port' is to be announced. */
static int
count_rounds(const struct lport *port)
{
    const char *network_type = port->net->intent.network_type;
    enum encap_type type;

    return (!network_type ? 0
            : !encap_type_from_name(network_type, &type) ? ANNOUNCE_ROUNDS
            : port->arrival == ARRIVAL_MOVED ? 1
            : 0);
}

static struct announcement *
find(struct announcer *announcer, const struct uuid *port)
{
    struct announcement *announcement;

    LIST_FOR_EACH (announcement, node, &announcer->pending) {
        if (uuid_equals(&announcement->port, port)) {
            return announcement;
        }
    }
    return NULL;
}

/* Begins anew for a port that is being announced already. */
static void
start(struct announcer *announcer, const struct lport *port)
{
    struct announcement *announcement = find(announcer, &port->obj.uuid);

    if (!announcement) {
        announcement = xzalloc(sizeof *announcement);
        announcement->port = port->obj.uuid;
        ovs_list_push_back(&announcer->pending, &announcement->node);
    }
    announcement->rounds_left = count_rounds(port);
    announcement->round = 0;
    announcement->due = time_msec();
}

/* Returns whether 'port' is still here, and has somebody to tell. */
static bool
announce(const struct lport *port, struct ofswitch *ofswitch)
{
    struct dp_packet packet;
    struct eth_addr mac;

    if (!port || !port->wired
        || !eth_addr_from_string(port->intent.mac_address, &mac)) {
        return false;
    }
    dp_packet_init(&packet, 0);
    compose_rarp(&packet, mac);
    COVERAGE_INC(agent_announced);
    ofswitch_inject(ofswitch, port->wired_ofport, dp_packet_data(&packet),
                    dp_packet_size(&packet));
    dp_packet_uninit(&packet);
    return true;
}

void
announcer_run(struct announcer *announcer, struct topology *topology,
              struct ofswitch *ofswitch)
{
    struct announcement *announcement;
    struct lport *port;

    while ((port = topology_next_arrival(topology)) != NULL) {
        if (port->wired && count_rounds(port)) {
            start(announcer, port);
        }
        port->arrival = ARRIVAL_NONE;
    }
    LIST_FOR_EACH_SAFE (announcement, node, &announcer->pending) {
        if (time_msec() < announcement->due) {
            continue;
        }
        port = topology_find_port(topology, &announcement->port);
        if (!announce(port, ofswitch) || !--announcement->rounds_left) {
            ovs_list_remove(&announcement->node);
            free(announcement);
        } else {
            announcement->round++;
            announcement->due
                = time_msec() + announcement->round * ANNOUNCE_STEP_MS;
        }
    }
}

void
announcer_wait(const struct announcer *announcer)
{
    const struct announcement *announcement;

    LIST_FOR_EACH (announcement, node, &announcer->pending) {
        poll_timer_wait_until(announcement->due);
    }
}
