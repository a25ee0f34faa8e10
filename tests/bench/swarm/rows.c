/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See rows.h. */

#include <config.h>

#include "rows.h"

#include <string.h>

#include "hash.h"
#include "openvswitch/json.h"
#include "util.h"
#include "uuid.h"

const struct row_table row_tables[ROW_N_TABLES] = {
    [ROW_AGENT] = { "Agent", 10, {
        { "bridge", false }, { "bridge_mappings", true },
        { "datapath_type", false }, { "encaps", true },
        { "heartbeat", false }, { "host", false },
        { "host_revision_number", false }, { "roles", true },
        { "subscriptions", true }, { "version", false } } },
    [ROW_HOST] = { "Host", 3, {
        { "admin_state_up", false }, { "host", false },
        { "revision_number", false } } },
    [ROW_NETWORK] = { "Network", 4, {
        { "admin_state_up", false }, { "name", false },
        { "revision_number", false }, { "segment", false } } },
    [ROW_NETWORK_BINDING] = { "Network_Binding", 5, {
        { "encap", false }, { "fault", false }, { "host", false },
        { "network", false }, { "revision_number", false } } },
    [ROW_PORT] = { "Port", 7, {
        { "admin_state_up", false }, { "host", false },
        { "mac_address", false }, { "name", false }, { "network", false },
        { "port_security_enabled", false }, { "revision_number", false } } },
    [ROW_PORT_BINDING] = { "Port_Binding", 6, {
        { "fault", false }, { "host", false }, { "network", false },
        { "port", false }, { "revision_number", false }, { "up", false } } },
    [ROW_SEGMENT] = { "Segment", 3, {
        { "network_type", false }, { "physical_network", false },
        { "segmentation_id", false } } },
};

struct row_element {
    uint32_t key, value;        /* Hashes; 'value' is 0 in a set. */
    uint8_t column;
};

struct row_elements {
    size_t n;
    struct row_element e[];
};

enum row_table_id
row_table_by_name(struct span name)
{
    int i = 0;

    while (i < ROW_N_TABLES && !span_equals(name, row_tables[i].name)) {
        i++;
    }
    return i;
}

struct row *
row_create(enum row_table_id table, const struct uuid *uuid)
{
    struct row *row = xzalloc(sizeof *row + (row_tables[table].n_columns
                                             * sizeof row->values[0]));

    row->table = table;
    row->uuid = *uuid;
    row->host = ROW_NO_HOST;
    return row;
}

void
row_destroy(struct row *row)
{
    if (row) {
        free(row->elements);
        free(row);
    }
}

struct row *
row_find(const struct hmap *rows, const struct uuid *uuid)
{
    struct row *row;

    HMAP_FOR_EACH_WITH_HASH (row, hmap_node, uuid_hash(uuid), rows) {
        if (uuid_equals(&row->uuid, uuid)) {
            return row;
        }
    }
    return NULL;
}

void
row_clear(struct hmap *rows)
{
    struct row *row;

    HMAP_FOR_EACH_SAFE (row, hmap_node, rows) {
        hmap_remove(rows, &row->hmap_node);
        row_destroy(row);
    }
    hmap_destroy(rows);
    hmap_init(rows);
}

/* Values. */

static uint32_t
hash_text(struct span text)
{
    char *s;
    uint32_t hash;

    if (!memchr(text.p, '\\', text.n)) {
        return hash_bytes(text.p, text.n, 0);
    }
    /* Two servers may write the same character differently. */
    if (!json_string_unescape(text.p, text.n, &s)) {
        hash = 0;
    } else {
        hash = hash_bytes(s, strlen(s), 0);
    }
    free(s);
    return hash;
}

/* Takes ["uuid","..."], of which the bracket and the name are taken. */
static uint32_t
hash_uuid(struct cursor *c, bool *is_default)
{
    struct uuid uuid;

    cursor_expect(c, ',');
    if (!span_uuid(cursor_string(c), &uuid)) {
        c->bad = true;
        return 0;
    }
    cursor_expect(c, ']');
    *is_default = uuid_is_zero(&uuid);
    return hash_bytes(&uuid, sizeof uuid, 1);
}

/* Takes an atom and returns its hash. */
static uint32_t
hash_atom(struct cursor *c, bool *is_default)
{
    char next = cursor_peek(c);
    struct span text;

    if (next == '"') {
        text = cursor_string(c);
        *is_default = !text.n;
        return hash_text(text);
    } else if (cursor_take(c, '[')) {
        if (!span_equals(cursor_string(c), "uuid")) {
            c->bad = true;
        }
        return hash_uuid(c, is_default);
    }
    text = cursor_skip(c);
    *is_default = span_equals(text, "0") || span_equals(text, "false");
    return hash_bytes(text.p, text.n, 2);
}

/* Takes an atom and returns its hash, 0 if it is its type's default. */
static uint32_t
hash_value(struct cursor *c)
{
    bool is_default = false;
    uint32_t hash = hash_atom(c, &is_default);

    return is_default ? 0 : hash | 1;
}

/* Takes a value that is an atom, or a set of none or one. */
static uint32_t
hash_scalar(struct cursor *c)
{
    struct cursor start = *c;
    uint32_t hash;

    if (cursor_take(c, '[') && span_equals(cursor_string(c), "set")) {
        cursor_expect(c, ',');
        cursor_expect(c, '[');
        hash = cursor_peek(c) == ']' ? 0 : hash_value(c);
        cursor_expect(c, ']');
        cursor_expect(c, ']');
        return hash;
    }
    *c = start;
    return hash_value(c);
}

/* Sets and maps. */

static struct row_element *
find_element(struct row_elements *elements, int column, uint32_t key)
{
    for (size_t i = 0; elements && i < elements->n; i++) {
        if (elements->e[i].column == column && elements->e[i].key == key) {
            return &elements->e[i];
        }
    }
    return NULL;
}

/* Applies one element of a difference: what is there is removed, what is not
 * is added, and a key with another value gets that. */
static void
toggle_element(struct row *row, int column, uint32_t key, uint32_t value)
{
    struct row_elements *elements = row->elements;
    struct row_element *e = find_element(elements, column, key);

    if (!e) {
        size_t n = elements ? elements->n : 0;

        elements = xrealloc(elements,
                            sizeof *elements + (n + 1) * sizeof *e);
        elements->e[n] = (struct row_element) { key, value, column };
        elements->n = n + 1;
        row->elements = elements;
    } else if (e->value == value) {
        *e = elements->e[--elements->n];
    } else {
        e->value = value;
    }
}

static void
read_elements(struct row *row, struct cursor *c, int column, bool map)
{
    uint32_t key, value = 0;
    unsigned int i = 0;
    bool ignored;

    cursor_expect(c, '[');
    while (cursor_next(c, ']', &i)) {
        if (map) {
            cursor_expect(c, '[');
        }
        key = hash_atom(c, &ignored);
        if (map) {
            cursor_expect(c, ',');
            value = hash_atom(c, &ignored);
            cursor_expect(c, ']');
        }
        toggle_element(row, column, key, value);
    }
    cursor_expect(c, ']');
}

static void
forget_elements(struct row *row, int column)
{
    struct row_elements *elements = row->elements;
    size_t n = 0;

    for (size_t i = 0; elements && i < elements->n; i++) {
        if (elements->e[i].column != column) {
            elements->e[n++] = elements->e[i];
        }
    }
    if (elements) {
        elements->n = n;
    }
}

/* Takes a set, a map, or an atom that is a set of one. */
static void
read_composite(struct row *row, struct cursor *c, int column, bool diff)
{
    struct cursor start = *c;
    bool ignored;

    if (!diff) {
        forget_elements(row, column);
    }
    if (cursor_take(c, '[')) {
        struct span kind = cursor_string(c);
        bool map = span_equals(kind, "map");

        if (map || span_equals(kind, "set")) {
            cursor_expect(c, ',');
            read_elements(row, c, column, map);
            return;
        }
        *c = start;
    }
    toggle_element(row, column, hash_atom(c, &ignored), 0);
}

static uint32_t
hash_elements(const struct row *row, int column)
{
    const struct row_elements *elements = row->elements;
    uint32_t sum = 0;

    for (size_t i = 0; elements && i < elements->n; i++) {
        if (elements->e[i].column == column) {
            sum += hash_2words(elements->e[i].key, elements->e[i].value);
        }
    }
    return sum;
}

/* Rows. */

static int
column_by_name(const struct row *row, struct span name)
{
    const struct row_table *table = &row_tables[row->table];

    for (size_t i = 0; i < table->n_columns; i++) {
        if (span_equals(name, table->columns[i].name)) {
            return i;
        }
    }
    return -1;
}

static void
read_host(struct row *row, struct cursor c)
{
    struct span text = cursor_string(&c);

    row->host = ROW_NO_HOST;
    if (text.n > 2 && text.n < 12 && !strncmp(text.p, "hv", 2)) {
        char digits[10];

        ovs_strzcpy(digits, text.p + 2, text.n - 1);
        if (!str_to_uint(digits, 10, &row->host)) {
            row->host = ROW_NO_HOST;
        }
    }
}

void
row_read(struct row *row, struct cursor *c, bool diff)
{
    unsigned int i = 0;

    cursor_expect(c, '{');
    while (cursor_next(c, '}', &i)) {
        struct span name = cursor_name(c);
        int column = column_by_name(row, name);

        if (column < 0) {
            c->bad = true;
        } else if (row_tables[row->table].columns[column].composite) {
            read_composite(row, c, column, diff);
            row->values[column] = hash_elements(row, column);
        } else {
            if (span_equals(name, "host")) {
                read_host(row, *c);
            }
            row->values[column] = hash_scalar(c);
        }
    }
}

const char *
row_differs(const struct row *a, const struct row *b)
{
    const struct row_table *table = &row_tables[a->table];

    for (size_t i = 0; i < table->n_columns; i++) {
        if (a->values[i] != b->values[i]) {
            return table->columns[i].name;
        }
    }
    return NULL;
}
