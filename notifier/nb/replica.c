/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The session with the server is ovsdb-cs's, which reconnects for ever; rows
 * come through apply.c.  An update that does not fit what is there makes us
 * ask for everything anew. */

#include <config.h>

#include "nb/replica-private.h"

#include "coverage.h"
#include "jsonrpc.h"
#include "nb/apply.h"
#include "nb/feed.h"
#include "nb/layout.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "ovsdb-cs.h"
#include "ovsdb-error.h"
#include "ovsdb/column.h"
#include "ovsdb/file.h"
#include "ovsdb/ovsdb.h"
#include "ovsdb/storage.h"
#include "ovsdb/table.h"
#include "simap.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(replica);

COVERAGE_DEFINE(replica_update);
COVERAGE_DEFINE(replica_sync);
COVERAGE_DEFINE(replica_row_change);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* A <monitor-request> for every column of 'table'.  They are named, although
 * all is the default: a standalone ovsdb-server 3.1 goes on telling the schema
 * it was started with after its database was converted, and would send columns
 * that this schema does not have. */
static struct json *
compose_monitor_request(const struct ovsdb_table_schema *table)
{
    struct json *columns = json_array_create_empty();
    struct json *request = json_object_create();
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &table->columns) {
        const struct ovsdb_column *column = node->data;

        if (column->index >= OVSDB_N_STD_COLUMNS) {
            json_array_add(columns, json_string_create(node->name));
        }
    }
    json_object_put(request, "columns", columns);
    return request;
}

/* Asks for every table of the server's schema. */
static struct json *
compose_monitor_requests(const struct json *schema_json, void *replica_)
{
    struct json *requests = json_object_create();
    struct replica *replica = replica_;
    const struct shash_node *node;
    struct ovsdb_schema *schema;
    struct ovsdb_error *error;

    free(replica->schema_problem);
    replica->schema_problem = NULL;
    error = ovsdb_schema_from_json(schema_json, &schema);
    if (error) {
        replica->schema_problem = ovsdb_error_to_string_free(error);
    } else {
        replica->schema_problem = nb_layout_check(schema);
    }
    if (replica->schema_problem) {
        VLOG_ERR("%s: %s", replica->remotes, replica->schema_problem);
        ovsdb_schema_destroy(error ? NULL : schema);
        return requests;
    }

    SHASH_FOR_EACH (node, &schema->tables) {
        json_object_put(requests, node->name,
                        json_array_create_1(
                            compose_monitor_request(node->data)));
    }
    ovsdb_schema_destroy(replica->next_whole);
    replica->next_whole = ovsdb_schema_clone(schema);
    nb_layout_relax(schema);
    ovsdb_schema_destroy(replica->schema);
    replica->schema = schema;
    return requests;
}

static const struct ovsdb_cs_ops cs_ops = {
    .compose_monitor_requests = compose_monitor_requests,
};

struct replica *
replica_create(const char *remotes, const struct replica_observer *observer)
{
    struct replica *replica = xzalloc(sizeof *replica);

    replica->observer = observer;
    replica->remotes = xstrdup(remotes);
    replica->stale_since = time_wall_msec();
    nb_index_init(&replica->index);
    hmap_init(&replica->sent);
    replica->cs = ovsdb_cs_create(NB_DATABASE, 3, &cs_ops, replica);
    ovsdb_cs_set_leader_only(replica->cs, false);
    ovsdb_cs_set_remote(replica->cs, remotes, true);
    return replica;
}

void
replica_destroy(struct replica *replica)
{
    if (!replica) {
        return;
    }
    nb_sent_lost(replica);
    hmap_destroy(&replica->sent);
    ovsdb_cs_destroy(replica->cs);
    nb_index_destroy(&replica->index);
    ovsdb_destroy(replica->db);
    ovsdb_schema_destroy(replica->schema);
    ovsdb_schema_destroy(replica->next_whole);
    ovsdb_schema_destroy(replica->whole_schema);
    free(replica->schema_problem);
    free(replica->problem);
    free(replica->remotes);
    free(replica);
}

/* Puts 'db' in the place of the database there is, if any.  Its rows are
 * others, and so are its columns. */
static void
replace_db(struct replica *replica, struct ovsdb *db)
{
    if (replica->feed) {
        replica->feed->schema_going(replica->feed->aux);
    }
    nb_index_destroy(&replica->index);
    nb_index_init(&replica->index);
    ovsdb_destroy(replica->db);
    replica->db = db;
    nb_layout_set(db);
    if (replica->index_all) {
        nb_index_add_listed(&replica->index);
    }
    if (replica->feed) {
        replica->feed->schema_changed(replica->feed->aux);
    }
}

static void
forget_next_schema(struct replica *replica)
{
    ovsdb_schema_destroy(replica->schema);
    ovsdb_schema_destroy(replica->next_whole);
    replica->schema = replica->next_whole = NULL;
}

/* Puts the rows there are into a database with the server's new schema, if it
 * has one, so that what did not change with it is not reported as changed. */
static void
adopt_schema(struct replica *replica)
{
    struct ovsdb_error *error = NULL;
    struct ovsdb *db = NULL;

    if (!replica->schema) {
        return;
    }
    if (replica->db && ovsdb_schema_equal(replica->next_whole,
                                          replica->whole_schema)) {
        forget_next_schema(replica);
        return;
    }
    if (replica->db) {
        error = ovsdb_convert(replica->db, replica->schema, &db);
    }
    if (error) {
        char *s = ovsdb_error_to_string_free(error);
        VLOG_WARN("%s: rows do not fit the new schema, all will be "
                  "reported as deleted and new: %s", replica->remotes, s);
        free(s);
    }
    if (!db) {
        db = ovsdb_create(ovsdb_schema_clone(replica->schema),
                          ovsdb_storage_create_unbacked(NB_DATABASE));
    }
    VLOG_INFO("%s: schema %s version %s", replica->remotes, NB_DATABASE,
              replica->schema->version);

    ovsdb_schema_destroy(replica->whole_schema);
    replica->whole_schema = replica->next_whole;
    replica->next_whole = NULL;
    replace_db(replica, db);
    forget_next_schema(replica);
}

static void
report_change(struct replica *replica, const struct nb_row_change *change)
{
    enum nb_table table;

    COVERAGE_INC(replica_row_change);
    if (replica->feed) {
        replica->feed->change(change->old, change->new, replica->feed->aux);
    }
    if (nb_layout_row_table(change->new ? change->new : change->old,
                            &table)) {
        replica->observer->change(
            &(struct nb_change) { table, nb_row_from_ovsdb(change->old),
                                  nb_row_from_ovsdb(change->new) },
            replica->observer->aux);
    }
}

/* All lookups are right before anyone is told. */
static void
report(struct replica *replica, const struct nb_row_changes *changes)
{
    for (size_t i = 0; i < changes->n; i++) {
        nb_index_change(&replica->index, changes->changes[i].old,
                        changes->changes[i].new);
    }
    for (size_t i = 0; i < changes->n; i++) {
        report_change(replica, &changes->changes[i]);
    }
}

static void
updated(struct replica *replica, const struct ovsdb_cs_update_event *update)
{
    struct nb_row_changes changes = { NULL, 0, 0 };
    struct ovsdb_error *error;

    if (replica->schema_problem) {
        return;
    }
    if (update->monitor_reply) {
        adopt_schema(replica);
    }
    error = nb_apply(replica->db, update, &changes);
    if (error) {
        char *s = ovsdb_error_to_string_free(error);
        VLOG_WARN_RL(&rl, "%s: asking for everything anew: %s",
                     replica->remotes, s);
        free(s);
        ovsdb_cs_flag_inconsistency(replica->cs);
        return;
    }
    COVERAGE_INC(replica_update);
    replica->n_updates++;
    report(replica, &changes);
    nb_row_changes_destroy(&changes);

    if (update->monitor_reply) {
        COVERAGE_INC(replica_sync);
        replica->n_syncs++;
        replica->current = true;
        replica->stale_since = 0;
    }
    if (replica->feed) {
        replica->feed->committed(replica->feed->aux);
        if (update->monitor_reply) {
            replica->feed->connected(true, replica->feed->aux);
        }
    }
    replica->observer->committed(replica->observer->aux);
}

static void
disconnected(struct replica *replica)
{
    if (replica->current) {
        replica->current = false;
        replica->stale_since = time_wall_msec();
        if (replica->feed) {
            replica->feed->connected(false, replica->feed->aux);
        }
    }
    nb_sent_lost(replica);
}

static void
handle_event(struct replica *replica, const struct ovsdb_cs_event *event)
{
    switch (event->type) {
    case OVSDB_CS_EVENT_TYPE_RECONNECT:
        disconnected(replica);
        break;
    case OVSDB_CS_EVENT_TYPE_UPDATE:
        updated(replica, &event->update);
        break;
    case OVSDB_CS_EVENT_TYPE_TXN_REPLY:
        nb_sent_answered(replica, event->txn_reply);
        break;
    case OVSDB_CS_EVENT_TYPE_LOCKED:
        break;                  /* No lock is asked for. */
    }
}

void
replica_index_all(struct replica *replica)
{
    replica->index_all = true;
}

void
replica_set_feed(struct replica *replica, const struct replica_feed *feed)
{
    replica->feed = feed;
}

struct ovsdb *
replica_db(const struct replica *replica)
{
    return replica->db;
}

const struct ovsdb_schema *
replica_schema(const struct replica *replica)
{
    return replica->whole_schema;
}

struct nb_index *
replica_index(struct replica *replica)
{
    return &replica->index;
}

bool
replica_run(struct replica *replica)
{
    struct ovsdb_cs_event *event;
    struct ovs_list events;
    bool any;

    ovsdb_cs_run(replica->cs, &events);
    any = !ovs_list_is_empty(&events);
    LIST_FOR_EACH_POP (event, list_node, &events) {
        handle_event(replica, event);
        ovsdb_cs_event_destroy(event);
    }
    return any;
}

void
replica_wait(struct replica *replica)
{
    ovsdb_cs_wait(replica->cs);
}

bool
replica_has_data(const struct replica *replica)
{
    return replica->n_syncs > 0;
}

bool
replica_is_current(const struct replica *replica)
{
    return replica->current && ovsdb_cs_may_send_transaction(replica->cs);
}

long long int
replica_stale_since(const struct replica *replica)
{
    return replica->stale_since;
}

const char *
replica_problem(const struct replica *replica_)
{
    struct replica *replica = CONST_CAST(struct replica *, replica_);
    int error;

    if (replica->schema_problem) {
        return replica->schema_problem;
    }
    if (replica_is_current(replica)) {
        return NULL;
    }
    error = ovsdb_cs_get_last_error(replica->cs);
    free(replica->problem);
    replica->problem = (error
                        ? xasprintf("%s: %s", replica->remotes,
                                    ovs_retval_to_string(error))
                        : xasprintf("%s: not connected", replica->remotes));
    return replica->problem;
}

void
replica_status(const struct replica *replica, struct ds *out)
{
    const char *problem = replica_problem(replica);

    ds_put_format(out, "northbound database: %s\n", replica->remotes);
    ds_put_format(out, "  state: %s\n", problem ? problem : "current");
    ds_put_format(out, "  updates: %"PRIu64", full synchronizations: %"PRIu64
                  ", transactions in flight: %"PRIuSIZE"\n",
                  replica->n_updates, replica->n_syncs,
                  hmap_count(&replica->sent));
    if (!replica_has_data(replica)) {
        return;
    }
    ds_put_format(out, "  schema: %s\n", replica->db->schema->version);
    for (enum nb_table i = 0; i < NB_N_TABLES; i++) {
        ds_put_format(out, "  %s: %"PRIuSIZE" rows\n", nb_table_names[i],
                      replica_count(replica, i));
    }
}

void
replica_memory_usage(const struct replica *replica, struct simap *usage)
{
    if (replica->db) {
        ovsdb_get_memory_usage(replica->db, usage);
    }
    simap_increase(usage, "indexed-values",
                   hmap_count(&replica->index.groups));
    simap_increase(usage, "transactions", hmap_count(&replica->sent));
}

const struct nb_row *
replica_get(const struct replica *replica, enum nb_table table,
            const struct uuid *id)
{
    if (!replica_has_data(replica)) {
        return NULL;
    }
    return nb_row_from_ovsdb(ovsdb_table_get_row(nb_layout_table(table), id));
}

size_t
replica_count(const struct replica *replica, enum nb_table table)
{
    return (replica_has_data(replica)
            ? hmap_count(&nb_layout_table(table)->rows)
            : 0);
}

const struct nb_row **
replica_rows(const struct replica *replica, enum nb_table table)
{
    const struct nb_row **rows = xmalloc((replica_count(replica, table) + 1)
                                         * sizeof *rows);
    struct ovsdb_row *row;
    size_t n = 0;

    if (replica_has_data(replica)) {
        HMAP_FOR_EACH (row, hmap_node, &nb_layout_table(table)->rows) {
            rows[n++] = nb_row_from_ovsdb(row);
        }
    }
    return rows;
}

/* Returns the index, in which 'column' is, or NULL if nothing has come yet. */
static const struct nb_index *
index_of(const struct replica *replica_, enum nb_column column)
{
    struct replica *replica = CONST_CAST(struct replica *, replica_);

    ovs_assert(nb_columns[column].indexed);
    if (!replica->db) {
        return NULL;
    }
    if (!replica->index_all) {
        nb_index_add(&replica->index,
                     nb_layout_table(nb_columns[column].table),
                     nb_layout_column(column));
    }
    return &replica->index;
}

struct nb_rows
replica_find(const struct replica *replica, enum nb_column column,
             const char *value)
{
    const struct nb_index *index = index_of(replica, column);

    return (index
            ? nb_index_find_string(index, column, value)
            : (struct nb_rows) { NULL, 0 });
}

struct nb_rows
replica_find_uuid(const struct replica *replica, enum nb_column column,
                  const struct uuid *value)
{
    const struct nb_index *index = index_of(replica, column);

    return (index
            ? nb_index_find_uuid(index, column, value)
            : (struct nb_rows) { NULL, 0 });
}

struct nb_rows
replica_find_integer(const struct replica *replica, enum nb_column column,
                     int64_t value)
{
    const struct nb_index *index = index_of(replica, column);

    return (index
            ? nb_index_find_integer(index, column, value)
            : (struct nb_rows) { NULL, 0 });
}

const struct nb_row *
replica_find_one(const struct replica *replica, enum nb_column column,
                 const char *value)
{
    struct nb_rows found = replica_find(replica, column, value);

    return found.n ? found.rows[0] : NULL;
}
