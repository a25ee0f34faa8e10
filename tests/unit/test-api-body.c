/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Bodies of POST and PUT: from text to values. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "api/attr.h"
#include "api/body.h"
#include "api/error.h"
#include "api/json.h"
#include "api/resource.h"

#define ID "0f64e3b9-3e01-4bb8-bf55-a1d7ffc65788"
#define POST API_METHOD_POST
#define PUT API_METHOD_PUT

static const struct api_viewer admin = {
    .admin = true, .project_id = "ops", .name = "root"
};
static const struct api_viewer member = {
    .project_id = "blue", .name = "bob"
};

static struct api_error *
parse(enum api_kind kind, enum api_method method,
      const struct api_viewer *viewer, const char *text,
      struct api_body *body)
{
    return api_body_parse(api_resources[kind], text, strlen(text), method,
                          viewer, body);
}

/* Fails unless 'text' has the values of 'expected', a JSON object. */
static void
check(enum api_kind kind, enum api_method method,
      const struct api_viewer *viewer, const char *text,
      const char *expected)
{
    struct api_body body;
    struct api_error *error = parse(kind, method, viewer, text, &body);

    if (error) {
        fail_msg("%s: %s", text, error->message);
    }
    assert_false(body.bulk);
    assert_int_equal(body.n, 1);

    json_t *json = json_loads(expected, 0, NULL);
    assert_non_null(json);
    if (!json_equal(json, body.objects[0])) {
        char *got = api_json_to_string(body.objects[0]);
        fail_msg("%s: %s instead of %s", text, got, expected);
    }
    json_decref(json);
    api_body_destroy(&body);
}

/* Fails unless it is refused with 'status', and 'words' in the message. */
static void
refuse(enum api_kind kind, enum api_method method,
       const struct api_viewer *viewer, const char *text, int status,
       const char *words)
{
    struct api_body body;
    struct api_error *error = parse(kind, method, viewer, text, &body);

    if (!error) {
        fail_msg("%s is not refused", text);
    }
    assert_int_equal(error->status, status);
    if (!strstr(error->message, words)) {
        fail_msg("%s: \"%s\" is not in \"%s\"", text, words, error->message);
    }
    assert_int_equal(body.n, 0);
    api_error_destroy(error);
}

static void
test_defaults(void **state OVS_UNUSED)
{
    check(API_NETWORK, POST, NULL, "{\"network\":{}}",
          "{\"name\":\"\",\"admin_state_up\":true,\"shared\":false,"
          "\"description\":\"\",\"project_id\":\"\"}");
    check(API_PORT, POST, NULL,
          "{\"port\":{\"network_id\":\"" ID "\",\"name\":\"p\"}}",
          "{\"name\":\"p\",\"network_id\":\"" ID "\","
          "\"admin_state_up\":true,\"device_id\":\"\",\"device_owner\":\"\","
          "\"description\":\"\",\"binding:vnic_type\":\"normal\","
          "\"binding:profile\":{},\"binding:host_id\":\"\","
          "\"project_id\":\"\"}");
    check(API_SUBNET, POST, NULL,
          "{\"subnet\":{\"network_id\":\"" ID "\",\"ip_version\":4,"
          "\"cidr\":\"10.0.0.0/24\",\"gateway_ip\":null}}",
          "{\"name\":\"\",\"network_id\":\"" ID "\",\"ip_version\":4,"
          "\"cidr\":\"10.0.0.0/24\",\"gateway_ip\":null,"
          "\"enable_dhcp\":true,\"ipv6_ra_mode\":null,"
          "\"ipv6_address_mode\":null,\"host_routes\":[],"
          "\"dns_nameservers\":[],\"description\":\"\","
          "\"service_types\":[],\"project_id\":\"\"}");

    /* A PUT has none. */
    check(API_PORT, PUT, NULL, "{\"port\":{}}", "{}");
    check(API_PORT, PUT, NULL, "{\"port\":{\"admin_state_up\":\"0\"}}",
          "{\"admin_state_up\":false}");
    check(API_AGENT, PUT, NULL, "{\"agent\":{\"admin_state_up\":false,"
          "\"description\":null}}",
          "{\"admin_state_up\":false,\"description\":null}");
}

static void
test_form(void **state OVS_UNUSED)
{
    static const char *const bad[] = {
        "", "[]", "{}", "{\"port\":[]}", "{\"port\":null}",
        "{\"port\":\"x\"}", "{\"port\":7}", "{\"ports\":{}}",
        "{\"ports\":[]}", "{\"ports\":[1]}", "{\"ports\":[{\"port\":7}]}",
        "{\"network\":{}}", "{\"port\":{},\"ports\":[]}",
        "{\"port\":{},\"x\":1}", "[{\"port\":{}}]",
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        refuse(API_PORT, POST, NULL, bad[i], 400, "");
        refuse(API_PORT, PUT, NULL, bad[i], 400, "");
    }
    refuse(API_PORT, POST, NULL, "{\"network\":{}}", 400, "'port'");
    refuse(API_PORT, PUT, NULL, "{\"ports\":[{}]}", 400, "'port'");
}

static void
test_attributes(void **state OVS_UNUSED)
{
    refuse(API_PORT, POST, NULL, "{\"port\":{}}", 400,
           "Required attribute 'network_id' not specified");
    refuse(API_PORT, PUT, NULL, "{\"port\":{\"nosuch\":1,\"name\":\"\"}}",
           400, "Unrecognized attribute(s) 'nosuch'");
    refuse(API_NETWORK, POST, NULL, "{\"network\":{\"external_ids\":{}}}",
           400, "Unrecognized attribute(s) 'external_ids'");
    refuse(API_PORT, PUT, NULL, "{\"port\":{\"port_security_enabled\":true}}",
           400, "not offered yet");
    refuse(API_PORT, PUT, NULL, "{\"port\":{\"network_id\":\"" ID "\"}}",
           400, "Cannot update read-only attribute network_id");
    refuse(API_NETWORK, POST, NULL, "{\"network\":{\"id\":\"" ID "\"}}",
           400, "Attribute 'id' not allowed in POST");
    refuse(API_NETWORK, POST, NULL, "{\"network\":{\"tags\":[]}}",
           400, "Attribute 'tags' not allowed in POST");
    refuse(API_NETWORK, PUT, NULL,
           "{\"network\":{\"provider:network_type\":\"flat\"}}",
           400, "read-only attribute provider:network_type");
    refuse(API_NETWORK, PUT, NULL, "{\"network\":{\"mtu\":\"x\"}}",
           400, "Invalid input for mtu. Reason: 'x' is not an integer.");

    /* What is always the same. */
    check(API_NETWORK, PUT, NULL,
          "{\"network\":{\"router:external\":\"False\","
          "\"availability_zone_hints\":[]}}", "{}");
    refuse(API_NETWORK, PUT, NULL,
           "{\"network\":{\"router:external\":true}}",
           400, "router:external");
    refuse(API_NETWORK, POST, NULL, "{\"network\":{\"status\":\"ACTIVE\"}}",
           400, "Attribute 'status' not allowed in POST");
}

/* A message names some of what is wrong, however much it is. */
static void
test_many_names(void **state OVS_UNUSED)
{
    json_t *object = json_object();

    for (int i = 0; i < 5000; i++) {
        char *name = xasprintf("%d%.*s", i, 500, "unknown_unknown_unknown");
        json_object_set_new(object, name, json_integer(1));
        free(name);
    }
    json_t *root = json_pack("{s:o}", "port", object);
    char *text = api_json_to_string(root);
    struct api_body body;
    struct api_error *error = parse(API_PORT, PUT, NULL, text, &body);
    assert_non_null(error);
    assert_in_range(strlen(error->message), 1, 1500);
    api_error_destroy(error);
    free(text);
    json_decref(root);
}

static void
test_bulk(void **state OVS_UNUSED)
{
    struct api_body body;

    assert_null(parse(API_NETWORK, POST, &member,
                      "{\"networks\":[{\"name\":\"a\"},"
                      "{\"network\":{\"name\":\"b\"}}]}", &body));
    assert_true(body.bulk);
    assert_int_equal(body.n, 2);
    for (size_t i = 0; i < body.n; i++) {
        const char *name = json_string_value(
            json_object_get(body.objects[i], "name"));
        const char *project = json_string_value(
            json_object_get(body.objects[i], "project_id"));

        assert_string_equal(name, i ? "b" : "a");
        assert_string_equal(project, "blue");
    }
    api_body_destroy(&body);
    refuse(API_NETWORK, POST, NULL,
           "{\"networks\":[{\"name\":\"a\"},{\"name\":1}]}", 400, "name");
}

static void
check_project(const struct api_viewer *viewer, const char *given,
              const char *expected)
{
    char *text = xasprintf("{\"network\":{%s}}", given);
    struct api_body body;
    struct api_error *error = parse(API_NETWORK, POST, viewer, text, &body);

    if (expected) {
        assert_null(error);
        assert_string_equal(
            json_string_value(json_object_get(body.objects[0],
                                              "project_id")), expected);
        assert_null(json_object_get(body.objects[0], "tenant_id"));
        api_body_destroy(&body);
    } else {
        assert_non_null(error);
        assert_int_equal(error->status, 400);
        assert_non_null(strstr(error->message, "project_id"));
        api_error_destroy(error);
    }
    free(text);
}

static void
test_projects(void **state OVS_UNUSED)
{
    check_project(NULL, "", "");
    check_project(&admin, "", "ops");
    check_project(&member, "", "blue");
    check_project(&admin, "\"project_id\":\"red\"", "red");
    check_project(&admin, "\"tenant_id\":\"red\"", "red");
    check_project(&admin, "\"tenant_id\":\"red\",\"project_id\":\"red\"",
                  "red");
    check_project(&admin, "\"tenant_id\":\"a\",\"project_id\":\"b\"", NULL);
    check_project(&admin, "\"project_id\":7", NULL);
    check_project(&member, "\"project_id\":\"blue\"", "blue");
    check_project(&member, "\"project_id\":\"red\"", NULL);
    check_project(&member, "\"tenant_id\":\"red\"", NULL);
    refuse(API_NETWORK, PUT, &admin, "{\"network\":{\"project_id\":\"red\"}}",
           400, "read-only attribute project_id");
}

static void
test_admin(void **state OVS_UNUSED)
{
    static const char shared[] = "{\"network\":{\"shared\":true}}";
    static const char not_shared[] = "{\"network\":{\"shared\":false}}";
    struct api_body body;

    assert_null(parse(API_NETWORK, POST, &admin, shared, &body));
    api_body_destroy(&body);
    refuse(API_NETWORK, POST, &member, shared, 403, "'shared'");
    refuse(API_NETWORK, PUT, &member, not_shared, 403, "'shared'");

    /* The default may be said. */
    assert_null(parse(API_NETWORK, POST, &member, not_shared, &body));
    api_body_destroy(&body);
    refuse(API_NETWORK, POST, &member,
           "{\"network\":{\"provider:network_type\":\"vlan\"}}", 403,
           "provider:network_type");
    refuse(API_PORT, PUT, &member, "{\"port\":{\"binding:host_id\":\"h\"}}",
           403, "binding:host_id");
    refuse(API_AGENT, PUT, &member, "{\"agent\":{\"admin_state_up\":true}}",
           403, "admin_state_up");
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_bulk),
        cmocka_unit_test(test_projects),
        cmocka_unit_test(test_admin),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
