/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What a POST, PUT or DELETE of a port does.
 *
 * That no two ports of a network have one Ethernet address, and no two ports
 * one IP address of a subnet, the database's indexes see to.  What is chosen
 * here at random is chosen anew when somebody else was quicker; what the
 * client asked for is refused when the rows show that another has it. */

#include <config.h>

#include <string.h>

#include "api/api-private.h"
#include "api/operation.h"
#include "api/port-addresses.h"
#include "api/record.h"
#include "api/write.h"
#include "lib/nb-rules.h"
#include "nb/replica.h"
#include "random.h"
#include "util.h"

/* Ethernet addresses to try before it is left to the database to find that one
 * is taken.  Of 16 million, a network with a million leaves one in a trillion
 * without a free one after two. */
#define MAX_MAC_DRAWS 8

/* What only a network's owner's ports are. */
#define NETWORK_DEVICE_OWNER "network:"

static const char *
get_string(const json_t *values, const char *name)
{
    return json_string_value(json_object_get(values, name));
}

static bool
has_address(const json_t *fixed_ips)
{
    const json_t *fixed_ip;
    size_t i;

    json_array_foreach (fixed_ips, i, fixed_ip) {
        if (json_object_get(fixed_ip, "ip_address")) {
            return true;
        }
    }
    return false;
}

/* On a network of others one gets a port, and addresses as they come: not
 * those of somebody else, and nothing that others take for a part of the
 * network. */
static struct api_error *
check_policy(const struct operation *op, const struct nb_row *network,
             const json_t *values)
{
    const char *owner = get_string(values, "device_owner");

    if (write_owns_network(op, network)) {
        return NULL;
    } else if (json_object_get(values, "mac_address")) {
        return api_forbidden("mac_address on another project's network");
    } else if (has_address(json_object_get(values, "fixed_ips"))) {
        return api_forbidden("fixed_ips with an ip_address on another "
                             "project's network");
    } else if (owner && !strncmp(owner, NETWORK_DEVICE_OWNER,
                                 strlen(NETWORK_DEVICE_OWNER))) {
        return api_forbidden("A device_owner that begins with \""
                             NETWORK_DEVICE_OWNER"\" on another project's "
                             "network");
    }
    return NULL;
}

static bool
is_mac_in_use(const struct operation *op, const struct uuid *network,
              const char *mac)
{
    struct nb_rows rows = replica_find(op->api->config.replica,
                                       NB_PORT_MAC_ADDRESS, mac);

    for (size_t i = 0; i < rows.n; i++) {
        struct uuid id = nb_row_uuid(rows.rows[i], NB_PORT_NETWORK);

        if (uuid_equals(&id, network)) {
            return true;
        }
    }
    return false;
}

/* Notes that this transaction makes a port with 'mac'; false if it has one
 * already. */
static bool
note_mac(struct operation *op, const struct uuid *network, const char *mac)
{
    return operation_add_unique(op, xasprintf("mac "UUID_FMT" %s",
                                              UUID_ARGS(network), mac));
}

/* Copies into 'mac' the address 'wanted', or a random one if that is NULL. */
static struct api_error *
choose_mac(struct operation *op, const struct nb_row *network,
           const char *wanted, char mac[NB_MAC_LEN + 1])
{
    const struct uuid *id = nb_row_id(network);

    if (wanted) {
        ovs_strlcpy(mac, wanted, NB_MAC_LEN + 1);
        return (!is_mac_in_use(op, id, mac) && note_mac(op, id, mac) ? NULL
                : api_error(409, "MacAddressInUse", "Unable to complete "
                            "operation for network "UUID_FMT". The mac "
                            "address %s is in use.", UUID_ARGS(id), mac));
    }
    for (int i = 0; i < MAX_MAC_DRAWS; i++) {
        nb_mac_from_random(random_uint32(), mac);
        if (!is_mac_in_use(op, id, mac) && note_mac(op, id, mac)) {
            break;
        }
    }
    return NULL;
}

static void
insert_port(struct operation *op, const json_t *values,
            const struct nb_row *network, const char *mac,
            const struct uuid *refs, size_t n_refs)
{
    struct wait_target target = {
        .table = NB_PORT,
        .revision = RECORD_FIRST_REVISION,
    };
    struct nb_op *nb_op = record_insert(op, NB_PORT, &target.id);

    api_store(op->resource, values, NB_PORT, nb_op);
    nb_op_uuid(nb_op, NB_PORT_NETWORK, nb_row_id(network));
    nb_op_string(nb_op, NB_PORT_MAC_ADDRESS, mac);
    nb_op_refs(nb_op, NB_PORT_IP_ALLOCATIONS, refs, n_refs);
    /* Otherwise its hypervisor would learn addresses behind it. */
    nb_op_bool(nb_op, NB_PORT_PORT_SECURITY_ENABLED, true);
    operation_add_object(op, &target.id, &target);
}

struct api_error *
port_create(struct operation *op, const json_t *values)
{
    struct api_view view = operation_view(op);
    const struct nb_row *network;
    char mac[NB_MAC_LEN + 1];
    struct api_error *error;
    struct uuid *refs;
    size_t n_refs;

    error = api_find_object(api_resources[API_NETWORK], &view,
                            get_string(values, "network_id"), &network);
    if (!error) {
        error = check_policy(op, network, values);
    }
    if (!error) {
        error = choose_mac(op, network, get_string(values, "mac_address"),
                           mac);
    }
    if (!error) {
        const struct port_addresses_request request = {
            .network = network,
            .device_owner = get_string(values, "device_owner"),
            .mac = mac,
            .fixed_ips = json_object_get(values, "fixed_ips"),
        };

        error = port_addresses_choose(op, &request, &refs, &n_refs);
    }
    if (!error) {
        insert_port(op, values, network, mac, refs, n_refs);
        free(refs);
    }
    return error;
}

/* Checks a change of the Ethernet address to 'mac'. */
static struct api_error *
check_new_mac(struct operation *op, const struct nb_row *row,
              const struct nb_row *network, const char *mac)
{
    const char *old = nb_row_string(row, NB_PORT_MAC_ADDRESS);
    const char *host = nb_row_string(row, NB_PORT_HOST);
    char copy[NB_MAC_LEN + 1];

    if (!strcmp(mac, old)) {
        return NULL;
    } else if (host[0] && replica_find_one(op->api->config.replica,
                                           NB_AGENT_HOST, host)) {
        return api_error(409, "PortBound", "Unable to complete operation on "
                         "port "UUID_FMT", port is already bound, port type: "
                         "ovs, old_mac %s, new_mac %s.",
                         UUID_ARGS(nb_row_id(row)), old, mac);
    }
    return choose_mac(op, network, mac, copy);
}

/* Whether the addresses of a port depend on any of 'values'. */
static bool
touches_addresses(const json_t *values)
{
    return (json_object_get(values, "fixed_ips")
            || json_object_get(values, "mac_address")
            || json_object_get(values, "device_owner"));
}

static struct api_error *
update_addresses(struct operation *op, const struct nb_row *row,
                 const struct nb_row *network, const json_t *values,
                 struct nb_op *nb_op)
{
    const char *owner = get_string(values, "device_owner");
    const char *mac = get_string(values, "mac_address");
    const struct port_addresses_request request = {
        .network = network,
        .port = row,
        .device_owner = (owner ? owner
                         : nb_row_string(row, NB_PORT_DEVICE_OWNER)),
        .mac = mac ? mac : nb_row_string(row, NB_PORT_MAC_ADDRESS),
        .fixed_ips = json_object_get(values, "fixed_ips"),
    };
    struct uuid *refs;
    size_t n_refs;
    struct api_error *error = port_addresses_choose(op, &request, &refs,
                                                    &n_refs);

    if (!error) {
        nb_op_refs(nb_op, NB_PORT_IP_ALLOCATIONS, refs, n_refs);
        free(refs);
    }
    return error;
}

struct api_error *
port_update(struct operation *op, const struct nb_row *row,
            const json_t *values)
{
    const struct uuid network_id = nb_row_uuid(row, NB_PORT_NETWORK);
    const struct nb_row *network = replica_get(op->api->config.replica,
                                               NB_NETWORK, &network_id);
    const char *mac = get_string(values, "mac_address");
    struct wait_target target = {
        .table = NB_PORT,
        .id = *nb_row_id(row),
        .revision = record_revision(row) + 1,
    };
    struct api_error *error = check_policy(op, network, values);
    struct nb_op *nb_op;

    if (!error && mac) {
        error = check_new_mac(op, row, network, mac);
    }
    if (error) {
        return error;
    }
    nb_op = record_update(op, row);
    api_store(op->resource, values, NB_PORT, nb_op);
    operation_add_object(op, &target.id, &target);
    return (touches_addresses(values)
            ? update_addresses(op, row, network, values, nb_op) : NULL);
}

struct api_error *
port_delete(struct operation *op, const struct nb_row *row)
{
    struct wait_target target = {
        .table = NB_PORT,
        .id = *nb_row_id(row),
        .deleted = true,
    };

    record_delete(op, row);
    operation_add_object(op, &target.id, &target);
    return NULL;
}
