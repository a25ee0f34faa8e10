/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See encap.h. */

#include <config.h>

#include "encap.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "packets.h"
#include "util.h"

static const char *const names[ENCAP_N_TYPES] = {
    [ENCAP_VXLAN] = "vxlan",
    [ENCAP_GENEVE] = "geneve",
};

const char *
encap_type_name(enum encap_type type)
{
    return names[type];
}

bool
encap_type_from_name(const char *name, enum encap_type *type)
{
    for (int i = 0; name && i < ENCAP_N_TYPES; i++) {
        if (!strcmp(name, names[i])) {
            *type = i;
            return true;
        }
    }
    return false;
}

bool
encap_ip_is_ipv4(const struct in6_addr *ip)
{
    return IN6_IS_ADDR_V4MAPPED(ip);
}

bool
encap_ip_from_string(const char *s, struct in6_addr *ip)
{
    ovs_be32 ip4;

    if (ip_parse(s, &ip4)) {
        in6_addr_set_mapped_ipv4(ip, ip4);
    } else if (!ipv6_parse(s, ip)) {
        return false;
    } else if (!encap_ip_is_ipv4(ip)) {
        return ipv6_addr_is_set(ip) && !ipv6_addr_is_multicast(ip);
    }
    ip4 = in6_addr_get_mapped_ipv4(ip);
    return ip4 && !ip_is_multicast(ip4) && ip4 != OVS_BE32_MAX;
}

bool
encap_from_string(const char *s, struct encap *encap)
{
    const char *colon = strchr(s, ':');

    if (!colon) {
        return false;
    }
    char *type = xmemdup0(s, colon - s);
    bool ok = (encap_type_from_name(type, &encap->type)
               && encap_ip_from_string(colon + 1, &encap->ip));
    free(type);
    return ok;
}

char *
encap_ip_to_string(const struct in6_addr *ip)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ipv6_format_mapped(ip, &s);
    return ds_steal_cstr(&s);
}

char *
encap_to_string(const struct encap *encap)
{
    char *ip = encap_ip_to_string(&encap->ip);
    char *s = xasprintf("%s:%s", encap_type_name(encap->type), ip);

    free(ip);
    return s;
}
