/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See topic.h.  Between the query of a request and what is looked up for each
 * event; what is wrong with a query is said in the words of a reply to it. */

#include <config.h>

#include "events/topic.h"

#include <stdlib.h>
#include <string.h>

#include "http/request.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/uuid.h"
#include "sset.h"
#include "util.h"
#include "uuid.h"

const char *const topic_resources[TOPIC_N_RESOURCES] = {
    "network", "subnet", "port", "agent"
};

/* The keys that are strings, in the order of "struct journal_filter". */
enum key { RESOURCE, ID, NETWORK_ID, HOST, PROJECT_ID, N_KEYS };

static const char *const key_names[N_KEYS] = {
    "resource", "id", "network_id", "host", "project_id"
};

/* Topics are compared often and made once: this many values of a key are
 * shown to people. */
#define MAX_SHOWN 8

static struct journal_strings *
topic_key(const struct topic *topic_, enum key key)
{
    struct topic *topic = CONST_CAST(struct topic *, topic_);
    struct journal_filter *filter = &topic->filter;
    struct journal_strings *const keys[N_KEYS] = {
        &filter->resources, &filter->ids, &filter->network_ids,
        &filter->hosts, &filter->project_ids
    };

    return keys[key];
}

/* A value under construction. */
struct topic_draft {
    struct sset keys[N_KEYS];
    unsigned int verbs;
};

static bool
is_resource(const char *s)
{
    for (size_t i = 0; i < TOPIC_N_RESOURCES; i++) {
        if (!strcmp(s, topic_resources[i])) {
            return true;
        }
    }
    return false;
}

/* Adds 'value' to what is wanted of 'key'. */
static char *
draft_add(struct topic_draft *draft, enum key key, const char *value)
{
    const char *name = key_names[key];
    char uuid_s[UUID_LEN + 1];
    struct uuid uuid;

    if (strlen(value) > TOPIC_MAX_VALUE_LEN) {
        return xasprintf("%s: a value is longer than %d bytes.", name,
                         TOPIC_MAX_VALUE_LEN);
    } else if (!value[0] && key != PROJECT_ID) {
        return xasprintf("%s: the value is missing.", name);
    } else if (key == RESOURCE && !is_resource(value)) {
        return xasprintf("resource: there are no events of '%s'; there are "
                         "of network, subnet, port and agent.", value);
    } else if (key == ID || key == NETWORK_ID) {
        if (!uuid_from_string(&uuid, value)) {
            return xasprintf("%s: '%s' is not a UUID.", name, value);
        }
        snprintf(uuid_s, sizeof uuid_s, UUID_FMT, UUID_ARGS(&uuid));
        value = uuid_s;
    }
    sset_add(&draft->keys[key], value);
    return NULL;
}

static char *
draft_add_verb(struct topic_draft *draft, const char *value)
{
    enum journal_verb verb;

    if (!journal_verb_from_string(value, &verb)) {
        return xasprintf("verb: '%s' is none of created, updated, deleted "
                         "and applied.", value);
    }
    draft->verbs |= 1u << verb;
    return NULL;
}

static char *
draft_add_pair(struct topic_draft *draft, const struct http_pair *pair)
{
    for (int key = 0; key < N_KEYS; key++) {
        if (!strcmp(pair->name, key_names[key])) {
            return draft_add(draft, key, pair->value);
        }
    }
    if (!strcmp(pair->name, "verb")) {
        return draft_add_verb(draft, pair->value);
    } else if (!strcmp(pair->name, "last_event_id")) {
        return NULL;
    }
    return xasprintf("'%s' is nothing to choose events by; there are "
                     "resource, id, network_id, host, project_id and verb.",
                     pair->name);
}

static char *
draft_parse(struct topic_draft *draft, const struct http_pair *query,
            size_t n_query)
{
    if (n_query > TOPIC_MAX_VALUES) {
        return xasprintf("%"PRIuSIZE" values are more than the %d that one "
                         "stream can have.", n_query, TOPIC_MAX_VALUES);
    }
    for (size_t i = 0; i < n_query; i++) {
        char *error = draft_add_pair(draft, &query[i]);

        if (error) {
            return error;
        }
    }
    return NULL;
}

static struct topic *
topic_create(const struct topic_draft *draft, const char *only_project)
{
    struct topic *topic = xzalloc(sizeof *topic);

    for (int key = 0; key < N_KEYS; key++) {
        struct journal_strings *strings = topic_key(topic, key);

        strings->n = sset_count(&draft->keys[key]);
        if (strings->n) {
            const char **sorted = sset_sort(&draft->keys[key]);

            for (size_t i = 0; i < strings->n; i++) {
                sorted[i] = xstrdup(sorted[i]);
            }
            strings->strings = sorted;
        }
    }
    topic->filter.verbs = draft->verbs;
    topic->only_project = nullable_xstrdup(only_project);
    return topic;
}

char *
topic_parse(const struct http_pair *query, size_t n_query,
            const char *only_project, struct topic **topicp)
{
    struct topic_draft draft = { .verbs = 0 };
    char *error;

    for (int key = 0; key < N_KEYS; key++) {
        sset_init(&draft.keys[key]);
    }
    error = draft_parse(&draft, query, n_query);
    *topicp = error ? NULL : topic_create(&draft, only_project);
    for (int key = 0; key < N_KEYS; key++) {
        sset_destroy(&draft.keys[key]);
    }
    return error;
}

void
topic_destroy(struct topic *topic)
{
    if (topic) {
        for (int key = 0; key < N_KEYS; key++) {
            struct journal_strings *strings = topic_key(topic, key);

            for (size_t i = 0; i < strings->n; i++) {
                free(CONST_CAST(char *, strings->strings[i]));
            }
            free(CONST_CAST(const char **, strings->strings));
        }
        free(topic->only_project);
        free(topic);
    }
}

size_t
topic_n_values(const struct topic *topic)
{
    size_t n = 0;

    for (int key = 0; key < N_KEYS; key++) {
        n += topic_key(topic, key)->n;
    }
    return n;
}

static int
compare_strings(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static bool
strings_have(const struct journal_strings *strings, const char *s)
{
    return bsearch(&s, strings->strings, strings->n, sizeof s,
                   compare_strings);
}

static bool
strings_match(const struct journal_strings *strings, const char *s)
{
    return !strings->n || strings_have(strings, s);
}

static bool
hosts_match(const struct journal_strings *strings,
            const struct topic_facts *facts)
{
    return (!strings->n
            || strings_have(strings, facts->hosts[0])
            || strings_have(strings, facts->hosts[1]));
}

bool
topic_may_see(const struct topic *topic, const struct topic_facts *facts)
{
    const char *only = topic->only_project;

    return (!only || facts->shared
            || (only[0] && !strcmp(only, facts->project_id)));
}

bool
topic_matches_object(const struct topic *topic,
                     const struct topic_facts *facts)
{
    const struct journal_filter *filter = &topic->filter;

    return (strings_match(&filter->ids, facts->id)
            && strings_match(&filter->network_ids, facts->network_id)
            && hosts_match(&filter->hosts, facts)
            && strings_match(&filter->project_ids, facts->project_id)
            && strings_match(&filter->resources, facts->resource)
            && topic_may_see(topic, facts));
}

bool
topic_matches(const struct topic *topic, const struct topic_facts *facts)
{
    unsigned int verbs = topic->filter.verbs;

    return ((!verbs || verbs & 1u << facts->verb)
            && topic_matches_object(topic, facts));
}

static void
format_values(const char *name, const struct journal_strings *strings,
              struct ds *s)
{
    if (strings->n > MAX_SHOWN) {
        ds_put_format(s, "%s=(%"PRIuSIZE" values)&", name, strings->n);
        return;
    }
    for (size_t i = 0; i < strings->n; i++) {
        ds_put_format(s, "%s=%s&", name, strings->strings[i]);
    }
}

void
topic_format(const struct topic *topic, struct ds *s)
{
    size_t start = s->length;

    for (int key = 0; key < N_KEYS; key++) {
        format_values(key_names[key], topic_key(topic, key), s);
    }
    for (enum journal_verb verb = 0; verb < JOURNAL_N_VERBS; verb++) {
        if (topic->filter.verbs & 1u << verb) {
            ds_put_format(s, "verb=%s&", journal_verb_to_string(verb));
        }
    }
    if (s->length > start) {
        ds_chomp(s, '&');
    } else {
        ds_put_cstr(s, "all");
    }
}
