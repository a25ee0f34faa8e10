/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The rules of subnets: what is refused and how, what is filled in; and the
 * default pools against a model, in every small subnet with every gateway. */

#include <config.h>

#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "ipam.h"
#include "ipam/subnet-rules.h"

/* "FIRST-LAST FIRST-LAST..." of 's''s pools, for the caller to free. */
static char *
pools_text(const struct subnet *s)
{
    char *text = xstrdup("");

    for (size_t i = 0; i < s->n_pools; i++) {
        char pool[IP_RANGE_SIZE];
        char *longer = xasprintf("%s%s%s", text, i ? " " : "",
                                 ip_range_format(s->pools[i], pool));

        free(text);
        text = longer;
    }
    return text;
}

/* Fails unless 'request' makes a subnet with this gateway, "" if none, and
 * these pools. */
static void
assert_made(const struct subnet_request *request, const char *gateway,
            const char *pools)
{
    struct subnet s;
    struct ipam_error *error = subnet_create(request, &s);
    char *text;

    if (error) {
        fail_msg("%s: %s", request->cidr, error->message);
    }
    text = pools_text(&s);
    assert_string_equal(text, pools);
    free(text);
    assert_int_equal(s.has_gateway, *gateway != '\0');
    if (s.has_gateway) {
        assert_addr(s.gateway, gateway);
    }
    subnet_destroy(&s);
}

/* Fails unless 'error', which it frees, is this one and its message has
 * 'part'. */
static void
assert_error(struct ipam_error *error, int status, const char *type,
             const char *part)
{
    assert_non_null(error);
    assert_string_equal(error->type, type);
    assert_int_equal(error->status, status);
    if (!strstr(error->message, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, error->message);
    }
    ipam_error_destroy(error);
}

static void
assert_refused(const struct subnet_request *request, int status,
               const char *type, const char *part)
{
    struct subnet s;

    assert_error(subnet_create(request, &s), status, type, part);
    assert_int_equal(s.n_pools, 0);
    assert_null(s.pools);
}

#define REQUEST(CIDR, ...) (&(struct subnet_request) { \
        .cidr = CIDR, __VA_ARGS__ })
#define NO_DHCP .enable_dhcp_given = true, .enable_dhcp = false
#define GATEWAY(IP) .gateway_given = true, .gateway_ip = IP
#define POOLS(...) .pools_given = true, \
        .pools = (struct subnet_pool_text[]) { __VA_ARGS__ }, \
        .n_pools = (sizeof (struct subnet_pool_text[]) { __VA_ARGS__ } \
                    / sizeof(struct subnet_pool_text))
#define DNS(...) .dns_nameservers_given = true, \
        .dns_nameservers = (const char *[]) { __VA_ARGS__ }, \
        .n_dns_nameservers = (sizeof (const char *[]) { __VA_ARGS__ } \
                              / sizeof(const char *))
#define ROUTES(...) .host_routes_given = true, \
        .host_routes = (struct subnet_route_text[]) { __VA_ARGS__ }, \
        .n_host_routes = (sizeof (struct subnet_route_text[]) { __VA_ARGS__ } \
                          / sizeof(struct subnet_route_text))

static void
test_defaults(void **state OVS_UNUSED)
{
    assert_made(REQUEST("10.1.0.0/24"), "10.1.0.1", "10.1.0.2-10.1.0.254");
    assert_made(REQUEST("10.1.0.77/24"), "10.1.0.1", "10.1.0.2-10.1.0.254");
    assert_made(REQUEST("10.1.0.0/30"), "10.1.0.1", "10.1.0.2-10.1.0.2");

    /* No gateway, one outside, one at either end, one in mid-range. */
    assert_made(REQUEST("10.1.0.0/24", GATEWAY(NULL)), "",
                "10.1.0.1-10.1.0.254");
    assert_made(REQUEST("10.1.0.0/24", GATEWAY("")), "",
                "10.1.0.1-10.1.0.254");
    assert_made(REQUEST("10.1.0.0/24", GATEWAY("192.0.2.1")), "192.0.2.1",
                "10.1.0.1-10.1.0.254");
    assert_made(REQUEST("10.1.0.0/24", GATEWAY("10.1.0.254")), "10.1.0.254",
                "10.1.0.1-10.1.0.253");
    assert_made(REQUEST("10.1.0.0/24", GATEWAY("10.1.0.100")), "10.1.0.100",
                "10.1.0.1-10.1.0.99 10.1.0.101-10.1.0.254");

    /* Without network and broadcast address. */
    assert_made(REQUEST("10.1.0.4/31", NO_DHCP), "10.1.0.5",
                "10.1.0.4-10.1.0.4");
    assert_made(REQUEST("10.1.0.4/31", NO_DHCP, GATEWAY("10.1.0.4")),
                "10.1.0.4", "10.1.0.5-10.1.0.5");
    assert_made(REQUEST("10.1.0.4/31", NO_DHCP, GATEWAY(NULL)), "",
                "10.1.0.4-10.1.0.5");
    assert_made(REQUEST("10.1.0.4/32", NO_DHCP), "10.1.0.5",
                "10.1.0.4-10.1.0.4");
    assert_made(REQUEST("255.255.255.255/32", NO_DHCP), "",
                "255.255.255.255-255.255.255.255");

    /* IPv6: the first address is any router's, the last one a host's. */
    assert_made(REQUEST("2001:db8::/64"), "2001:db8::",
                "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff");
    assert_made(REQUEST("2001:db8::/64", GATEWAY("2001:db8::1")),
                "2001:db8::1", "2001:db8::2-2001:db8::ffff:ffff:ffff:ffff");
    assert_made(REQUEST("2001:db8::/64", GATEWAY("fe80::1")), "fe80::1",
                "2001:db8::1-2001:db8::ffff:ffff:ffff:ffff");
    assert_made(REQUEST("2001:db8::/126", GATEWAY("2001:db8::2")),
                "2001:db8::2",
                "2001:db8::1-2001:db8::1 2001:db8::3-2001:db8::3");
    assert_made(REQUEST("2001:db8::/127", NO_DHCP), "2001:db8::",
                "2001:db8::1-2001:db8::1");
    assert_made(REQUEST("2001:db8::5/128", NO_DHCP), "2001:db8::5",
                "2001:db8::5-2001:db8::5");
}

static void
test_pools(void **state OVS_UNUSED)
{
    assert_made(REQUEST("10.1.0.0/24", POOLS({ "10.1.0.10", "10.1.0.20" })),
                "10.1.0.1", "10.1.0.10-10.1.0.20");
    assert_made(REQUEST("10.1.0.0/24",
                        POOLS({ "10.1.0.30", "10.1.0.40" },
                              { "10.1.0.10", "10.1.0.29" })),
                "10.1.0.1", "10.1.0.30-10.1.0.40 10.1.0.10-10.1.0.29");
    assert_made(REQUEST("10.1.0.0/24", .pools_given = true), "10.1.0.1", "");
    assert_made(REQUEST("10.1.0.0/31", NO_DHCP, GATEWAY(NULL),
                        POOLS({ "10.1.0.0", "10.1.0.1" })), "",
                "10.1.0.0-10.1.0.1");
}

static void
test_bad_pools(void **state OVS_UNUSED)
{
    assert_refused(REQUEST("10.1.0.0/24", POOLS({ "10.1.0.1", "10.1.0.9" })),
                   409, "GatewayConflictWithAllocationPools",
                   "Gateway ip 10.1.0.1 conflicts with allocation pool "
                   "10.1.0.1-10.1.0.9.");
    assert_refused(REQUEST("10.1.0.0/24", GATEWAY("10.1.0.5"),
                           POOLS({ "10.1.0.2", "10.1.0.3" },
                                 { "10.1.0.4", "10.1.0.9" })),
                   409, "GatewayConflictWithAllocationPools",
                   "10.1.0.4-10.1.0.9");
    assert_refused(REQUEST("10.1.0.0/24", GATEWAY(NULL),
                           POOLS({ "10.1.0.20", "10.1.0.30" },
                                 { "10.1.0.1", "10.1.0.20" })),
                   409, "OverlappingAllocationPools",
                   "Found overlapping allocation pools: 10.1.0.1-10.1.0.20 "
                   "10.1.0.20-10.1.0.30 for subnet 10.1.0.0/24.");

    static const struct subnet_pool_text outside[] = {
        { "10.1.0.0", "10.1.0.9" }, { "10.1.0.9", "10.1.0.255" },
        { "10.2.0.9", "10.2.0.10" }, { "10.0.0.0", "10.2.0.0" },
    };
    for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
        assert_refused(REQUEST("10.1.0.0/24", .pools_given = true,
                               .pools = &outside[i], .n_pools = 1),
                       400, "OutOfBoundsAllocationPool",
                       "spans beyond the subnet cidr 10.1.0.0/24.");
    }
    assert_refused(REQUEST("2001:db8::/64",
                           POOLS({ "2001:db8::", "2001:db8::5" })),
                   400, "OutOfBoundsAllocationPool", "2001:db8::-2001:db8::5");
    assert_refused(REQUEST("10.1.0.0/24", POOLS({ "10.1.0.9", "10.1.0.8" })),
                   400, "InvalidAllocationPool",
                   "The allocation pool 10.1.0.9-10.1.0.8 is not valid");
    assert_refused(REQUEST("10.1.0.0/24", POOLS({ "2001::1", "2001::2" })),
                   400, "InvalidAllocationPool", "2001::1-2001::2");
    assert_refused(REQUEST("10.1.0.0/24", POOLS({ "10.1.0.9", "2001::2" })),
                   400, "InvalidAllocationPool", "10.1.0.9-2001::2");
    assert_refused(REQUEST("10.1.0.0/24", POOLS({ "10.1.0.9", "x" })),
                   400, "HTTPBadRequest",
                   "allocation_pools. Reason: 'x' is not a valid IP address.");
    assert_refused(REQUEST("10.1.0.0/24", POOLS({ NULL, "10.1.0.9" })),
                   400, "HTTPBadRequest", "allocation_pools");
}

/* What is refused with status 400. */
static const struct {
    struct subnet_request request;
    const char *type, *part;
} refused[] = {
#define BAD(TYPE, PART, ...) { { .cidr = __VA_ARGS__ }, TYPE, PART }
    BAD("HTTPBadRequest", "Invalid input for cidr. Reason: 'x'", "x"),
    BAD("HTTPBadRequest", "Invalid input for cidr. Reason: ''", NULL),
    BAD("HTTPBadRequest", "ip_version", "10.1.0.0/24", .ip_version = 5),
    BAD("InvalidInput",
        "cidr '10.1.0.0/24' does not match the ip_version '6'",
        "10.1.0.0/24", .ip_version = 6),
    BAD("InvalidInput", "0 is not allowed as CIDR prefix length",
        "0.0.0.0/0"),
    BAD("InvalidInput", "IPv6 subnet '::' is not supported", "::/64"),
    BAD("InvalidInput", "'10.1.0.4/31'", "10.1.0.4/31"),
    BAD("InvalidInput", "incompatible with DHCP", "10.1.0.4/32"),
    BAD("InvalidInput", "incompatible with DHCP", "2001:db8::/127"),
    BAD("InvalidInput", "Multicast", "224.0.1.0/24"),
    BAD("InvalidInput", "Multicast", "ff02::/64"),
    BAD("InvalidInput", "Loopback", "127.1.0.0/24"),
    BAD("InvalidInput", "'0.0.0.0'", "0.0.0.0/8"),
    BAD("HTTPBadRequest", "gateway_ip. Reason: '10.1'", "10.1.0.0/24",
        GATEWAY("10.1")),
    BAD("InvalidInput", "gateway_ip 'fe80::1' does not match the "
        "ip_version '4'", "10.1.0.0/24", GATEWAY("fe80::1")),
    BAD("InvalidInput", "Gateway 10.1.0.0 is not valid on subnet "
        "10.1.0.0/24", "10.1.0.0/24", GATEWAY("10.1.0.0")),
    BAD("InvalidInput", "Gateway 10.1.0.255 is not valid on subnet",
        "10.1.0.0/24", GATEWAY("10.1.0.255")),
    BAD("InvalidInput", "ipv6_ra_mode is not valid when ip_version is 4",
        "10.1.0.0/24", .ipv6_ra_mode = "slaac"),
    BAD("InvalidInput",
        "ipv6_address_mode is not valid when ip_version is 4",
        "10.1.0.0/24", .ipv6_address_mode = "dhcpv6-stateful"),
    BAD("HTTPBadRequest", "'auto' is not one of slaac", "2001:db8::/64",
        .ipv6_ra_mode = "auto"),
    BAD("InvalidInput", "cannot be set when enable_dhcp", "2001:db8::/64",
        .ipv6_ra_mode = "slaac", NO_DHCP),
    BAD("InvalidInput", "ipv6_ra_mode set to 'slaac' with "
        "ipv6_address_mode set to 'dhcpv6-stateless' is not valid",
        "2001:db8::/64", .ipv6_ra_mode = "slaac",
        .ipv6_address_mode = "dhcpv6-stateless"),
    BAD("InvalidInput", "Invalid CIDR 2001:db8::/65", "2001:db8::/65",
        .ipv6_address_mode = "slaac"),
    BAD("InvalidInput", "Invalid CIDR 2001:db8::/63", "2001:db8::/63",
        .ipv6_ra_mode = "dhcpv6-stateless"),
};

static void
test_refused(void **state OVS_UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        assert_refused(&refused[i].request, 400, refused[i].type,
                       refused[i].part);
    }
}

static void
test_guests(void **state OVS_UNUSED)
{
    struct subnet s;

    assert_null(subnet_create(
        REQUEST("10.1.0.0/24", DNS("8.8.8.8", "192.0.2.1"),
                ROUTES({ "198.51.100.7/24", "10.1.0.9" },
                       { "0.0.0.0/0", "10.1.0.9" })), &s));
    assert_int_equal(s.n_dns_nameservers, 2);
    assert_addr(s.dns_nameservers[0], "8.8.8.8");
    assert_addr(s.dns_nameservers[1], "192.0.2.1");
    assert_int_equal(s.n_host_routes, 2);
    assert_addr(s.host_routes[0].destination.addr, "198.51.100.0");
    assert_addr(s.host_routes[0].nexthop, "10.1.0.9");
    subnet_destroy(&s);

    assert_refused(REQUEST("10.1.0.0/24", DNS("8.8.8.8", "2001::1")), 400,
                   "InvalidInput", "dns_nameserver '2001::1' does not match");
    assert_refused(REQUEST("10.1.0.0/24", DNS("ns.example")), 400,
                   "HTTPBadRequest", "dns_nameservers. Reason: 'ns.example'");
    assert_refused(REQUEST("2001:db8::/64", DNS("2001::1", "2001:0::1")), 400,
                   "HTTPBadRequest", "Duplicate nameserver");
    assert_refused(REQUEST("10.1.0.0/24",
                           DNS("1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4",
                               "1.1.1.5", "1.1.1.6")), 400,
                   "DNSNameServersExhausted", "exceeds the limit 5.");
    assert_refused(REQUEST("10.1.0.0/24", ROUTES({ "10.2.0.0/16", "::1" })),
                   400, "InvalidInput", "nexthop '::1' does not match");
    assert_refused(REQUEST("10.1.0.0/24", ROUTES({ "::/0", "10.1.0.1" })),
                   400, "InvalidInput", "destination '::/0' does not match");
    assert_refused(REQUEST("10.1.0.0/24", ROUTES({ "10.2.0.0", "10.1.0.1" })),
                   400, "HTTPBadRequest", "host_routes. Reason: '10.2.0.0'");
    assert_refused(REQUEST("10.1.0.0/24",
                           ROUTES({ "10.2.0.0/16", "10.1.0.1" },
                                  { "10.2.9.9/16", "10.1.0.1" })), 400,
                   "HTTPBadRequest", "Duplicate hostroute");
    assert_refused(REQUEST("10.1.0.0/24", .host_routes_given = true,
                           .n_host_routes = 21), 400,
                   "HostRoutesExhausted", "exceeds the limit 20.");
}

static void
test_update(void **state OVS_UNUSED)
{
    struct subnet old, s;
    char *text;

    assert_null(subnet_create(REQUEST("10.1.0.0/24", DNS("8.8.8.8"), NO_DHCP),
                              &old));

    /* The gateway may move, but not into the pools, which stay. */
    assert_error(subnet_update(&old, REQUEST(NULL, GATEWAY("10.1.0.9")), &s),
                 409, "GatewayConflictWithAllocationPools", "10.1.0.9");
    assert_null(s.pools);
    assert_null(subnet_update(&old, REQUEST(NULL, GATEWAY(NULL), DNS()), &s));
    text = pools_text(&s);
    assert_string_equal(text, "10.1.0.2-10.1.0.254");
    assert_false(s.has_gateway);
    assert_int_equal(s.n_dns_nameservers, 0);
    assert_false(s.enable_dhcp);
    free(text);
    subnet_destroy(&s);

    /* Pools may change, but not to have the gateway; both may at once. */
    assert_error(subnet_update(&old, REQUEST(NULL, POOLS({ "10.1.0.1",
                                                           "10.1.0.9" })),
                               &s),
                 409, "GatewayConflictWithAllocationPools", "10.1.0.1");
    assert_null(subnet_update(&old, REQUEST(NULL, GATEWAY("10.1.0.254"),
                                            POOLS({ "10.1.0.1",
                                                    "10.1.0.9" })), &s));
    text = pools_text(&s);
    assert_string_equal(text, "10.1.0.1-10.1.0.9");
    assert_addr(s.gateway, "10.1.0.254");
    assert_int_equal(s.n_dns_nameservers, 1);
    assert_addr(s.dns_nameservers[0], "8.8.8.8");
    free(text);
    subnet_destroy(&s);
    subnet_destroy(&old);

    /* DHCP cannot be turned on where it cannot be, nor off under modes. */
    assert_null(subnet_create(REQUEST("10.1.0.4/31", NO_DHCP), &old));
    assert_error(subnet_update(&old, REQUEST(NULL, .enable_dhcp_given = true,
                                             .enable_dhcp = true), &s),
                 400, "InvalidInput", "'10.1.0.4/31'");
    subnet_destroy(&old);
    assert_null(subnet_create(REQUEST("2001:db8::/64",
                                      .ipv6_ra_mode = "slaac"), &old));
    assert_error(subnet_update(&old, REQUEST(NULL, NO_DHCP), &s),
                 400, "InvalidInput", "Cannot disable enable_dhcp");
    subnet_destroy(&old);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_bad_pools),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_guests),
        cmocka_unit_test(test_update),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
