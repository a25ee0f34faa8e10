/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef ENCAP_H
#define ENCAP_H 1

/* How a hypervisor takes the packets of an overlay: a type of tunnel and an IP
 * address, as in the column "encap" of Network_Location.
 *
 * Pure.  Thread-safe. */

#include <netinet/in.h>
#include <stdbool.h>

enum encap_type { ENCAP_VXLAN, ENCAP_GENEVE };
#define ENCAP_N_TYPES 2

struct encap {
    enum encap_type type;
    struct in6_addr ip;         /* IPv4 as ::ffff:a.b.c.d (RFC 4291). */
};

/* "vxlan" or "geneve", as in network_type and sluice-encap-type. */
const char *encap_type_name(enum encap_type);

/* Returns false if 'name' (NULL allowed) is no type of tunnel. */
bool encap_type_from_name(const char *name, enum encap_type *);

/* Parses an IPv4 or IPv6 address.  Returns false if 's' is none, or one that
 * no single hypervisor can have: unspecified, multicast, the IPv4
 * broadcast. */
bool encap_ip_from_string(const char *s, struct in6_addr *);

/* Parses "TYPE:IP".  Returns false if 's' is not that. */
bool encap_from_string(const char *s, struct encap *);

/* The other way round, in canonical form; the caller frees it. */
char *encap_to_string(const struct encap *);
char *encap_ip_to_string(const struct in6_addr *);

bool encap_ip_is_ipv4(const struct in6_addr *);

#endif /* encap.h */
