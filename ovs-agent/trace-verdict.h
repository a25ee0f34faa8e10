/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TRACE_VERDICT_H
#define TRACE_VERDICT_H 1

/* What becomes of a packet and its copies, gathered on their way (see
 * trace-tell.h) and put into one sentence.
 *
 * Pure.  Not thread-safe. */

#include <stdbool.h>

#include "sset.h"
#include "svec.h"

struct ds;

struct trace_verdict {
    bool answered;              /* It was a question, and has its answer. */
    struct svec delivered;      /* To which ports here. */
    struct svec left;           /* By which ways out; */
    struct sset hosts;          /* who is to say what comes of it. */
    struct svec dropped;        /* By what. */
    struct svec *going;         /* Where the last output was noted, if it can
                                 * still be taken back. */
};

void trace_verdict_init(struct trace_verdict *);
void trace_verdict_destroy(struct trace_verdict *);

/* A copy is dropped by 'who', which 'why'. */
void trace_verdict_drop(struct trace_verdict *, const char *who,
                        const char *why);

/* A copy goes to a port here, or leaves by 'way' to 'host', NULL if nobody
 * knows who is there. */
void trace_verdict_deliver(struct trace_verdict *, const char *port);
void trace_verdict_leave(struct trace_verdict *, const char *way,
                         const char *host);

/* What was noted last is final. */
void trace_verdict_settle(struct trace_verdict *);

/* The switch does not do what was noted last, because of 'why'.  Returns false
 * if that was final, or nothing was noted. */
bool trace_verdict_take_back(struct trace_verdict *, const char *why);

/* Appends the sentence.  'nothing_done' if the datapath drops the packet,
 * whatever was noted. */
void trace_verdict_format(const struct trace_verdict *, bool nothing_done,
                          struct ds *out);

#endif /* trace-verdict.h */
