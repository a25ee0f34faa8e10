/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/address.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "ipam/error.h"
#include "util.h"

/* The message that 's' is not valid, for 'reason' if that is not NULL. */
static char *
complain(const char *s, const char *what, const char *reason)
{
    char *quoted = ipam_quote(s);
    char *message = xasprintf("%s is not a valid %s%s%s", quoted, what,
                              reason ? ": " : "", reason ? reason : "");

    free(quoted);
    return message;
}

static int
width(int version)
{
    return version == 4 ? 32 : 128;
}

/* The greatest address of 'version', which is also its mask. */
static ovs_u128
greatest(int version)
{
    return version == 4 ? u128_from(0, UINT32_MAX) : OVS_U128_MAX;
}

/* The bits after the first 'len' of an address of 'version'. */
static ovs_u128
host_mask(int version, int len)
{
    return (len == 0 ? greatest(version)
            : u128_sub(u128_bit(width(version) - len), u128_from(0, 1)));
}

static ovs_u128
u128_and_not(ovs_u128 a, ovs_u128 b)
{
    return u128_from(a.u64.hi & ~b.u64.hi, a.u64.lo & ~b.u64.lo);
}

/* Addresses. */

static uint64_t
read_64(const uint8_t *p)
{
    uint64_t x = 0;

    for (int i = 0; i < 8; i++) {
        x = (x << 8) | p[i];
    }
    return x;
}

static void
write_64(uint64_t x, uint8_t *p)
{
    for (int i = 7; i >= 0; i--) {
        p[i] = x;
        x >>= 8;
    }
}

/* False if 's' is no address. */
static bool
parse(const char *s, struct ip_addr *addr)
{
    struct in6_addr in6;
    struct in_addr in;

    if (inet_pton(AF_INET, s, &in) == 1) {
        addr->version = 4;
        addr->value = u128_from(0, ntohl(in.s_addr));
        return true;
    } else if (inet_pton(AF_INET6, s, &in6) == 1) {
        addr->version = 6;
        addr->value = u128_from(read_64(in6.s6_addr),
                                read_64(in6.s6_addr + 8));
        return true;
    }
    return false;
}

char *
ip_addr_parse(const char *s, struct ip_addr *addr)
{
    return parse(s, addr) ? NULL : complain(s, "IP address", NULL);
}

char *
ip_addr_format(struct ip_addr addr, char s[IP_ADDR_SIZE])
{
    if (addr.version == 4) {
        struct in_addr in = { .s_addr = htonl(addr.value.u64.lo) };

        inet_ntop(AF_INET, &in, s, IP_ADDR_SIZE);
    } else {
        struct in6_addr in6;

        write_64(addr.value.u64.hi, in6.s6_addr);
        write_64(addr.value.u64.lo, in6.s6_addr + 8);
        inet_ntop(AF_INET6, &in6, s, IP_ADDR_SIZE);
    }
    return s;
}

int
ip_addr_compare(struct ip_addr a, struct ip_addr b)
{
    return (a.version != b.version ? a.version - b.version
            : u128_compare(a.value, b.value));
}

bool
ip_addr_equals(struct ip_addr a, struct ip_addr b)
{
    return !ip_addr_compare(a, b);
}

bool
ip_addr_add(struct ip_addr addr, ovs_u128 n, struct ip_addr *result)
{
    if (u128_compare(n, u128_sub(greatest(addr.version), addr.value)) > 0) {
        return false;
    }
    result->version = addr.version;
    result->value = u128_add(addr.value, n);
    return true;
}

bool
ip_addr_sub(struct ip_addr addr, ovs_u128 n, struct ip_addr *result)
{
    if (u128_compare(n, addr.value) > 0) {
        return false;
    }
    result->version = addr.version;
    result->value = u128_sub(addr.value, n);
    return true;
}

bool
ip_addr_next(struct ip_addr addr, struct ip_addr *result)
{
    return ip_addr_add(addr, u128_from(0, 1), result);
}

bool
ip_addr_prev(struct ip_addr addr, struct ip_addr *result)
{
    return ip_addr_sub(addr, u128_from(0, 1), result);
}

/* Prefixes. */

/* The number that 's' is, one to three digits and nothing else, or -1. */
static int
parse_length(const char *s)
{
    size_t n = strspn(s, "0123456789");

    return n && n <= 3 && !s[n] ? atoi(s) : -1;
}

char *
ip_prefix_parse(const char *s, struct ip_prefix *prefix)
{
    const char *slash = strchr(s, '/');
    char text[IP_ADDR_SIZE];
    size_t n;

    if (!slash) {
        return complain(s, "IP subnet",
                        "a prefix length has to follow, as in 10.1.0.0/24");
    }
    n = slash - s;
    if (n >= sizeof text) {
        return complain(s, "IP subnet", NULL);
    }
    ovs_strlcpy(text, s, n + 1);
    if (!parse(text, &prefix->addr)) {
        return complain(s, "IP subnet", "it does not begin with an address");
    }
    prefix->len = parse_length(slash + 1);
    if (prefix->len < 0 || prefix->len > width(prefix->addr.version)) {
        return complain(s, "IP subnet",
                        prefix->addr.version == 4
                        ? "a prefix length of IPv4 is from 0 to 32"
                        : "a prefix length of IPv6 is from 0 to 128");
    }
    prefix->addr.value = u128_and_not(prefix->addr.value,
                                      host_mask(prefix->addr.version,
                                                prefix->len));
    return NULL;
}

char *
ip_prefix_format(struct ip_prefix prefix, char s[IP_PREFIX_SIZE])
{
    size_t n;

    ip_addr_format(prefix.addr, s);
    n = strlen(s);
    snprintf(s + n, IP_PREFIX_SIZE - n, "/%d", prefix.len);
    return s;
}

struct ip_addr
ip_prefix_first(struct ip_prefix prefix)
{
    return prefix.addr;
}

struct ip_addr
ip_prefix_last(struct ip_prefix prefix)
{
    struct ip_addr last = prefix.addr;

    last.value = u128_add(last.value, host_mask(last.version, prefix.len));
    return last;
}

struct ip_range
ip_prefix_range(struct ip_prefix prefix)
{
    return (struct ip_range) {
        .first = ip_prefix_first(prefix),
        .last = ip_prefix_last(prefix),
    };
}

bool
ip_prefix_contains(struct ip_prefix prefix, struct ip_addr addr)
{
    return ip_range_contains(ip_prefix_range(prefix), addr);
}

bool
ip_prefix_overlaps(struct ip_prefix a, struct ip_prefix b)
{
    return ip_range_overlaps(ip_prefix_range(a), ip_prefix_range(b));
}

struct ip_addr
ip_addr_from_eui64(struct ip_prefix prefix, struct eth_addr mac)
{
    const uint8_t id[] = {
        mac.ea[0] ^ 0x02, mac.ea[1], mac.ea[2], 0xff,
        0xfe, mac.ea[3], mac.ea[4], mac.ea[5],
    };
    struct ip_addr addr = prefix.addr;

    addr.value.u64.lo = read_64(id);
    return addr;
}

/* Ranges. */

char *
ip_range_parse(const char *s, struct ip_range *range)
{
    const char *dash = strchr(s, '-');
    char first[IP_ADDR_SIZE];
    size_t n;

    n = dash ? (size_t) (dash - s) : sizeof first;
    if (n >= sizeof first) {
        return complain(s, "range of IP addresses",
                        "it is not FIRST-LAST");
    }
    ovs_strlcpy(first, s, n + 1);
    if (!parse(first, &range->first) || !parse(dash + 1, &range->last)) {
        return complain(s, "range of IP addresses",
                        "it is not two addresses");
    }
    if (range->first.version != range->last.version) {
        return complain(s, "range of IP addresses",
                        "its ends are of different IP versions");
    }
    if (ip_addr_compare(range->first, range->last) > 0) {
        return complain(s, "range of IP addresses",
                        "its end is before its start");
    }
    return NULL;
}

char *
ip_range_format(struct ip_range range, char s[IP_RANGE_SIZE])
{
    size_t n;

    ip_addr_format(range.first, s);
    n = strlen(s);
    s[n++] = '-';
    ip_addr_format(range.last, s + n);
    return s;
}

bool
ip_range_contains(struct ip_range range, struct ip_addr addr)
{
    return (ip_addr_compare(range.first, addr) <= 0
            && ip_addr_compare(addr, range.last) <= 0);
}

bool
ip_range_overlaps(struct ip_range a, struct ip_range b)
{
    return (ip_addr_compare(a.first, b.last) <= 0
            && ip_addr_compare(b.first, a.last) <= 0);
}

ovs_u128
ip_range_size(struct ip_range range)
{
    return u128_add_saturate(u128_sub(range.last.value, range.first.value),
                             u128_from(0, 1));
}

ovs_u128
ip_ranges_size(const struct ip_range *ranges, size_t n)
{
    ovs_u128 total = OVS_U128_ZERO;

    for (size_t i = 0; i < n; i++) {
        total = u128_add_saturate(total, ip_range_size(ranges[i]));
    }
    return total;
}
