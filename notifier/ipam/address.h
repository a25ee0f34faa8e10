/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* IP addresses of both versions as numbers; prefixes and ranges of them.
 *
 * Pure functions of their arguments.  A ..._parse() returns NULL if all is
 * well and otherwise a message for the caller to free, which names the value
 * and the reason, without a newline; its result is then undefined. */

#ifndef IPAM_ADDRESS_H
#define IPAM_ADDRESS_H 1

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"
#include "ipam/u128.h"
#include "openvswitch/types.h"

/* Room for an address, a prefix, a range "A-B" and a null. */
#define IP_ADDR_SIZE INET6_ADDRSTRLEN
#define IP_PREFIX_SIZE (IP_ADDR_SIZE + sizeof "/128" - 1)
#define IP_RANGE_SIZE (2 * IP_ADDR_SIZE)

/* An address.  An IPv4 address is a number below 2**32, so that it differs
 * from an IPv6 address of the same value by 'version' alone, and arithmetic
 * cannot take one into the other. */
struct ip_addr {
    ovs_u128 value;             /* Host byte order. */
    int version;                /* 4 or 6. */
};

/* The addresses that share the first 'len' bits of 'addr', whose other bits
 * are 0. */
struct ip_prefix {
    struct ip_addr addr;
    int len;                    /* 0 to 32, or 0 to 128. */
};

/* The addresses from 'first' to 'last', both in it.  Both are of one version,
 * and 'first' is not after 'last'. */
struct ip_range {
    struct ip_addr first, last;
};

/* Addresses.  IPv4 needs four decimal numbers, none with a leading zero; IPv6
 * is any form of RFC 4291 section 2.2, without a zone. */
char *ip_addr_parse(const char *, struct ip_addr *) OVS_WARN_UNUSED_RESULT;

/* The text of the address that RFC 5952 recommends for IPv6.  Returns 's'. */
char *ip_addr_format(struct ip_addr, char s[IP_ADDR_SIZE]);

/* Negative, 0 or positive, by number; IPv4 is before IPv6. */
int ip_addr_compare(struct ip_addr a, struct ip_addr b);
bool ip_addr_equals(struct ip_addr a, struct ip_addr b);

/* The address 'n' after or before 'addr'.  False, and '*result' is not
 * touched, if its version has no such address. */
bool ip_addr_add(struct ip_addr addr, ovs_u128 n, struct ip_addr *result);
bool ip_addr_sub(struct ip_addr addr, ovs_u128 n, struct ip_addr *result);
bool ip_addr_next(struct ip_addr addr, struct ip_addr *result);
bool ip_addr_prev(struct ip_addr addr, struct ip_addr *result);

/* Prefixes: "10.1.0.0/24".  Host bits are cleared.  An address without "/" is
 * refused. */
char *ip_prefix_parse(const char *, struct ip_prefix *)
    OVS_WARN_UNUSED_RESULT;
char *ip_prefix_format(struct ip_prefix, char s[IP_PREFIX_SIZE]);

struct ip_addr ip_prefix_first(struct ip_prefix);
struct ip_addr ip_prefix_last(struct ip_prefix);
struct ip_range ip_prefix_range(struct ip_prefix);
bool ip_prefix_contains(struct ip_prefix, struct ip_addr);
bool ip_prefix_overlaps(struct ip_prefix, struct ip_prefix);

/* The address that stateless autoconfiguration (RFC 4862) makes in 'prefix',
 * an IPv6 /64, from the modified EUI-64 of 'mac' (RFC 4291 appendix A). */
struct ip_addr ip_addr_from_eui64(struct ip_prefix prefix,
                                  struct eth_addr mac);

/* Ranges: "10.1.0.2-10.1.0.254", as a Subnet row's allocation_pools have
 * them. */
char *ip_range_parse(const char *, struct ip_range *) OVS_WARN_UNUSED_RESULT;
char *ip_range_format(struct ip_range, char s[IP_RANGE_SIZE]);

bool ip_range_contains(struct ip_range, struct ip_addr);
bool ip_range_overlaps(struct ip_range, struct ip_range);

/* How many addresses are in it, in all of them.  Saturates: that of ::/0 is
 * 2**128 - 1. */
ovs_u128 ip_range_size(struct ip_range);
ovs_u128 ip_ranges_size(const struct ip_range *, size_t n);

#endif /* ipam/address.h */
