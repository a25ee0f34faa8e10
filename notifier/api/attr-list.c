/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Values of attributes that are lists: from what a client gives to their
 * normal form.  See attr-type.h. */

#include <config.h>

#include "api/attr-type.h"

#include <stdlib.h>
#include <string.h>

#include "api/error.h"
#include "svec.h"
#include "util.h"

/* How an element that is an object is made up: at most two members. */
struct member {
    const char *name;
    char *(*parse)(const json_t *, json_t **valuep);
};
struct element {
    const char *name;           /* For messages. */
    struct member members[2];
    bool all;                   /* Both are required; otherwise one is. */
};

static const struct element fixed_ip = {
    "fixed IP",
    { { "subnet_id", api_uuid_parse }, { "ip_address", api_ip_parse } },
    false
};
static const struct element pool = {
    "IP pool",
    { { "start", api_ip_parse }, { "end", api_ip_parse } },
    true
};
static const struct element route = {
    "hostroute",
    { { "destination", api_cidr_parse }, { "nexthop", api_ip_parse } },
    true
};

bool
api_type_is_list(enum api_type type)
{
    return (type == API_STRINGS || type == API_FIXED_IPS
            || type == API_POOLS || type == API_ADDRESSES
            || type == API_ROUTES);
}

static char *
bad_format(const char *what, const json_t *json)
{
    char *quoted = api_quote(json);
    char *reason = xasprintf("Invalid data format for %s: %s", what, quoted);

    free(quoted);
    return reason;
}

/* Parses the members of an element into 'value'. */
static char *
parse_members(const struct element *element, const json_t *json,
              json_t *value)
{
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(element->members); i++) {
        const struct member *member = &element->members[i];
        const json_t *given = json_object_get(json, member->name);
        json_t *parsed;

        if (given) {
            char *reason = member->parse(given, &parsed);
            if (reason) {
                return reason;
            }
            json_object_set_new(value, member->name, parsed);
            n++;
        }
    }

    bool enough = n == ARRAY_SIZE(element->members) || (n && !element->all);
    return (enough && n == json_object_size(json)
            ? NULL : bad_format(element->name, json));
}

static char *
parse_element(const struct element *element, const json_t *json,
              json_t **valuep)
{
    if (!json_is_object(json)) {
        return bad_format(element->name, json);
    }

    json_t *value = json_object();
    char *reason = parse_members(element, json, value);
    if (reason) {
        json_decref(value);
    } else {
        *valuep = value;
    }
    return reason;
}

static char *
parse_one(const struct api_attr *attr, const json_t *json, json_t **valuep)
{
    char *reason;

    switch (attr->type) {
    case API_FIXED_IPS: return parse_element(&fixed_ip, json, valuep);
    case API_POOLS: return parse_element(&pool, json, valuep);
    case API_ROUTES: return parse_element(&route, json, valuep);
    case API_ADDRESSES: return api_ip_parse(json, valuep);

    case API_STRINGS:
        reason = api_string_check(json, 1,
                                  attr->max ? attr->max : API_MAX_STRING);
        if (!reason) {
            *valuep = json_string(json_string_value(json));
        }
        return reason;

    case API_STRING: case API_BOOLEAN: case API_INTEGER: case API_UUID:
    case API_MAC: case API_IP: case API_CIDR: case API_OBJECT: case API_TIME:
    case API_COMPUTED:
    default:
        OVS_NOT_REACHED();
    }
}

/* What of an element must not be there twice: a port's address and otherwise
 * all of it; NULL if nothing is. */
static const json_t *
unique_part(const struct api_attr *attr, const json_t *element)
{
    return (attr->type == API_FIXED_IPS
            ? json_object_get(element, "ip_address") : element);
}

static char *
check_duplicate(const struct api_attr *attr, const json_t *list,
                const json_t *element)
{
    const json_t *part = unique_part(attr, element);
    const json_t *other;
    size_t i;

    if (!part) {
        return NULL;
    }
    json_array_foreach (list, i, other) {
        const json_t *other_part = unique_part(attr, other);

        if (other_part && json_equal(part, other_part)) {
            char *quoted = api_quote(part);
            char *reason = xasprintf("Duplicate items in the list: %s",
                                     quoted);
            free(quoted);
            return reason;
        }
    }
    return NULL;
}

/* A new array of the strings of 'list', sorted, each once.  Frees 'list'. */
static json_t *
sort_strings(json_t *list)
{
    struct svec strings = SVEC_EMPTY_INITIALIZER;
    json_t *sorted = json_array();
    const json_t *element;
    const char *s;
    size_t i;

    json_array_foreach (list, i, element) {
        svec_add(&strings, json_string_value(element));
    }
    svec_sort_unique(&strings);
    SVEC_FOR_EACH (i, s, &strings) {
        json_array_append_new(sorted, json_string_nocheck(s));
    }
    svec_destroy(&strings);
    json_decref(list);
    return sorted;
}

static char *
parse_elements(const struct api_attr *attr, const json_t *json, json_t *list)
{
    const json_t *given;
    json_t *value;
    size_t i;

    json_array_foreach (json, i, given) {
        char *reason = parse_one(attr, given, &value);

        if (!reason && attr->type != API_STRINGS) {
            reason = check_duplicate(attr, list, value);
            if (reason) {
                json_decref(value);
            }
        }
        if (reason) {
            return reason;
        }
        json_array_append_new(list, value);
    }
    return NULL;
}

char *
api_list_parse(const struct api_attr *attr, const json_t *json,
               json_t **valuep)
{
    size_t max = attr->type == API_STRINGS ? API_MAX_TAGS : API_MAX_ELEMENTS;

    if (!json_is_array(json)) {
        return api_reason(json, "is not a list");
    }
    if (json_array_size(json) > max) {
        return xasprintf("it has %"PRIuSIZE" elements, more than the maximum "
                         "of %"PRIuSIZE, json_array_size(json), max);
    }

    json_t *list = json_array();
    char *reason = parse_elements(attr, json, list);
    if (reason) {
        json_decref(list);
    } else {
        *valuep = attr->type == API_STRINGS ? sort_strings(list) : list;
    }
    return reason;
}
