/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef COMMANDS_OBJECTS_H
#define COMMANDS_OBJECTS_H 1

/* What the commands (see commands.h) share: which ports, networks and peers
 * there are, and what they are called.
 *
 * Not thread-safe. */

#include <stddef.h>
#include <stdint.h>

#include "topology-objects.h"

struct ds;

/* The objects of 'kind', sorted by UUID, peers by hypervisor, for the caller
 * to free; of ports, those that are local. */
struct lobject **commands_objects(const struct topology *, enum lkind,
                                  size_t *n);

/* The local port called 'name', or with it as its UUID.  If there is not
 * exactly one, returns NULL and an error to be freed. */
struct lport *commands_find_port(const struct topology *, const char *name,
                                 char **error);

/* In words, whether 'port', a local one, carries traffic, and if not, what
 * stops it. */
const char *commands_port_state(const struct topology *,
                                const struct lport *port);

/* What of 'net' is elsewhere: ports, and hypervisors that it extends to. */
size_t commands_remote_ports(const struct lnet *net);
size_t commands_hypervisors(const struct topology *, const struct lnet *net);

/* The peer by which 'port', which is elsewhere, is reached, or NULL. */
const struct lpeer *commands_port_peer(const struct topology *,
                                       const struct lport *port);

/* Append a name: 'port "NAME" (UUID)', 'port UUID at HOST'; 'network "NAME"';
 * the names of a peer's hypervisors, separated by commas. */
void commands_format_port(const struct lport *, struct ds *);
void commands_format_network(const struct lnet *, struct ds *);
void commands_format_hosts(const struct lpeer *, struct ds *);

#endif /* commands-objects.h */
