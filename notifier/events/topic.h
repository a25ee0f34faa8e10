/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_TOPIC_H
#define EVENTS_TOPIC_H 1

/* What a client of GET /events asked for, and what it may see.
 *
 * A topic is a filter, from the query: for each key any number of values, of
 * which an event has to have one.  A key that is not given lets everything
 * pass.
 *
 *     resource=    "network", "subnet", "port", "agent"
 *     id=          of the object
 *     network_id=  a network, its subnets and its ports
 *     host=        the hypervisor a port is bound to, or was before the
 *                  change; the one that has applied it; an agent's
 *     project_id=  the object's
 *     verb=        "created", "updated", "deleted", "applied"
 *
 * Beside what he asked for, a viewer who is not an admin is told of objects of
 * his own project and of shared ones alone.
 *
 * Pure: no state, no input or output. */

#include <stdbool.h>
#include <stddef.h>

#include "compiler.h"
#include "journal/journal.h"

struct ds;
struct http_pair;

/* Values of all keys together: no fewer than the IDs that the longest request
 * the server takes has room for. */
#define TOPIC_MAX_VALUES 1000

/* The longest value, in bytes: the longest name a host can have in DNS. */
#define TOPIC_MAX_VALUE_LEN 255

/* What there are events of, in the order in which each refers to those before
 * it alone. */
#define TOPIC_N_RESOURCES 4
extern const char *const topic_resources[TOPIC_N_RESOURCES];

/* What of an event, or of an object, decides who is told of it.  Strings are
 * never NULL and are borrowed; "" is for none. */
struct topic_facts {
    const char *resource;
    const char *id;
    const char *network_id;     /* A network's is its own. */
    const char *project_id;
    const char *hosts[2];
    bool shared;                /* May every project see it? */
    enum journal_verb verb;
};

struct topic {
    /* As the journal wants it.  Strings are sorted, each there once. */
    struct journal_filter filter;

    /* If not NULL: the project beside whose objects only shared ones are
     * seen; "" for nobody's. */
    char *only_project;
};

/* Reads the query of a request into a new topic.  "last_event_id", which is
 * no filter, is passed over.  'only_project' is as in "struct topic"; it is
 * copied.
 *
 * Returns NULL and sets '*topicp', or returns what is wrong (an unknown key
 * or value, too many values), for the caller to free: a 400. */
char *topic_parse(const struct http_pair *query, size_t n_query,
                  const char *only_project, struct topic **topicp)
    OVS_WARN_UNUSED_RESULT;
void topic_destroy(struct topic *);

/* How many values the filter has. */
size_t topic_n_values(const struct topic *);

/* Whether 'topic' is about an event with these facts, and its viewer may see
 * it. */
bool topic_matches(const struct topic *, const struct topic_facts *);

/* The same for an object as it is, whatever was done to it. */
bool topic_matches_object(const struct topic *, const struct topic_facts *);

/* Whether the viewer may see it, whatever he asked for. */
bool topic_may_see(const struct topic *, const struct topic_facts *);

/* Appends the topic as it was asked for, keys in fixed order,
 * "resource=port&host=hv1", and "all" if for everything. */
void topic_format(const struct topic *, struct ds *);

#endif /* events/topic.h */
