/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See pipeline-private.h. */

#include <config.h>

#include "pipeline-private.h"

#include "byte-order.h"
#include "flow.h"
#include "oflow.h"
#include "util.h"

const struct eth_addr pipeline_group_bit = ETH_ADDR_C(01,00,00,00,00,00);

/* Actions. */

void
put_output(struct ofpbuf *actions, ofp_port_t port)
{
    ofpact_put_OUTPUT(actions)->port = port;
}

void
put_resubmit(struct ofpbuf *actions, uint8_t table)
{
    struct ofpact_resubmit *resubmit = ofpact_put_RESUBMIT(actions);

    resubmit->in_port = OFPP_IN_PORT;
    resubmit->table_id = table;
}

void
put_goto(struct ofpbuf *actions, uint8_t table)
{
    ofpact_put_GOTO_TABLE(actions)->table_id = table;
}

/* Given a value, ofpact_put_set_field() leaves what pads it uninitialized, and
 * flows are compared byte for byte. */
void
put_set_field(struct ofpbuf *actions, enum mf_field_id id, const void *value)
{
    const struct mf_field *field = mf_from_id(id);
    struct ofpact_set_field *sf
        = ofpact_put_set_field(actions, field, NULL, NULL);

    memcpy(sf->value, value, field->n_bytes);
    memset(ofpact_set_field_mask(sf), 0xff, field->n_bytes);
}

void
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

void
put_network(struct ofpbuf *actions, const struct uuid *network)
{
    ovs_be128 value = hton128(network_u128(network));

    put_set_field(actions, MFF_XXREG0, &value);
}

void
put_move(struct ofpbuf *actions, enum mf_field_id src, enum mf_field_id dst)
{
    struct ofpact_reg_move *move = ofpact_put_REG_MOVE(actions);

    move->src.field = mf_from_id(src);
    move->src.n_bits = move->src.field->n_bits;
    move->dst.field = mf_from_id(dst);
    move->dst.n_bits = move->dst.field->n_bits;
}

void
put_pause(struct ofpbuf *actions)
{
    struct ofpact_controller *controller = ofpact_put_CONTROLLER(actions);

    controller->max_len = UINT16_MAX;
    controller->reason = OFPR_ACTION;
    controller->pause = true;
    controller->meter_id = NX_CTLR_NO_METER;
    controller->provider_meter_id = UINT32_MAX;
    ofpact_finish_CONTROLLER(actions, &controller);
}

void
put_peer(struct ofpbuf *actions, const struct in6_addr *peer)
{
    ovs_be32 ipv4 = in6_addr_get_mapped_ipv4(peer);

    if (ipv4) {
        put_set_field(actions, MFF_TUN_DST, &ipv4);
    } else {
        put_set_field(actions, MFF_TUN_IPV6_DST, peer);
    }
}

void
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

static void
put_learn_peer(struct ofpbuf *actions, enum pipeline_origin origin)
{
    if (origin == FROM_IPV4_TUNNEL) {
        put_learn_spec(actions, NX_LEARN_DST_LOAD, MFF_TUN_DST, MFF_TUN_SRC,
                       32);
    } else if (origin == FROM_IPV6_TUNNEL) {
        put_learn_spec(actions, NX_LEARN_DST_LOAD, MFF_TUN_IPV6_DST,
                       MFF_TUN_IPV6_SRC, 128);
    }
}

void
put_learn(struct ofpbuf *actions, uint64_t cookie,
          enum pipeline_origin origin)
{
    struct ofpact_learn *learn = ofpact_put_LEARN(actions);

    learn->idle_timeout = PIPELINE_LEARNED_IDLE_TIMEOUT;
    learn->priority = PRI_OBJECT;
    learn->table_id = PIPELINE_LEARNED;
    learn->cookie = htonll(cookie);
    learn->flags = NX_LEARN_F_DELETE_LEARNED;
    learn->limit = PIPELINE_LEARNED_MAX;
    put_learn_spec(actions, NX_LEARN_DST_MATCH, MFF_XXREG0, MFF_XXREG0, 128);
    put_learn_spec(actions, NX_LEARN_DST_MATCH, MFF_ETH_DST, MFF_ETH_SRC, 48);
    put_learn_spec(actions, NX_LEARN_DST_LOAD, MFF_REG5, MFF_IN_PORT, 16);
    put_learn_peer(actions, origin);
    learn = actions->header;    /* It may have moved. */
    ofpact_finish_LEARN(actions, &learn);
}

/* Matches and flows. */

void
add_flow(struct ovs_list *flows, uint8_t table, uint16_t priority,
         uint64_t cookie, const struct match *match, struct ofpbuf *actions)
{
    struct oflow *flow = oflow_create(table, priority, cookie, match,
                                      actions->data, actions->size);

    ovs_list_push_back(flows, &flow->node);
    ofpbuf_clear(actions);
}

void
match_ethernet(struct match *match)
{
    match_init_catchall(match);
    match_set_default_packet_type(match);
}

void
match_in_network(struct match *match, const struct uuid *network)
{
    match_init_catchall(match);
    match_set_xxreg(match, 0, network_u128(network));
}

void
match_untagged_from(struct match *match, ofp_port_t port)
{
    match_ethernet(match);
    match_set_in_port(match, port);
    match_set_dl_tci_masked(match, htons(0), htons(VLAN_CFI));
}
