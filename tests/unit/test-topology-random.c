/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A long sequence of random changes.  After each computation everything is
 * compared with what it should be:
 *
 *   - every object's flows with those computed from nothing;
 *   - the flows wanted with those of a switch that was told of the changes
 *     alone;
 *   - which ports carry traffic, where the others are and whether they are
 *     reached there, and what is asked for, with the test's own tables of the
 *     facts (facts.h);
 *
 * and now and then all of it with a topology that was handed the same facts
 * just now.  A failure prints the seed that repeats it; SLUICE_SEED in the
 * environment sets it, and SLUICE_OPERATIONS how many there are. */

#include <config.h>

#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "facts.h"
#include "openvswitch/dynamic-string.h"
#include "ovs-agent/flow-dump.h"
#include "ovs-agent/interest.h"
#include "ovs-agent/oflow.h"
#include "random.h"
#include "topo.h"
#include "uuid.h"

#define N_OPERATIONS 20000
#define N_BASE_FLOWS 7

/* The switch, as it is after the changes it was told. */
static struct hmap installed = HMAP_INITIALIZER(&installed);

static uint64_t seq, acked;
static unsigned int seed, n_done;
static bool passed;

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

/* Port 'i', which is elsewhere, has flows if it can be reached there, and a
 * port of its network is here. */
static void
check_elsewhere(unsigned int i, const struct lport *port)
{
    const struct fact_port *fact = &facts.ports[i];
    unsigned int hv = facts_place_of(i);
    bool reached = (hv > 1 && port->net && port->net->n_wired
                    && facts_is_reachable(fact->network, hv)
                    && !fact->places[hv].bad_mac && !fact->refused);

    assert_int_equal(port->elsewhere ? port->elsewhere[2] - '0' : 0,
                     hv > 1 ? hv : 0);
    if (!port->obj.owner.conflict) {
        assert_int_equal(ovs_list_size(&port->obj.owner.flows),
                         reached ? 2 : 0);
    }
}

static void
check_places(void)
{
    size_t n_wired[FACTS_N_NETWORKS + 1] = { 0 };

    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        const struct uuid uuid = unit_uuid(UNIT_PORT, i);
        const struct lport *port = topology_find_port(&topo, &uuid);
        bool wired = facts_place_of(i) == 1;

        assert_int_equal(wired, port && port->wired);
        assert_int_equal(facts_is_held(i), port && port->claimed);
        if (port && !wired) {
            check_elsewhere(i, port);
        }
        n_wired[facts.ports[i].network] += wired;
    }
    for (unsigned int i = 1; i <= FACTS_N_NETWORKS; i++) {
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
    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        unsigned int network = facts.ports[i].network;

        if (facts_vif_of(i)) {
            insert(&expected.ports, UNIT_PORT, i);
        }
        if (facts_vif_of(i) || facts.ports[i].known) {
            insert(&expected.located_ports, UNIT_PORT, i);
        }
        if (facts.ports[i].known) {
            insert(&expected.networks, UNIT_NETWORK, network);
        }
        if (facts.ports[i].known && facts.networks[network].known
            && facts.networks[network].kind != FACT_LOCAL) {
            insert(&expected.segments, UNIT_SEGMENT, network);
        }
        if (facts.ports[i].known && facts.networks[network].known
            && facts.networks[network].kind >= FACT_VXLAN) {
            insert(&expected.overlays, UNIT_NETWORK, network);
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
    check_places();
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
    check_places();
}

/* A new agent, that is told the same facts. */
static void
start_anew(void)
{
    topology_destroy(&topo);
    topology_init(&topo);
    acked = seq;
    facts_tell();
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

/* What is told of every object, in words; for the caller to free.  Of faults
 * only whether there is one: of what is wrong with several hypervisors, the
 * words come in the order in which they came. */
static char *
describe(void)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        const struct uuid uuid = unit_uuid(UNIT_PORT, i);
        const struct lport *port = topology_find_port(&topo, &uuid);

        if (port) {
            ds_put_format(&s, "port %u:%s%s claim %"PRId64" at %s\n", i,
                          port->wired ? " wired" : "",
                          port->obj.fault ? " faulty" : "", port->claim,
                          port->elsewhere ? port->elsewhere : "-");
        }
    }
    for (unsigned int i = 1; i <= FACTS_N_NETWORKS; i++) {
        const struct uuid uuid = unit_uuid(UNIT_NETWORK, i);
        const struct lnet *net = topology_find_network(&topo, &uuid);

        if (net) {
            ds_put_format(&s, "network %u:%s encap %s%s\n", i,
                          net->obj.fault ? " faulty" : "",
                          net->encap ? net->encap : "-",
                          net->takes_unknown ? " unknown" : "");
        }
    }
    return ds_steal_cstr(&s);
}

/* What nobody speaks of any more is not told of either. */
static void
forget_unspoken(void)
{
    acked = seq;
    topo_ack_up_to(seq);
}

/* Starts anew and finds the same.  Who of two in conflict has the flow depends
 * on who came first; how many are in conflict does not. */
static void
restart(void)
{
    size_t n_conflicts, n_flows;
    char *before, *after;

    if (facts.refused) {
        facts_recompute();
    }
    compute_all();
    forget_unspoken();
    n_conflicts = ovs_list_size(&topo.flows.conflicts);
    n_flows = topo_n_flows();
    before = describe();

    start_anew();
    forget_unspoken();
    assert_int_equal(ovs_list_size(&topo.flows.conflicts), n_conflicts);
    assert_int_equal(topo_n_flows(), n_flows);
    after = describe();
    if (!n_conflicts) {
        assert_string_equal(after, before);
        assert_int_equal(reconcile(), 0);
    } else {
        reconcile();
    }
    free(before);
    free(after);
    check_installed();
    check_places();
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
        { 30, facts_change_port },
        { 10, facts_delete_port },
        { 16, facts_change_network },
        { 4, facts_delete_network },
        { 30, facts_change_vif },
        { 3, facts_change_physnets },
        { 30, facts_change_port_place },
        { 25, facts_change_net_place },
        { 2, facts_change_vtep },
        { 20, facts_write_place },
        { 2, facts_write_all_places },
        { 2, facts_change_host },
        { 1, facts_refuse },
        { 1, facts_resync },
        { 1, facts_recompute },
        { 3, restart },
        { 60, compute },
        { 40, acknowledge },
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
    facts_clear();
    topology_run(&topo, true);
    install();
    topology_sent(&topo, ++seq);
    acked = seq;
    topo_ack_up_to(seq);
    assert_int_equal(hmap_count(&topo.objects), 0);
    assert_int_equal(hmap_count(&installed), N_BASE_FLOWS);
    assert_true(ovs_list_is_empty(&topo.flows.conflicts));
}

static void
random_operations(void **state OVS_UNUSED)
{
    unsigned int n = unit_env("SLUICE_OPERATIONS", N_OPERATIONS);

    facts_init();
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
