/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A long sequence of random changes.  After each computation everything is
 * compared with what it should be:
 *
 *   - every object's flows with those computed from nothing;
 *   - the flows wanted with those of a switch that was told of the changes
 *     alone;
 *   - which ports carry traffic, and what is asked for, with this file's own
 *     tables of the facts;
 *
 * and now and then all of it with a topology that was handed the same facts
 * just now.  A failure prints the seed that repeats it; SLUICE_SEED in the
 * environment sets it, and SLUICE_OPERATIONS how many there are. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "flow.h"
#include "ovs-agent/flow-dump.h"
#include "ovs-agent/interest.h"
#include "ovs-agent/oflow.h"
#include "random.h"
#include "topo.h"
#include "uuid.h"

#define N_OPERATIONS 20000
#define N_PORTS 24
#define N_NETWORKS 6
#define N_VIFS 20
#define N_PHYSNETS 2

/* The facts.  Objects are numbered from 1. */
static struct {
    bool known;
    unsigned int network;
    bool up, unknown, bad_mac, shared_mac;
    int64_t revision;
    bool refused;
} ports[N_PORTS + 1];

static struct {
    bool known;
    bool up;
    unsigned int physnet;       /* 0: a local network. */
    int64_t vlan;
    int64_t revision;
} networks[N_NETWORKS + 1];

static unsigned int vifs[N_VIFS + 1]; /* The port each VIF has; 0: none. */
static bool physnets[N_PHYSNETS + 1];
static bool host_up = true;
static bool refused;            /* Is anything? */

/* The switch, as it is after the changes it was told. */
static struct hmap installed = HMAP_INITIALIZER(&installed);

static uint64_t seq, acked;
static unsigned int seed, n_done;
static bool passed;

static unsigned int
pick(unsigned int n)
{
    return 1 + random_range(n);
}

static bool
one_in(int n)
{
    return random_range(n) == 0;
}

/* Facts to the topology. */

static void
tell_port(unsigned int i)
{
    struct intent_port row = topo_port_row(i, ports[i].network);

    if (ports[i].bad_mac) {
        row.mac_address = CONST_CAST(char *, "bad");
    } else if (ports[i].shared_mac) {
        row.mac_address = CONST_CAST(char *, "02:00:00:00:ff:ff");
    }
    row.admin_state_up = ports[i].up;
    row.port_security_enabled = !ports[i].unknown;
    row.revision_number = ports[i].revision;
    topology_update_port(&topo, &row);
}

static void
tell_network(unsigned int i)
{
    static const char *names[] = { NULL, "p1", "p2" };
    struct intent_network row = topo_network_row(i);

    row.admin_state_up = networks[i].up;
    row.revision_number = networks[i].revision;
    if (networks[i].physnet) {
        row.segment = unit_uuid(UNIT_SEGMENT, i);
        row.network_type = CONST_CAST(char *,
                                      networks[i].vlan ? "vlan" : "flat");
        row.physical_network = CONST_CAST(char *,
                                          names[networks[i].physnet]);
        row.segmentation_id = networks[i].vlan;
    }
    topology_update_network(&topo, &row);
}

static void
tell_physnets(void)
{
    struct shash map = SHASH_INITIALIZER(&map);

    for (unsigned int i = 1; i <= N_PHYSNETS; i++) {
        if (physnets[i]) {
            struct physnet *physnet = xzalloc(sizeof *physnet);

            physnet->ofport = u16_to_ofp(1000 + i);
            shash_add_nocopy(&map, xasprintf("p%u", i), physnet);
        }
    }
    topology_update_physnets(&topo, &map);
    shash_destroy(&map);
}

/* The VIF that port 'i' has; 0: none. */
static unsigned int
vif_of(unsigned int i)
{
    for (unsigned int v = 1; v <= N_VIFS; v++) {
        if (vifs[v] == i) {
            return v;
        }
    }
    return 0;
}

static void
tell_vif(unsigned int i)
{
    unsigned int v = vif_of(i);

    if (v) {
        topo_plug(i, v);
    } else {
        topo_unplug(i);
    }
    ports[i].refused = false;
}

/* Has every port of network 'i' tried again, as a change of the network's
 * being there does. */
static void
unrefuse_ports_of(unsigned int network)
{
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        if (ports[i].known && ports[i].network == network) {
            ports[i].refused = false;
        }
    }
}

/* Operations. */

static void
change_port(void)
{
    unsigned int i = pick(N_PORTS);

    if (!ports[i].known || one_in(4)) {
        ports[i].network = pick(N_NETWORKS);
    }
    ports[i].known = true;
    ports[i].up = !one_in(3);
    ports[i].unknown = one_in(4);
    ports[i].bad_mac = one_in(10);
    ports[i].shared_mac = one_in(10);
    ports[i].revision++;
    ports[i].refused = false;
    tell_port(i);
}

static void
delete_port(void)
{
    unsigned int i = pick(N_PORTS);

    ports[i].known = false;
    topo_delete_port(i);
}

static void
change_network(void)
{
    unsigned int i = pick(N_NETWORKS);

    if (!networks[i].known) {
        unrefuse_ports_of(i);
    }
    networks[i].known = true;
    networks[i].up = !one_in(3);
    networks[i].revision++;
    if (one_in(3)) {
        networks[i].physnet = random_range(N_PHYSNETS + 1);
        networks[i].vlan = one_in(3) ? 0 : one_in(5) ? 5000 : pick(8);
    }
    tell_network(i);
}

static void
delete_network(void)
{
    unsigned int i = pick(N_NETWORKS);

    if (networks[i].known) {
        unrefuse_ports_of(i);
    }
    networks[i].known = false;
    topo_delete_network(i);
}

/* Gives a VIF to another port, or to none; what it had loses it. */
static void
change_vif(void)
{
    unsigned int v = pick(N_VIFS);
    unsigned int old = vifs[v];
    unsigned int new = one_in(3) ? 0 : pick(N_PORTS);

    if (new && vif_of(new)) {
        return;
    }
    vifs[v] = new;
    if (old) {
        tell_vif(old);
    }
    if (new) {
        tell_vif(new);
    }
}

static void
change_physnets(void)
{
    unsigned int i = pick(N_PHYSNETS);

    physnets[i] = !physnets[i];
    tell_physnets();
}

static void
change_host(void)
{
    host_up = !host_up;
    topo_host(host_up);
}

static void
refuse(void)
{
    unsigned int i = pick(N_PORTS);
    bool of_port = !one_in(4);
    const struct uuid uuid = (of_port ? unit_uuid(UNIT_PORT, i)
                              : unit_uuid(UNIT_NETWORK, pick(N_NETWORKS)));

    topology_refused(&topo, &uuid, "no reason");
    refused = true;
    if (of_port && topology_find_port(&topo, &uuid)) {
        ports[i].refused = true;
    }
}

/* Everything is told again, but for a few that were deleted meanwhile. */
static void
resync(void)
{
    topology_sync_begin(&topo);
    for (unsigned int i = 1; i <= N_NETWORKS; i++) {
        if (networks[i].known && one_in(8)) {
            unrefuse_ports_of(i);
            networks[i].known = false;
        } else if (networks[i].known) {
            tell_network(i);
        }
    }
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        ports[i].known = ports[i].known && !one_in(8);
        if (ports[i].known) {
            tell_port(i);
        }
    }
    topology_sync_end(&topo);
}

static void
acknowledge(void)
{
    struct lobject *obj;

    acked += random_range(seq - acked + 1);
    topology_acked(&topo, acked);
    while (!one_in(10) && (obj = topology_next_status(&topo))) {
        topology_status_taken(&topo, obj);
    }
}

static void
recompute(void)
{
    topology_recompute(&topo);
    refused = false;
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        ports[i].refused = false;
    }
}

/* Comparisons. */

/* Carries out the changes at the switch. */
static void
install(void)
{
    const struct flow_change *change;

    LIST_FOR_EACH (change, node, &topo.flows.changes) {
        struct oflow *old = oflow_lookup(&installed, change->flow);

        assert_true(old || change->add);
        if (old) {
            hmap_remove(&installed, &old->hmap_node);
            oflow_destroy(old);
        }
        if (change->add) {
            struct oflow *new = oflow_clone(change->flow);

            hmap_insert(&installed, &new->hmap_node, new->hash);
        }
    }
    flow_table_clear_changes(&topo.flows);
}

static void
check_installed(void)
{
    const struct oflow *flow;

    assert_int_equal(hmap_count(&installed), topo_n_flows());
    HMAP_FOR_EACH (flow, hmap_node, &topo.flows.flows) {
        const struct oflow *peer = oflow_lookup(&installed, flow);

        assert_non_null(peer);
        assert_true(oflow_same_effect(flow, peer));
    }
}

static void
check_wired(void)
{
    size_t n_wired[N_NETWORKS + 1] = { 0 };

    for (unsigned int i = 1; i <= N_PORTS; i++) {
        const struct uuid uuid = unit_uuid(UNIT_PORT, i);
        const struct lport *port = topology_find_port(&topo, &uuid);
        bool wired = (ports[i].known && vif_of(i) && !ports[i].bad_mac
                      && networks[ports[i].network].known
                      && !ports[i].refused);

        assert_int_equal(wired, port && port->wired);
        n_wired[ports[i].network] += wired;
    }
    for (unsigned int i = 1; i <= N_NETWORKS; i++) {
        const struct uuid uuid = unit_uuid(UNIT_NETWORK, i);
        const struct lnet *net = topology_find_network(&topo, &uuid);

        assert_int_equal(n_wired[i], net ? net->n_wired : 0);
    }
}

static void
insert(struct uuidset *set, enum unit_kind kind, unsigned int n)
{
    const struct uuid uuid = unit_uuid(kind, n);

    if (!uuidset_contains(set, &uuid)) {
        uuidset_insert(set, &uuid);
    }
}

static void
check_interest(void)
{
    struct interest expected, actual;

    interest_init(&expected);
    interest_init(&actual);
    for (unsigned int i = 1; i <= N_PORTS; i++) {
        unsigned int network = ports[i].network;

        if (vif_of(i)) {
            insert(&expected.ports, UNIT_PORT, i);
        }
        if (ports[i].known) {
            insert(&expected.networks, UNIT_NETWORK, network);
        }
        if (ports[i].known && networks[network].known
            && networks[network].physnet) {
            insert(&expected.segments, UNIT_SEGMENT, network);
        }
    }
    topology_get_interest(&topo, &actual);
    assert_true(interest_equal(&expected, &actual));
    interest_destroy(&expected);
    interest_destroy(&actual);
}

static void
compute(void)
{
    topology_run(&topo, !one_in(10));
    assert_int_equal(topology_verify(&topo), 0);
    install();
    check_installed();
    topology_sent(&topo, ++seq);
    check_wired();
    check_interest();
}

/* Computes until nothing is left to be computed. */
static void
compute_all(void)
{
    do {
        topology_run(&topo, true);
        install();
        topology_sent(&topo, ++seq);
    } while (!ovs_list_is_empty(&topo.dirty));
    check_wired();
}

/* A new agent, that is told the same facts in another order. */
static void
start_anew(void)
{
    topology_destroy(&topo);
    topology_init(&topo);
    acked = seq;
    topo_host(host_up);
    for (unsigned int i = N_PORTS; i >= 1; i--) {
        if (vif_of(i)) {
            tell_vif(i);
        }
        if (ports[i].known) {
            tell_port(i);
        }
    }
    for (unsigned int i = N_NETWORKS; i >= 1; i--) {
        if (networks[i].known) {
            tell_network(i);
        }
    }
    tell_physnets();
    topology_run(&topo, true);
    topology_sent(&topo, ++seq);
}

/* Brings the switch to the flows wanted, as an agent does that starts. */
static size_t
reconcile(void)
{
    struct flow_dump dump = { .flows = HMAP_INITIALIZER(&dump.flows) };
    size_t n;

    flow_table_clear_changes(&topo.flows);
    hmap_swap(&dump.flows, &installed);
    flow_dump_diff(&dump, &topo.flows, &topo.flows.changes);
    hmap_swap(&dump.flows, &installed);
    hmap_destroy(&dump.flows);
    n = ovs_list_size(&topo.flows.changes);
    install();
    return n;
}

/* Starts anew and finds the same.  Who of two in conflict has the flow depends
 * on who came first; how many are in conflict does not. */
static void
restart(void)
{
    size_t n_conflicts, n_flows;

    if (refused) {
        recompute();
    }
    compute_all();
    n_conflicts = ovs_list_size(&topo.flows.conflicts);
    n_flows = topo_n_flows();

    start_anew();
    assert_int_equal(ovs_list_size(&topo.flows.conflicts), n_conflicts);
    assert_int_equal(topo_n_flows(), n_flows);
    if (!n_conflicts) {
        assert_int_equal(reconcile(), 0);
    } else {
        reconcile();
    }
    check_installed();
    check_wired();
    check_interest();
}

/* The test. */

/* One operation, chosen by weight. */
static void
operate(void)
{
    static const struct {
        int weight;
        void (*operation)(void);
    } operations[] = {
        { 30, change_port }, { 10, delete_port },
        { 12, change_network }, { 4, delete_network },
        { 30, change_vif }, { 3, change_physnets }, { 2, change_host },
        { 3, refuse }, { 1, resync }, { 1, recompute }, { 1, restart },
        { 60, compute }, { 40, acknowledge },
    };
    int total = 0;
    int choice;

    for (size_t i = 0; i < ARRAY_SIZE(operations); i++) {
        total += operations[i].weight;
    }
    choice = random_range(total);
    for (size_t i = 0; ; i++) {
        choice -= operations[i].weight;
        if (choice < 0) {
            operations[i].operation();
            return;
        }
    }
}

/* When everything has gone, nothing is left. */
static void
wind_up(void)
{
    for (unsigned int v = 1; v <= N_VIFS; v++) {
        unsigned int i = vifs[v];

        vifs[v] = 0;
        if (i) {
            tell_vif(i);
        }
    }
    topology_sync_begin(&topo);
    topology_sync_end(&topo);
    topo_host(true);
    topology_run(&topo, true);
    install();
    topology_sent(&topo, ++seq);
    acked = seq;
    topo_ack_up_to(seq);
    assert_int_equal(hmap_count(&topo.objects), 0);
    assert_int_equal(hmap_count(&installed), 4);
    assert_true(ovs_list_is_empty(&topo.flows.conflicts));
}

static void
random_operations(void **state OVS_UNUSED)
{
    unsigned int n = unit_env("SLUICE_OPERATIONS", N_OPERATIONS);

    for (unsigned int i = 1; i <= N_PORTS; i++) {
        ports[i].network = 1;
    }
    compute_all();
    for (n_done = 0; n_done < n; n_done++) {
        operate();
    }
    wind_up();
    passed = true;
}

static int
setup(void **state)
{
    seed = unit_env("SLUICE_SEED", random_uint32());
    random_set_seed(seed ? seed : 1);
    return topo_setup(state);
}

static int
teardown(void **state)
{
    struct oflow *flow;

    if (!passed) {
        print_error("repeat with SLUICE_SEED=%u, after %u operations\n",
                    seed, n_done);
    }
    HMAP_FOR_EACH_POP (flow, hmap_node, &installed) {
        oflow_destroy(flow);
    }
    hmap_destroy(&installed);
    return topo_teardown(state);
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
