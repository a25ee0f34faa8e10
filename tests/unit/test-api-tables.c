/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The tables of attributes hold together, and what is made of them alone:
 * differences, what others than an admin see, /extensions. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "api/attr.h"
#include "api/error.h"
#include "api/extension.h"
#include "api/json.h"
#include "api/resource.h"
#include "sset.h"

typedef void attr_cb(const struct api_resource *, const struct api_attr *);

static void
each_attr(attr_cb *cb)
{
    for (size_t i = 0; i < API_N_KINDS; i++) {
        const struct api_resource *resource = api_resources[i];

        assert_int_equal(resource->kind, i);
        assert_ptr_equal(api_resource_by_name(resource->name), resource);
        assert_ptr_equal(api_resource_by_plural(resource->plural), resource);
        for (size_t j = 0; j < resource->n_attrs; j++) {
            cb(resource, &resource->attrs[j]);
        }
    }
}

/* Names are there once, so that the first found is the one. */
static void
check_name(const struct api_resource *resource, const struct api_attr *attr)
{
    if (!(attr->flags & API_INTERNAL)) {
        assert_ptr_equal(api_find_attr(resource, attr->name), attr);
    } else {
        assert_null(api_find_attr(resource, attr->name));
    }
}

/* There is a way to show each attribute, and to write what can be given. */
static void
check_column(const struct api_resource *resource, const struct api_attr *attr)
{
    bool constant = attr->flags & API_CONSTANT;

    if (!attr->show && !constant) {
        assert_int_not_equal(attr->column, NB_N_COLUMNS);
        assert_int_equal(api_columns[attr->column].table, resource->table);
    }
    if (constant) {
        assert_non_null(attr->initial);
        assert_null(attr->show);
    }
    if (attr->flags & (API_POST | API_PUT) && !constant
        && attr->column != NB_N_COLUMNS && !attr->store) {
        enum api_column_type type = api_columns[attr->column].type;

        assert_int_not_equal(type, API_COLUMN_MAP);
        assert_int_not_equal(type, API_COLUMN_REFS);
    }
}

/* A default is JSON in normal form, written as it is shown. */
static void
check_initial(const struct api_resource *resource OVS_UNUSED,
              const struct api_attr *attr)
{
    json_t *initial = api_attr_initial(attr);
    json_t *normal;

    assert_int_equal(!initial, !attr->initial);
    if (!initial) {
        return;
    }
    char *text = api_json_to_string(initial);
    assert_string_equal(text, attr->initial);
    free(text);
    if (attr->type != API_COMPUTED) {
        assert_null(api_attr_normalize(attr, initial, &normal));
        assert_true(json_equal(initial, normal));
        json_decref(normal);
    }
    json_decref(initial);
}

static void
check_alias(const struct api_resource *resource OVS_UNUSED,
            const struct api_attr *attr)
{
    if (attr->alias) {
        const struct api_extension *ext = api_extension_find(attr->alias);

        assert_non_null(ext);
        assert_false(ext->behaviour);
    }
}

static void
test_tables(void **state OVS_UNUSED)
{
    each_attr(check_name);
    each_attr(check_column);
    each_attr(check_initial);
    each_attr(check_alias);
    assert_null(api_resource_by_name("ports"));
    assert_null(api_resource_by_plural("port"));
}

/* Each alias once, those of what is not offered not at all. */
static void
test_extensions(void **state OVS_UNUSED)
{
    static const char *const absent[] = {
        "port-security", "security-group", "allowed-address-pairs",
        "router", "external-net", "quotas", "binding-extended", ""
    };
    struct sset aliases = SSET_INITIALIZER(&aliases);
    json_t *shown = api_extensions_show();
    json_t *list = json_object_get(shown, "extensions");
    json_t *extension;
    size_t i;

    json_array_foreach (list, i, extension) {
        const char *alias = json_string_value(json_object_get(extension,
                                                              "alias"));

        assert_true(sset_add(&aliases, alias));
        json_t *one = api_extension_show(api_extension_find(alias));
        assert_true(json_equal(json_object_get(one, "extension"),
                               extension));
        json_decref(one);
    }
    assert_int_equal(sset_count(&aliases), api_n_extensions);
    for (i = 0; i < ARRAY_SIZE(absent); i++) {
        assert_null(api_extension_find(absent[i]));
    }
    sset_destroy(&aliases);
    json_decref(shown);
}

/* 'expected' NULL: there is none. */
static void
check_difference(const char *old_text, const char *new_text,
                 const char *expected)
{
    const struct api_resource *agent = api_resources[API_AGENT];
    json_t *old = json_loads(old_text, 0, NULL);
    json_t *new = json_loads(new_text, 0, NULL);
    json_t *difference = api_difference(agent, old, new);

    if (expected) {
        char *text = api_json_to_string(difference);
        assert_string_equal(text, expected);
        free(text);
    } else {
        assert_null(difference);
    }
    json_decref(difference);
    json_decref(old);
    json_decref(new);
}

static void
test_difference(void **state OVS_UNUSED)
{
    check_difference("{}", "{}", NULL);
    check_difference("{\"alive\":true}", "{\"alive\":true}", NULL);
    check_difference("{\"alive\":true,\"host\":\"a\"}",
                     "{\"host\":\"b\",\"alive\":false}",
                     "{\"host\":[\"a\",\"b\"],\"alive\":[true,false]}");
    check_difference("{}", "{\"alive\":true}", "{\"alive\":[null,true]}");
    check_difference("{\"alive\":true}", "{}", "{\"alive\":[true,null]}");

    /* A heartbeat alone is nothing. */
    check_difference("{\"heartbeat_timestamp\":\"a\"}",
                     "{\"heartbeat_timestamp\":\"b\"}", NULL);
    /* What nobody is shown has a history. */
    check_difference("{\"external_ids\":{}}",
                     "{\"external_ids\":{\"a\":\"b\"}}",
                     "{\"external_ids\":[{},{\"a\":\"b\"}]}");
}

static void
test_strip(void **state OVS_UNUSED)
{
    json_t *port = json_loads("{\"id\":\"x\",\"binding:host_id\":\"hv1\","
                              "\"binding:vnic_type\":\"normal\","
                              "\"binding:profile\":{}}", 0, NULL);

    api_strip(api_resources[API_PORT], port);
    char *text = api_json_to_string(port);
    assert_string_equal(text, "{\"id\":\"x\","
                        "\"binding:vnic_type\":\"normal\"}");
    free(text);
    json_decref(port);
}

static int
count_bits(uint64_t mask)
{
    int n = 0;

    for (; mask; mask &= mask - 1) {
        n++;
    }
    return n;
}

static void
test_mask(void **state OVS_UNUSED)
{
    const struct api_viewer member = { .project_id = "blue", .name = "bob" };
    const struct api_resource *port = api_resources[API_PORT];
    const char *fields[] = { "id", "binding:host_id", "nosuch",
                             "external_ids" };
    uint64_t all = api_show_mask(port, NULL, NULL, 0);

    assert_int_equal(count_bits(api_show_mask(port, NULL, fields, 4)), 2);
    assert_int_equal(count_bits(api_show_mask(port, &member, fields, 4)), 1);
    assert_int_equal(count_bits(api_show_mask(port, NULL, &fields[2], 1)), 0);
    assert_int_equal(api_show_mask(port, &member, NULL, 0) & ~all, 0);
    assert_int_equal(count_bits(all)
                     - count_bits(api_show_mask(port, &member, NULL, 0)), 4);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_extensions),
        cmocka_unit_test(test_difference),
        cmocka_unit_test(test_strip),
        cmocka_unit_test(test_mask),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
