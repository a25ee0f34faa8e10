/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef UNIT_H
#define UNIT_H 1

/* What the unit tests share.
 *
 * Each test program links one pure module, or a few, as the agent does, and
 * hands it facts; nothing of the program under test is replaced.  Results that
 * are flows are compared as text, as ovs-ofctl(8) writes them, since that is
 * what people read when something is wrong.
 *
 * Include this first after <config.h>: cmocka.h wants its own order. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "openvswitch/list.h"
#include "openvswitch/uuid.h"
#include "util.h"

struct hmap;
struct oflow;

/* For main(), first: names the program and keeps the log, where the modules
 * under test complain about the bad input they are given, out of the TAP. */
void unit_init(const char *argv0);

/* The 'n'th UUID of its kind, "0000000K-0000-NNNN-0000-00000000NNNN": easy to
 * find in a cookie (0xK0000NNNN), in a register and in a diff. */
enum unit_kind { UNIT_NETWORK = 0xa, UNIT_PORT = 0xb, UNIT_IFACE = 0xc,
                 UNIT_SEGMENT = 0xd, UNIT_PEER = 0xe, UNIT_PLACE = 0xf };
struct uuid unit_uuid(enum unit_kind, unsigned int n);

/* A flow, or every flow of a list, sorted, a line each, for the caller to
 * free. */
char *unit_flow_text(const struct oflow *);
char *unit_flows_text(const struct ovs_list *flows);

/* Fails unless 'flows' are exactly the lines of 'expected', sorted.  Frees the
 * flows. */
#define assert_flows(FLOWS, EXPECTED) \
    unit_assert_flows(FLOWS, EXPECTED, __FILE__, __LINE__)
void unit_assert_flows(struct ovs_list *flows, const char *expected,
                       const char *file, int line);

/* Fails unless 'changes', a list of "struct flow_change"s, are exactly the
 * lines of 'expected', sorted: "add" or "delete", "closing" if it is, the
 * number of the owner's UUID and the flow. */
#define assert_changes(CHANGES, EXPECTED) \
    unit_assert_changes(CHANGES, EXPECTED, __FILE__, __LINE__)
void unit_assert_changes(const struct ovs_list *changes, const char *expected,
                         const char *file, int line);

/* A new flow from what ovs-ofctl(8) takes; fails if that cannot be read. */
struct oflow *unit_flow(const char *text);

/* What comes of 'flow' on its way to a switch and back: encoded as it is sent,
 * decoded as a switch does, and read back from the reply to a request for
 * flows. */
struct oflow *unit_flow_sent(const struct oflow *);
struct oflow *unit_flow_installed(const struct oflow *);

/* An integer from the environment, or 'def'. */
unsigned int unit_env(const char *name, unsigned int def);

#endif /* tests/unit/unit.h */
