/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See agent-config.h. */

#include <config.h>

#include "agent-config.h"

#include <limits.h>
#include <string.h>

#include "encap.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

static void add_fault(struct agent_config *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);

static void
add_fault(struct agent_config *config, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    sset_add_and_free(&config->faults, xvasprintf(format, args));
    va_end(args);
}

/* The value of 'key', or NULL if it is not set or is empty. */
static const char *
get(const struct smap *external_ids, const char *key)
{
    const char *value = smap_get(external_ids, key);

    return value && value[0] ? value : NULL;
}

static void
parse_encap(struct agent_config *config, const struct smap *external_ids)
{
    const char *ip = get(external_ids, "sluice-encap-ip");
    const char *types = get(external_ids, "sluice-encap-type");
    struct in6_addr addr;

    if (ip && encap_ip_from_string(ip, &addr)) {
        config->encap_ip = encap_ip_to_string(&addr);
    } else if (ip) {
        add_fault(config, "sluice-encap-ip: \"%s\" is not an IP address that "
                  "one machine can have", ip);
    }

    sset_from_delimited_string(&config->encap_types,
                               types ? types : AGENT_CONFIG_ENCAP_TYPES, ",");
    const char *type;
    SSET_FOR_EACH_SAFE (type, &config->encap_types) {
        enum encap_type ignored;

        if (!encap_type_from_name(type, &ignored)) {
            add_fault(config, "sluice-encap-type: \"%s\" is neither vxlan nor "
                      "geneve", type);
            sset_delete(&config->encap_types,
                        sset_find(&config->encap_types, type));
        }
    }
}

static const struct smap_node *
find_mapping(const struct agent_config *config, const char *bridge)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, &config->bridge_mappings) {
        if (!strcmp(node->value, bridge)) {
            return node;
        }
    }
    return NULL;
}

/* "physnet1:br-ex,physnet2:br-dc" */
static void
parse_mappings(struct agent_config *config, const struct smap *external_ids)
{
    const char *value = get(external_ids, "sluice-bridge-mappings");
    char *copy = xstrdup(value ? value : "");
    char *save = NULL;

    for (char *item = strtok_r(copy, ",", &save); item;
         item = strtok_r(NULL, ",", &save)) {
        char *colon = strchr(item, ':');

        if (!colon || colon == item || !colon[1]) {
            add_fault(config, "sluice-bridge-mappings: \"%s\" is not "
                      "PHYSICAL_NETWORK:BRIDGE", item);
            continue;
        }
        *colon = '\0';
        const struct smap_node *other = find_mapping(config, colon + 1);
        if (other) {
            /* They would be one network there, with one range of VLANs. */
            add_fault(config, "sluice-bridge-mappings: bridge \"%s\" is "
                      "mapped already, by physical network \"%s\"",
                      colon + 1, other->key);
        } else if (!smap_add_once(&config->bridge_mappings, item, colon + 1)) {
            add_fault(config, "sluice-bridge-mappings: physical network "
                      "\"%s\" is mapped twice", item);
        }
    }
    free(copy);
}

static int
parse_int(struct agent_config *config, const struct smap *external_ids,
          const char *key, int min, int max, int def)
{
    const char *value = get(external_ids, key);
    int number;

    if (!value) {
        return def;
    } else if (!str_to_int(value, 10, &number) || number < min
               || number > max) {
        add_fault(config, "%s: \"%s\" is not a number from %d to %d", key,
                  value, min, max);
        return def;
    }
    return number;
}

struct agent_config *
agent_config_parse(const struct smap *external_ids, const char *hostname)
{
    struct agent_config *config = xzalloc(sizeof *config);
    const char *host = get(external_ids, "sluice-host");
    const char *bridge = get(external_ids, "sluice-bridge");

    sset_init(&config->faults);
    smap_init(&config->bridge_mappings);

    if (!host) {
        host = get(external_ids, "system-id");
    }
    config->remote = nullable_xstrdup(get(external_ids, "sluice-remote"));
    config->host = xstrdup(host ? host : hostname);
    config->bridge = xstrdup(bridge ? bridge : "br-int");
    config->datapath_type
        = nullable_xstrdup(get(external_ids, "sluice-datapath-type"));
    parse_encap(config, external_ids);
    parse_mappings(config, external_ids);
    config->probe_interval
        = parse_int(config, external_ids, "sluice-remote-probe-interval", 0,
                    INT_MAX, -1);
    config->heartbeat_interval
        = parse_int(config, external_ids, "sluice-heartbeat-interval", 1,
                    24 * 60 * 60, AGENT_CONFIG_HEARTBEAT_S);
    return config;
}

void
agent_config_destroy(struct agent_config *config)
{
    if (config) {
        free(config->remote);
        free(config->host);
        free(config->bridge);
        free(config->datapath_type);
        free(config->encap_ip);
        sset_destroy(&config->encap_types);
        smap_destroy(&config->bridge_mappings);
        sset_destroy(&config->faults);
        free(config);
    }
}

bool
agent_config_equal(const struct agent_config *a, const struct agent_config *b)
{
    return (nullable_string_is_equal(a->remote, b->remote)
            && !strcmp(a->host, b->host)
            && !strcmp(a->bridge, b->bridge)
            && nullable_string_is_equal(a->datapath_type, b->datapath_type)
            && nullable_string_is_equal(a->encap_ip, b->encap_ip)
            && sset_equals(&a->encap_types, &b->encap_types)
            && smap_equal(&a->bridge_mappings, &b->bridge_mappings)
            && a->probe_interval == b->probe_interval
            && a->heartbeat_interval == b->heartbeat_interval
            && sset_equals(&a->faults, &b->faults));
}
