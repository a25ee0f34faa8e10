/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam-net.h"

#include <stdlib.h>
#include <string.h>

#include "uuid.h"

struct uuid
net_subnet(int subnet)
{
    return unit_uuid(UNIT_NETWORK, 100 + subnet);
}

void
net_init(struct network *n)
{
    static const char *const cidrs[] = { "10.1.0.0/24", "10.2.0.0/24",
                                         "2001:db8:4::/64",
                                         "2001:db8:5::/64" };
    static const char *const pools[] = { "10.1.0.10-10.1.0.11",
                                         "10.2.0.10-10.2.0.10",
                                         "2001:db8:4::a-2001:db8:4::a",
                                         "2001:db8:5::a-2001:db8:5::f" };

    memset(n, 0, sizeof *n);
    for (int i = 0; i < N_SUBNETS; i++) {
        n->pools[i] = range(pools[i]);
        n->subnets[i] = (struct choose_subnet) {
            .id = net_subnet(i),
            .cidr = prefix(cidrs[i]),
            .pools = &n->pools[i],
            .n_pools = 1,
            .auto_address = i == SLAAC,
            .enable_dhcp = true,
            .used = addr_set_create(),
        };
    }
    n->request = (struct choose_request) {
        .network = unit_uuid(UNIT_NETWORK, 1),
        .device_owner = "compute:nova",
        .mac = PORT_MAC,
        .subnets = n->subnets,
        .n_subnets = N_SUBNETS,
    };
}

void
net_destroy(struct network *n)
{
    for (int i = 0; i < N_SUBNETS; i++) {
        addr_set_destroy(n->subnets[i].used);
    }
}

void
net_use(struct network *n, int subnet, const char *a)
{
    assert_true(addr_set_insert(n->subnets[subnet].used, addr(a)));
}

static char *
text(const struct port_address *addresses, size_t n)
{
    char *all = xstrdup("");

    for (size_t i = 0; i < n; i++) {
        char s[IP_ADDR_SIZE];
        char *longer = xasprintf("%s%s%s", all, i ? " " : "",
                                 ip_addr_format(addresses[i].address, s));
        free(all);
        all = longer;
    }
    return all;
}

void
assert_updated(const struct network *n, const char *expected, size_t n_kept,
               const char *released)
{
    unsigned int counts[N_SUBNETS];
    struct ipam_error *error;
    struct choice choice;
    char *s;

    for (int i = 0; i < N_SUBNETS; i++) {
        counts[i] = addr_set_count(n->subnets[i].used).u64.lo;
    }
    error = choose_addresses(&n->request, &choice);
    if (error) {
        fail_msg("%s: %s", error->type, error->message);
    }
    s = text(choice.addresses, choice.n_addresses);
    assert_string_equal(s, expected);
    free(s);
    s = text(choice.released, choice.n_released);
    assert_string_equal(s, released);
    free(s);
    assert_int_equal(choice.n_kept, n_kept);
    choice_destroy(&choice);
    for (int i = 0; i < N_SUBNETS; i++) {
        assert_int_equal(addr_set_count(n->subnets[i].used).u64.lo,
                         counts[i]);
    }
}

void
assert_chosen(const struct network *n, const char *expected)
{
    assert_updated(n, expected, 0, "");
}

void
assert_not_chosen(const struct network *n, int status, const char *type,
                  const char *part)
{
    struct choice choice;
    struct ipam_error *error = choose_addresses(&n->request, &choice);

    assert_non_null(error);
    assert_string_equal(error->type, type);
    assert_int_equal(error->status, status);
    if (!strstr(error->message, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, error->message);
    }
    ipam_error_destroy(error);
    assert_int_equal(choice.n_addresses, 0);
}

void
net_ask_none(struct network *n)
{
    n->request.fixed_ips_given = true;
    n->request.n_fixed_ips = 0;
}

void
net_set_current(struct network *n, struct port_address *current,
                size_t n_current)
{
    n->request.update = true;
    n->request.current = current;
    n->request.n_current = n_current;
    for (size_t i = 0; i < n_current; i++) {
        for (int j = 0; j < N_SUBNETS; j++) {
            if (uuid_equals(&n->subnets[j].id, &current[i].subnet)) {
                addr_set_insert(n->subnets[j].used, current[i].address);
            }
        }
    }
}
