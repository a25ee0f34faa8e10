/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TRACE_TELLER_H
#define TRACE_TELLER_H 1

/* What the files share that tell a trace (see trace-tell.h): where the packet
 * is, and how lines are told.
 *
 * Not thread-safe. */

#include <netinet/in.h>
#include <stdint.h>

#include "compiler.h"
#include "openvswitch/types.h"
#include "trace-verdict.h"

struct ds;
struct lport;
struct topology;
struct trace_step;

struct teller {
    const struct topology *topology;
    const struct lport *from;
    const char *dst;
    struct ds *out;

    const struct trace_step *table; /* Where the packet is. */
    struct in6_addr peer;       /* Where a tunnel would take it. */
    struct trace_verdict verdict;
};

/* Tells a line about the present table. */
void teller_say(struct teller *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

/* The packet ends here, because of 'who', which 'why'. */
void teller_drop(struct teller *, const char *who, const char *why);

/* Names, for the caller to free: of a port, and of the packet's network. */
char *teller_port_text(const struct lport *);
char *teller_network_text(const struct teller *);

/* The port of the network that has 'cookie', or NULL. */
const struct lport *teller_find_port(const struct teller *, uint64_t cookie);

/* trace-tables.c: what the present table decides. */
void teller_table(struct teller *);

/* trace-outputs.c: where the packet goes by 'ofport'. */
void teller_output(struct teller *, ofp_port_t ofport);

#endif /* trace-teller.h */
