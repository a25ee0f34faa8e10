/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See facts.h. */

#include <config.h>

#include "facts.h"

#include <stdlib.h>

#include "flow.h"
#include "random.h"
#include "topo.h"

struct facts facts;

unsigned int
pick(unsigned int n)
{
    return 1 + random_range(n);
}

bool
one_in(int n)
{
    return random_range(n) == 0;
}

void
facts_init(void)
{
    memset(&facts, 0, sizeof facts);
    facts.host_up = true;
    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        facts.ports[i].network = 1;
    }
    facts_tell_vtep();
}

/* Facts to the topology. */

static void
tell_port(unsigned int i)
{
    struct intent_port row = topo_port_row(i, facts.ports[i].network);
    char host[16] = "";

    if (facts.ports[i].host) {
        snprintf(host, sizeof host, "hv%u", facts.ports[i].host);
    }
    row.host = host;
    if (facts.ports[i].bad_mac) {
        row.mac_address = CONST_CAST(char *, "bad");
    } else if (facts.ports[i].shared_mac) {
        row.mac_address = CONST_CAST(char *, "02:00:00:00:ff:ff");
    }
    row.admin_state_up = facts.ports[i].up;
    row.port_security_enabled = !facts.ports[i].unknown;
    row.revision_number = facts.ports[i].revision;
    topology_update_port(&topo, &row);
}

static const char *
network_type(const struct fact_network *fact)
{
    return (fact->kind == FACT_VXLAN ? "vxlan"
            : fact->kind == FACT_GENEVE ? "geneve"
            : fact->number ? "vlan"
            : "flat");
}

static void
tell_network(unsigned int i)
{
    static const char *names[] = { "", "p1", "p2" };
    const struct fact_network *fact = &facts.networks[i];
    struct intent_network row = topo_network_row(i);

    row.admin_state_up = fact->up;
    row.revision_number = fact->revision;
    if (fact->kind != FACT_LOCAL) {
        row.segment = unit_uuid(UNIT_SEGMENT, i);
        row.network_type = CONST_CAST(char *, network_type(fact));
        row.physical_network = CONST_CAST(char *, names[fact->physnet]);
        row.segmentation_id = fact->number;
    }
    topology_update_network(&topo, &row);
}

static void
tell_physnets(void)
{
    struct shash map = SHASH_INITIALIZER(&map);

    for (unsigned int i = 1; i <= FACTS_N_PHYSNETS; i++) {
        if (facts.physnets[i]) {
            struct physnet *physnet = xzalloc(sizeof *physnet);

            physnet->ofport = u16_to_ofp(1000 + i);
            shash_add_nocopy(&map, xasprintf("p%u", i), physnet);
        }
    }
    topology_update_physnets(&topo, &map);
    shash_destroy(&map);
}

unsigned int
facts_vif_of(unsigned int i)
{
    for (unsigned int v = 1; v <= FACTS_N_VIFS; v++) {
        if (facts.vifs[v] == i) {
            return v;
        }
    }
    return 0;
}

static void
tell_vif(unsigned int i)
{
    unsigned int v = facts_vif_of(i);

    if (v) {
        topo_plug(i, v);
    } else {
        topo_unplug(i);
    }
    facts.ports[i].refused = false;
}

/* Has every port of network 'i' tried again, as a change of the network's
 * being there, or of how it travels, does. */
static void
unrefuse_ports_of(unsigned int network)
{
    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        if (facts.ports[i].network == network) {
            facts.ports[i].refused = false;
        }
    }
}

/* Operations. */

void
facts_change_port(void)
{
    unsigned int i = pick(FACTS_N_PORTS);

    if (!facts.ports[i].known || one_in(4)) {
        /* What is said of it is said of one in one network. */
        facts_delete_port_places(i);
        facts.ports[i].network = pick(FACTS_N_NETWORKS);
    }
    facts.ports[i].known = true;
    facts.ports[i].host = random_range(FACTS_N_HVS + 1);
    facts.ports[i].up = !one_in(3);
    facts.ports[i].unknown = one_in(4);
    facts.ports[i].bad_mac = one_in(10);
    facts.ports[i].shared_mac = one_in(10);
    facts.ports[i].revision++;
    facts.ports[i].refused = false;
    tell_port(i);
}

void
facts_delete_port(void)
{
    unsigned int i = pick(FACTS_N_PORTS);

    if (facts.ports[i].known) {
        facts.ports[i].known = facts.ports[i].refused = false;
    }
    topo_delete_port(i);
}

/* Has it travel in another way. */
static void
change_kind(struct fact_network *fact)
{
    fact->kind = one_in(3) ? random_range(2) : FACT_VXLAN + random_range(2);
    fact->physnet = fact->kind == FACT_WIRE ? pick(FACTS_N_PHYSNETS) : 0;
    fact->number = (fact->kind == FACT_LOCAL ? 0
                    : fact->kind == FACT_WIRE && one_in(3) ? 0
                    : one_in(8) ? 1 << 24 : pick(8));
}

void
facts_change_network(void)
{
    unsigned int i = pick(FACTS_N_NETWORKS);
    struct fact_network *fact = &facts.networks[i];
    struct fact_network old = *fact;

    fact->known = true;
    fact->up = !one_in(3);
    fact->revision++;
    if (one_in(3)) {
        change_kind(fact);
    }
    if (!old.known || old.kind != fact->kind || old.physnet != fact->physnet
        || old.number != fact->number) {
        unrefuse_ports_of(i);
    }
    tell_network(i);
}

void
facts_delete_network(void)
{
    unsigned int i = pick(FACTS_N_NETWORKS);

    if (facts.networks[i].known) {
        unrefuse_ports_of(i);
    }
    facts.networks[i].known = false;
    topo_delete_network(i);
}

/* Gives a VIF to another port, or to none; what it had loses it. */
void
facts_change_vif(void)
{
    unsigned int v = pick(FACTS_N_VIFS);
    unsigned int old = facts.vifs[v];
    unsigned int new = one_in(3) ? 0 : pick(FACTS_N_PORTS);

    if (new && facts_vif_of(new)) {
        return;
    }
    facts.vifs[v] = new;
    if (old) {
        tell_vif(old);
    }
    if (new) {
        tell_vif(new);
    }
}

void
facts_change_physnets(void)
{
    unsigned int i = pick(FACTS_N_PHYSNETS);

    facts.physnets[i] = !facts.physnets[i];
    tell_physnets();
}

void
facts_change_host(void)
{
    facts.host_up = !facts.host_up;
    topo_host(facts.host_up);
}

void
facts_refuse(void)
{
    bool of_port = !one_in(4);
    unsigned int i = pick(of_port ? FACTS_N_PORTS : FACTS_N_NETWORKS);
    const struct uuid uuid = unit_uuid(of_port ? UNIT_PORT : UNIT_NETWORK, i);

    topology_refused(&topo, &uuid, "no reason");
    facts.refused = true;
    if (of_port && topology_find_port(&topo, &uuid)) {
        facts.ports[i].refused = true;
    }
}

void
facts_resync(void)
{
    topology_sync_begin(&topo);
    for (unsigned int i = 1; i <= FACTS_N_NETWORKS; i++) {
        if (facts.networks[i].known && one_in(8)) {
            unrefuse_ports_of(i);
            facts.networks[i].known = false;
        } else if (facts.networks[i].known) {
            tell_network(i);
        }
    }
    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        if (facts.ports[i].known && one_in(8)) {
            facts.ports[i].known = facts.ports[i].refused = false;
        } else if (facts.ports[i].known) {
            tell_port(i);
        }
    }
    facts_resync_places();
    topology_sync_end(&topo);
}

void
facts_forget_refusals(void)
{
    facts.refused = false;
    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        facts.ports[i].refused = false;
    }
}

void
facts_recompute(void)
{
    topology_recompute(&topo);
    facts_forget_refusals();
}

void
facts_tell(void)
{
    topo_host(facts.host_up);
    for (unsigned int i = FACTS_N_PORTS; i >= 1; i--) {
        facts_tell_port_places(i);
        if (facts_vif_of(i)) {
            tell_vif(i);
        }
        if (facts.ports[i].known) {
            tell_port(i);
        }
    }
    for (unsigned int i = FACTS_N_NETWORKS; i >= 1; i--) {
        if (facts.networks[i].known) {
            tell_network(i);
        }
        facts_tell_net_places(i);
    }
    tell_physnets();
    facts_tell_vtep();
}

void
facts_clear(void)
{
    for (unsigned int v = 1; v <= FACTS_N_VIFS; v++) {
        unsigned int i = facts.vifs[v];

        facts.vifs[v] = 0;
        if (i) {
            tell_vif(i);
        }
    }
    topology_sync_begin(&topo);
    topology_sync_end(&topo);
    facts_clear_overlays();
    topo_host(true);
}
