/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Topics: what a query asks for, and what an event has to be for it. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "events/topic.h"
#include "http/request.h"
#include "openvswitch/dynamic-string.h"

#define ID_A "aaaaaaaa-0000-4000-8000-000000000001"
#define ID_B "bbbbbbbb-0000-4000-8000-000000000002"
#define NET "cccccccc-0000-4000-8000-000000000003"

#define MAX_PAIRS (TOPIC_MAX_VALUES + 1)

/* Parses 'query', "key=value&...", which may not hold escapes. */
static char *
parse_as(const char *query, const char *only_project, struct topic **topicp)
{
    static struct http_pair pairs[MAX_PAIRS];
    char *copy = xstrdup(query);
    char *save = NULL;
    char *error;
    size_t n = 0;

    for (char *pair = strtok_r(copy, "&", &save); pair;
         pair = strtok_r(NULL, "&", &save)) {
        char *value = strchr(pair, '=');

        assert_true(n < MAX_PAIRS);
        assert_non_null(value);
        *value = '\0';
        pairs[n].name = pair;
        pairs[n++].value = value + 1;
    }
    error = topic_parse(pairs, n, only_project, topicp);
    free(copy);
    return error;
}

static struct topic *
parse(const char *query)
{
    struct topic *topic;
    char *error = parse_as(query, NULL, &topic);

    assert_null(error);
    assert_non_null(topic);
    return topic;
}

/* Fails unless 'query' is shown as 'expected'. */
static void
assert_shown(const char *query, const char *expected)
{
    struct topic *topic = parse(query);
    struct ds s = DS_EMPTY_INITIALIZER;

    topic_format(topic, &s);
    assert_string_equal(ds_cstr(&s), expected);
    ds_destroy(&s);
    topic_destroy(topic);
}

static void
assert_refused(const char *query, const char *expected)
{
    struct topic *topic = (struct topic *) &topic;
    char *error = parse_as(query, NULL, &topic);

    assert_non_null(error);
    assert_null(topic);
    assert_string_equal(error, expected);
    free(error);
}

static void
queries(void **state OVS_UNUSED)
{
    assert_shown("", "all");
    assert_shown("resource=port&host=hv2&host=hv1&verb=deleted&verb=created",
                 "resource=port&host=hv1&host=hv2&verb=created&verb=deleted");
    assert_shown("project_id=", "project_id=");
    assert_shown("host=hv1&host=hv1", "host=hv1");
    assert_shown("id=AAAAAAAA-0000-4000-8000-000000000001", "id=" ID_A);
    assert_shown("last_event_id=0&network_id=" NET, "network_id=" NET);
}

static void
bad_queries(void **state OVS_UNUSED)
{
    assert_refused("resource=router",
                   "resource: there are no events of 'router'; there are of "
                   "network, subnet, port and agent.");
    assert_refused("resource=ports",
                   "resource: there are no events of 'ports'; there are of "
                   "network, subnet, port and agent.");
    assert_refused("id=vm1", "id: 'vm1' is not a UUID.");
    assert_refused("network_id=blue", "network_id: 'blue' is not a UUID.");
    assert_refused("verb=changed", "verb: 'changed' is none of created, "
                   "updated, deleted and applied.");
    assert_refused("host=", "host: the value is missing.");
    assert_refused("Host=hv1", "'Host' is nothing to choose events by; there "
                   "are resource, id, network_id, host, project_id and verb.");

    /* One that is good does not help. */
    assert_refused("verb=created&verb=", "verb: '' is none of created, "
                   "updated, deleted and applied.");
}

static void
too_much(void **state OVS_UNUSED)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct topic *topic;

    for (int i = 0; i < TOPIC_MAX_VALUES; i++) {
        ds_put_format(&s, "host=hv%d&", i);
    }
    topic = parse(ds_cstr(&s));
    assert_int_equal(topic_n_values(topic), TOPIC_MAX_VALUES);
    topic_destroy(topic);
    assert_shown(ds_cstr(&s), "host=(1000 values)");

    ds_put_cstr(&s, "resource=port");
    assert_refused(ds_cstr(&s), "1001 values are more than the 1000 that one "
                   "stream can have.");

    ds_clear(&s);
    ds_put_cstr(&s, "host=");
    ds_put_char_multiple(&s, 'h', TOPIC_MAX_VALUE_LEN);
    topic_destroy(parse(ds_cstr(&s)));
    ds_put_char(&s, 'h');
    assert_refused(ds_cstr(&s), "host: a value is longer than 255 bytes.");
    ds_destroy(&s);
}

static const struct topic_facts port = {
    .resource = "port",
    .id = ID_A,
    .network_id = NET,
    .project_id = "red",
    .hosts = { "hv1", "hv2" },
    .verb = JOURNAL_UPDATED,
};

static bool
matches(const char *query, const struct topic_facts *facts)
{
    struct topic *topic = parse(query);
    bool match = topic_matches(topic, facts);

    topic_destroy(topic);
    return match;
}

/* Each key alone. */
static void
keys(void **state OVS_UNUSED)
{
    assert_true(matches("", &port));
    assert_true(matches("resource=port", &port));
    assert_false(matches("resource=network", &port));
    assert_true(matches("id=" ID_A, &port));
    assert_false(matches("id=" ID_B, &port));
    assert_true(matches("network_id=" NET, &port));
    assert_false(matches("network_id=" ID_A, &port));
    assert_true(matches("host=hv1", &port));
    assert_true(matches("host=hv2", &port));
    assert_false(matches("host=hv3", &port));
    assert_true(matches("project_id=red", &port));
    assert_false(matches("project_id=", &port));
    assert_true(matches("verb=updated", &port));
    assert_false(matches("verb=applied", &port));
}

/* A repeated key is OR, different keys are AND. */
static void
combinations(void **state OVS_UNUSED)
{
    assert_true(matches("host=hv3&host=hv2&host=hv0", &port));
    assert_true(matches("id=" ID_B "&id=" ID_A "&verb=updated&verb=deleted",
                        &port));
    assert_true(matches("resource=port&id=" ID_A "&network_id=" NET
                        "&host=hv1&project_id=red&verb=updated", &port));
    assert_false(matches("resource=port&id=" ID_A "&network_id=" NET
                         "&host=hv1&project_id=blue&verb=updated", &port));
    assert_false(matches("host=hv1&verb=created&verb=deleted", &port));
}

/* "" stands for no host: nobody can ask for it. */
static void
no_host(void **state OVS_UNUSED)
{
    struct topic_facts facts = port;

    facts.hosts[0] = facts.hosts[1] = "";
    assert_false(matches("host=hv1", &facts));
    assert_true(matches("resource=port", &facts));
}

/* What is there is there whatever was done to it. */
static void
objects(void **state OVS_UNUSED)
{
    struct topic *topic = parse("id=" ID_A "&verb=deleted");

    assert_false(topic_matches(topic, &port));
    assert_true(topic_matches_object(topic, &port));
    topic_destroy(topic);
}

static bool
sees(const char *only_project, const char *query,
     const struct topic_facts *facts)
{
    struct topic *topic;
    char *error = parse_as(query, only_project, &topic);
    bool match;

    assert_null(error);
    match = topic_matches(topic, facts);
    assert_true(!match || topic_may_see(topic, facts));
    topic_destroy(topic);
    return match;
}

static void
members(void **state OVS_UNUSED)
{
    struct topic_facts facts = port;

    assert_true(sees("red", "", &facts));
    assert_false(sees("blue", "", &facts));
    assert_false(sees("blue", "id=" ID_A, &facts));
    assert_false(sees("blue", "project_id=red", &facts));

    facts.shared = true;
    assert_true(sees("blue", "", &facts));
    assert_true(sees("blue", "project_id=red", &facts));
    assert_false(sees("blue", "project_id=blue", &facts));

    /* Nobody's objects are not those of one who has no project. */
    facts.shared = false;
    facts.project_id = "";
    assert_false(sees("", "", &facts));
    assert_false(sees("red", "", &facts));
    facts.shared = true;
    assert_true(sees("", "", &facts));
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries),
        cmocka_unit_test(bad_queries),
        cmocka_unit_test(too_much),
        cmocka_unit_test(keys),
        cmocka_unit_test(combinations),
        cmocka_unit_test(no_host),
        cmocka_unit_test(objects),
        cmocka_unit_test(members),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
