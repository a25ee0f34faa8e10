/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See facts.h.  Between the journal and topic.c. */

#include <config.h>

#include "events/facts.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

void
facts_from_entry(const struct journal_entry *entry, struct topic_facts *facts)
{
    facts->resource = entry->resource;
    facts->id = entry->id;
    facts->network_id = entry->network_id;
    facts->project_id = entry->project_id;
    facts->hosts[0] = entry->host;
    facts->hosts[1] = entry->old_host;
    facts->shared = false;
    facts->verb = entry->verb;
}

static bool
object_is_shared(const char *object)
{
    json_t *json = json_loads(object, 0, NULL);
    bool shared = json_is_true(json_object_get(json, "shared"));

    json_decref(json);
    return shared;
}

/* One that ceased to be so was: that is what there is to be told. */
static bool
network_is_shared(const struct journal_entry *entry)
{
    json_t *changes = json_loads(entry->changes, 0, NULL);
    bool changed = json_object_get(changes, "shared") != NULL;

    json_decref(changes);
    return changed || object_is_shared(entry->object);
}

bool
facts_is_shared(struct journal *journal, const struct journal_entry *entry)
{
    if (!strcmp(entry->resource, "network")) {
        return network_is_shared(entry);
    } else if (!strcmp(entry->resource, "subnet")) {
        char *network;

        if (journal_state_get(journal, "network", entry->network_id,
                              &network, NULL)) {
            bool shared = object_is_shared(network);

            free(network);
            return shared;
        }
    }
    return false;
}

static const char *
json_member(json_t *json, const char *name)
{
    const char *s = json_string_value(json_object_get(json, name));

    return s ? s : "";
}

void *
facts_from_state(const struct journal_state *state,
                 struct journal_entry *entry)
{
    json_t *json = json_loads(state->object, 0, NULL);
    bool port = !strcmp(state->resource, "port");

    *entry = (struct journal_entry) {
        .verb = JOURNAL_UPDATED,
        .resource = state->resource,
        .id = state->id,
        .network_id = (!strcmp(state->resource, "network")
                       ? state->id : json_member(json, "network_id")),
        .project_id = json_member(json, "project_id"),
        .host = json_member(json, port ? "binding:host_id" : "host"),
        .old_host = "",
        .object = state->object,
        .changes = "",
    };
    return json;
}

void
facts_state_free(void *json)
{
    json_decref(json);
}
