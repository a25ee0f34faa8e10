/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See pipeline.h.  Nothing here looks at anything but its arguments, and
 * nothing fails: whoever calls has checked the facts. */

#include <config.h>

#include "pipeline.h"

#include "byte-order.h"
#include "flow.h"
#include "jhash.h"
#include "oflow.h"
#include "openvswitch/match.h"
#include "openvswitch/meta-flow.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"
#include "uuid.h"

/* Priorities within a table.  What is more special stands higher. */
enum {
    PRI_HOST_GATE = 65535,      /* Above everything in ADMIT. */
    PRI_PROTOCOL = 1000,        /* Frames no bridge forwards. */
    PRI_OBJECT = 100,           /* A port's or network's own. */
    PRI_MULTICAST = 90,
    PRI_UNKNOWN = 10,
    PRI_DEFAULT = 0,
};

#define REG_OUTPUT 5            /* OpenFlow port about to be delivered to. */
#define REG_BUCKET 6            /* Bucket of a flood. */

const uint8_t pipeline_owned_tables[] = {
    PIPELINE_ADMIT, PIPELINE_GATE, PIPELINE_LEARN, PIPELINE_L2,
    PIPELINE_FLOOD, PIPELINE_UNKNOWN, PIPELINE_EGRESS,
};
const size_t pipeline_n_owned_tables = ARRAY_SIZE(pipeline_owned_tables);

const char *
pipeline_table_name(uint8_t table)
{
    switch ((enum pipeline_table) table) {
    case PIPELINE_ADMIT: return "admit";
    case PIPELINE_GATE: return "gate";
    case PIPELINE_LEARN: return "learn";
    case PIPELINE_L2: return "l2";
    case PIPELINE_FLOOD: return "flood";
    case PIPELINE_LEARNED: return "learned";
    case PIPELINE_UNKNOWN: return "unknown";
    case PIPELINE_EGRESS: return "egress";
    }
    return NULL;
}

/* The bit that makes an Ethernet address a group's. */
static const struct eth_addr GROUP_BIT = ETH_ADDR_C(01,00,00,00,00,00);

/* Actions. */

static void
put_output(struct ofpbuf *actions, ofp_port_t port)
{
    ofpact_put_OUTPUT(actions)->port = port;
}

static void
put_resubmit(struct ofpbuf *actions, uint8_t table)
{
    struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(actions);

    resubmit->in_port = OFPP_IN_PORT;
    resubmit->table_id = table;
}

static void
put_goto(struct ofpbuf *actions, uint8_t table)
{
    ofpact_put_GOTO_TABLE(actions)->table_id = table;
}

/* Sets the whole of 'id'.  Given a value, ofpact_put_set_field() leaves what
 * pads it uninitialized, and flows are compared byte for byte. */
static void
put_set_field(struct ofpbuf *actions, enum mf_field_id id, const void *value)
{
    const struct mf_field *field = mf_from_id(id);
    struct ofpact_set_field *sf
        = ofpact_put_set_field(actions, field, NULL, NULL);

    memcpy(sf->value, value, field->n_bytes);
    memset(ofpact_set_field_mask(sf), 0xff, field->n_bytes);
}

static void
put_load(struct ofpbuf *actions, int reg, uint32_t value)
{
    ovs_be32 be_value = htonl(value);

    put_set_field(actions, MFF_REG0 + reg, &be_value);
}

static ovs_u128
network_u128(const struct uuid *uuid)
{
    ovs_u128 value;

    value.u64.hi = ((uint64_t) uuid->parts[0] << 32) | uuid->parts[1];
    value.u64.lo = ((uint64_t) uuid->parts[2] << 32) | uuid->parts[3];
    return value;
}

/* Says which network the packet is in. */
static void
put_network(struct ofpbuf *actions, const struct uuid *network)
{
    ovs_be128 value = hton128(network_u128(network));

    put_set_field(actions, MFF_XXREG0, &value);
}

static void
put_deliver(struct ofpbuf *actions, ofp_port_t port)
{
    put_load(actions, REG_OUTPUT, ofp_to_u16(port));
    put_resubmit(actions, PIPELINE_EGRESS);
}

/* One "NXM_A[]=NXM_B[]" or "load" of a learn action, over whole fields or,
 * with 'n_bits', their low bits. */
static void
put_learn_spec(struct ofpbuf *actions, uint16_t dst_type,
               enum mf_field_id dst, enum mf_field_id src, int n_bits)
{
    struct ofpact_learn_spec *spec
        = ofpbuf_put_zeros(actions, sizeof *spec);

    spec->src_type = NX_LEARN_SRC_FIELD;
    spec->src.field = mf_from_id(src);
    spec->src.n_bits = n_bits;
    spec->dst_type = dst_type;
    spec->dst.field = mf_from_id(dst);
    spec->dst.n_bits = n_bits;
    spec->n_bits = n_bits;
}

/* Remembers, in LEARNED, that the packet's source in its network is behind
 * the port it came in by.  The learned flow dies with the flow that has this
 * action, so that nothing points at a port that is gone; and all it does is
 * load the output register, so that the gates in EGRESS still decide. */
static void
put_learn(struct ofpbuf *actions, uint64_t cookie)
{
    struct ofpact_learn *learn = ofpact_put_LEARN(actions);

    learn->idle_timeout = PIPELINE_LEARNED_IDLE_TIMEOUT;
    learn->priority = PRI_OBJECT;
    learn->table_id = PIPELINE_LEARNED;
    learn->cookie = htonll(cookie);
    learn->flags = NX_LEARN_F_DELETE_LEARNED;
    put_learn_spec(actions, NX_LEARN_DST_MATCH, MFF_XXREG0, MFF_XXREG0, 128);
    put_learn_spec(actions, NX_LEARN_DST_MATCH, MFF_ETH_DST, MFF_ETH_SRC, 48);
    put_learn_spec(actions, NX_LEARN_DST_LOAD, MFF_REG5,
                   MFF_IN_PORT, 16);
    learn = actions->header;    /* It may have moved. */
    ofpact_finish_LEARN(actions, &learn);
}

/* Flows. */

static void
add_flow(struct ovs_list *flows, uint8_t table, uint16_t priority,
         uint64_t cookie, const struct match *match, struct ofpbuf *actions)
{
    struct oflow *flow = oflow_create(table, priority, cookie, match,
                                      actions->data, actions->size);

    ovs_list_push_back(flows, &flow->node);
    ofpbuf_clear(actions);
}

/* Starts a match on Ethernet frames, as a switch reports every match that has
 * an Ethernet field. */
static void
match_ethernet(struct match *match)
{
    match_init_catchall(match);
    match_set_default_packet_type(match);
}

static void
match_in_network(struct match *match, const struct uuid *network)
{
    match_init_catchall(match);
    match_set_xxreg(match, 0, network_u128(network));
}

/* Matches untagged frames from 'port'.  Tagged ones are not admitted: a
 * network's VLAN is the hypervisor's business, not the VM's. */
static void
match_untagged_from(struct match *match, ofp_port_t port)
{
    match_ethernet(match);
    match_set_in_port(match, port);
    match_set_dl_tci_masked(match, htons(0), htons(VLAN_CFI));
}

void
pipeline_port_flows(const struct pipeline_port *port, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&port->uuid);
    uint64_t stub[256 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_untagged_from(&match, port->ofport);
    if (port->admin_up) {
        put_network(&actions, &port->network);
        put_goto(&actions, PIPELINE_GATE);
    }
    add_flow(flows, PIPELINE_ADMIT, PRI_OBJECT, cookie, &match, &actions);

    if (port->unknown) {
        match_init_catchall(&match);
        match_set_in_port(&match, port->ofport);
        put_learn(&actions, cookie);
        put_goto(&actions, PIPELINE_L2);
        add_flow(flows, PIPELINE_LEARN, PRI_OBJECT, cookie, &match, &actions);
    }

    match_in_network(&match, &port->network);
    match_set_default_packet_type(&match);
    match_set_dl_dst(&match, port->mac);
    put_load(&actions, REG_OUTPUT, ofp_to_u16(port->ofport));
    put_goto(&actions, PIPELINE_EGRESS);
    add_flow(flows, PIPELINE_L2, PRI_OBJECT, cookie, &match, &actions);

    match_in_network(&match, &port->network);
    match_set_reg(&match, REG_OUTPUT, ofp_to_u16(port->ofport));
    if (port->admin_up) {
        put_output(&actions, port->ofport);
    }
    add_flow(flows, PIPELINE_EGRESS, PRI_OBJECT, cookie, &match, &actions);

    ofpbuf_uninit(&actions);
}

void
pipeline_gate_flows(const struct uuid *network, bool admin_up,
                    struct ovs_list *flows)
{
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    match_in_network(&match, network);
    if (admin_up) {
        put_goto(&actions, PIPELINE_LEARN);
    }
    add_flow(flows, PIPELINE_GATE, PRI_OBJECT, oflow_cookie(network), &match,
             &actions);
    ofpbuf_uninit(&actions);
}

/* Looks at the whole UUID, which a client may have counted up in any part,
 * and is the same for every build: a new agent finds the old one's flows. */
static size_t
member_bucket(const struct pipeline_member *member)
{
    return (jhash_words(member->port.parts, ARRAY_SIZE(member->port.parts), 0)
            % PIPELINE_FLOOD_BUCKETS);
}

/* Appends to 'actions' what delivers to every member, or every one that takes
 * unknown addresses, through its gate in EGRESS; then to the wire, last
 * because what is pushed for it stays on the packet.  The flood's buckets
 * become flows of their own, numbered from 'first_bucket'. */
static void
put_flood(const struct pipeline_network *net, bool unknown_only,
          size_t first_bucket, struct ofpbuf *actions, struct ovs_list *flows)
{
    struct ofpbuf buckets[PIPELINE_FLOOD_BUCKETS];
    struct match match;

    for (size_t i = 0; i < PIPELINE_FLOOD_BUCKETS; i++) {
        ofpbuf_init(&buckets[i], 0);
    }
    for (size_t i = 0; i < net->n_members; i++) {
        const struct pipeline_member *member = &net->members[i];

        if (!unknown_only || member->unknown) {
            put_deliver(&buckets[member_bucket(member)], member->ofport);
        }
    }
    for (size_t i = 0; i < PIPELINE_FLOOD_BUCKETS; i++) {
        if (buckets[i].size) {
            put_load(actions, REG_BUCKET, first_bucket + i);
            put_resubmit(actions, PIPELINE_FLOOD);

            match_in_network(&match, &net->uuid);
            match_set_reg(&match, REG_BUCKET, first_bucket + i);
            add_flow(flows, PIPELINE_FLOOD, PRI_OBJECT,
                     oflow_cookie(&net->uuid), &match, &buckets[i]);
        }
        ofpbuf_uninit(&buckets[i]);
    }
    if (net->wire != OFPP_NONE) {
        put_deliver(actions, net->wire);
    }
}

/* Broadcast and multicast. */
static void
network_flood(const struct pipeline_network *net, struct ofpbuf *actions,
              struct ovs_list *flows)
{
    struct match match;

    put_flood(net, false, 0, actions, flows);
    match_in_network(&match, &net->uuid);
    match_set_default_packet_type(&match);
    match_set_dl_dst_masked(&match, GROUP_BIT, GROUP_BIT);
    add_flow(flows, PIPELINE_L2, PRI_MULTICAST, oflow_cookie(&net->uuid),
             &match, actions);
}

/* Unicast to an address that no port of the network declares. */
static void
network_unknown(const struct pipeline_network *net, bool any_unknown,
                struct ofpbuf *actions, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&net->uuid);
    struct match match;

    match_in_network(&match, &net->uuid);
    if (any_unknown) {
        put_resubmit(actions, PIPELINE_LEARNED);
    }
    put_goto(actions, PIPELINE_UNKNOWN);
    add_flow(flows, PIPELINE_L2, PRI_UNKNOWN, cookie, &match, actions);

    put_flood(net, true, PIPELINE_FLOOD_BUCKETS, actions, flows);
    match_in_network(&match, &net->uuid);
    match_set_reg(&match, REG_OUTPUT, 0);
    add_flow(flows, PIPELINE_UNKNOWN, PRI_OBJECT, cookie, &match, actions);
}

/* The network's patch port: in by its VLAN, out with it. */
static void
network_wire(const struct pipeline_network *net, bool any_unknown,
             struct ofpbuf *actions, struct ovs_list *flows)
{
    uint64_t cookie = oflow_cookie(&net->uuid);
    struct match match;

    match_untagged_from(&match, net->wire);
    if (net->wire_vlan) {
        match_set_dl_vlan(&match, htons(net->wire_vlan), 0);
        ofpact_put_STRIP_VLAN(actions);
    }
    put_network(actions, &net->uuid);
    put_goto(actions, PIPELINE_GATE);
    add_flow(flows, PIPELINE_ADMIT, PRI_OBJECT, cookie, &match, actions);

    /* With a port that takes unknown addresses, what is known to be on the
     * wire need not be flooded to it. */
    if (any_unknown) {
        match_in_network(&match, &net->uuid);
        match_set_in_port(&match, net->wire);
        put_learn(actions, cookie);
        put_goto(actions, PIPELINE_L2);
        add_flow(flows, PIPELINE_LEARN, PRI_OBJECT, cookie, &match, actions);
    }

    match_in_network(&match, &net->uuid);
    match_set_reg(&match, REG_OUTPUT, ofp_to_u16(net->wire));
    if (net->wire_vlan) {
        ovs_be16 vid = htons(net->wire_vlan | VLAN_CFI);

        ofpact_put_PUSH_VLAN(actions)->ethertype = htons(ETH_TYPE_VLAN_8021Q);
        put_set_field(actions, MFF_VLAN_VID, &vid);
    }
    put_output(actions, net->wire);
    add_flow(flows, PIPELINE_EGRESS, PRI_OBJECT, cookie, &match, actions);
}

void
pipeline_network_flows(const struct pipeline_network *net,
                       struct ovs_list *flows)
{
    bool any_unknown = false;
    struct ofpbuf actions;

    for (size_t i = 0; i < net->n_members; i++) {
        any_unknown = any_unknown || net->members[i].unknown;
    }

    ofpbuf_init(&actions, 1024);
    network_flood(net, &actions, flows);
    if (any_unknown || net->wire != OFPP_NONE) {
        network_unknown(net, any_unknown, &actions, flows);
    }
    if (net->wire != OFPP_NONE) {
        network_wire(net, any_unknown, &actions, flows);
    }
    ofpbuf_uninit(&actions);
}

void
pipeline_base_flows(bool host_admin_up, struct ovs_list *flows)
{
    const struct eth_addr reserved = ETH_ADDR_C(01,80,c2,00,00,00);
    const struct eth_addr reserved_mask = ETH_ADDR_C(ff,ff,ff,ff,ff,f0);
    uint64_t stub[64 / 8];
    struct ofpbuf actions = OFPBUF_STUB_INITIALIZER(stub);
    struct match match;

    if (!host_admin_up) {
        match_init_catchall(&match);
        add_flow(flows, PIPELINE_ADMIT, PRI_HOST_GATE, PIPELINE_BASE_COOKIE,
                 &match, &actions);
    }

    /* IEEE 802.1Q 8.6.3: addresses no bridge relays, STP and LLDP among
     * them; and no frame's source is a group. */
    match_ethernet(&match);
    match_set_dl_dst_masked(&match, reserved, reserved_mask);
    add_flow(flows, PIPELINE_ADMIT, PRI_PROTOCOL, PIPELINE_BASE_COOKIE,
             &match, &actions);
    match_ethernet(&match);
    match_set_dl_src_masked(&match, GROUP_BIT,
                            GROUP_BIT);
    add_flow(flows, PIPELINE_ADMIT, PRI_PROTOCOL, PIPELINE_BASE_COOKIE,
             &match, &actions);

    match_init_catchall(&match);
    put_goto(&actions, PIPELINE_L2);
    add_flow(flows, PIPELINE_LEARN, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);
    put_goto(&actions, PIPELINE_EGRESS);
    add_flow(flows, PIPELINE_UNKNOWN, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);
    ofpbuf_uninit(&actions);
}

void
pipeline_nudge_flow(struct ovs_list *flows)
{
    struct ofpbuf actions;
    struct match match;

    ofpbuf_init(&actions, 0);
    match_init_catchall(&match);
    add_flow(flows, PIPELINE_LEARNED, PRI_DEFAULT, PIPELINE_BASE_COOKIE,
             &match, &actions);
    ofpbuf_uninit(&actions);
}

int
pipeline_compare_members(const void *a_, const void *b_)
{
    const struct pipeline_member *a = a_;
    const struct pipeline_member *b = b_;

    return uuid_compare_3way(&a->port, &b->port);
}
