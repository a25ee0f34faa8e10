/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The attributes of a port.  Its addresses are in port-ips.c. */

#include <config.h>

#include "api/tables.h"

#include <stdlib.h>
#include <string.h>

#include "api/json.h"
#include "api/port-ips.h"
#include "nb/replica.h"
#include "nb/row.h"
#include "nb/write.h"
#include "smap.h"
#include "util.h"

/* Those of Neutron.  Whether a port of one can be plugged is told by its
 * vif_type, as there. */
static const char *const vnic_types[] = {
    "normal", "direct", "macvtap", "baremetal", "direct-physical",
    "virtio-forwarder", "smart-nic", "accelerator-direct",
    "accelerator-direct-physical", "remote-managed", "vdpa", NULL
};

static json_t *
show_status(const struct api_view *view, const struct nb_row *row)
{
    struct nb_rows bindings = replica_find_uuid(view->replica,
                                                NB_PORT_BINDING_PORT,
                                                nb_row_id(row));
    bool up = false;

    for (size_t i = 0; i < bindings.n && !up; i++) {
        up = nb_row_bool(bindings.rows[i], NB_PORT_BINDING_UP);
    }
    return json_string_nocheck(up && nb_row_bool(row, NB_PORT_ADMIN_STATE_UP)
                               ? "ACTIVE" : "DOWN");
}

/* An empty vnic_type is that of a port not made by the API. */
static const char *
vnic_type(const struct nb_row *row)
{
    const char *type = nb_row_string(row, NB_PORT_VNIC_TYPE);

    return *type ? type : "normal";
}

static json_t *
show_vnic_type(const struct api_view *view OVS_UNUSED,
               const struct nb_row *row)
{
    return json_string_nocheck(vnic_type(row));
}

/* The agent that can plug a port, or NULL. */
static const struct nb_row *
find_agent(const struct api_view *view, const struct nb_row *row)
{
    return (strcmp(vnic_type(row), "normal") ? NULL
            : replica_find_one(view->replica, NB_AGENT_HOST,
                               nb_row_string(row, NB_PORT_HOST)));
}

static json_t *
show_vif_type(const struct api_view *view, const struct nb_row *row)
{
    return json_string_nocheck(!*nb_row_string(row, NB_PORT_HOST) ? "unbound"
                               : find_agent(view, row) ? "ovs"
                               : "binding_failed");
}

static void
set_string(json_t *object, const char *name, const char *value)
{
    json_object_set_new_nocheck(object, name, json_string_nocheck(value));
}

/* "port_filter": whether the addresses of what the port sends are policed. */
static json_t *
show_vif_details(const struct api_view *view, const struct nb_row *row)
{
    const struct nb_row *agent = find_agent(view, row);
    json_t *details = json_object();

    if (agent) {
        set_string(details, "connectivity", "l2");
        json_object_set_new(details, "port_filter", json_false());
        json_object_set_new(details, "ovs_hybrid_plug", json_false());
        set_string(details, "datapath_type",
                   nb_row_string(agent, NB_AGENT_DATAPATH_TYPE));
        set_string(details, "bridge_name",
                   nb_row_string(agent, NB_AGENT_BRIDGE));
    }
    return details;
}

/* A value that is not JSON, which the API does not write, is a string. */
static json_t *
show_profile(const struct api_view *view OVS_UNUSED, const struct nb_row *row)
{
    size_t n = nb_row_n(row, NB_PORT_BINDING_PROFILE);
    json_t *profile = json_object();

    for (size_t i = 0; i < n; i++) {
        const char *text = nb_row_value(row, NB_PORT_BINDING_PROFILE, i);
        json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);

        json_object_set_new_nocheck(
            profile, nb_row_key(row, NB_PORT_BINDING_PROFILE, i),
            value ? value : json_string_nocheck(text));
    }
    return profile;
}

static void
store_profile(struct nb_op *op, enum nb_column column, const json_t *value)
{
    struct smap map = SMAP_INITIALIZER(&map);
    const char *key;
    json_t *member;

    json_object_foreach (CONST_CAST(json_t *, value), key, member) {
        smap_add_nocopy(&map, xstrdup(key), api_json_to_string(member));
    }
    nb_op_map(op, column, &map);
    smap_destroy(&map);
}

static const struct api_attr attrs[] = {
    API_ATTR_ID,
    API_ATTR_NAME(NB_PORT_NAME),
    { .name = "network_id", .type = API_UUID, .column = NB_PORT_NETWORK,
      .flags = API_POST | API_REQUIRED | API_FILTER | API_SORT },
    API_ATTR_TENANT_ID(NB_PORT_PROJECT_ID),

    /* Not given: one that is free. */
    { .name = "mac_address", .type = API_MAC, .column = NB_PORT_MAC_ADDRESS,
      .flags = API_POST | API_PUT | API_FILTER | API_SORT },
    API_ATTR_ADMIN_STATE_UP(NB_PORT_ADMIN_STATE_UP),
    { .name = "status", .type = API_COMPUTED, .column = NB_N_COLUMNS,
      .flags = API_FILTER | API_SORT, .show = show_status },
    { .name = "device_id", .type = API_STRING, .column = NB_PORT_DEVICE_ID,
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,
      .initial = "\"\"" },
    { .name = "device_owner", .type = API_STRING,
      .column = NB_PORT_DEVICE_OWNER,
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,
      .initial = "\"\"" },

    /* Not given: one of each IP version. */
    { .name = "fixed_ips", .type = API_FIXED_IPS, .column = NB_N_COLUMNS,
      .flags = API_POST | API_PUT | API_FILTER,
      .show = api_fixed_ips_show, .match = api_fixed_ips_match,
      .find = api_fixed_ips_find, .filter = api_fixed_ips_filter },
    API_ATTR_CONSTANT("extra_dhcp_opts", API_STRINGS, "[]"),
    API_ATTR_DESCRIPTION(NB_PORT_DESCRIPTION),
    { .name = "binding:vnic_type", .type = API_STRING, .alias = "binding",
      .column = NB_PORT_VNIC_TYPE, .choices = vnic_types,
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,
      .initial = "\"normal\"", .show = show_vnic_type },
    { .name = "binding:profile", .type = API_OBJECT, .alias = "binding",
      .column = NB_PORT_BINDING_PROFILE,
      .flags = (API_POST | API_PUT | API_NULL_IS_EMPTY | API_ADMIN_SET
                | API_ADMIN_SEE),
      .initial = "{}", .show = show_profile, .store = store_profile },
    { .name = "binding:host_id", .type = API_STRING, .alias = "binding",
      .column = NB_PORT_HOST,
      .flags = (API_POST | API_PUT | API_NULL_IS_EMPTY | API_FILTER
                | API_SORT | API_ADMIN_SET | API_ADMIN_SEE),
      .initial = "\"\"" },
    { .name = "binding:vif_type", .type = API_COMPUTED, .alias = "binding",
      .column = NB_N_COLUMNS,
      .flags = API_FILTER | API_SORT | API_ADMIN_SEE,
      .show = show_vif_type },
    { .name = "binding:vif_details", .type = API_COMPUTED,
      .alias = "binding", .column = NB_N_COLUMNS, .flags = API_ADMIN_SEE,
      .show = show_vif_details },
    API_ATTR_TAGS(NB_PORT_TAGS),
    API_ATTR_RECORD(PORT),
    API_ATTR_PROJECT_ID(NB_PORT_PROJECT_ID),

    /* Not offered before it is enforced, but a change of it has a history. */
    { .name = "port_security_enabled", .type = API_BOOLEAN,
      .column = NB_PORT_PORT_SECURITY_ENABLED, .flags = API_INTERNAL },
    API_ATTR_EXTERNAL_IDS(NB_PORT_EXTERNAL_IDS),
};

const struct api_resource api_port_resource = {
    .kind = API_PORT,
    .name = "port",
    .plural = "ports",
    .title = "Port",
    .not_found = "PortNotFound",
    .in_use = "PortInUse",
    .table = NB_PORT,
    .project = NB_PORT_PROJECT_ID,
    .attrs = attrs,
    .n_attrs = ARRAY_SIZE(attrs),
};
