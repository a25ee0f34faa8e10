/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The name of the lock by which an agent is known to be alive.
 *
 * An agent holds, on its own session with the northbound database, the OVSDB
 * lock (RFC 7047 section 4.1.8) that this module names after its host.  The
 * server drops a lock the moment the session that holds it ends, so whoever
 * can get the lock of a host knows that no agent serves that host: no
 * heartbeat has to be written and no clock compared.  The agent takes the
 * lock, sluice-nbctl asks for it; this module is all that they share.
 *
 * When the server has been away, agents need some time to come back and take
 * their locks again: see AGENT_LOCK_SETTLE_MS.
 *
 * A pure function of its argument: no state, no errors. */

#ifndef AGENT_LOCK_H
#define AGENT_LOCK_H 1

/* What every name of an agent's lock begins with. */
#define AGENT_LOCK_PREFIX "sluice_agent_"

/* So long after the server is back, whose agent has not taken its lock is not
 * there.  An OVSDB client tries again within 8 s at most; so does a notifier,
 * and the agents that it serves after it; and those wait up to 2 s more, not
 * to come all at once. */
#define AGENT_LOCK_SETTLE_MS 20000

/* Returns the name of the lock of the agent of 'host', for the caller to
 * free.
 *
 * A lock's name must be an OVSDB <id>, [a-zA-Z_][a-zA-Z0-9_]*, and a host's
 * name may hold any byte.  Every byte other than an ASCII letter or digit, the
 * underscore too, becomes "_xx", its value in two lower-case hexadecimal
 * digits.  So two hosts never share a name, and the name can be read:
 *
 *     "hv1"            sluice_agent_hv1
 *     "hv-1.example"   sluice_agent_hv_2d1_2eexample */
char *agent_lock_name(const char *host);

#endif /* agent-lock.h */
