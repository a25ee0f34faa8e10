/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_RANDOM_H
#define MONITOR_RANDOM_H 1

/* Random rows and clauses, in JSON with ' for ", of two tables, a few columns
 * of each type and few values, so that rows come in and out of what clients
 * ask for.  The caller has seeded random.h. */

#include <stdbool.h>

#include "openvswitch/uuid.h"

struct ds;

#define RANDOM_TABLES 2
#define RANDOM_ROWS 5
#define RANDOM_COLUMNS 6

enum random_kind {
    RANDOM_STRING,
    RANDOM_INTEGER,
    RANDOM_BOOLEAN,
    RANDOM_UUID,
    RANDOM_STRINGS,
    RANDOM_MAP,
};

struct random_table {
    const char *name;
    struct {
        const char *name;
        enum random_kind kind;
    } columns[RANDOM_COLUMNS];
};

extern const struct random_table random_tables[RANDOM_TABLES];

struct uuid random_row_id(int table, int row);

/* Appends ", 'COLUMN': VALUE" for some of the columns, as of a new row or as
 * the difference from an old one. */
void random_put_columns(struct ds *, int table);

/* Appends a clause that is "==" or, if 'general', maybe another. */
void random_put_clause(struct ds *, int table, bool general);

#endif /* tests/unit/monitor-random.h */
