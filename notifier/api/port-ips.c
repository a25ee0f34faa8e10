/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The addresses of a port.  See port-ips.h. */

#include <config.h>

#include "api/port-ips.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "api/tables.h"
#include "ipam/address.h"
#include "nb/replica.h"
#include "nb/row.h"
#include "util.h"
#include "uuid.h"

#define IP_ADDRESS "ip_address="
#define IP_ADDRESS_SUBSTR "ip_address_substr="
#define SUBNET_ID "subnet_id="

/* Returns what follows 'kind' in 's', or NULL if it is not of that kind. */
static const char *
after(const char *s, const char *kind)
{
    size_t len = strlen(kind);

    return !strncmp(s, kind, len) ? s + len : NULL;
}

/* The 'i'th IP_Allocation row of a port; NULL if it has not come yet. */
static const struct nb_row *
get_allocation(const struct api_view *view, const struct nb_row *port,
               size_t i)
{
    return replica_get(view->replica, NB_ALLOCATION,
                       nb_row_ref(port, NB_PORT_IP_ALLOCATIONS, i));
}

struct shown_ip {
    struct uuid subnet;
    struct ip_addr addr;
    bool parsed;
    const char *text;
};

static int
compare_ips(const void *a_, const void *b_)
{
    const struct shown_ip *a = a_;
    const struct shown_ip *b = b_;
    int cmp = (a->parsed && b->parsed
               ? ip_addr_compare(a->addr, b->addr)
               : b->parsed - a->parsed);

    return (cmp ? cmp
            : (cmp = strcmp(a->text, b->text)) ? cmp
            : uuid_compare_3way(&a->subnet, &b->subnet));
}

/* By address, IPv4 first: the set of rows has no order of meaning. */
json_t *
api_fixed_ips_show(const struct api_view *view, const struct nb_row *row)
{
    size_t n_refs = nb_row_n(row, NB_PORT_IP_ALLOCATIONS);
    struct shown_ip *ips = xmalloc(n_refs * sizeof *ips);
    json_t *array = json_array();
    size_t n = 0;

    for (size_t i = 0; i < n_refs; i++) {
        const struct nb_row *allocation = get_allocation(view, row, i);

        if (allocation) {
            struct shown_ip *ip = &ips[n++];

            ip->subnet = nb_row_uuid(allocation, NB_ALLOCATION_SUBNET);
            ip->text = nb_row_string(allocation, NB_ALLOCATION_IP_ADDRESS);
            char *error = ip_addr_parse(ip->text, &ip->addr);
            ip->parsed = !error;
            free(error);
        }
    }
    qsort(ips, n, sizeof *ips, compare_ips);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(
            array, json_pack("{s:o,s:s}",
                             "subnet_id", api_show_uuid(&ips[i].subnet),
                             "ip_address", ips[i].text));
    }
    free(ips);
    return array;
}

/* Whether 's' passes the strings of one kind, of which any suffices; it does
 * if there are none. */
static bool
passes(const char *s, const char *kind, bool substring,
       const char *const *values, size_t n)
{
    bool wanted = false;

    for (size_t i = 0; i < n; i++) {
        const char *value = after(values[i], kind);

        if (value) {
            if (substring ? strstr(s, value) != NULL : !strcmp(s, value)) {
                return true;
            }
            wanted = true;
        }
    }
    return !wanted;
}

bool
api_fixed_ips_match(const struct api_view *view, const struct nb_row *row,
                    const char *const *values, size_t n)
{
    size_t n_refs = nb_row_n(row, NB_PORT_IP_ALLOCATIONS);

    for (size_t i = 0; i < n_refs; i++) {
        const struct nb_row *allocation = get_allocation(view, row, i);
        char subnet[UUID_LEN + 1];

        if (!allocation) {
            continue;
        }

        struct uuid id = nb_row_uuid(allocation, NB_ALLOCATION_SUBNET);
        const char *ip = nb_row_string(allocation, NB_ALLOCATION_IP_ADDRESS);
        snprintf(subnet, sizeof subnet, UUID_FMT, UUID_ARGS(&id));
        if (passes(ip, IP_ADDRESS, false, values, n)
            && passes(ip, IP_ADDRESS_SUBSTR, true, values, n)
            && passes(subnet, SUBNET_ID, false, values, n)) {
            return true;
        }
    }
    return false;
}

/* Adds the ports of 'allocations'. */
static bool
add_ports(const struct api_view *view, struct nb_rows allocations,
          struct api_candidates *candidates)
{
    if (allocations.n > candidates->max - candidates->n) {
        return false;
    }
    for (size_t i = 0; i < allocations.n; i++) {
        struct nb_rows ports = replica_find_uuid(
            view->replica, NB_PORT_IP_ALLOCATIONS,
            nb_row_id(allocations.rows[i]));

        for (size_t j = 0; j < ports.n; j++) {
            if (!api_candidates_add(candidates, ports.rows[j])) {
                return false;
            }
        }
    }
    return true;
}

bool
api_fixed_ips_find(const struct api_view *view, const char *const *values,
                   size_t n, struct api_candidates *candidates)
{
    bool by_address = false;
    bool by_subnet = false;

    for (size_t i = 0; i < n; i++) {
        by_address = by_address || after(values[i], IP_ADDRESS);
        by_subnet = by_subnet || after(values[i], SUBNET_ID);
    }
    for (size_t i = 0; i < n; i++) {
        const char *ip = after(values[i], IP_ADDRESS);
        const char *subnet = after(values[i], SUBNET_ID);
        struct nb_rows found = { NULL, 0 };
        struct uuid id;

        if (by_address && ip) {
            found = replica_find(view->replica, NB_ALLOCATION_IP_ADDRESS, ip);
        } else if (!by_address && subnet && uuid_from_string(&id, subnet)) {
            found = replica_find_uuid(view->replica, NB_ALLOCATION_SUBNET,
                                      &id);
        }
        if (!add_ports(view, found, candidates)) {
            return false;
        }
    }
    return by_address || by_subnet;
}

/* An address is compared in its canonical form, an ID in lower case. */
struct api_error *
api_fixed_ips_filter(const struct api_attr *attr, const char *value,
                     char **normal)
{
    const char *ip = after(value, IP_ADDRESS);
    const char *subnet = after(value, SUBNET_ID);
    char text[IP_ADDR_SIZE];
    struct ip_addr addr;
    struct uuid id;

    if (ip) {
        char *error = ip_addr_parse(ip, &addr);
        *normal = (error ? xstrdup(value)
                   : xasprintf(IP_ADDRESS"%s", ip_addr_format(addr, text)));
        free(error);
    } else if (subnet && uuid_from_string(&id, subnet)) {
        *normal = xasprintf(SUBNET_ID UUID_FMT, UUID_ARGS(&id));
    } else if (subnet || after(value, IP_ADDRESS_SUBSTR)) {
        *normal = xstrdup(value);
    } else {
        char *quoted = api_quote_string(value);
        struct api_error *error = api_error_input(
            attr->name, "%s is not ip_address=, subnet_id= or "
            "ip_address_substr= with a value", quoted);
        free(quoted);
        return error;
    }
    return NULL;
}
