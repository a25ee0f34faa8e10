/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#include <config.h>

#include "ipam/choose.h"

#include <stdlib.h>
#include <string.h>

#include "ipam/chooser.h"
#include "util.h"

/* What becomes of each address that the port has. */
enum fate {
    RELEASED,                   /* Not asked for. */
    KEPT,
    REPLACED                    /* Asked for, but made of a MAC address that
                                 * the port no longer has. */
};

/* Checks of the request itself. */

static struct ipam_error *
check_duplicates(const struct choose_request *request)
{
    const struct fixed_ip_ask *asks = request->fixed_ips;
    char text[IP_ADDR_SIZE];

    for (size_t i = 0; i < request->n_fixed_ips; i++) {
        for (size_t j = 0; asks[i].has_address && j < i; j++) {
            if (asks[j].has_address
                && ip_addr_equals(asks[i].address, asks[j].address)) {
                return ipam_error_attribute("fixed_ips",
                                            "Duplicate IP address '%s'",
                                            ip_addr_format(asks[i].address,
                                                           text));
            }
        }
    }
    return NULL;
}

/* Whether there is a subnet that is for the port. */
static bool
has_eligible(const struct chooser *c)
{
    for (size_t i = 0; i < c->request->n_subnets; i++) {
        if (c->candidates[i].eligible) {
            return true;
        }
    }
    return false;
}

static struct ipam_error *
check_request(const struct chooser *c)
{
    const struct choose_request *request = c->request;
    bool wants = (request->fixed_ips_given ? request->n_fixed_ips
                  : !request->update);
    char id[UUID_LEN + 1];

    if (request->n_fixed_ips > PORT_MAX_FIXED_IPS
        && strncmp(request->device_owner, "network:", strlen("network:"))) {
        return ipam_error_input("Exceeded maximum amount of fixed ips per "
                                "port: %"PRIuSIZE" are asked for and %d "
                                "allowed", request->n_fixed_ips,
                                PORT_MAX_FIXED_IPS);
    }
    if (request->n_fixed_ips && !request->n_subnets) {
        return ipam_error_input("IP allocation requires subnets for network "
                                "%s", chooser_id_text(request->network, id));
    }
    if (wants && request->n_subnets && !has_eligible(c)) {
        return ipam_error(409, "IpAddressGenerationFailureNoMatchingSubnet",
                          "No valid service subnet for the given device "
                          "owner, network %s, service type %s.",
                          chooser_id_text(request->network, id),
                          request->device_owner);
    }
    return check_duplicates(request);
}

/* Addresses that the port has. */

/* Whether 'current' is one that guests make of a MAC address; '*same' whether
 * of that which the port shall have. */
static bool
is_auto(const struct chooser *c, const struct port_address *current,
        bool *same)
{
    const struct candidate *candidate = chooser_find(c, current->subnet);

    *same = (candidate && chooser_is_auto(c, candidate)
             && ip_addr_equals(current->address,
                               chooser_auto_address(c, candidate)));
    return candidate && chooser_is_auto(c, candidate);
}

/* Decides on those that are not asked for one by one. */
static void
keep_unasked(const struct chooser *c, enum fate fates[])
{
    for (size_t i = 0; i < c->request->n_current; i++) {
        bool same;

        if (is_auto(c, &c->request->current[i], &same)
            ? same : !c->request->fixed_ips_given) {
            fates[i] = KEPT;
        }
    }
}

/* Whether the port has what 'ask' names. */
static bool
keep_named(const struct chooser *c, const struct fixed_ip_ask *ask,
           enum fate fates[])
{
    for (size_t i = 0; i < c->request->n_current; i++) {
        const struct port_address *current = &c->request->current[i];
        bool same;

        if (ip_addr_equals(current->address, ask->address)
            && (!ask->has_subnet
                || uuid_equals(&current->subnet, &ask->subnet))) {
            fates[i] = (!is_auto(c, current, &same) || same ? KEPT
                        : REPLACED);
            return true;
        }
    }
    return false;
}

/* Whether the port has an address in 'candidate' that nothing else asks
 * for. */
static bool
keep_in(const struct chooser *c, const struct candidate *candidate,
        enum fate fates[])
{
    for (size_t i = 0; i < c->request->n_current; i++) {
        if (fates[i] == RELEASED
            && uuid_equals(&c->request->current[i].subnet,
                           &candidate->subnet->id)) {
            fates[i] = KEPT;
            return true;
        }
    }
    return false;
}

/* What is asked for. */

/* Refuses an ask that says nothing, or names a subnet that is not for the
 * port. */
static struct ipam_error *
check_ask(const struct chooser *c, const struct fixed_ip_ask *ask)
{
    char id[UUID_LEN + 1], subnet_id[UUID_LEN + 1];
    const struct candidate *candidate;

    if (!ask->has_subnet) {
        return (ask->has_address ? NULL
                : ipam_error_input("IP allocation requires subnet_id or "
                                   "ip_address"));
    }
    candidate = chooser_find(c, ask->subnet);
    return (candidate && candidate->eligible ? NULL
            : ipam_error_input("Failed to create port on network %s, because "
                               "fixed_ips included invalid subnet %s",
                               chooser_id_text(c->request->network, id),
                               chooser_id_text(ask->subnet, subnet_id)));
}

/* Those by value come first, lest one of the others takes what they name. */
static struct ipam_error *
answer_asks(struct chooser *c, enum fate fates[])
{
    const struct choose_request *request = c->request;
    struct ipam_error *error = NULL;

    for (size_t i = 0; i < request->n_fixed_ips && !error; i++) {
        const struct fixed_ip_ask *ask = &request->fixed_ips[i];

        if (!ask->has_address || !keep_named(c, ask, fates)) {
            error = check_ask(c, ask);
            if (!error && ask->has_address) {
                error = chooser_take_named(c, ask);
            }
        }
    }
    for (size_t i = 0; i < request->n_fixed_ips && !error; i++) {
        const struct fixed_ip_ask *ask = &request->fixed_ips[i];

        if (!ask->has_address) {
            struct candidate *candidate = chooser_find(c, ask->subnet);

            if (!chooser_is_auto(c, candidate)
                && !keep_in(c, candidate, fates)) {
                error = chooser_take_in(c, candidate);
            }
        }
    }
    return error;
}

/* Takes the addresses made of the MAC address that the port has not. */
static struct ipam_error *
take_missing_auto(struct chooser *c, const enum fate fates[])
{
    struct ipam_error *error = NULL;

    for (size_t i = 0; i < c->request->n_subnets && !error; i++) {
        struct candidate *candidate = &c->candidates[i];
        bool missing = (candidate->eligible && chooser_is_auto(c, candidate));

        for (size_t j = 0; j < c->request->n_current && missing; j++) {
            missing = !(fates[j] == KEPT
                        && uuid_equals(&c->request->current[j].subnet,
                                       &candidate->subnet->id));
        }
        if (missing) {
            error = chooser_take_auto(c, candidate);
        }
    }
    return error;
}

static struct ipam_error *
choose(struct chooser *c, enum fate fates[])
{
    struct ipam_error *error = check_request(c);

    if (!error && c->request->fixed_ips_given) {
        error = answer_asks(c, fates);
    } else if (!error && !c->request->update) {
        error = chooser_take_default(c, 4);
        if (!error) {
            error = chooser_take_default(c, 6);
        }
    }
    if (!error) {
        keep_unasked(c, fates);
        error = take_missing_auto(c, fates);
    }
    return error;
}

static void
fill(const struct chooser *c, const enum fate fates[], struct choice *choice)
{
    size_t n = c->request->n_current;

    choice->addresses = xcalloc(n + c->n_chosen, sizeof *choice->addresses);
    choice->released = xcalloc(n, sizeof *choice->released);
    for (size_t i = 0; i < n; i++) {
        if (fates[i] == KEPT) {
            choice->addresses[choice->n_kept++] = c->request->current[i];
        } else {
            choice->released[choice->n_released++] = c->request->current[i];
        }
    }
    choice->n_addresses = choice->n_kept;
    for (size_t i = 0; i < c->n_chosen; i++) {
        choice->addresses[choice->n_addresses++] = c->chosen[i];
    }
}

struct ipam_error *
choose_addresses(const struct choose_request *request, struct choice *choice)
{
    enum fate *fates = xcalloc(request->n_current, sizeof *fates);
    struct ipam_error *error;
    struct chooser c;

    memset(choice, 0, sizeof *choice);
    chooser_init(&c, request);
    error = choose(&c, fates);
    if (!error) {
        fill(&c, fates, choice);
    }
    chooser_destroy(&c);
    free(fates);
    return error;
}

void
choice_destroy(struct choice *choice)
{
    free(choice->addresses);
    free(choice->released);
    memset(choice, 0, sizeof *choice);
}
