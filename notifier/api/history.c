/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* GET /v2.0/history: what happened to an object, who did it, and when it was
 * live where.
 *
 *     {"history": [{"seq", "event_id", "time", "verb", "resource", "id",
 *                   "name", "project_id", "by", "comment", "recovered",
 *                   "revision_number", "changes": {ATTRIBUTE: [OLD, NEW]},
 *                   "applied": [{"host", "time", "after_ms",
 *                                "revision_number"}],
 *                   "more_applied"}],
 *      "history_links": [{"rel": "next", "href"}]}
 *
 * Who is not an admin is told of his own project's objects alone, and not of
 * what the API would not show him: hypervisors and the attributes that only
 * admins see. */

#include <config.h>

#include "api/api-private.h"

#include <inttypes.h>
#include <string.h>

#include "api/history-query.h"
#include "api/reply.h"
#include "http/request.h"
#include "journal/journal.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* What becomes a reply. */
struct history {
    const struct api_call *call;
    json_t *entries;
    uint64_t last;              /* The last entry's number. */
};

static json_t *
show_time(long long int msec)
{
    char s[HISTORY_TIME_SIZE];

    history_format_time(msec, s);
    return json_string(s);
}

/* Takes out of 'changes' what only an admin sees. */
static void
strip_changes(const char *resource_name, json_t *changes)
{
    const struct api_resource *resource = api_resource_by_name(resource_name);

    for (size_t i = 0; resource && i < resource->n_attrs; i++) {
        const struct api_attr *attr = &resource->attrs[i];

        if (attr->flags & (API_ADMIN_SEE | API_INTERNAL)) {
            json_object_del(changes, attr->name);
        }
    }
}

static json_t *
show_changes(const struct history *history, const struct journal_entry *entry)
{
    json_t *changes = json_loads(entry->changes, 0, NULL);

    if (!changes) {
        return json_object();
    }
    if (!history->call->viewer.admin) {
        strip_changes(entry->resource, changes);
    }
    return changes;
}

static json_t *
show_applied(const struct history *history, const struct journal_row *row)
{
    json_t *array = json_array();

    for (size_t i = 0; i < row->n_applied; i++) {
        const struct journal_applied *applied = &row->applied[i];
        json_t *object = json_object();

        if (history->call->viewer.admin) {
            json_object_set_new(object, "host",
                                json_string_nocheck(applied->host));
        }
        json_object_set_new(object, "time", show_time(applied->at_msec));
        json_object_set_new(object, "after_ms",
                            json_integer(applied->after_msec));
        json_object_set_new(object, "revision_number",
                            json_integer(applied->revision));
        json_array_append_new(array, object);
    }
    return array;
}

static void
add_row(const struct journal_row *row, void *history_)
{
    struct history *history = history_;
    const struct journal_entry *entry = &row->entry;
    json_t *object = json_object();
    char event_id[JOURNAL_ID_SIZE];

    journal_id_format(history->call->api->config.journal, entry->seq,
                      event_id);
#define PUT(NAME, VALUE) json_object_set_new_nocheck(object, NAME, VALUE)
    PUT("seq", json_integer(entry->seq));
    PUT("event_id", json_string(event_id));
    PUT("time", show_time(entry->at_msec));
    PUT("verb", json_string(journal_verb_to_string(entry->verb)));
    PUT("resource", json_string_nocheck(entry->resource));
    PUT("id", json_string_nocheck(entry->id));
    PUT("name", json_string_nocheck(entry->name));
    PUT("project_id", json_string_nocheck(entry->project_id));
    PUT("by", json_string_nocheck(entry->by));
    PUT("comment", json_string_nocheck(entry->comment));
    PUT("recovered", json_boolean(entry->recovered));
    PUT("revision_number", json_integer(entry->revision));
    PUT("changes", show_changes(history, entry));
    PUT("applied", show_applied(history, row));
    PUT("more_applied", json_boolean(row->more_applied));
#undef PUT
    json_array_append_new(history->entries, object);
    history->last = entry->seq;
}

static void
put_encoded(const char *s, struct ds *out)
{
    static const char unreserved[]
        = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
          "-._~";

    for (; *s; s++) {
        ds_put_format(out, strchr(unreserved, *s) ? "%c" : "%%%02X",
                      (unsigned char) *s);
    }
}

/* The same request, from after the last entry. */
static json_t *
show_next(const struct history *history)
{
    const struct http_request *request = history->call->request;
    struct ds s = DS_EMPTY_INITIALIZER;
    char *url = reply_url(history->call);
    json_t *links;

    ds_put_format(&s, "%s/v2.0/history?", url);
    for (size_t i = 0; i < request->n_query; i++) {
        if (strcmp(request->query[i].name, "marker")) {
            put_encoded(request->query[i].name, &s);
            ds_put_char(&s, '=');
            put_encoded(request->query[i].value, &s);
            ds_put_char(&s, '&');
        }
    }
    ds_put_format(&s, "marker=%"PRIu64, history->last);
    links = json_pack("[{s:s,s:s}]", "rel", "next", "href", ds_cstr(&s));
    ds_destroy(&s);
    free(url);
    return links;
}

static struct api_error *
restrict_query(const struct api_call *call, struct journal_query *query)
{
    if (call->viewer.admin) {
        return NULL;
    } else if (!call->viewer.project_id[0]
               || (query->project_id && strcmp(query->project_id,
                                               call->viewer.project_id))) {
        return api_forbidden("Another project's history");
    } else if (query->host) {
        return api_forbidden("To ask for hypervisors");
    }
    query->project_id = call->viewer.project_id;
    return NULL;
}

void
api_get_history(struct api_call *call)
{
    struct history history = { .call = call };
    struct journal *journal = call->api->config.journal;
    struct journal_query query;
    struct api_error *error;
    bool more = false;

    error = (journal
             ? history_query_parse(call->request->query,
                                   call->request->n_query, &query)
             : api_error(404, NULL, "There is no history here."));
    if (!error) {
        error = restrict_query(call, &query);
    }
    if (!error) {
        history.entries = json_array();
        char *reason = journal_history(journal, &query, add_row, &history,
                                       &more);
        error = reason ? api_error(400, NULL, "%s", reason) : NULL;
        free(reason);
    }
    if (error) {
        json_decref(history.entries);
        reply_error(call->request, error);
    } else {
        json_t *reply = json_pack("{s:o}", "history", history.entries);

        if (more) {
            json_object_set_new(reply, "history_links", show_next(&history));
        }
        reply_read(call, reply);
    }
}
