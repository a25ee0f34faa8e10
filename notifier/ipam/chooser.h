/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Candidates and new addresses, for choose.c alone.
 *
 * Each new address is put into its subnet's set as it is chosen, so that the
 * next one differs, and taken out again when the chooser is destroyed.
 * Refusals are as ipam/error.h says. */

#ifndef IPAM_CHOOSER_H
#define IPAM_CHOOSER_H 1

#include "ipam/choose.h"
#include "uuid.h"

/* A subnet of the request, while a choice is made. */
struct candidate {
    const struct choose_subnet *subnet;
    bool eligible;              /* The port may get an address there. */
    struct addr_set *used;      /* Those in use and those chosen. */
};

struct chooser {
    const struct choose_request *request;
    bool router;                /* The port is a router's. */
    struct candidate *candidates; /* One for each of the request's subnets:
                                   * first those with service types. */

    struct port_address *chosen; /* New addresses, all in 'used' too. */
    size_t n_chosen, allocated_chosen;
};

void chooser_init(struct chooser *, const struct choose_request *);
void chooser_destroy(struct chooser *);

/* NULL if the request has no such subnet. */
struct candidate *chooser_find(const struct chooser *, struct uuid id);

/* Whether ports have just the address in it that is made of their MAC
 * address, which is false for a router's; and that address. */
bool chooser_is_auto(const struct chooser *, const struct candidate *);
struct ip_addr chooser_auto_address(const struct chooser *,
                                    const struct candidate *);

/* Take a new address: the one named; a free one of a subnet's pools; a free
 * one of 'version', unless no subnet of it is for the port; the one made of
 * the MAC address. */
struct ipam_error *chooser_take_named(struct chooser *,
                                      const struct fixed_ip_ask *)
    OVS_WARN_UNUSED_RESULT;
struct ipam_error *chooser_take_in(struct chooser *, struct candidate *)
    OVS_WARN_UNUSED_RESULT;
struct ipam_error *chooser_take_default(struct chooser *, int version)
    OVS_WARN_UNUSED_RESULT;
struct ipam_error *chooser_take_auto(struct chooser *, struct candidate *)
    OVS_WARN_UNUSED_RESULT;

/* 'id' in 's', for messages; returns 's'. */
char *chooser_id_text(struct uuid id, char s[UUID_LEN + 1]);

#endif /* ipam/chooser.h */
