/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* network-ip-availabilities: how many addresses the subnets of each network
 * have, and how many of them are in use.
 *
 * Numbers can have 128 bits, more than a JSON library's integer: so this is
 * written as text. */

#include <config.h>

#include "api/api-private.h"

#include <string.h>

#include "api/json.h"
#include "api/reply.h"
#include "api/subnet-row.h"
#include "http/request.h"
#include "ipam/addr-set.h"
#include "nb/replica.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

#define SINGULAR "network_ip_availability"
#define PLURAL "network_ip_availabilities"

/* What is asked for; NULL, 0: anything. */
struct availability_query {
    const char *network_id;
    const char *network_name;
    const char *project_id;
    int ip_version;
};

/* What a network's subnets come to. */
struct availability {
    ovs_u128 used, total;
    size_t n_subnets;
    struct ds subnets;
};

static void
put_string(struct ds *out, const char *name, const char *value)
{
    ds_put_format(out, "\"%s\":", name);
    api_json_put_string(value, out);
    ds_put_char(out, ',');
}

static void
put_counts(struct ds *out, ovs_u128 used, ovs_u128 total)
{
    char used_text[U128_DECIMAL_SIZE], total_text[U128_DECIMAL_SIZE];

    ds_put_format(out, "\"used_ips\":%s,\"total_ips\":%s",
                  u128_to_string(used, used_text),
                  u128_to_string(total, total_text));
}

static void
add_subnet(struct api *api, const struct nb_row *row,
           const struct subnet *subnet, struct availability *a)
{
    ovs_u128 used = addr_set_count(addresses_get(api->addresses,
                                                 nb_row_id(row)));
    ovs_u128 total = subnet_total_ips(subnet->cidr, subnet->pools,
                                      subnet->n_pools);

    ds_put_format(&a->subnets, "%s{\"subnet_id\":\""UUID_FMT"\",",
                  a->n_subnets++ ? "," : "", UUID_ARGS(nb_row_id(row)));
    put_string(&a->subnets, "subnet_name", nb_row_string(row, NB_SUBNET_NAME));
    put_string(&a->subnets, "cidr", nb_row_string(row, NB_SUBNET_CIDR));
    ds_put_format(&a->subnets, "\"ip_version\":%d,",
                  subnet->cidr.addr.version);
    put_counts(&a->subnets, used, total);
    ds_put_char(&a->subnets, '}');
    a->used = u128_add_saturate(a->used, used);
    a->total = u128_add_saturate(a->total, total);
}

static void
add_subnets(struct api *api, const struct nb_row *network, int ip_version,
            struct availability *a)
{
    struct nb_rows rows = replica_find_uuid(api->config.replica,
                                            NB_SUBNET_NETWORK,
                                            nb_row_id(network));

    for (size_t i = 0; i < rows.n; i++) {
        struct subnet subnet;

        if (subnet_row_read(rows.rows[i], &subnet)
            && (!ip_version || ip_version == subnet.cidr.addr.version)) {
            add_subnet(api, rows.rows[i], &subnet, a);
        }
        subnet_destroy(&subnet);
    }
}

/* Appends what there is of 'network', after a comma if 'comma'.  Returns false
 * if it has no subnet of the version asked for. */
static bool
put_network(struct api *api, const struct nb_row *network, int ip_version,
            bool comma, struct ds *out)
{
    struct availability a = { .subnets = DS_EMPTY_INITIALIZER };
    const char *project = nb_row_string(network, NB_NETWORK_PROJECT_ID);

    add_subnets(api, network, ip_version, &a);
    if (!ip_version || a.n_subnets) {
        ds_put_format(out, "%s{\"network_id\":\""UUID_FMT"\",",
                      comma ? "," : "", UUID_ARGS(nb_row_id(network)));
        put_string(out, "network_name", nb_row_string(network,
                                                      NB_NETWORK_NAME));
        put_string(out, "tenant_id", project);
        put_string(out, "project_id", project);
        ds_put_format(out, "\"subnet_ip_availability\":[%s],",
                      ds_cstr(&a.subnets));
        put_counts(out, a.used, a.total);
        ds_put_char(out, '}');
        comma = true;
    }
    ds_destroy(&a.subnets);
    return !ip_version || a.n_subnets;
}

static struct api_error *
parse_query(const struct http_request *request, struct availability_query *q)
{
    memset(q, 0, sizeof *q);
    for (size_t i = 0; i < request->n_query; i++) {
        const struct http_pair *pair = &request->query[i];

        if (!strcmp(pair->name, "network_id")) {
            q->network_id = pair->value;
        } else if (!strcmp(pair->name, "network_name")) {
            q->network_name = pair->value;
        } else if (!strcmp(pair->name, "project_id")
                   || !strcmp(pair->name, "tenant_id")) {
            q->project_id = pair->value;
        } else if (!strcmp(pair->name, "ip_version")) {
            if (strcmp(pair->value, "4") && strcmp(pair->value, "6")) {
                return api_error_input("ip_version", "it must be 4 or 6.");
            }
            q->ip_version = pair->value[0] - '0';
        } else if (strcmp(pair->name, "fields")) {
            return api_error(400, NULL, "'%.*s' is not a filter of " PLURAL
                             ".", API_QUOTE_MAX, pair->name);
        }
    }
    return NULL;
}

static bool
matches(const struct nb_row *row, const struct availability_query *q)
{
    char id[UUID_LEN + 1];

    snprintf(id, sizeof id, UUID_FMT, UUID_ARGS(nb_row_id(row)));
    return ((!q->network_id || !strcmp(id, q->network_id))
            && (!q->network_name
                || !strcmp(nb_row_string(row, NB_NETWORK_NAME),
                           q->network_name))
            && (!q->project_id
                || !strcmp(nb_row_string(row, NB_NETWORK_PROJECT_ID),
                           q->project_id)));
}

void
api_get_availabilities(struct api_call *call)
{
    const struct replica *replica = call->api->config.replica;
    struct ds out = DS_EMPTY_INITIALIZER;
    struct availability_query query;
    const struct nb_row **rows;
    bool comma = false;
    struct api_error *error = parse_query(call->request, &query);

    if (error) {
        reply_error(call->request, error);
        return;
    }
    ds_put_cstr(&out, "{\"" PLURAL "\":[");
    rows = replica_rows(replica, NB_NETWORK);
    for (size_t i = 0; i < replica_count(replica, NB_NETWORK); i++) {
        if (matches(rows[i], &query)) {
            comma |= put_network(call->api, rows[i], query.ip_version, comma,
                                 &out);
        }
    }
    free(rows);
    ds_put_cstr(&out, "]}");
    reply_read_text(call, &out);
}

void
api_get_availability(struct api_call *call)
{
    struct api_view view = api_call_view(call);
    const struct nb_row *row;
    struct api_error *error = api_find_object(api_resources[API_NETWORK],
                                              &view, call->match.words[0],
                                              &row);
    if (error) {
        reply_error(call->request, error);
    } else {
        struct ds out = DS_EMPTY_INITIALIZER;

        ds_put_cstr(&out, "{\"" SINGULAR "\":");
        put_network(call->api, row, 0, false, &out);
        ds_put_char(&out, '}');
        reply_read_text(call, &out);
    }
}
