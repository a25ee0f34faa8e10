/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What the commands of db-ctl-base need.  See nbctl-generic.h.
 *
 * These take a table and records as arguments, in fixed places.  For a record
 * given by its full UUID or its name that row alone is fetched.  Whatever is
 * not understood here (an abbreviated table or UUID, ".", conditions) is left
 * to db-ctl-base, with the whole table: slower, never wrong. */

#include <config.h>

#include "nbctl-generic.h"

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-intent.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "util.h"

/* Fewer hexadecimal digits db-ctl-base does not take as the beginning of a
 * UUID. */
#define PARTIAL_UUID_MIN 4

/* Which rows each command is about. */
static const struct generic_command {
    const char *name;
    enum {
        ALL_ROWS,
        NO_ROW,                 /* Makes one. */
        ONE_RECORD,             /* argv[2]. */
        RECORDS,                /* argv[2] and on; without any, all rows. */
    } rows;
} generic_commands[] = {
    { "get", ONE_RECORD },
    { "set", ONE_RECORD },
    { "add", ONE_RECORD },
    { "remove", ONE_RECORD },
    { "clear", ONE_RECORD },
    { "wait-until", ONE_RECORD },
    { "list", RECORDS },
    { "destroy", RECORDS },
    { "find", ALL_ROWS },
    { "create", NO_ROW },
};

/* The tables whose rows have names in db-ctl-base (see sluice-nbctl.c) that
 * are worth being fetched by. */
static const struct ovsdb_idl_column *const name_columns[] = {
    &nbrec_network_col_name,
    &nbrec_port_col_name,
    &nbrec_subnet_col_name,
    &nbrec_host_col_host,
    &nbrec_agent_col_host,
};

static const struct generic_command *find_command(const struct ctl_command *);
static const struct ovsdb_idl_table_class *find_table(const char *name);
static const struct ovsdb_idl_column *find_name_column(
    const struct ovsdb_idl_table_class *);
static void fetch_records(struct ctl_context *, const struct ctl_command *,
                          const struct generic_command *,
                          const struct ovsdb_idl_table_class *);
static bool fetch_record(struct fetch *, const struct ovsdb_idl_column *name,
                         const char *record);
static int n_records(const struct ctl_command *,
                     const struct generic_command *);

bool
generic_is(const struct ctl_command *command)
{
    return find_command(command) != NULL;
}

void
generic_prepare(struct ctl_context *ctx, const struct ctl_command *command)
{
    const struct generic_command *generic = find_command(command);
    const struct ovsdb_idl_table_class *class;
    struct fetch *fetch = nbctl_fetch(ctx);

    if (!generic) {
        return;
    }

    class = find_table(command->argv[1]);
    if (class) {
        fetch_records(ctx, command, generic, class);
    } else {
        fetch_everything(fetch);
    }
    if (command->syntax->mode == RW) {
        for (size_t i = 0; i < NBREC_N_TABLES; i++) {
            if (!class || class == &nbrec_table_classes[i]) {
                intent_fetch_columns(fetch, &nbrec_table_classes[i]);
            }
        }
    }
}

void
generic_check(struct ctl_context *ctx, const struct ctl_command *command)
{
    const struct generic_command *generic = find_command(command);
    const struct ovsdb_idl_table_class *class
        = generic ? find_table(command->argv[1]) : NULL;
    const struct ovsdb_idl_column *name
        = class ? find_name_column(class) : NULL;
    struct uuid uuid;

    for (int i = 0; name && i < n_records(command, generic); i++) {
        const char *record = command->argv[2 + i];
        if (!uuid_from_string(&uuid, record)
            && !find_check_unique(ctx, name, record)) {
            return;
        }
    }
}

static const struct generic_command *
find_command(const struct ctl_command *command)
{
    for (size_t i = 0; i < ARRAY_SIZE(generic_commands); i++) {
        if (!strcmp(command->syntax->name, generic_commands[i].name)) {
            return &generic_commands[i];
        }
    }
    return NULL;
}

static const struct ovsdb_idl_table_class *
find_table(const char *name)
{
    for (size_t i = 0; i < NBREC_N_TABLES; i++) {
        if (!strcasecmp(nbrec_table_classes[i].name, name)) {
            return &nbrec_table_classes[i];
        }
    }
    return NULL;
}

static const struct ovsdb_idl_column *
find_name_column(const struct ovsdb_idl_table_class *class)
{
    for (size_t i = 0; i < ARRAY_SIZE(name_columns); i++) {
        if (ovsdb_idl_table_class_from_column(&nbrec_idl_class,
                                              name_columns[i]) == class) {
            return name_columns[i];
        }
    }
    return NULL;
}

/* Fetches of 'class' what 'command' names, or everything. */
static void
fetch_records(struct ctl_context *ctx, const struct ctl_command *command,
              const struct generic_command *generic,
              const struct ovsdb_idl_table_class *class)
{
    const struct ovsdb_idl_column *name = find_name_column(class);
    int n = n_records(command, generic);
    struct fetch *fetch = nbctl_fetch(ctx);

    if (generic->rows == NO_ROW) {
        return;
    }
    if (!name || !n) {
        fetch_all(fetch, class);
        return;
    }

    fetch_column(fetch, name);
    for (int i = 0; i < n; i++) {
        if (!fetch_record(fetch, name, command->argv[2 + i])) {
            fetch_all(fetch, class);
        }
    }
}

/* Returns false if 'record' can mean a row that has another name. */
static bool
fetch_record(struct fetch *fetch, const struct ovsdb_idl_column *name,
             const char *record)
{
    struct uuid uuid;

    if (uuid_from_string(&uuid, record)) {
        fetch_uuid(fetch, ovsdb_idl_table_class_from_column(&nbrec_idl_class,
                                                            name), &uuid);
    } else if (!strcmp(record, ".")
               || uuid_is_partial_string(record) >= PARTIAL_UUID_MIN) {
        return false;
    }
    fetch_string_eq(fetch, name, record);
    return true;
}

/* Returns the number of arguments from argv[2] on that are records. */
static int
n_records(const struct ctl_command *command,
          const struct generic_command *generic)
{
    return (generic->rows == ONE_RECORD ? 1
            : generic->rows == RECORDS ? command->argc - 2
            : 0);
}
