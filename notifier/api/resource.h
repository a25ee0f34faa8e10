/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The API's resources: a table of attributes each (api/attr.h), in
 * api/network.c, subnet.c, port.c and agent.c, in the order in which GET shows
 * them; and what can be done by the tables alone: who sees an object, what
 * GET shows of it, what changed between two of its states.
 *
 * What an object shows depends on its own row and on
 *
 *     network   Segment; Subnet rows of the network coming and going
 *     subnet    nothing else
 *     port      IP_Allocation; Port_Binding rows of the port (status); the
 *               Agent row of its host coming and going, and what it says of
 *               bridge and datapath (vif_type, vif_details)
 *     agent     Host; whether it is alive
 *
 * Single-threaded, like the replica. */

#ifndef API_RESOURCE_H
#define API_RESOURCE_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/attr.h"
#include "nb/columns.h"

struct ds;
struct nb_row;
struct replica;

enum api_kind {
    API_NETWORK, API_SUBNET, API_PORT, API_AGENT, API_N_KINDS
};

struct api_resource {
    enum api_kind kind;
    const char *name;           /* "port" */
    const char *plural;         /* "ports" */
    const char *title;          /* "Port" */
    const char *not_found;      /* "PortNotFound" */
    const char *in_use;         /* "PortInUse" */
    enum nb_table table;
    enum nb_column project;     /* Whose it is; NB_N_COLUMNS: the admin's. */
    const struct api_attr *attrs;
    size_t n_attrs;
};

extern const struct api_resource *const api_resources[API_N_KINDS];

/* NULL if there is none of that name. */
const struct api_resource *api_resource_by_name(const char *name);
const struct api_resource *api_resource_by_plural(const char *plural);
const struct api_attr *api_find_attr(const struct api_resource *,
                                     const char *name);

/* Who asks. */
struct api_viewer {
    bool admin;
    const char *project_id;     /* "" for none.  Never NULL. */
    const char *name;           /* What the history calls him. */
};

/* What is looked at and for whom.  Cheap to make; lives on the stack. */
struct api_view {
    const struct replica *replica;
    const struct api_viewer *viewer; /* NULL: sees everything. */

    /* Whether the agent with that row is alive. */
    bool (*alive)(const struct nb_row *agent, void *aux);
    void *aux;
};

/* Whether the viewer is an admin (or there is none: without a viewer). */
bool api_viewer_is_admin(const struct api_viewer *);

/* Whether he may see the object of 'row': an admin any, others their own
 * project's, shared networks and their subnets. */
bool api_may_see(const struct api_resource *, const struct api_view *,
                 const struct nb_row *row);

/* Whether he may change or delete it: an admin any, others what is their own
 * project's. */
bool api_may_change(const struct api_resource *, const struct api_view *,
                    const struct nb_row *row);

/* Appends what GET shows of the object of 'row', as text.  'fields' are names of
 * attributes, those that do not exist ignored; 'n_fields' 0: all.  Attributes
 * that the viewer does not see are left out. */
void api_show_text(const struct api_resource *, const struct api_view *,
                   const struct nb_row *,
                   const char *const *fields, size_t n_fields,
                   struct ds *out);

/* The same for many rows: a bit for each attribute to be shown, and a row by
 * that. */
uint64_t api_show_mask(const struct api_resource *, const struct api_viewer *,
                       const char *const *fields, size_t n_fields);
void api_show_text_masked(const struct api_resource *,
                          const struct api_view *, const struct nb_row *,
                          uint64_t mask, struct ds *out);

/* Appends to 'out' what the journal keeps and nobody is shown: the JSON of an
 * object of the API_INTERNAL attributes of 'row'. */
void api_show_internal(const struct api_resource *, const struct nb_row *row,
                       struct ds *out);

/* Takes what only an admin sees out of an object that was shown to one. */
void api_strip(const struct api_resource *, json_t *object);

/* What changed from 'old' to 'new', which were shown to an admin or by
 * api_show_internal(): {"attribute": [old, new], ...}, without API_VOLATILE
 * ones; NULL if nothing did.  An attribute that one does not have is null
 * there. */
json_t *api_difference(const struct api_resource *,
                       const json_t *old, const json_t *new);

/* Sets the columns of an operation to those of 'values', normal forms by
 * attribute, whose table is that of 'op' ('table'): an attribute without a
 * column, or with one in another table, is left to the caller. */
void api_store(const struct api_resource *, const json_t *values,
               enum nb_table table, struct nb_op *op);

/* Column types of nb/columns.h, for reading and writing by table. */
enum api_column_type {
    API_COLUMN_BOOLEAN, API_COLUMN_INTEGER, API_COLUMN_STRING,
    API_COLUMN_UUID, API_COLUMN_REF, API_COLUMN_STRINGS, API_COLUMN_REFS,
    API_COLUMN_MAP,
};
struct api_column {
    enum nb_table table;
    enum api_column_type type;
    bool indexed;
};
extern const struct api_column api_columns[NB_N_COLUMNS];

#endif /* api/resource.h */
