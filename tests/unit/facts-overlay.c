/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See facts.h.  Overlays: where ports are and networks extend to, and how this
 * hypervisor takes part.  The last functions say what ought to come of it. */

#include <config.h>

#include "facts.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "ovs-agent/place.h"
#include "random.h"
#include "topo.h"

/* What hypervisors say of how they take packets: what mostly is of use in
 * networks of either kind, though it may be another's, too; */
static const char *const good_encaps[2][3] = {
    { "vxlan:192.168.0.2", "vxlan:192.168.0.3", "vxlan:192.168.0.4" },
    { "geneve:192.168.0.2", "geneve:192.168.0.3", "geneve:192.168.0.4" },
};

/* and what is of another family, or ours, or of no use to anybody. */
static const char *const other_encaps[] = {
    "vxlan:192.168.0.1", "vxlan:fd01::2", "geneve:fd01::2", "geneve:fd01::1",
    "vxlan:nonsense", "",
};

static const char *
host_name(unsigned int hv)
{
    static const char *const names[FACTS_N_HVS + 1] = {
        "", "hv1", "hv2", "hv3", "hv4", "hv5",
    };

    return names[hv];
}

/* Facts to the topology. */

static void
tell_port_place(unsigned int i, unsigned int hv)
{
    const struct fact_port_place *fact = &facts.ports[i].places[hv];
    struct intent_port_place row
        = topo_port_place_row(i, facts.ports[i].network, hv, fact->claim);
    char ip[16];
    char *ips[] = { ip };

    snprintf(ip, sizeof ip, "10.0.0.%u", i);
    row.ip_addresses = ips;
    row.n_ip_addresses = 1;
    if (fact->bad_mac) {
        row.mac_address = CONST_CAST(char *, "bad");
    } else if (fact->shared_mac) {
        row.mac_address = CONST_CAST(char *, "02:00:00:00:ff:ff");
    }
    topology_update_port_place(&topo, &row);
}

void
facts_tell_port_places(unsigned int i)
{
    for (unsigned int hv = 1; hv <= FACTS_N_HVS; hv++) {
        if (facts.ports[i].places[hv].known) {
            tell_port_place(i, hv);
        }
    }
}

static void
tell_net_place(unsigned int i, unsigned int hv)
{
    const struct fact_net_place *fact = &facts.networks[i].places[hv];
    struct intent_net_place row = topo_net_place_row(i, hv);

    row.encap = CONST_CAST(char *, fact->encap);
    row.unknown_addresses = fact->unknown;
    topology_update_net_place(&topo, &row);
}

void
facts_tell_net_places(unsigned int i)
{
    for (unsigned int hv = FACTS_N_HVS; hv >= 1; hv--) {
        if (facts.networks[i].places[hv].known) {
            tell_net_place(i, hv);
        }
    }
}

bool
facts_tell_vtep(void)
{
    const struct fact_vtep *fact = &facts.vtep;
    struct vtep vtep = topo_vtep_row();
    bool changed;

    vtep.has_ip = fact->ip != NULL;
    vtep.ip = in6addr_any;
    if (fact->ip) {
        assert_true(encap_ip_from_string(fact->ip, &vtep.ip));
    }
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        vtep.tunnels[i].enabled = fact->enabled[i];
        if (!fact->has_port[i]) {
            vtep.tunnels[i].ofport = OFPP_NONE;
        }
    }
    changed = !vtep_equal(&topo.vtep, &vtep);
    topology_update_vtep(&topo, &vtep);
    return changed;
}

/* Operations. */

static void
delete_port_place(unsigned int i, unsigned int hv)
{
    if (facts.ports[i].places[hv].known) {
        facts.ports[i].places[hv].known = false;
        facts.ports[i].refused = false;
        topo_delete_port_place(i, hv);
    }
}

void
facts_delete_port_places(unsigned int i)
{
    for (unsigned int hv = 1; hv <= FACTS_N_HVS; hv++) {
        delete_port_place(i, hv);
    }
}

static void
set_port_place(unsigned int i, unsigned int hv,
               const struct fact_port_place *new)
{
    struct fact_port_place *old = &facts.ports[i].places[hv];

    if (!old->known || old->claim != new->claim
        || old->bad_mac != new->bad_mac
        || (!old->bad_mac && old->shared_mac != new->shared_mac)) {
        facts.ports[i].refused = false;
    }
    *old = *new;
    tell_port_place(i, hv);
}

void
facts_change_port_place(void)
{
    unsigned int i = pick(FACTS_N_PORTS);
    unsigned int hv = pick(FACTS_N_HVS);
    const struct fact_port_place new = {
        .known = true,
        .claim = pick(4),
        .bad_mac = one_in(10),
        .shared_mac = one_in(6),
    };

    if (one_in(3)) {
        delete_port_place(i, hv);
    } else {
        set_port_place(i, hv, &new);
    }
}

static void
write_place(unsigned int i)
{
    const struct uuid uuid = unit_uuid(UNIT_PORT, i);
    const struct lport *port = topology_find_port(&topo, &uuid);

    if (port && ovs_list_is_empty(&port->obj.dirty_node)) {
        const struct fact_port_place own = {
            .known = true,
            .claim = port->claim,
        };

        if (port->claimed) {
            set_port_place(i, 1, &own);
        } else {
            delete_port_place(i, 1);
        }
    }
}

void
facts_write_place(void)
{
    write_place(pick(FACTS_N_PORTS));
}

void
facts_write_all_places(void)
{
    for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
        write_place(i);
    }
}

static const char *
pick_encap(const struct fact_network *net)
{
    if (one_in(4)) {
        return other_encaps[random_range(ARRAY_SIZE(other_encaps))];
    }
    return good_encaps[one_in(6) ^ (net->kind == FACT_GENEVE)]
                      [random_range(3)];
}

void
facts_change_net_place(void)
{
    unsigned int i = pick(FACTS_N_NETWORKS);
    unsigned int hv = pick(FACTS_N_HVS);
    struct fact_net_place *fact = &facts.networks[i].places[hv];

    if (one_in(5)) {
        fact->known = false;
        topo_delete_net_place(i, hv);
    } else {
        fact->known = true;
        fact->encap = pick_encap(&facts.networks[i]);
        fact->unknown = one_in(3);
        tell_net_place(i, hv);
    }
}

/* That has everything computed again. */
void
facts_change_vtep(void)
{
    static const char *const ips[] = {
        NULL, "192.168.0.1", "192.168.0.1", "192.168.0.1", "fd01::1",
    };
    struct fact_vtep *fact = &facts.vtep;

    fact->ip = ips[random_range(ARRAY_SIZE(ips))];
    for (int i = 0; i < ENCAP_N_TYPES; i++) {
        fact->enabled[i] = !one_in(6);
        fact->has_port[i] = fact->enabled[i] && !one_in(6);
    }
    if (facts_tell_vtep()) {
        facts_forget_refusals();
    }
}

void
facts_resync_places(void)
{
    for (unsigned int hv = 1; hv <= FACTS_N_HVS; hv++) {
        for (unsigned int i = 1; i <= FACTS_N_PORTS; i++) {
            struct fact_port_place *fact = &facts.ports[i].places[hv];

            if (fact->known && one_in(8)) {
                fact->known = facts.ports[i].refused = false;
            } else if (fact->known) {
                tell_port_place(i, hv);
            }
        }
        for (unsigned int i = 1; i <= FACTS_N_NETWORKS; i++) {
            struct fact_net_place *fact = &facts.networks[i].places[hv];

            fact->known = fact->known && !one_in(8);
            if (fact->known) {
                tell_net_place(i, hv);
            }
        }
    }
}

void
facts_clear_overlays(void)
{
    memset(&facts.vtep, 0, sizeof facts.vtep);
    facts_tell_vtep();
}

/* What ought to come of it. */

bool
facts_is_held(unsigned int i)
{
    const struct fact_port *fact = &facts.ports[i];

    return (fact->known && facts_vif_of(i) && !fact->bad_mac
            && facts.networks[fact->network].known && !fact->refused);
}

unsigned int
facts_place_of(unsigned int i)
{
    const struct fact_port *fact = &facts.ports[i];
    struct place_claim claims[FACTS_N_HVS];
    const struct place_claim *winner;
    size_t n = 0;

    for (unsigned int hv = 2; hv <= FACTS_N_HVS; hv++) {
        if (fact->places[hv].known) {
            claims[n++] = (struct place_claim) { host_name(hv),
                                                 fact->places[hv].claim };
        }
    }
    if (facts_is_held(i)) {
        const int64_t *own = (fact->places[1].known ? &fact->places[1].claim
                              : NULL);
        int64_t claim = place_claim(host_name(1), own, claims, n,
                                    host_name(fact->host));

        claims[n++] = (struct place_claim) { host_name(1), claim };
    }
    winner = place_find(claims, n);
    return winner ? winner->host[2] - '0' : 0;
}

/* Says it by the text of the encap alone. */
bool
facts_is_reachable(unsigned int network, unsigned int hv)
{
    const struct fact_network *net = &facts.networks[network];
    const struct fact_net_place *place = &net->places[hv];
    const struct fact_vtep *vtep = &facts.vtep;
    int type = net->kind == FACT_GENEVE;
    const char *ip;

    if (!net->known || (net->kind != FACT_VXLAN && net->kind != FACT_GENEVE)
        || net->number >= 1 << 24 || !place->known || !vtep->ip
        || !vtep->has_port[type]
        || strncmp(place->encap, type ? "geneve:" : "vxlan:", 6)) {
        return false;
    }
    ip = strchr(place->encap, ':') + 1;
    return (strcmp(ip, "nonsense") && strcmp(ip, vtep->ip)
            && !strchr(ip, ':') == !strchr(vtep->ip, ':'));
}
