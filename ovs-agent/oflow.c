/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See oflow.h.  Nothing here fails: a flow that cannot be encoded is a bug in
 * pipeline.c, which the unit tests look for. */

#include <config.h>

#include "oflow.h"

#include <inttypes.h>

#include "byte-order.h"
#include "hash.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-actions.h"
#include "openvswitch/ofpbuf.h"
#include "util.h"

struct oflow *
oflow_create(uint8_t table, uint16_t priority, uint64_t cookie,
             const struct match *match, const struct ofpact *ofpacts,
             size_t ofpacts_len)
{
    struct oflow *flow = xzalloc(sizeof *flow);

    flow->table = table;
    flow->priority = priority;
    minimatch_init(&flow->match, match);
    flow->hash = hash_2words(minimatch_hash(&flow->match, table), priority);
    flow->cookie = cookie;
    flow->ofpacts = xmemdup(ofpacts, ofpacts_len);
    flow->ofpacts_len = ofpacts_len;
    ovs_list_init(&flow->node);
    return flow;
}

struct oflow *
oflow_clone(const struct oflow *src)
{
    struct oflow *flow = xmemdup(src, sizeof *src);

    minimatch_clone(&flow->match, &src->match);
    flow->ofpacts = xmemdup(src->ofpacts, src->ofpacts_len);
    flow->owner = NULL;
    hmap_node_nullify(&flow->hmap_node);
    ovs_list_init(&flow->node);
    return flow;
}

void
oflow_destroy(struct oflow *flow)
{
    if (flow) {
        minimatch_destroy(&flow->match);
        free(flow->ofpacts);
        free(flow);
    }
}

void
oflow_list_clear(struct ovs_list *flows)
{
    struct oflow *flow;

    LIST_FOR_EACH_POP (flow, node, flows) {
        oflow_destroy(flow);
    }
}

uint64_t
oflow_cookie(const struct uuid *uuid)
{
    uint64_t cookie = ((uint64_t) uuid->parts[0] << 32) | uuid->parts[1];

    /* OpenFlow keeps the all-ones cookie for itself. */
    return cookie == UINT64_MAX ? cookie - 1 : cookie;
}

bool
oflow_same_key(const struct oflow *a, const struct oflow *b)
{
    return (a->hash == b->hash && a->table == b->table
            && a->priority == b->priority
            && minimatch_equal(&a->match, &b->match));
}

bool
oflow_same_effect(const struct oflow *a, const struct oflow *b)
{
    return (a->cookie == b->cookie
            && ofpacts_equal(a->ofpacts, a->ofpacts_len,
                             b->ofpacts, b->ofpacts_len));
}

bool
oflow_same_as_installed(const struct oflow *desired,
                        const struct oflow *installed)
{
    if (oflow_same_effect(desired, installed)) {
        return true;
    }

    struct ofpbuf *msg = oflow_encode_add(desired);
    struct ofputil_flow_mod fm;
    struct ofpbuf ofpacts;
    bool same = false;

    ofpbuf_init(&ofpacts, 64);
    if (!ofputil_decode_flow_mod(&fm, msg->data, OFLOW_PROTOCOL, NULL, NULL,
                                 &ofpacts, OFPP_MAX, UINT8_MAX)) {
        /* As text: what pads decoded actions is not initialized. */
        same = (desired->cookie == installed->cookie
                && ofpacts_equal_stringwise(fm.ofpacts, fm.ofpacts_len,
                                            installed->ofpacts,
                                            installed->ofpacts_len));
        minimatch_destroy(&fm.match);
    }
    ofpbuf_uninit(&ofpacts);
    ofpbuf_delete(msg);
    return same;
}

struct oflow *
oflow_lookup(const struct hmap *flows, const struct oflow *key)
{
    struct oflow *flow;

    HMAP_FOR_EACH_WITH_HASH (flow, hmap_node, key->hash, flows) {
        if (oflow_same_key(flow, key)) {
            return flow;
        }
    }
    return NULL;
}

static struct ofpbuf *
oflow_encode(const struct oflow *flow, uint16_t command)
{
    bool adding = command == OFPFC_ADD;
    struct ofputil_flow_mod fm = {
        .priority = flow->priority,
        .table_id = flow->table,
        .command = command,
        .buffer_id = UINT32_MAX,
        .out_port = OFPP_ANY,
        .out_group = OFPG_ANY,
        .new_cookie = adding ? htonll(flow->cookie) : OVS_BE64_MAX,
        /* A drop flow counts what it dropped, not what its predecessor let
         * through. */
        .flags = adding ? OFPUTIL_FF_RESET_COUNTS : 0,
        .ofpacts = adding ? flow->ofpacts : NULL,
        .ofpacts_len = adding ? flow->ofpacts_len : 0,
    };
    struct ofpbuf *msg;

    minimatch_clone(&fm.match, &flow->match);
    msg = ofputil_encode_flow_mod(&fm, OFLOW_PROTOCOL);
    minimatch_destroy(&fm.match);
    return msg;
}

struct ofpbuf *
oflow_encode_add(const struct oflow *flow)
{
    return oflow_encode(flow, OFPFC_ADD);
}

struct ofpbuf *
oflow_encode_delete(const struct oflow *flow)
{
    return oflow_encode(flow, OFPFC_DELETE_STRICT);
}

void
oflow_format(const struct oflow *flow, struct ds *out)
{
    struct ofpact_format_params params = { .s = out };

    ds_put_format(out, "cookie=0x%"PRIx64",table=%"PRIu8",",
                  flow->cookie, flow->table);
    minimatch_format(&flow->match, NULL, NULL, out, flow->priority);
    ds_put_cstr(out, " actions=");
    ofpacts_format(flow->ofpacts, flow->ofpacts_len, &params);
}
