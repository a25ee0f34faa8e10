/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a row says of the object it stands for, as far as the journal and
 * those who listen to events sort objects by it.
 *
 * Pure functions of the replica; strings are the rows' own, or the struct's,
 * and live until the next replica_run(). */

#ifndef JOURNAL_OBJECT_FACTS_H
#define JOURNAL_OBJECT_FACTS_H 1

#include <stdbool.h>
#include <stdint.h>

#include "api/resource.h"
#include "uuid.h"

struct nb_row;
struct replica;

struct object_facts {
    char id[UUID_LEN + 1];
    const char *name;
    char network_id[UUID_LEN + 1]; /* A network's own; "" for none. */
    const char *project_id;
    const char *host;           /* Where a port is bound, an agent is. */
    int64_t revision;
    const char *updated_by;     /* "WHO" or "WHO: WHAT". */
};

void object_facts_from_row(const struct replica *, enum api_kind,
                    const struct nb_row *, struct object_facts *);

/* What a hypervisor says that it has applied. */
struct applied_facts {
    enum api_kind kind;         /* Of the object. */
    const struct nb_row *object; /* NULL: it is gone. */
    const char *host;
    int64_t revision;
    bool live;                  /* Not refused, and not on its way. */
};

/* 'row' is a Port_Binding, a Network_Binding or an Agent. */
void applied_facts_from_row(const struct replica *, const struct nb_row *row,
                            struct applied_facts *);

/* Who deleted 'id', and what he said, if the database's last_deletion names
 * it: "ID[,ID...] by WHO: WHAT".  Returns false if it does not; otherwise the
 * caller frees both. */
bool object_facts_of_deletion(const struct replica *, const char *id,
                       char **who, char **what);

/* Splits "WHO: WHAT"; 'what' is "" if there is none.  The caller frees
 * both. */
void object_facts_split(const char *who_and_what, char **who, char **what);

#endif /* journal/object-facts.h */
