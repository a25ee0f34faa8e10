/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Several hypervisors in one overlay, at random: ports are plugged, unplugged
 * and moved, the network goes up and down, and each agent sees what is written
 * later than it was, each at its own time.  Whatever they have seen:
 *
 *   - what came by a tunnel goes to none, so that nothing goes in circles;
 *   - nobody receives a frame twice, and no hypervisor its own;
 *   - what a hypervisor knows to be down gets nothing, whoever sends it;
 *
 * and when all have seen everything, each port is reached by each other one,
 * once, by broadcast and by its own address.
 *
 * A failure prints the seed that repeats it; SLUICE_SEED in the environment
 * sets it, and SLUICE_OPERATIONS how many there are. */

#include <config.h>

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "flow.h"
#include "ovs-agent/vif.h"
#include "packets.h"
#include "random.h"
#include "sim.h"
#include "topo.h"

#define N_HVS 4
#define N_PORTS 6
#define N_OPERATIONS 20000

/* What is written: one row, which is there or not any more. */
enum kind { PORT_PLACE, NET_PLACE, HOST, ADMIN };
struct change {
    enum kind kind;
    unsigned int port, hv;
    bool exists;                /* Of ADMIN: up. */
    int64_t claim;
};

static struct change *changes;
static size_t n_changes, allocated_changes;

/* A hypervisor's agent, and what it has seen. */
struct agent {
    struct topology topo;
    uint64_t seq;
    size_t n_seen, n_written;   /* Of 'changes'. */
    bool plugged[N_PORTS + 1];
    bool admin_up;

    /* Its own rows. */
    struct { bool exists; int64_t claim; } rows[N_PORTS + 1];
    bool in_network;
};

static struct agent agents[N_HVS + 1];

/* Where each port is wanted; 0: anywhere. */
static unsigned int wanted[N_PORTS + 1];

static unsigned int seed, n_done;
static bool passed;

static bool
one_in(int n)
{
    return random_range(n) == 0;
}

static unsigned int
pick(unsigned int n)
{
    return 1 + random_range(n);
}

/* The database. */

static void
write_change(struct change change)
{
    if (n_changes >= allocated_changes) {
        changes = x2nrealloc(changes, &allocated_changes, sizeof *changes);
    }
    changes[n_changes++] = change;
}

/* What agents see. */

static void
see_network(struct agent *agent, bool up)
{
    struct intent_network row = topo_network_row(1);

    row.segment = unit_uuid(UNIT_SEGMENT, 1);
    row.network_type = CONST_CAST(char *, "vxlan");
    row.physical_network = CONST_CAST(char *, "");
    row.segmentation_id = 5001;
    row.admin_state_up = agent->admin_up = up;
    topology_update_network(&agent->topo, &row);
}

static void
see_port(struct agent *agent, unsigned int port, unsigned int hv)
{
    struct intent_port row = topo_port_row(port, 1);
    char host[16] = "";

    if (hv) {
        snprintf(host, sizeof host, "hv%u", hv);
    }
    row.host = host;
    topology_update_port(&agent->topo, &row);
}

static void
see_port_place(struct agent *agent, const struct change *change)
{
    const struct intent_port_place row
        = topo_port_place_row(change->port, 1, change->hv, change->claim);

    if (change->exists) {
        topology_update_port_place(&agent->topo, &row);
    } else {
        topology_delete_port_place(&agent->topo, &row.row);
    }
    if (agent == &agents[change->hv]) {
        agent->rows[change->port].exists = change->exists;
        agent->rows[change->port].claim = change->claim;
    }
}

static void
see_net_place(struct agent *agent, const struct change *change)
{
    const struct intent_net_place row = topo_net_place_row(1, change->hv);

    if (change->exists) {
        topology_update_net_place(&agent->topo, &row);
    } else {
        topology_delete_net_place(&agent->topo, &row.row);
    }
    if (agent == &agents[change->hv]) {
        agent->in_network = change->exists;
    }
}

static void
see(struct agent *agent)
{
    const struct change *change = &changes[agent->n_seen++];

    switch (change->kind) {
    case PORT_PLACE:
        see_port_place(agent, change);
        break;
    case NET_PLACE:
        see_net_place(agent, change);
        break;
    case HOST:
        see_port(agent, change->port, change->hv);
        break;
    case ADMIN:
        see_network(agent, change->exists);
        break;
    }
}

/* Computes, and has the switch take it. */
static void
run(struct agent *agent)
{
    struct lobject *obj;

    topology_run(&agent->topo, true);
    flow_table_clear_changes(&agent->topo.flows);
    topology_sent(&agent->topo, ++agent->seq);
    topology_acked(&agent->topo, agent->seq);
    while ((obj = topology_next_status(&agent->topo))) {
        topology_status_taken(&agent->topo, obj);
    }
}

/* What agents write. */

static bool
write_port(unsigned int hv, unsigned int i)
{
    const struct agent *agent = &agents[hv];
    const struct uuid uuid = unit_uuid(UNIT_PORT, i);
    const struct lport *port = topology_find_port(&agent->topo, &uuid);
    bool claimed = port && port->claimed;

    if (claimed == agent->rows[i].exists
        && (!claimed || port->claim == agent->rows[i].claim)) {
        return false;
    }
    write_change((struct change) { PORT_PLACE, i, hv, claimed,
                                   claimed ? port->claim : 0 });
    return true;
}

static bool
write_net(unsigned int hv)
{
    const struct agent *agent = &agents[hv];
    const struct uuid uuid = unit_uuid(UNIT_NETWORK, 1);
    const struct lnet *net = topology_find_network(&agent->topo, &uuid);
    bool in_network = net && net->encap;

    if (in_network == agent->in_network) {
        return false;
    }
    write_change((struct change) { NET_PLACE, 0, hv, in_network, 0 });
    return true;
}

/* All that differs, unless its last write has not come back. */
static bool
write_all(unsigned int hv)
{
    struct agent *agent = &agents[hv];
    bool wrote = false;

    if (agent->n_seen < agent->n_written) {
        return false;
    }
    run(agent);
    wrote = write_net(hv);
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        wrote = write_port(hv, i) || wrote;
    }
    if (wrote) {
        agent->n_written = n_changes;
    }
    return wrote;
}

/* Frames.  Port N has OpenFlow port N wherever it is plugged. */

struct trip {
    unsigned int hv;            /* Where it is now. */
    unsigned int from_hv, from_port;
    bool by_tunnel;             /* Did it get there by one? */
    int (*received)[N_PORTS + 1]; /* How often, by hypervisor and port. */
};

static void travel(const struct trip *, const struct flow *);

static void
leave(ofp_port_t ofport, const struct flow *frame, void *trip_)
{
    const struct trip *trip = trip_;

    if (ofport == TOPO_VXLAN) {
        struct trip next = *trip;
        struct flow arriving = *frame;

        assert_false(trip->by_tunnel);
        assert_true(frame->tunnel.tun_id == htonll(5001));
        next.hv = ntohl(frame->tunnel.ip_dst) & 0xff;
        next.by_tunnel = true;
        assert_in_range(next.hv, 1, N_HVS);
        assert_int_not_equal(next.hv, trip->hv);
        memset(arriving.regs, 0, sizeof arriving.regs);
        arriving.tunnel.ip_src = htonl(0xc0a80000 | trip->hv);
        arriving.in_port.ofp_port = TOPO_VXLAN;
        travel(&next, &arriving);
    } else {
        unsigned int port = ofp_to_u16(ofport);

        assert_in_range(port, 1, N_PORTS);
        assert_true(agents[trip->hv].admin_up);
        assert_true(trip->hv != trip->from_hv || port != trip->from_port);
        trip->received[trip->hv][port]++;
    }
}

static void
travel(const struct trip *trip, const struct flow *frame)
{
    sim_frame(&agents[trip->hv].topo.flows, frame, leave,
              CONST_CAST(struct trip *, trip));
}

static void
send_frame(unsigned int hv, unsigned int port, struct eth_addr to,
     int received[N_HVS + 1][N_PORTS + 1])
{
    const struct trip trip = {
        .hv = hv,
        .from_hv = hv,
        .from_port = port,
        .received = received,
    };
    struct flow frame = {
        .in_port.ofp_port = u16_to_ofp(port),
        .dl_type = htons(0x88b5), /* For experiments (IEEE 802). */
        .dl_dst = to,
        .dl_src = ETH_ADDR_C(02,00,00,00,00,00),
    };

    frame.dl_src.ea[5] = port;
    memset(received, 0, (N_HVS + 1) * sizeof received[0]);
    travel(&trip, &frame);
}

/* Whatever has been seen. */
static void
check_unsettled(void)
{
    int received[N_HVS + 1][N_PORTS + 1];
    unsigned int hv = pick(N_HVS);
    unsigned int port = pick(N_PORTS);

    if (!agents[hv].plugged[port]) {
        return;
    }
    for (unsigned int i = 1; i <= N_HVS; i++) {
        run(&agents[i]);
    }
    send_frame(hv, port, eth_addr_broadcast, received);
    for (unsigned int i = 1; i <= N_HVS; i++) {
        for (unsigned int j = 1; j <= N_PORTS; j++) {
            assert_in_range(received[i][j], 0, 1);
            assert_true(!received[i][j] || agents[i].plugged[j]);
        }
    }
}

/* Operations. */

static void
change_plug(void)
{
    unsigned int hv = pick(N_HVS), port = pick(N_PORTS);
    struct agent *agent = &agents[hv];
    const struct uuid uuid = unit_uuid(UNIT_PORT, port);
    const struct vif vif = {
        .name = CONST_CAST(char *, "a vif"),
        .ofport = u16_to_ofp(port),
    };

    agent->plugged[port] = !agent->plugged[port];
    topology_update_vif(&agent->topo, &uuid,
                        agent->plugged[port] ? &vif : NULL);
}

static void
change_wanted(void)
{
    unsigned int port = pick(N_PORTS);

    wanted[port] = random_range(N_HVS + 1);
    write_change((struct change) { HOST, port, wanted[port], true, 0 });
}

static void
change_admin(void)
{
    write_change((struct change) { ADMIN, 0, 0, !one_in(3), 0 });
}

static void
see_some(void)
{
    struct agent *agent = &agents[pick(N_HVS)];
    size_t n = random_range(n_changes - agent->n_seen + 1);

    while (n--) {
        see(agent);
    }
}

/* Everybody has seen everything. */

static void
settle(void)
{
    bool quiet;

    do {
        quiet = true;
        for (unsigned int hv = 1; hv <= N_HVS; hv++) {
            while (agents[hv].n_seen < n_changes) {
                see(&agents[hv]);
            }
            quiet = !write_all(hv) && quiet;
        }
    } while (!quiet);
    n_changes = 0;
    for (unsigned int hv = 1; hv <= N_HVS; hv++) {
        agents[hv].n_seen = agents[hv].n_written = 0;
    }
}

/* The hypervisor where 'port' is wired; 0: nowhere.  Fails if it is at two. */
static unsigned int
find_place(unsigned int port)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, port);
    unsigned int place = 0;

    for (unsigned int hv = 1; hv <= N_HVS; hv++) {
        const struct lport *p = topology_find_port(&agents[hv].topo, &uuid);

        if (p && p->wired) {
            assert_int_equal(place, 0);
            place = hv;
        }
    }
    return place;
}

static void
check_places(unsigned int places[N_PORTS + 1])
{
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        bool plugged = false;

        places[i] = find_place(i);
        for (unsigned int hv = 1; hv <= N_HVS; hv++) {
            plugged = plugged || agents[hv].plugged[i];
        }
        assert_int_equal(places[i] != 0, plugged);
        if (wanted[i] && agents[wanted[i]].plugged[i]) {
            assert_int_equal(places[i], wanted[i]);
        }
    }
}

/* Fails unless 'port' received 'n' frames where it is, and nowhere else. */
static void
assert_received(int received[N_HVS + 1][N_PORTS + 1], unsigned int port,
                unsigned int place, int n)
{
    for (unsigned int hv = 1; hv <= N_HVS; hv++) {
        assert_int_equal(received[hv][port], hv == place ? n : 0);
    }
}

static void
check_sender(unsigned int port, const unsigned int places[N_PORTS + 1])
{
    int received[N_HVS + 1][N_PORTS + 1];
    bool up = agents[1].admin_up;

    send_frame(places[port], port, eth_addr_broadcast, received);
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        assert_received(received, i, places[i], up && i != port);
    }
    for (unsigned int to = 1; to <= N_PORTS; to++) {
        struct eth_addr mac = ETH_ADDR_C(02,00,00,00,00,00);

        mac.ea[5] = to;
        send_frame(places[port], port, mac, received);
        for (unsigned int i = 1; i <= N_PORTS; i++) {
            assert_received(received, i, places[i],
                            up && i == to && i != port);
        }
    }
}

static void
finish(void)
{
    unsigned int places[N_PORTS + 1];

    settle();
    check_places(places);
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        if (places[i]) {
            check_sender(i, places);
        }
    }
}

static void
operate(void)
{
    int choice = random_range(100);

    if (choice < 12) {
        change_plug();
    } else if (choice < 16) {
        change_wanted();
    } else if (choice < 18) {
        change_admin();
    } else if (choice < 50) {
        see_some();
    } else if (choice < 75) {
        write_all(pick(N_HVS));
    } else if (choice < 97) {
        check_unsettled();
    } else {
        finish();
    }
}

/* The test. */

static void
random_operations(void **state OVS_UNUSED)
{
    unsigned int n = unit_env("SLUICE_OPERATIONS", N_OPERATIONS);

    for (n_done = 0; n_done < n; n_done++) {
        operate();
    }
    finish();
    passed = true;
}

static void
start_agent(unsigned int hv)
{
    struct agent *agent = &agents[hv];
    struct vtep vtep = topo_vtep_row();
    char host[16];

    topology_init(&agent->topo);
    snprintf(host, sizeof host, "hv%u", hv);
    vtep.host = host;
    in6_addr_set_mapped_ipv4(&vtep.ip, htonl(0xc0a80000 | hv));
    topology_update_vtep(&agent->topo, &vtep);
    see_network(agent, true);
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        see_port(agent, i, 0);
    }
    run(agent);
}

static int
setup(void **state OVS_UNUSED)
{
    seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seed ? seed : 1);
    for (unsigned int hv = 1; hv <= N_HVS; hv++) {
        start_agent(hv);
    }
    return 0;
}

static int
teardown(void **state OVS_UNUSED)
{
    if (!passed) {
        print_error("repeat with SLUICE_SEED=%u, after %u operations\n",
                    seed, n_done);
    }
    for (unsigned int hv = 1; hv <= N_HVS; hv++) {
        topology_destroy(&agents[hv].topo);
    }
    free(changes);
    return 0;
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_operations, setup, teardown),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
