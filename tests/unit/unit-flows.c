/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What unit.h has about flows, apart so that tests of programs without any can
 * be linked.  What goes wrong here fails the test that runs. */

#include <config.h>

#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "byte-order.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/ofp-errors.h"
#include "openvswitch/ofp-msgs.h"
#include "openvswitch/ofpbuf.h"
#include "ovs-agent/flow-dump.h"
#include "ovs-agent/flow-table.h"
#include "ovs-agent/oflow.h"
#include "svec.h"

/* Flows as text. */

char *
unit_flow_text(const struct oflow *flow)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    oflow_format(flow, &s);
    return ds_steal_cstr(&s);
}

/* Sorts and joins 'lines', and frees them. */
static char *
sorted_text(struct svec *lines)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    const char *line;
    size_t i;

    svec_sort(lines);
    SVEC_FOR_EACH (i, line, lines) {
        ds_put_format(&s, "%s\n", line);
    }
    svec_destroy(lines);
    return ds_steal_cstr(&s);
}

char *
unit_flows_text(const struct ovs_list *flows)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct oflow *flow;

    LIST_FOR_EACH (flow, node, flows) {
        svec_add_nocopy(&lines, unit_flow_text(flow));
    }
    return sorted_text(&lines);
}

static char *
changes_text(const struct ovs_list *changes)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    const struct flow_change *change;

    LIST_FOR_EACH (change, node, changes) {
        char *flow = unit_flow_text(change->flow);

        svec_add_nocopy(&lines, xasprintf("%s%s %"PRIu32" %s",
                                          change->add ? "add" : "delete",
                                          change->closing ? " closing" : "",
                                          change->owner.parts[1], flow));
        free(flow);
    }
    return sorted_text(&lines);
}

/* A line at a time: cmocka cuts off what is longer than a kilobyte. */
static void
print_lines(const char *title, const char *text)
{
    print_error("%s:\n", title);
    while (*text) {
        int n = strcspn(text, "\n");

        print_error("%.*s\n", n, text);
        text += n + (text[n] == '\n');
    }
}

/* Compares, and frees, 'text'. */
static void
assert_text(char *text, const char *expected, const char *file, int line)
{
    if (strcmp(text, expected)) {
        print_lines("expected", expected);
        print_lines("got", text);
        _fail(file, line);
    }
    free(text);
}

void
unit_assert_flows(struct ovs_list *flows, const char *expected,
                  const char *file, int line)
{
    char *text = unit_flows_text(flows);

    oflow_list_clear(flows);
    assert_text(text, expected, file, line);
}

void
unit_assert_changes(const struct ovs_list *changes, const char *expected,
                    const char *file, int line)
{
    assert_text(changes_text(changes), expected, file, line);
}

/* Flows on their way. */

static struct oflow *
flow_from_mod(const struct ofputil_flow_mod *fm)
{
    struct match match;

    minimatch_expand(&fm->match, &match);
    return oflow_create(fm->table_id, fm->priority, ntohll(fm->new_cookie),
                        &match, fm->ofpacts, fm->ofpacts_len);
}

struct oflow *
unit_flow(const char *text)
{
    enum ofputil_protocol usable;
    struct ofputil_flow_mod fm;
    struct oflow *flow;
    char *error;

    error = parse_ofp_flow_mod_str(&fm, text, NULL, NULL, OFPFC_ADD, &usable);
    if (error) {
        fail_msg("%s: %s", text, error);
    }
    flow = flow_from_mod(&fm);
    minimatch_destroy(&fm.match);
    free(fm.ofpacts);
    return flow;
}

struct oflow *
unit_flow_sent(const struct oflow *flow)
{
    struct ofpbuf *msg = oflow_encode_add(flow);
    struct ofputil_flow_mod fm;
    struct oflow *sent;
    struct ofpbuf ofpacts;

    ofpbuf_init(&ofpacts, 64);
    assert_int_equal(ofputil_decode_flow_mod(&fm, msg->data, OFLOW_PROTOCOL,
                                             NULL, NULL, &ofpacts, OFPP_MAX,
                                             UINT8_MAX), 0);
    assert_int_equal(fm.command, OFPFC_ADD);
    sent = flow_from_mod(&fm);
    minimatch_destroy(&fm.match);
    ofpbuf_uninit(&ofpacts);
    ofpbuf_delete(msg);
    return sent;
}

/* Appends 'flow', as a switch reports it, to 'replies'. */
static void
append_stats(const struct oflow *flow, struct ovs_list *replies)
{
    struct ofputil_flow_stats stats = {
        .cookie = htonll(flow->cookie),
        .table_id = flow->table,
        .priority = flow->priority,
        .idle_age = -1,
        .hard_age = -1,
        .packet_count = flow->n_packets,
        .ofpacts = flow->ofpacts,
        .ofpacts_len = flow->ofpacts_len,
    };

    minimatch_expand(&flow->match, &stats.match);
    ofputil_append_flow_stats_reply(&stats, replies, NULL);
}

struct oflow *
unit_flow_installed(const struct oflow *flow)
{
    struct oflow *sent = unit_flow_sent(flow);
    struct oflow *installed;
    struct ovs_list replies;
    struct flow_dump dump;
    struct ofpbuf *msg;

    msg = flow_dump_init(&dump, 0, 0);
    ofpmp_init(&replies, msg->data);
    ofpbuf_delete(msg);
    append_stats(sent, &replies);
    oflow_destroy(sent);

    LIST_FOR_EACH_POP (msg, list_node, &replies) {
        ofpmsg_update_length(msg);
        flow_dump_reply(&dump, msg->data);
        ofpbuf_delete(msg);
    }
    assert_int_equal(hmap_count(&dump.flows), 1);
    installed = CONTAINER_OF(hmap_first(&dump.flows), struct oflow,
                             hmap_node);
    hmap_remove(&dump.flows, &installed->hmap_node);
    flow_dump_destroy(&dump);
    return installed;
}
