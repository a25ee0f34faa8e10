/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The agent's configuration: each key, good and bad. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>

#include "ovs-agent/agent-config.h"
#include "smap.h"
#include "sset.h"

/* Parses 'n' pairs of key and value. */
static struct agent_config *
parse_pairs(const char *pairs[][2], size_t n)
{
    struct smap external_ids = SMAP_INITIALIZER(&external_ids);
    struct agent_config *config;

    for (size_t i = 0; i < n; i++) {
        smap_add(&external_ids, pairs[i][0], pairs[i][1]);
    }
    config = agent_config_parse(&external_ids, "kernel-name");
    smap_destroy(&external_ids);
    return config;
}

#define PARSE(...)                                                      \
    parse_pairs((const char *[][2]) { __VA_ARGS__ },                    \
                sizeof (const char *[][2]) { __VA_ARGS__ }              \
                / sizeof (const char *[2]))

static void
assert_no_fault(const struct agent_config *config)
{
    assert_true(sset_is_empty(&config->faults));
}

/* Fails unless 'config' has exactly this fault; frees it. */
static void
assert_fault(struct agent_config *config, const char *fault)
{
    assert_int_equal(sset_count(&config->faults), 1);
    assert_string_equal(SSET_FIRST(&config->faults), fault);
    agent_config_destroy(config);
}

static void
defaults(void **state OVS_UNUSED)
{
    struct agent_config *config = parse_pairs(NULL, 0);

    assert_null(config->remote);
    assert_string_equal(config->host, "kernel-name");
    assert_string_equal(config->bridge, "br-int");
    assert_null(config->datapath_type);
    assert_null(config->encap_ip);
    assert_int_equal(sset_count(&config->encap_types), 2);
    assert_true(sset_contains(&config->encap_types, "vxlan"));
    assert_true(sset_contains(&config->encap_types, "geneve"));
    assert_true(smap_is_empty(&config->bridge_mappings));
    assert_int_equal(config->probe_interval, -1);
    assert_int_equal(config->heartbeat_interval, AGENT_CONFIG_HEARTBEAT_S);
    assert_no_fault(config);
    agent_config_destroy(config);
}

static void
every_key(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE(
        { "sluice-remote", "tcp:192.0.2.1:6641,tcp:192.0.2.2:6641" },
        { "sluice-host", "hv1" },
        { "sluice-bridge", "br-sluice" },
        { "sluice-datapath-type", "netdev" },
        { "sluice-encap-ip", "192.0.2.9" },
        { "sluice-encap-type", "vxlan,geneve" },
        { "sluice-bridge-mappings", "physnet1:br-ex,physnet2:br-dc" },
        { "sluice-remote-probe-interval", "5000" },
        { "sluice-heartbeat-interval", "30" });

    assert_string_equal(config->remote,
                        "tcp:192.0.2.1:6641,tcp:192.0.2.2:6641");
    assert_string_equal(config->host, "hv1");
    assert_string_equal(config->bridge, "br-sluice");
    assert_string_equal(config->datapath_type, "netdev");
    assert_string_equal(config->encap_ip, "192.0.2.9");
    assert_int_equal(sset_count(&config->encap_types), 2);
    assert_true(sset_contains(&config->encap_types, "vxlan"));
    assert_true(sset_contains(&config->encap_types, "geneve"));
    assert_int_equal(smap_count(&config->bridge_mappings), 2);
    assert_string_equal(smap_get(&config->bridge_mappings, "physnet1"),
                        "br-ex");
    assert_string_equal(smap_get(&config->bridge_mappings, "physnet2"),
                        "br-dc");
    assert_int_equal(config->probe_interval, 5000);
    assert_int_equal(config->heartbeat_interval, 30);
    assert_no_fault(config);
    agent_config_destroy(config);
}

/* Keys of others are others' business. */
static void
foreign_keys(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE({ "ovn-remote", "tcp:192.0.2.1:6642" },
                                        { "hostname", "hv9" });

    assert_null(config->remote);
    assert_string_equal(config->host, "kernel-name");
    assert_no_fault(config);
    agent_config_destroy(config);
}

static void
assert_host(struct agent_config *config, const char *host)
{
    assert_string_equal(config->host, host);
    assert_no_fault(config);
    agent_config_destroy(config);
}

static void
host_order(void **state OVS_UNUSED)
{
    assert_host(PARSE({ "system-id", "id" }), "id");
    assert_host(PARSE({ "system-id", "id" }, { "sluice-host", "hv" }), "hv");
    assert_host(PARSE({ "system-id", "id" }, { "sluice-host", "" }), "id");
    assert_host(PARSE({ "system-id", "" }, { "sluice-host", "" }),
                "kernel-name");
}

/* Set to nothing is not set. */
static void
empty_values(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE(
        { "sluice-remote", "" }, { "sluice-host", "" },
        { "sluice-bridge", "" }, { "sluice-datapath-type", "" },
        { "sluice-encap-ip", "" }, { "sluice-encap-type", "" },
        { "sluice-bridge-mappings", "" },
        { "sluice-remote-probe-interval", "" },
        { "sluice-heartbeat-interval", "" });
    struct agent_config *unset = parse_pairs(NULL, 0);

    assert_true(agent_config_equal(config, unset));
    assert_no_fault(config);
    agent_config_destroy(config);
    agent_config_destroy(unset);
}

static void
assert_encap_ip(const char *value, const char *ip)
{
    struct agent_config *config = PARSE({ "sluice-encap-ip", value });

    assert_string_equal(config->encap_ip, ip);
    assert_no_fault(config);
    agent_config_destroy(config);
}

/* However it is written, it is one address. */
static void
encap_ip(void **state OVS_UNUSED)
{
    assert_encap_ip("192.0.2.9", "192.0.2.9");
    assert_encap_ip("2001:db8::1", "2001:db8::1");
    assert_encap_ip("2001:DB8:0::1", "2001:db8::1");
}

static void
assert_bad_encap_ip(const char *value)
{
    struct agent_config *config = PARSE({ "sluice-encap-ip", value });
    char *fault = xasprintf("sluice-encap-ip: \"%s\" is not an IP address "
                            "that one machine can have", value);

    assert_null(config->encap_ip);
    assert_fault(config, fault);
    free(fault);
}

static void
bad_encap_ip(void **state OVS_UNUSED)
{
    assert_bad_encap_ip("192.0.2.256");
    assert_bad_encap_ip("192.0.2.1/24");
    assert_bad_encap_ip("192.0.2.1,192.0.2.2");
    assert_bad_encap_ip("hv1");
    assert_bad_encap_ip("0.0.0.0");
    assert_bad_encap_ip("255.255.255.255");
    assert_bad_encap_ip("224.0.0.1");
    assert_bad_encap_ip("::");
    assert_bad_encap_ip("ff02::1");
}

/* What is wrong is left out, what is right beside it stays. */
static void
encap_type(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE({ "sluice-encap-type", "gre,vxlan" });

    assert_int_equal(sset_count(&config->encap_types), 1);
    assert_true(sset_contains(&config->encap_types, "vxlan"));
    assert_fault(config, "sluice-encap-type: \"gre\" is neither vxlan nor "
                 "geneve");
}

static void
assert_mappings(const char *value, size_t n, const char *fault)
{
    struct agent_config *config = PARSE({ "sluice-bridge-mappings", value });

    assert_int_equal(smap_count(&config->bridge_mappings), n);
    assert_fault(config, fault);
}

static void
bad_mappings(void **state OVS_UNUSED)
{
    assert_mappings("physnet1", 0, "sluice-bridge-mappings: \"physnet1\" is "
                    "not PHYSICAL_NETWORK:BRIDGE");
    assert_mappings(":br-ex", 0, "sluice-bridge-mappings: \":br-ex\" is not "
                    "PHYSICAL_NETWORK:BRIDGE");
    assert_mappings("p1:br-ex,p2:", 1, "sluice-bridge-mappings: \"p2:\" is "
                    "not PHYSICAL_NETWORK:BRIDGE");
    assert_mappings("p1:br-ex,p2:br-dc,p1:br-x", 2, "sluice-bridge-mappings: "
                    "physical network \"p1\" is mapped twice");
}

/* The first stays, so that a slip at the end moves nothing. */
static void
first_mapping_stays(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE({ "sluice-bridge-mappings",
                                          "p1:br-ex,p1:br-dc" });

    assert_string_equal(smap_get(&config->bridge_mappings, "p1"), "br-ex");
    agent_config_destroy(config);
}

static void
assert_bad_probe(const char *value)
{
    struct agent_config *config = PARSE({ "sluice-remote-probe-interval",
                                          value });
    char *fault = xasprintf("sluice-remote-probe-interval: \"%s\" is not a "
                            "number from 0 to 2147483647", value);

    assert_int_equal(config->probe_interval, -1);
    assert_fault(config, fault);
    free(fault);
}

static void
probe_interval(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE({ "sluice-remote-probe-interval",
                                          "0" });

    assert_int_equal(config->probe_interval, 0);
    assert_no_fault(config);
    agent_config_destroy(config);
    assert_bad_probe("-1");
    assert_bad_probe("soon");
    assert_bad_probe("5s");
    assert_bad_probe("99999999999");
}

static void
heartbeat_interval(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE({ "sluice-heartbeat-interval", "0" });

    assert_int_equal(config->heartbeat_interval, AGENT_CONFIG_HEARTBEAT_S);
    assert_fault(config, "sluice-heartbeat-interval: \"0\" is not a number "
                 "from 1 to 86400");

    config = PARSE({ "sluice-heartbeat-interval", "86401" });
    assert_int_equal(config->heartbeat_interval, AGENT_CONFIG_HEARTBEAT_S);
    assert_fault(config, "sluice-heartbeat-interval: \"86401\" is not a "
                 "number from 1 to 86400");
}

static void
one_bridge_one_network(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE({ "sluice-bridge-mappings",
                                          "p1:br-ex,p2:br-ex" });

    assert_string_equal(smap_get(&config->bridge_mappings, "p1"), "br-ex");
    assert_null(smap_get(&config->bridge_mappings, "p2"));
    assert_fault(config, "sluice-bridge-mappings: bridge \"br-ex\" is mapped "
                 "already, by physical network \"p1\"");
}

/* Each fault by itself. */
static void
several_faults(void **state OVS_UNUSED)
{
    struct agent_config *config = PARSE(
        { "sluice-host", "hv1" }, { "sluice-encap-ip", "x" },
        { "sluice-encap-type", "gre" }, { "sluice-bridge-mappings", "x,y" },
        { "sluice-heartbeat-interval", "x" });

    assert_int_equal(sset_count(&config->faults), 5);
    assert_string_equal(config->host, "hv1");
    agent_config_destroy(config);
}

/* Equality looks at every key. */

static void
assert_differs(struct agent_config *other)
{
    struct agent_config *unset = parse_pairs(NULL, 0);

    assert_false(agent_config_equal(other, unset));
    assert_false(agent_config_equal(unset, other));
    assert_true(agent_config_equal(other, other));
    agent_config_destroy(unset);
    agent_config_destroy(other);
}

static void
equality(void **state OVS_UNUSED)
{
    struct agent_config *a = PARSE({ "sluice-encap-type", "vxlan,geneve" });
    struct agent_config *b = PARSE({ "sluice-encap-type", "geneve,vxlan" });

    assert_true(agent_config_equal(a, b));
    agent_config_destroy(a);
    agent_config_destroy(b);
    assert_differs(PARSE({ "sluice-remote", "tcp:192.0.2.1:6641" }));
    assert_differs(PARSE({ "sluice-host", "hv1" }));
    assert_differs(PARSE({ "sluice-bridge", "br-x" }));
    assert_differs(PARSE({ "sluice-datapath-type", "netdev" }));
    assert_differs(PARSE({ "sluice-encap-ip", "192.0.2.1" }));
    assert_differs(PARSE({ "sluice-encap-type", "vxlan" }));
    assert_differs(PARSE({ "sluice-bridge-mappings", "p:br-ex" }));
    assert_differs(PARSE({ "sluice-remote-probe-interval", "1" }));
    assert_differs(PARSE({ "sluice-heartbeat-interval", "1" }));
    assert_differs(PARSE({ "sluice-heartbeat-interval", "x" }));
}

static void
destroy_null(void **state OVS_UNUSED)
{
    agent_config_destroy(NULL);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(every_key),
        cmocka_unit_test(foreign_keys),
        cmocka_unit_test(host_order),
        cmocka_unit_test(empty_values),
        cmocka_unit_test(encap_ip),
        cmocka_unit_test(bad_encap_ip),
        cmocka_unit_test(encap_type),
        cmocka_unit_test(bad_mappings),
        cmocka_unit_test(first_mapping_stays),
        cmocka_unit_test(probe_interval),
        cmocka_unit_test(heartbeat_interval),
        cmocka_unit_test(one_bridge_one_network),
        cmocka_unit_test(several_faults),
        cmocka_unit_test(equality),
        cmocka_unit_test(destroy_null),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
