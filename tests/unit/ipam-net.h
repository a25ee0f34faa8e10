/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A network of two IPv4 and two IPv6 subnets, one of them with automatic
 * addresses, and what a port gets there. */

#ifndef TESTS_UNIT_IPAM_NET_H
#define TESTS_UNIT_IPAM_NET_H 1

#include "ipam.h"
#include "ipam/choose.h"

/* Its subnets: 10.1.0.0/24, 10.2.0.0/24, 2001:db8:4::/64, 2001:db8:5::/64, the
 * first with two addresses in its pool, the next two with one. */
enum { A4, B4, C6, SLAAC, N_SUBNETS };

#define PORT_MAC ETH_ADDR_C(fa,16,3e,00,00,01)
#define SLAAC_OF_MAC "2001:db8:5:0:f816:3eff:fe00:1"
#define SLAAC_OF_OTHER "2001:db8:5:0:f816:3eff:fe00:2"

struct network {
    struct choose_subnet subnets[N_SUBNETS];
    struct ip_range pools[N_SUBNETS];
    struct choose_request request;
};

/* The request is that of a new port of an instance with PORT_MAC which says
 * nothing of addresses. */
void net_init(struct network *);
void net_destroy(struct network *);

/* The id of a subnet. */
struct uuid net_subnet(int subnet);

/* Makes an address used. */
void net_use(struct network *, int subnet, const char *);

/* Makes fixed_ips an empty list. */
void net_ask_none(struct network *);

/* Sets fixed_ips to those that follow. */
#define ASK(N, ...) do { \
        static struct fixed_ip_ask asks[8]; \
        struct fixed_ip_ask new[] = { __VA_ARGS__ }; \
        memcpy(asks, new, sizeof new); \
        (N)->request.fixed_ips_given = true; \
        (N)->request.fixed_ips = asks; \
        (N)->request.n_fixed_ips = ARRAY_SIZE(new); \
    } while (0)
#define IN(SUBNET) { .has_subnet = true, .subnet = net_subnet(SUBNET) }
#define IP(A) { .has_address = true, .address = addr(A) }
#define IP_IN(SUBNET, A) { .has_subnet = true, .subnet = net_subnet(SUBNET), \
                           .has_address = true, .address = addr(A) }

/* Makes it an update of a port that has these addresses. */
void net_set_current(struct network *, struct port_address *current,
                     size_t n_current);

/* Fails unless the port gets 'expected', of which it keeps 'n_kept', and
 * loses 'released'; and all sets are as they were. */
void assert_updated(const struct network *, const char *expected,
                    size_t n_kept, const char *released);

/* The same of a new port. */
void assert_chosen(const struct network *, const char *expected);

/* Fails unless the request is refused so, 'part' being in the message. */
void assert_not_chosen(const struct network *, int status, const char *type,
                       const char *part);

#endif /* tests/unit/ipam-net.h */
