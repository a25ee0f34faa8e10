/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef NB_ROWS_H
#define NB_ROWS_H 1

/* From rows of the northbound replica to intent (intent.h), handed over to
 * topology.c.  For nb.c alone, which says when. */

struct ovsdb_idl;
struct topology;

/* Every row there is; what was handed over before and is not among them, is
 * gone. */
void nb_rows_hand_over_all(const struct ovsdb_idl *, struct topology *);

/* The rows the IDL has tracked as changed. */
void nb_rows_hand_over_changes(const struct ovsdb_idl *, struct topology *);

#endif /* nb-rows.h */
