/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef TRACE_TELL_H
#define TRACE_TELL_H 1

/* Tells in words what a trace (see trace.h) through the pipeline (see
 * pipeline.h) shows: a line for each step that decides something, and a
 * verdict.
 *
 * Whose a flow is, is known by its cookie; what a table does with it, by its
 * priority.  A step that is not understood is not told.
 *
 * Looks at the topology and changes nothing.  Not thread-safe. */

struct ds;
struct lport;
struct topology;
struct trace;

/* Appends lines to 'out'.  The packet was sent by 'from', a local port, to the
 * Ethernet address 'dst'. */
void trace_tell(const struct trace *, const struct topology *,
                const struct lport *from, const char *dst, struct ds *out);

#endif /* trace-tell.h */
