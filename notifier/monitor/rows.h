/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_ROWS_H
#define MONITOR_ROWS_H 1

/* From a condition to the rows it asks for.
 *
 * Rows that a clause "column == value" asks for are looked up, so the cost is
 * theirs alone; the first clause on a column has it indexed (nb/index.h).
 * Other conditions cost a look at every row of the table. */

struct mon_condition;
struct mon_table;
struct nb_index;
struct ovsdb_row;

/* Calls 'cb' once with each row of 'table' for which 'condition' is true and
 * 'except', unless it is NULL, is not. */
void mon_rows_for_each(struct nb_index *, const struct mon_table *table,
                       const struct mon_condition *condition,
                       const struct mon_condition *except,
                       void (*cb)(const struct ovsdb_row *, void *aux),
                       void *aux);

#endif /* monitor/rows.h */
