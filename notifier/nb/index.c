/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Groups hold rows in an array, so that a lookup can hand it out as it is;
 * members know a row's place in each array, so that it can be taken out
 * without a search.  There are no errors. */

#include <config.h>

#include "nb/index.h"

#include "hash.h"
#include "nb/layout.h"
#include "openvswitch/json.h"
#include "ovsdb/column.h"
#include "util.h"

/* All rows with one value in one column. */
struct group {
    struct hmap_node node;      /* In 'groups'. */
    enum nb_column column;
    union ovsdb_atom value;     /* Owned. */
    const struct nb_row **rows;
    struct member **members;    /* Parallel to 'rows'. */
    size_t n, allocated;
};

/* That a row is in a group. */
struct member {
    struct hmap_node node;      /* In 'members'. */
    struct group *group;
    struct uuid row;
    size_t position;
};

static enum ovsdb_atomic_type
atomic_type(enum nb_column column)
{
    return nb_layout_column(column)->type.key.type;
}

static bool
is_nothing(enum nb_column column, const union ovsdb_atom *value)
{
    return (atomic_type(column) == OVSDB_TYPE_STRING
            ? !json_string(value->s)[0]
            : uuid_is_zero(&value->uuid));
}

static uint32_t
group_hash(enum nb_column column, enum ovsdb_atomic_type type,
           const union ovsdb_atom *value)
{
    return (type == OVSDB_TYPE_STRING
            ? hash_string(json_string(value->s), column)
            : hash_int(column, uuid_hash(&value->uuid)));
}

static struct group *
find_string(const struct nb_index *index, enum nb_column column,
            const char *s)
{
    struct group *group;

    HMAP_FOR_EACH_WITH_HASH (group, node, hash_string(s, column),
                             &index->groups) {
        if (group->column == column
            && !strcmp(json_string(group->value.s), s)) {
            return group;
        }
    }
    return NULL;
}

static struct group *
find_uuid(const struct nb_index *index, enum nb_column column,
          const struct uuid *uuid)
{
    struct group *group;

    HMAP_FOR_EACH_WITH_HASH (group, node, hash_int(column, uuid_hash(uuid)),
                             &index->groups) {
        if (group->column == column
            && uuid_equals(&group->value.uuid, uuid)) {
            return group;
        }
    }
    return NULL;
}

static struct group *
find_atom(const struct nb_index *index, enum nb_column column,
          const union ovsdb_atom *value)
{
    return (atomic_type(column) == OVSDB_TYPE_STRING
            ? find_string(index, column, json_string(value->s))
            : find_uuid(index, column, &value->uuid));
}

static uint32_t
member_hash(const struct group *group, const struct uuid *row)
{
    return hash_pointer(group, uuid_hash(row));
}

static struct member *
find_member(const struct nb_index *index, const struct group *group,
            const struct uuid *row)
{
    struct member *member;

    HMAP_FOR_EACH_WITH_HASH (member, node, member_hash(group, row),
                             &index->members) {
        if (member->group == group && uuid_equals(&member->row, row)) {
            return member;
        }
    }
    return NULL;
}

static struct group *
group_create(struct nb_index *index, enum nb_column column,
             const union ovsdb_atom *value)
{
    enum ovsdb_atomic_type type = atomic_type(column);
    struct group *group = xzalloc(sizeof *group);

    group->column = column;
    ovsdb_atom_clone(&group->value, value, type);
    hmap_insert(&index->groups, &group->node,
                group_hash(column, type, value));
    return group;
}

static void
group_destroy(struct nb_index *index, struct group *group)
{
    hmap_remove(&index->groups, &group->node);
    if (nb_columns[group->column].type == NB_TYPE_STRING
        || nb_columns[group->column].type == NB_TYPE_STRINGS) {
        ovsdb_atom_destroy(&group->value, OVSDB_TYPE_STRING);
    }
    free(group->rows);
    free(group->members);
    free(group);
}

static void
add_value(struct nb_index *index, enum nb_column column,
          const union ovsdb_atom *value, const struct ovsdb_row *row)
{
    struct group *group = find_atom(index, column, value);
    const struct uuid *id = ovsdb_row_get_uuid(row);
    struct member *member;

    if (!group) {
        group = group_create(index, column, value);
    }
    if (group->n == group->allocated) {
        group->allocated = group->allocated ? group->allocated * 2 : 1;
        group->rows = xrealloc(group->rows,
                               group->allocated * sizeof *group->rows);
        group->members = xrealloc(group->members,
                                  group->allocated * sizeof *group->members);
    }
    member = xmalloc(sizeof *member);
    member->group = group;
    member->row = *id;
    member->position = group->n;
    hmap_insert(&index->members, &member->node, member_hash(group, id));
    group->rows[group->n] = nb_row_from_ovsdb(row);
    group->members[group->n] = member;
    group->n++;
}

static void
remove_value(struct nb_index *index, enum nb_column column,
             const union ovsdb_atom *value, const struct ovsdb_row *row)
{
    struct group *group = find_atom(index, column, value);
    struct member *member = find_member(index, group,
                                        ovsdb_row_get_uuid(row));
    size_t last = --group->n;

    group->rows[member->position] = group->rows[last];
    group->members[member->position] = group->members[last];
    group->members[member->position]->position = member->position;
    hmap_remove(&index->members, &member->node);
    free(member);
    if (!group->n) {
        group_destroy(index, group);
    }
}

/* The row is another struct now, with the same value. */
static void
replace_value(struct nb_index *index, enum nb_column column,
              const union ovsdb_atom *value, const struct ovsdb_row *row)
{
    struct group *group = find_atom(index, column, value);
    struct member *member = find_member(index, group,
                                        ovsdb_row_get_uuid(row));

    group->rows[member->position] = nb_row_from_ovsdb(row);
}

static void
for_each_value(struct nb_index *index, enum nb_column column,
               const struct ovsdb_row *row,
               void (*function)(struct nb_index *, enum nb_column,
                                const union ovsdb_atom *,
                                const struct ovsdb_row *))
{
    const struct ovsdb_datum *datum = nb_datum(row, column);

    for (size_t i = 0; i < datum->n; i++) {
        if (!is_nothing(column, &datum->keys[i])) {
            function(index, column, &datum->keys[i], row);
        }
    }
}

void
nb_index_change(struct nb_index *index, enum nb_table table,
                const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    for (enum nb_column i = 0; i < NB_N_COLUMNS; i++) {
        if (nb_columns[i].table != table || !nb_columns[i].indexed) {
            continue;
        }
        if (old && new
            && ovsdb_datum_equals(nb_datum(old, i), nb_datum(new, i),
                                  &nb_layout_column(i)->type)) {
            for_each_value(index, i, new, replace_value);
            continue;
        }
        if (old) {
            for_each_value(index, i, old, remove_value);
        }
        if (new) {
            for_each_value(index, i, new, add_value);
        }
    }
}

void
nb_index_init(struct nb_index *index)
{
    hmap_init(&index->groups);
    hmap_init(&index->members);
}

void
nb_index_destroy(struct nb_index *index)
{
    struct member *member;
    struct group *group;

    HMAP_FOR_EACH_POP (member, node, &index->members) {
        free(member);
    }
    HMAP_FOR_EACH_SAFE (group, node, &index->groups) {
        group_destroy(index, group);
    }
    hmap_destroy(&index->members);
    hmap_destroy(&index->groups);
}

static struct nb_rows
group_rows(const struct group *group)
{
    return (group
            ? (struct nb_rows) { group->rows, group->n }
            : (struct nb_rows) { NULL, 0 });
}

struct nb_rows
nb_index_find_string(const struct nb_index *index, enum nb_column column,
                     const char *s)
{
    return group_rows(find_string(index, column, s));
}

struct nb_rows
nb_index_find_uuid(const struct nb_index *index, enum nb_column column,
                   const struct uuid *uuid)
{
    return group_rows(find_uuid(index, column, uuid));
}
