/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Attributes' types: what a client may give and what comes of it. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "api/attr.h"
#include "api/error.h"
#include "api/json.h"
#include "api/resource.h"

#define ID "0f64e3b9-3e01-4bb8-bf55-a1d7ffc65788"
#define LONG_60 "123456789_123456789_123456789_123456789_123456789_123456789_"
#define LONG_240 LONG_60 LONG_60 LONG_60 LONG_60

struct example {
    const char *attr;           /* "port.name" */
    const char *given;          /* JSON. */
    const char *normal;         /* JSON; NULL: it is refused. */
};

static const struct api_attr *
get_attr(const char *name)
{
    size_t len = strcspn(name, ".");
    char *kind = xmemdup0(name, len);
    const struct api_resource *resource = api_resource_by_name(kind);
    free(kind);
    assert_non_null(resource);

    const struct api_attr *attr = api_find_attr(resource, name + len + 1);
    assert_non_null(attr);
    return attr;
}

static void
check_refused(const struct api_attr *attr, const char *given,
              const struct api_error *error)
{
    if (!error) {
        fail_msg("%s: %s is not refused", attr->name, given);
    }
    assert_int_equal(error->status, 400);
    assert_string_equal(error->type, (attr->type == API_BOOLEAN
                                      ? "InvalidInput" : "HTTPBadRequest"));
    assert_non_null(strstr(error->message, attr->name));
    assert_in_range(strlen(error->message), 1, 500);
}

static void
check(const struct example *e)
{
    const struct api_attr *attr = get_attr(e->attr);
    json_t *given = json_loads(e->given, JSON_DECODE_ANY, NULL);
    json_t *value = NULL;

    assert_non_null(given);
    struct api_error *error = api_attr_normalize(attr, given, &value);
    if (!e->normal) {
        check_refused(attr, e->given, error);
        api_error_destroy(error);
    } else {
        if (error) {
            fail_msg("%s: %s: %s", e->attr, e->given, error->message);
        }
        char *text = api_json_to_string(value);
        assert_string_equal(text, e->normal);
        free(text);

        /* A normal form is its own. */
        json_t *again = NULL;
        assert_null(api_attr_normalize(attr, value, &again));
        assert_true(json_equal(value, again));
        json_decref(again);
        json_decref(value);
    }
    json_decref(given);
}

static const struct example scalars[] = {
    { "port.name", "\"\"", "\"\"" },
    { "port.name", "\"\xc3\xbc \\u00fc\"", "\"\xc3\xbc \xc3\xbc\"" },
    { "port.name", "\"" LONG_240 "123456789_12345\"",
      "\"" LONG_240 "123456789_12345\"" },
    { "port.name", "\"" LONG_240 "123456789_123456\"", NULL },
    { "port.name", "7", NULL },
    { "port.name", "null", NULL },
    { "port.name", "[]", NULL },
    { "port.binding:host_id", "null", "\"\"" },

    { "port.admin_state_up", "true", "true" },
    { "port.admin_state_up", "\"true\"", "true" },
    { "port.admin_state_up", "\"TRUE\"", "true" },
    { "port.admin_state_up", "1", "true" },
    { "port.admin_state_up", "\"1\"", "true" },
    { "port.admin_state_up", "false", "false" },
    { "port.admin_state_up", "\"False\"", "false" },
    { "port.admin_state_up", "0", "false" },
    { "port.admin_state_up", "\"0\"", "false" },
    { "port.admin_state_up", "2", NULL },
    { "port.admin_state_up", "\"yes\"", NULL },
    { "port.admin_state_up", "\"\"", NULL },
    { "port.admin_state_up", "null", NULL },
    { "port.admin_state_up", "1.0", NULL },

    { "network.mtu", "1400", "1400" },
    { "network.mtu", "\"1400\"", "1400" },
    { "network.mtu", "68", "68" },
    { "network.mtu", "67", NULL },
    { "network.mtu", "65535", "65535" },
    { "network.mtu", "65536", NULL },
    { "network.mtu", "-1400", NULL },
    { "network.mtu", "1400.0", NULL },
    { "network.mtu", "true", NULL },
    { "network.mtu", "\"\"", NULL },
    { "network.mtu", "\"-\"", NULL },
    { "network.mtu", "\" 1400\"", NULL },
    { "network.mtu", "\"1400x\"", NULL },
    { "network.mtu", "\"0x578\"", NULL },
    { "network.mtu", "\"99999999999999999999\"", NULL },
    { "network.mtu", "null", NULL },
    { "subnet.ip_version", "\"6\"", "6" },
    { "subnet.ip_version", "5", NULL },
    { "network.provider:segmentation_id", "null", "null" },
    { "network.provider:network_type", "\"vlan\"", "\"vlan\"" },
    { "network.provider:network_type", "\"VLAN\"", NULL },
    { "network.provider:network_type", "\"\"", NULL },
    { "subnet.ipv6_ra_mode", "\"slaac\"", "\"slaac\"" },
    { "subnet.ipv6_ra_mode", "null", "null" },
    { "subnet.ipv6_ra_mode", "\"\"", NULL },

    { "port.network_id", "\"" ID "\"", "\"" ID "\"" },
    { "port.network_id", "\"0F64E3B9-3E01-4BB8-BF55-A1D7FFC65788\"",
      "\"" ID "\"" },
    { "port.network_id", "\"0f64e3b93e014bb8bf55a1d7ffc65788\"", NULL },
    { "port.network_id", "\"" ID "x\"", NULL },
    { "port.network_id", "\"\"", NULL },
    { "port.network_id", "1", NULL },
    { "port.mac_address", "\"FA:16:3E:00:00:01\"",
      "\"fa:16:3e:00:00:01\"" },
    { "port.mac_address", "\"01:00:5e:00:00:01\"", NULL },
    { "port.mac_address", "\"00:00:00:00:00:00\"", NULL },
    { "port.mac_address", "\"fa-16-3e-00-00-01\"", NULL },
    { "port.mac_address", "\"\"", NULL },
    { "port.mac_address", "null", NULL },

    { "subnet.gateway_ip", "\"10.0.0.1\"", "\"10.0.0.1\"" },
    { "subnet.gateway_ip", "\"2001:DB8:0::1\"", "\"2001:db8::1\"" },
    { "subnet.gateway_ip", "null", "null" },
    { "subnet.gateway_ip", "\"10.0.0.256\"", NULL },
    { "subnet.gateway_ip", "\"10.0.0.1/24\"", NULL },
    { "subnet.gateway_ip", "\"\"", NULL },
    { "subnet.gateway_ip", "0", NULL },
    { "subnet.cidr", "\"10.0.0.7/24\"", "\"10.0.0.0/24\"" },
    { "subnet.cidr", "\"2001:db8::7/64\"", "\"2001:db8::/64\"" },
    { "subnet.cidr", "\"10.0.0.0\"", NULL },
    { "subnet.cidr", "\"10.0.0.0/33\"", NULL },
    { "subnet.cidr", "\"10.0.0.0/-1\"", NULL },
    { "subnet.cidr", "null", NULL },
    { "port.status", "\"ACTIVE\"", NULL },
};

static const struct example lists[] = {
    { "port.tags", "[]", "[]" },
    { "port.tags", "[\"b\",\"a\",\"b\"]", "[\"a\",\"b\"]" },
    { "port.tags", "[\"" LONG_60 "\"]", "[\"" LONG_60 "\"]" },
    { "port.tags", "[\"" LONG_60 "x\"]", NULL },
    { "port.tags", "[\"\"]", NULL },
    { "port.tags", "[1]", NULL },
    { "port.tags", "\"a\"", NULL },
    { "port.tags", "null", NULL },
    { "subnet.service_types", "null", "[]" },

    { "port.fixed_ips", "[]", "[]" },
    { "port.fixed_ips", "[{\"subnet_id\":\"" ID "\"}]",
      "[{\"subnet_id\":\"" ID "\"}]" },
    { "port.fixed_ips",
      "[{\"ip_address\":\"2001:DB8::1\",\"subnet_id\":\"" ID "\"}]",
      "[{\"subnet_id\":\"" ID "\",\"ip_address\":\"2001:db8::1\"}]" },
    { "port.fixed_ips", "[{\"subnet_id\":\"" ID "\"},"
      "{\"subnet_id\":\"" ID "\"}]",
      "[{\"subnet_id\":\"" ID "\"},{\"subnet_id\":\"" ID "\"}]" },
    { "port.fixed_ips", "[{\"ip_address\":\"2001:db8::1\"},"
      "{\"ip_address\":\"2001:db8:0::1\"}]", NULL },
    { "port.fixed_ips", "[{}]", NULL },
    { "port.fixed_ips", "[{\"ip_address\":\"10.0.0.1\",\"x\":1}]", NULL },
    { "port.fixed_ips", "[{\"ip_address\":null}]", NULL },
    { "port.fixed_ips", "[{\"subnet_id\":\"s\"}]", NULL },
    { "port.fixed_ips", "[\"10.0.0.1\"]", NULL },
    { "port.fixed_ips", "{\"ip_address\":\"10.0.0.1\"}", NULL },
    { "port.fixed_ips", "null", NULL },

    { "subnet.allocation_pools",
      "[{\"end\":\"10.0.0.9\",\"start\":\"10.0.0.2\"}]",
      "[{\"start\":\"10.0.0.2\",\"end\":\"10.0.0.9\"}]" },
    { "subnet.allocation_pools", "[{\"start\":\"10.0.0.2\"}]", NULL },
    { "subnet.allocation_pools",
      "[{\"start\":\"10.0.0.2\",\"end\":\"x\"}]", NULL },
    { "subnet.allocation_pools", "null", NULL },
    { "subnet.dns_nameservers", "null", "[]" },
    { "subnet.dns_nameservers", "[\"9.9.9.9\",\"8.8.8.8\"]",
      "[\"9.9.9.9\",\"8.8.8.8\"]" },
    { "subnet.dns_nameservers", "[\"9.9.9.9\",\"9.9.9.9\"]", NULL },
    { "subnet.dns_nameservers", "[\"one\"]", NULL },
    { "subnet.host_routes",
      "[{\"destination\":\"10.1.0.1/16\",\"nexthop\":\"10.0.0.9\"}]",
      "[{\"destination\":\"10.1.0.0/16\",\"nexthop\":\"10.0.0.9\"}]" },
    { "subnet.host_routes", "[{\"destination\":\"10.1.0.0/16\"}]", NULL },
    { "subnet.host_routes", "null", "[]" },

    { "port.binding:profile", "{}", "{}" },
    { "port.binding:profile", "null", "{}" },
    { "port.binding:profile", "{\"a\":[1,{\"b\":null}]}",
      "{\"a\":[1,{\"b\":null}]}" },
    { "port.binding:profile", "[]", NULL },
    { "port.binding:profile", "\"{}\"", NULL },
};

static void
test_scalars(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(scalars); i++) {
        check(&scalars[i]);
    }
}

static void
test_lists(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        check(&lists[i]);
    }
}

/* A list of 'n' addresses or tags, each another; whether it is taken. */
static bool
is_taken(const char *name, const char *format, int n)
{
    json_t *list = json_array();
    json_t *value;

    for (int i = 0; i < n; i++) {
        json_array_append_new(list, json_sprintf(format, i));
    }
    struct api_error *error = api_attr_normalize(get_attr(name), list,
                                                 &value);
    bool taken = !error;
    if (taken) {
        assert_int_equal(json_array_size(value), n);
        json_decref(value);
    }
    api_error_destroy(error);
    json_decref(list);
    return taken;
}

static void
test_limits(void **state OVS_UNUSED)
{
    assert_true(is_taken("port.tags", "%d", API_MAX_TAGS));
    assert_false(is_taken("port.tags", "%d", API_MAX_TAGS + 1));
    assert_true(is_taken("subnet.dns_nameservers", "::%d",
                         API_MAX_ELEMENTS));
    assert_false(is_taken("subnet.dns_nameservers", "::%d",
                          API_MAX_ELEMENTS + 1));

    /* The text {"a":"xxx"} of a profile. */
    for (int len = API_MAX_OBJECT - 8; len <= API_MAX_OBJECT - 7; len++) {
        char *s = xmalloc(len + 1);
        json_t *value = NULL;

        memset(s, 'x', len);
        s[len] = '\0';
        json_t *profile = json_pack("{s:s}", "a", s);
        struct api_error *error = api_attr_normalize(
            get_attr("port.binding:profile"), profile, &value);
        assert_int_equal(!error, len + 8 <= API_MAX_OBJECT);
        api_error_destroy(error);
        json_decref(value);
        json_decref(profile);
        free(s);
    }
}

/* A filter's string takes the form of what it is compared with; 'normal' NULL:
 * it is refused. */
static void
check_filter(const char *name, const char *given, const char *normal)
{
    const struct api_attr *attr = get_attr(name);
    char *got;

    struct api_error *error = api_attr_normalize_filter(attr, given, &got);
    if (normal) {
        assert_null(error);
        assert_string_equal(got, normal);
        free(got);
    } else {
        check_refused(attr, given, error);
        api_error_destroy(error);
    }
}

static void
test_filters(void **state OVS_UNUSED)
{
    check_filter("port.name", "True", "True");
    check_filter("port.name", "", "");
    check_filter("port.admin_state_up", "True", "true");
    check_filter("port.admin_state_up", "0", "false");
    check_filter("port.admin_state_up", "up", NULL);
    check_filter("port.admin_state_up", "", NULL);
    check_filter("port.mac_address", "FA:16:3E:00:00:01",
                 "fa:16:3e:00:00:01");
    check_filter("port.mac_address", "no", "no");
    check_filter("network.mtu", "1400", "1400");
    check_filter("network.mtu", "01400", "1400");
    check_filter("network.mtu", "many", NULL);
    check_filter("network.provider:segmentation_id", "", "");
    check_filter("port.network_id", "0F64E3B9-3E01-4BB8-BF55-A1D7FFC65788",
                 ID);
    check_filter("port.network_id", "blue", "blue");
    check_filter("subnet.cidr", "10.0.0.7/24", "10.0.0.0/24");
    check_filter("subnet.gateway_ip", "", "");
    check_filter("port.fixed_ips", "ip_address=2001:DB8::0:1",
                 "ip_address=2001:db8::1");
    check_filter("port.fixed_ips", "subnet_id=" ID, "subnet_id=" ID);
    check_filter("port.fixed_ips", "ip_address_substr=1.0.",
                 "ip_address_substr=1.0.");
    check_filter("port.fixed_ips", "10.0.0.1", NULL);
    check_filter("port.fixed_ips", "", NULL);
}

/* Null, booleans, integers, strings, and then what has no order. */
static void
test_order(void **state OVS_UNUSED)
{
    static const char *const values[] = {
        "null", "false", "true", "-7", "7", "10", "\"\"", "\"10\"", "\"9\"",
        "\"a\"", "[]"
    };

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
            json_t *a = json_loads(values[i], JSON_DECODE_ANY, NULL);
            json_t *b = json_loads(values[j], JSON_DECODE_ANY, NULL);
            int cmp = api_value_compare(a, b);

            assert_int_equal(cmp < 0, i < j);
            assert_int_equal(cmp > 0, i > j);
            json_decref(a);
            json_decref(b);
        }
    }
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_order),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
