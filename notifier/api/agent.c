/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The attributes of an agent: an Agent row, and of the operator's wishes its
 * hypervisor's Host row, without which it is up. */

#include <config.h>

#include "api/tables.h"

#include <time.h>

#include "nb/replica.h"
#include "nb/row.h"
#include "util.h"

static const struct nb_row *
get_host(const struct api_view *view, const struct nb_row *row)
{
    return replica_find_one(view->replica, NB_HOST_HOST,
                            nb_row_string(row, NB_AGENT_HOST));
}

static json_t *
show_admin_state_up(const struct api_view *view, const struct nb_row *row)
{
    const struct nb_row *host = get_host(view, row);

    return json_boolean(!host || nb_row_bool(host, NB_HOST_ADMIN_STATE_UP));
}

static json_t *
show_description(const struct api_view *view, const struct nb_row *row)
{
    const struct nb_row *host = get_host(view, row);
    const char *s = host ? nb_row_string(host, NB_HOST_DESCRIPTION) : "";

    return *s ? json_string_nocheck(s) : json_null();
}

/* In the form that Neutron uses for agents alone. */
static json_t *
show_heartbeat(const struct api_view *view OVS_UNUSED,
               const struct nb_row *row)
{
    char text[sizeof "2026-11-22 12:29:40" + 16];
    time_t t = nb_row_integer(row, NB_AGENT_HEARTBEAT) / 1000;
    struct tm tm;

    return (t > 0 && gmtime_r(&t, &tm)
            && strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm)
            ? json_string(text) : json_null());
}

static json_t *
show_alive(const struct api_view *view, const struct nb_row *row)
{
    return json_boolean(view->alive && view->alive(row, view->aux));
}

static json_t *
map_to_json(const struct nb_row *row, enum nb_column column)
{
    json_t *object = json_object();
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        json_object_set_new_nocheck(
            object, nb_row_key(row, column, i),
            json_string_nocheck(nb_row_value(row, column, i)));
    }
    return object;
}

static json_t *
keys_to_json(const struct nb_row *row, enum nb_column column)
{
    json_t *array = json_array();
    size_t n = nb_row_n(row, column);

    for (size_t i = 0; i < n; i++) {
        json_array_append_new(
            array, json_string_nocheck(nb_row_key(row, column, i)));
    }
    return array;
}

/* What Neutron's agents say of themselves, as far as ours knows it, under the
 * names it has there; and what ours says. */
static json_t *
show_configurations(const struct api_view *view OVS_UNUSED,
                    const struct nb_row *row)
{
    const char *ip = (nb_row_n(row, NB_AGENT_ENCAPS)
                      ? nb_row_value(row, NB_AGENT_ENCAPS, 0) : "");

    return json_pack("{s:o,s:s,s:s,s:o,s:o,s:o,s:s,s:s}",
                     "bridge_mappings",
                     map_to_json(row, NB_AGENT_BRIDGE_MAPPINGS),
                     "datapath_type",
                     nb_row_string(row, NB_AGENT_DATAPATH_TYPE),
                     "integration_bridge",
                     nb_row_string(row, NB_AGENT_BRIDGE),
                     "roles", keys_to_json(row, NB_AGENT_ROLES),
                     "subscriptions",
                     map_to_json(row, NB_AGENT_SUBSCRIPTIONS),
                     "tunnel_types", keys_to_json(row, NB_AGENT_ENCAPS),
                     "tunneling_ip", ip,
                     "version", nb_row_string(row, NB_AGENT_VERSION));
}

#define CONSTANT(NAME, VALUE)                                           \
    { .name = NAME, .type = API_COMPUTED, .column = NB_N_COLUMNS,       \
      .flags = API_CONSTANT | API_FILTER, .initial = VALUE,             \
      .alias = "agent" }

static const struct api_attr attrs[] = {
    API_ATTR_ID,

    /* The type that clients ask for who look for what plugs a VIF. */
    CONSTANT("agent_type", "\"Open vSwitch agent\""),
    CONSTANT("binary", "\"sluice-agent\""),
    CONSTANT("topic", "\"N/A\""),
    { .name = "host", .type = API_STRING, .column = NB_AGENT_HOST,
      .flags = API_FILTER | API_SORT, .alias = "agent" },
    { .name = "admin_state_up", .type = API_BOOLEAN,
      .column = NB_HOST_ADMIN_STATE_UP, .alias = "agent",
      .flags = API_PUT | API_ADMIN_SET | API_FILTER | API_SORT,
      .show = show_admin_state_up },

    /* Not known. */
    CONSTANT("created_at", "null"),
    CONSTANT("started_at", "null"),
    { .name = "heartbeat_timestamp", .type = API_TIME, .alias = "agent",
      .column = NB_N_COLUMNS, .flags = API_SORT | API_VOLATILE,
      .show = show_heartbeat },
    { .name = "description", .type = API_STRING, .alias = "agent",
      .column = NB_HOST_DESCRIPTION,
      .flags = (API_PUT | API_ADMIN_SET | API_NULLABLE | API_FILTER
                | API_SORT),
      .show = show_description },
    CONSTANT("resources_synced", "null"),
    CONSTANT("availability_zone", "null"),
    { .name = "alive", .type = API_BOOLEAN, .column = NB_N_COLUMNS,
      .flags = API_FILTER | API_SORT, .alias = "agent",
      .show = show_alive },
    { .name = "configurations", .type = API_COMPUTED, .alias = "agent",
      .column = NB_N_COLUMNS, .show = show_configurations },
    API_ATTR_EXTERNAL_IDS(NB_AGENT_EXTERNAL_IDS),
};

const struct api_resource api_agent_resource = {
    .kind = API_AGENT,
    .name = "agent",
    .plural = "agents",
    .title = "Agent",
    .not_found = "AgentNotFound",
    .in_use = "AgentInUse",
    .table = NB_AGENT,
    .project = NB_N_COLUMNS,
    .attrs = attrs,
    .n_attrs = ARRAY_SIZE(attrs),
};
