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
#include "ovsdb/table.h"
#include "util.h"

/* The columns of a table that are indexed. */
struct indexed_table {
    struct hmap_node node;      /* In 'tables'. */
    const struct ovsdb_table *table;
    const struct ovsdb_column **columns;
    size_t n;
};

/* All rows with one value in one column. */
struct group {
    struct hmap_node node;      /* In 'groups'. */
    const struct ovsdb_column *column;
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
atomic_type(const struct ovsdb_column *column)
{
    return column->type.key.type;
}

static bool
is_nothing(const struct ovsdb_column *column, const union ovsdb_atom *value)
{
    enum ovsdb_atomic_type type = atomic_type(column);

    return ((type == OVSDB_TYPE_STRING && !json_string(value->s)[0])
            || (type == OVSDB_TYPE_UUID && uuid_is_zero(&value->uuid)));
}

static uint32_t
group_hash(const struct ovsdb_column *column, const union ovsdb_atom *value)
{
    return ovsdb_atom_hash(value, atomic_type(column),
                           hash_pointer(column, 0));
}

static struct group *
find_group(const struct nb_index *index, const struct ovsdb_column *column,
           const union ovsdb_atom *value)
{
    struct group *group;

    HMAP_FOR_EACH_WITH_HASH (group, node, group_hash(column, value),
                             &index->groups) {
        if (group->column == column
            && ovsdb_atom_equals(&group->value, value,
                                 atomic_type(column))) {
            return group;
        }
    }
    return NULL;
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
group_create(struct nb_index *index, const struct ovsdb_column *column,
             const union ovsdb_atom *value)
{
    struct group *group = xzalloc(sizeof *group);

    group->column = column;
    ovsdb_atom_clone(&group->value, value, atomic_type(column));
    hmap_insert(&index->groups, &group->node, group_hash(column, value));
    return group;
}

static void
group_destroy(struct nb_index *index, struct group *group)
{
    hmap_remove(&index->groups, &group->node);
    ovsdb_atom_destroy(&group->value, atomic_type(group->column));
    free(group->rows);
    free(group->members);
    free(group);
}

static void
add_value(struct nb_index *index, const struct ovsdb_column *column,
          const union ovsdb_atom *value, const struct ovsdb_row *row)
{
    struct group *group = find_group(index, column, value);
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
remove_value(struct nb_index *index, const struct ovsdb_column *column,
             const union ovsdb_atom *value, const struct ovsdb_row *row)
{
    struct group *group = find_group(index, column, value);
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
replace_value(struct nb_index *index, const struct ovsdb_column *column,
              const union ovsdb_atom *value, const struct ovsdb_row *row)
{
    struct group *group = find_group(index, column, value);
    struct member *member = find_member(index, group,
                                        ovsdb_row_get_uuid(row));

    group->rows[member->position] = nb_row_from_ovsdb(row);
}

static void
for_each_value(struct nb_index *index, const struct ovsdb_column *column,
               const struct ovsdb_row *row,
               void (*function)(struct nb_index *,
                                const struct ovsdb_column *,
                                const union ovsdb_atom *,
                                const struct ovsdb_row *))
{
    const struct ovsdb_datum *datum = &row->fields[column->index];

    for (size_t i = 0; i < datum->n; i++) {
        if (!is_nothing(column, &datum->keys[i])) {
            function(index, column, &datum->keys[i], row);
        }
    }
}

static void
change_column(struct nb_index *index, const struct ovsdb_column *column,
              const struct ovsdb_row *old, const struct ovsdb_row *new)
{
    if (old && new
        && ovsdb_datum_equals(&old->fields[column->index],
                              &new->fields[column->index], &column->type)) {
        for_each_value(index, column, new, replace_value);
        return;
    }
    if (old) {
        for_each_value(index, column, old, remove_value);
    }
    if (new) {
        for_each_value(index, column, new, add_value);
    }
}

static struct indexed_table *
find_table(const struct nb_index *index, const struct ovsdb_table *table)
{
    struct indexed_table *indexed;

    HMAP_FOR_EACH_WITH_HASH (indexed, node, hash_pointer(table, 0),
                             &index->tables) {
        if (indexed->table == table) {
            return indexed;
        }
    }
    return NULL;
}

static bool
is_indexed(const struct indexed_table *indexed,
           const struct ovsdb_column *column)
{
    for (size_t i = 0; indexed && i < indexed->n; i++) {
        if (indexed->columns[i] == column) {
            return true;
        }
    }
    return false;
}

void
nb_index_add(struct nb_index *index, const struct ovsdb_table *table,
             const struct ovsdb_column *column)
{
    struct indexed_table *indexed = find_table(index, table);
    struct ovsdb_row *row;

    if (is_indexed(indexed, column)) {
        return;
    }
    if (!indexed) {
        indexed = xzalloc(sizeof *indexed);
        indexed->table = table;
        hmap_insert(&index->tables, &indexed->node, hash_pointer(table, 0));
    }
    indexed->columns = xrealloc(indexed->columns,
                                (indexed->n + 1) * sizeof *indexed->columns);
    indexed->columns[indexed->n++] = column;
    HMAP_FOR_EACH (row, hmap_node, &table->rows) {
        change_column(index, column, NULL, row);
    }
}

void
nb_index_add_listed(struct nb_index *index)
{
    for (enum nb_column i = 0; i < NB_N_COLUMNS; i++) {
        if (nb_columns[i].indexed) {
            nb_index_add(index, nb_layout_table(nb_columns[i].table),
                         nb_layout_column(i));
        }
    }
}

void
nb_index_change(struct nb_index *index, const struct ovsdb_row *old,
                const struct ovsdb_row *new)
{
    const struct indexed_table *indexed
        = find_table(index, new ? new->table : old->table);

    for (size_t i = 0; indexed && i < indexed->n; i++) {
        change_column(index, indexed->columns[i], old, new);
    }
}

void
nb_index_init(struct nb_index *index)
{
    hmap_init(&index->tables);
    hmap_init(&index->groups);
    hmap_init(&index->members);
}

void
nb_index_destroy(struct nb_index *index)
{
    struct indexed_table *indexed;
    struct member *member;
    struct group *group;

    HMAP_FOR_EACH_POP (indexed, node, &index->tables) {
        free(indexed->columns);
        free(indexed);
    }
    HMAP_FOR_EACH_POP (member, node, &index->members) {
        free(member);
    }
    HMAP_FOR_EACH_SAFE (group, node, &index->groups) {
        group_destroy(index, group);
    }
    hmap_destroy(&index->tables);
    hmap_destroy(&index->members);
    hmap_destroy(&index->groups);
}

bool
nb_index_can_find(const struct nb_index *index,
                  const struct ovsdb_table *table,
                  const struct ovsdb_column *column,
                  const union ovsdb_atom *value)
{
    return (!is_nothing(column, value)
            && is_indexed(find_table(index, table), column));
}

struct nb_rows
nb_index_find(const struct nb_index *index,
              const struct ovsdb_column *column,
              const union ovsdb_atom *value)
{
    const struct group *group = find_group(index, column, value);

    return (group
            ? (struct nb_rows) { group->rows, group->n }
            : (struct nb_rows) { NULL, 0 });
}

struct nb_rows
nb_index_find_string(const struct nb_index *index, enum nb_column column,
                     const char *s)
{
    /* As ovsdb_atom_string_create() makes it, but borrowed. */
    struct json json = { .type = JSON_STRING, .count = 1,
                         .string = CONST_CAST(char *, s) };
    union ovsdb_atom value = { .s = &json };

    return nb_index_find(index, nb_layout_column(column), &value);
}

struct nb_rows
nb_index_find_uuid(const struct nb_index *index, enum nb_column column,
                   const struct uuid *uuid)
{
    union ovsdb_atom value = { .uuid = *uuid };

    return nb_index_find(index, nb_layout_column(column), &value);
}

struct nb_rows
nb_index_find_integer(const struct nb_index *index, enum nb_column column,
                      int64_t integer)
{
    union ovsdb_atom value = { .integer = integer };

    return nb_index_find(index, nb_layout_column(column), &value);
}
