/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See compare.h. */

#include <config.h>

#include "journal/compare.h"

#include <jansson.h>

#include "api/json.h"
#include "api/resource.h"
#include "coverage.h"
#include "journal/journal.h"
#include "journal/object-facts.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"
#include "uuid.h"

COVERAGE_DEFINE(recorder_look);

/* Objects that are shown are counted as the API counts them. */
BUILD_ASSERT_DECL((int) OBJECT_NETWORK == (int) API_NETWORK
                  && (int) OBJECT_SUBNET == (int) API_SUBNET
                  && (int) OBJECT_PORT == (int) API_PORT
                  && (int) OBJECT_AGENT == (int) API_AGENT
                  && (int) OBJECT_N_SHOWN == (int) API_N_KINDS);

static const struct {
    const char *resource;
    enum nb_table table;
} kinds[OBJECT_N_KINDS] = {
    [OBJECT_NETWORK] = { "network", NB_NETWORK },
    [OBJECT_SUBNET] = { "subnet", NB_SUBNET },
    [OBJECT_PORT] = { "port", NB_PORT },
    [OBJECT_AGENT] = { "agent", NB_AGENT },
    [OBJECT_PORT_BINDING] = { "Port_Binding", NB_PORT_BINDING },
    [OBJECT_NETWORK_BINDING] = { "Network_Binding", NB_NETWORK_BINDING },
    [OBJECT_HOST_BINDING] = { "Agent", NB_AGENT },
};

enum nb_table
compare_table(enum object_kind kind)
{
    return kinds[kind].table;
}

const char *
compare_resource(enum object_kind kind)
{
    return kinds[kind].resource;
}

static void
entry_init(struct journal_entry *entry, enum journal_verb verb,
           const char *resource, const struct object_facts *facts)
{
    *entry = (struct journal_entry) {
        .verb = verb,
        .visible = true,
        .resource = resource,
        .id = facts->id,
        .name = facts->name,
        .network_id = facts->network_id,
        .project_id = facts->project_id,
        .host = facts->host,
        .old_host = "",
        .revision = facts->revision,
        .object = "", .internal = "", .changes = "",
        .by = "", .comment = "",
    };
}

/* An object as it is now: what GET shows, and what it does not show. */
struct look {
    char *object;
    char *internal;
};

static void
look_at(const struct comparison *c, const struct api_resource *resource,
        const struct nb_row *row, struct look *look)
{
    struct ds object = DS_EMPTY_INITIALIZER;
    struct ds internal = DS_EMPTY_INITIALIZER;

    COVERAGE_INC(recorder_look);
    api_show_text(resource, c->view, row, NULL, 0, &object);
    api_show_internal(resource, row, &internal);
    look->object = ds_steal_cstr(&object);
    look->internal = ds_steal_cstr(&internal);
}

static void
look_destroy(struct look *look)
{
    free(look->object);
    free(look->internal);
}

/* The JSON of a text that is our own, or of nothing. */
static json_t *
own_json(const char *text)
{
    json_t *json = text[0] ? json_loads(text, 0, NULL) : NULL;

    return json ? json : json_object();
}

static json_t *
text_difference(const struct api_resource *resource, const char *old_text,
                const char *new_text)
{
    json_t *old, *new, *difference;

    if (!strcmp(old_text, new_text)) {
        return NULL;
    }
    old = own_json(old_text);
    new = own_json(new_text);
    difference = api_difference(resource, old, new);
    json_decref(old);
    json_decref(new);
    return difference;
}

/* Whose change that is, if the object's row says so: somebody who raised its
 * revision has also signed it. */
static void
sign(struct journal_entry *entry, const struct object_facts *facts,
     bool signed_)
{
    char *who, *what;

    object_facts_split(signed_ ? facts->updated_by : "", &who, &what);
    entry->by = who;
    entry->comment = what;
}

static void
record_created(const struct comparison *c,
               const struct api_resource *resource,
               const struct object_facts *facts, const struct look *look)
{
    struct journal_entry entry;

    entry_init(&entry, JOURNAL_CREATED, resource->name, facts);
    entry.object = look->object;
    entry.internal = look->internal;
    sign(&entry, facts, true);
    c->append(&entry, c->aux);
    free(CONST_CAST(char *, entry.by));
    free(CONST_CAST(char *, entry.comment));
}

/* Where a port was bound before these changes, "" if they did not move it. */
static const char *
old_host(const json_t *changes)
{
    const json_t *moved = json_object_get(changes, "binding:host_id");
    const char *old = json_string_value(json_array_get(moved, 0));

    return old ? old : "";
}

static void
record_updated(const struct comparison *c,
               const struct api_resource *resource,
               const struct object_facts *facts, const struct look *old,
               const struct look *new)
{
    json_t *shown = text_difference(resource, old->object, new->object);
    json_t *hidden = text_difference(resource, old->internal, new->internal);
    json_t *changes = shown ? json_incref(shown) : json_object();
    struct journal_entry entry;
    char *text;

    if (!shown && !hidden) {
        /* Nothing but what changes all the time, as heartbeats do. */
        journal_state_put(c->journal, resource->name, facts->id,
                          new->object, new->internal);
        json_decref(changes);
        return;
    }
    if (hidden) {
        json_object_update(changes, hidden);
    }
    text = api_json_to_string(changes);
    entry_init(&entry, JOURNAL_UPDATED, resource->name, facts);
    entry.visible = shown != NULL;
    entry.object = new->object;
    entry.internal = new->internal;
    entry.changes = text;
    entry.old_host = old_host(changes);
    sign(&entry, facts, (resource->kind == API_AGENT
                         ? json_object_get(changes, "admin_state_up") != NULL
                         : json_object_get(changes,
                                           "revision_number") != NULL));
    c->append(&entry, c->aux);
    free(CONST_CAST(char *, entry.by));
    free(CONST_CAST(char *, entry.comment));
    free(text);
    json_decref(changes);
    json_decref(shown);
    json_decref(hidden);
}

/* The string member 'name' of 'object', "" if it has none. */
static const char *
member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

/* Only its last state is left to tell what it was. */
static void
record_deleted(const struct comparison *c, enum api_kind kind,
               const char *id, const char *object)
{
    const struct api_resource *resource = api_resources[kind];
    json_t *last = own_json(object);
    struct object_facts facts = {
        .project_id = member(last, "project_id"),
        .host = member(last, kind == API_AGENT ? "host" : "binding:host_id"),
        .name = member(last, kind == API_AGENT ? "host" : "name"),
        .revision = json_integer_value(json_object_get(last,
                                                       "revision_number")),
    };
    struct journal_entry entry;
    char *who = NULL, *what = NULL;

    ovs_strlcpy(facts.id, id, sizeof facts.id);
    ovs_strlcpy(facts.network_id,
                kind == API_NETWORK ? id : member(last, "network_id"),
                sizeof facts.network_id);
    entry_init(&entry, JOURNAL_DELETED, resource->name, &facts);
    entry.object = object;
    if (object_facts_of_deletion(c->view->replica, id, &who, &what)) {
        entry.by = who;
        entry.comment = what;
    }
    c->append(&entry, c->aux);
    free(who);
    free(what);
    json_decref(last);
}

static bool
compare_shown(const struct comparison *c, enum object_kind kind,
              const struct uuid *id)
{
    const struct api_resource *resource = api_resources[kind];
    const struct nb_row *row = replica_get(c->view->replica,
                                           kinds[kind].table, id);
    struct look old = { NULL, NULL }, new = { NULL, NULL };
    char id_text[UUID_LEN + 1];
    bool known, changed;

    snprintf(id_text, sizeof id_text, UUID_FMT, UUID_ARGS(id));
    known = journal_state_get(c->journal, resource->name, id_text,
                              &old.object, &old.internal);
    if (row) {
        look_at(c, resource, row, &new);
    }
    changed = (known && row
               ? (strcmp(old.object, new.object)
                  || strcmp(old.internal, new.internal))
               : known || row);
    if (changed && row) {
        struct object_facts facts;

        object_facts_from_row(c->view->replica, resource->kind, row, &facts);
        if (known) {
            record_updated(c, resource, &facts, &old, &new);
        } else {
            record_created(c, resource, &facts, &new);
        }
    } else if (changed) {
        record_deleted(c, resource->kind, id_text, old.object);
    }
    look_destroy(&old);
    look_destroy(&new);
    return changed;
}

static void
record_applied(const struct comparison *c,
               const struct applied_facts *applied)
{
    const struct api_resource *resource = api_resources[applied->kind];
    struct journal_entry entry;
    struct object_facts facts;
    struct look look;

    object_facts_from_row(c->view->replica, applied->kind, applied->object,
                          &facts);
    look_at(c, resource, applied->object, &look);
    entry_init(&entry, JOURNAL_APPLIED, resource->name, &facts);
    entry.host = applied->host;
    entry.revision = applied->revision;
    entry.object = look.object;
    c->append(&entry, c->aux);
    look_destroy(&look);
}

/* The state of what 'row' says that a hypervisor has applied, for the caller
 * to free; NULL for no row. */
static char *
applied_state(const struct comparison *c, const struct nb_row *row,
              struct applied_facts *applied)
{
    if (!row) {
        return NULL;
    }
    applied_facts_from_row(c->view->replica, row, applied);
    return xasprintf("%"PRId64"%s", applied->revision,
                     applied->live ? "" : " not live");
}

static bool
compare_applied(const struct comparison *c, enum object_kind kind,
                const struct uuid *id)
{
    const struct nb_row *row = replica_get(c->view->replica,
                                           kinds[kind].table, id);
    const char *resource = kinds[kind].resource;
    struct applied_facts applied;
    char *new = applied_state(c, row, &applied);
    char id_text[UUID_LEN + 1];
    char *old = NULL;
    bool changed;

    snprintf(id_text, sizeof id_text, UUID_FMT, UUID_ARGS(id));
    journal_state_get(c->journal, resource, id_text, &old, NULL);
    changed = old && new ? strcmp(old, new) != 0 : old || new;
    if (changed && new) {
        if (applied.live && applied.object) {
            record_applied(c, &applied);
        }
        journal_state_put(c->journal, resource, id_text, new, "");
    } else if (changed) {
        journal_state_delete(c->journal, resource, id_text);
    }
    free(old);
    free(new);
    return changed;
}

bool
compare_object(const struct comparison *c, enum object_kind kind,
               const struct uuid *id)
{
    return (kind < OBJECT_N_SHOWN
            ? compare_shown(c, kind, id)
            : compare_applied(c, kind, id));
}

void
compare_take_note(const struct comparison *c, enum object_kind kind,
                  const struct nb_row *row)
{
    char id[UUID_LEN + 1];

    snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(nb_row_id(row)));
    if (kind < OBJECT_N_SHOWN) {
        struct look look;

        look_at(c, api_resources[kind], row, &look);
        journal_state_put(c->journal, kinds[kind].resource, id, look.object,
                          look.internal);
        look_destroy(&look);
    } else {
        struct applied_facts applied;
        char *state = applied_state(c, row, &applied);

        journal_state_put(c->journal, kinds[kind].resource, id, state, "");
        free(state);
    }
}
