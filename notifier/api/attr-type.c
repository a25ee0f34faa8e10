/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Values of attributes that are one thing: from what a client gives to their
 * normal form.  Lists are in attr-list.c.
 *
 * Reasons are worded as Neutron words them, so that people and programs who
 * know them find them again. */

#include <config.h>

#include "api/attr-type.h"

#include <stdlib.h>
#include <string.h>

#include "api/attr.h"
#include "api/error.h"
#include "api/json.h"
#include "ipam/address.h"
#include "lib/nb-rules.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/type-props.h"
#include "util.h"
#include "uuid.h"

char *
api_reason(const json_t *value, const char *what)
{
    char *quoted = api_quote(value);
    char *reason = xasprintf("%s %s", quoted, what);

    free(quoted);
    return reason;
}

/* Characters of UTF-8, not bytes. */
static int64_t
count_characters(const char *s)
{
    int64_t n = 0;

    for (; *s; s++) {
        n += ((unsigned char) *s & 0xc0) != 0x80;
    }
    return n;
}

char *
api_string_check(const json_t *json, int64_t min, int64_t max)
{
    if (!json_is_string(json)) {
        return api_reason(json, "is not a valid string");
    }

    int64_t n = count_characters(json_string_value(json));
    if (n > max) {
        char *quoted = api_quote(json);
        char *reason = xasprintf("%s exceeds maximum length of %"PRId64,
                                 quoted, max);
        free(quoted);
        return reason;
    }
    return n >= min ? NULL : xstrdup("it must not be empty");
}

static char *
check_choice(const char *const *choices, const json_t *json, const char *s)
{
    struct ds reason = DS_EMPTY_INITIALIZER;

    if (!choices) {
        return NULL;
    }
    for (const char *const *c = choices; *c; c++) {
        if (!strcmp(*c, s)) {
            return NULL;
        }
    }

    char *quoted = api_quote(json);
    ds_put_format(&reason, "%s is not in [", quoted);
    free(quoted);
    for (const char *const *c = choices; *c; c++) {
        ds_put_format(&reason, "%s'%s'", c == choices ? "" : ", ", *c);
    }
    ds_put_char(&reason, ']');
    return ds_steal_cstr(&reason);
}

static char *
parse_string(const struct api_attr *attr, const json_t *json, json_t **valuep)
{
    char *reason = api_string_check(json, attr->min,
                                    attr->max ? attr->max : API_MAX_STRING);

    if (!reason) {
        reason = check_choice(attr->choices, json, json_string_value(json));
    }
    if (!reason) {
        *valuep = json_string(json_string_value(json));
    }
    return reason;
}

bool
api_boolean_from_string(const char *s, bool *value)
{
    *value = !strcasecmp(s, "true") || !strcmp(s, "1");
    return *value || !strcasecmp(s, "false") || !strcmp(s, "0");
}

static char *
parse_boolean(const json_t *json, json_t **valuep)
{
    bool value = json_is_true(json);
    json_int_t i = json_integer_value(json);

    if (json_is_integer(json) && (i == 0 || i == 1)) {
        value = i;
    } else if (!json_is_boolean(json)
               && !(json_is_string(json)
                    && api_boolean_from_string(json_string_value(json),
                                               &value))) {
        return api_reason(json, "cannot be converted to boolean");
    }
    *valuep = json_boolean(value);
    return NULL;
}

bool
api_integer_from_string(const char *s, int64_t *value)
{
    size_t n_digits = strspn(s + (*s == '-'), "0123456789");
    long long int i;

    if (!n_digits || s[(*s == '-') + n_digits] || !str_to_llong(s, 10, &i)) {
        return false;
    }
    *value = i;
    return true;
}

static char *
check_range(const struct api_attr *attr, const json_t *json, int64_t value)
{
    if (!attr->max || (value >= attr->min && value <= attr->max)) {
        return NULL;
    }

    char *quoted = api_quote(json);
    char *reason = (value < attr->min
                    ? xasprintf("%s is too small - must be at least "
                                "'%"PRId64"'", quoted, attr->min)
                    : xasprintf("%s is too large - must be no larger than "
                                "'%"PRId64"'", quoted, attr->max));
    free(quoted);
    return reason;
}

static char *
parse_integer(const struct api_attr *attr, const json_t *json,
              json_t **valuep)
{
    char text[INT_STRLEN(int64_t) + 1];
    int64_t value = json_integer_value(json);

    if (!json_is_integer(json)
        && !(json_is_string(json)
             && api_integer_from_string(json_string_value(json), &value))) {
        return api_reason(json, "is not an integer");
    }
    snprintf(text, sizeof text, "%"PRId64, value);

    char *reason = check_range(attr, json, value);
    if (!reason) {
        reason = check_choice(attr->choices, json, text);
    }
    if (!reason) {
        *valuep = json_integer(value);
    }
    return reason;
}

char *
api_uuid_parse(const json_t *json, json_t **valuep)
{
    char text[UUID_LEN + 1];
    struct uuid uuid;

    if (!json_is_string(json)
        || !uuid_from_string(&uuid, json_string_value(json))) {
        return api_reason(json, "is not a valid UUID");
    }
    snprintf(text, sizeof text, UUID_FMT, UUID_ARGS(&uuid));
    *valuep = json_string(text);
    return NULL;
}

static char *
parse_mac(const json_t *json, json_t **valuep)
{
    char mac[NB_MAC_LEN + 1];

    if (!json_is_string(json)) {
        return api_reason(json, "is not a valid MAC address");
    }

    char *why = nb_mac_from_string(json_string_value(json), mac);
    if (why) {
        free(why);
        return api_reason(json, "is not a valid MAC address of an interface");
    }
    *valuep = json_string(mac);
    return NULL;
}

char *
api_ip_parse(const json_t *json, json_t **valuep)
{
    char text[IP_ADDR_SIZE];
    struct ip_addr addr;

    char *why = (json_is_string(json)
                 ? ip_addr_parse(json_string_value(json), &addr)
                 : xstrdup(""));
    if (why) {
        free(why);
        return api_reason(json, "is not a valid IP address");
    }
    *valuep = json_string(ip_addr_format(addr, text));
    return NULL;
}

char *
api_cidr_parse(const json_t *json, json_t **valuep)
{
    char text[IP_PREFIX_SIZE];
    struct ip_prefix prefix;

    char *why = (json_is_string(json)
                 ? ip_prefix_parse(json_string_value(json), &prefix)
                 : xstrdup(""));
    if (why) {
        free(why);
        return api_reason(json, "is not a valid IP subnet");
    }
    *valuep = json_string(ip_prefix_format(prefix, text));
    return NULL;
}

static char *
parse_object(const json_t *json, json_t **valuep)
{
    if (!json_is_object(json)) {
        return api_reason(json, "is not a dictionary");
    }

    char *text = api_json_to_string(json);
    size_t len = strlen(text);
    free(text);
    if (len > API_MAX_OBJECT) {
        return xasprintf("it has %"PRIuSIZE" bytes, more than the maximum "
                         "of %d", len, API_MAX_OBJECT);
    }
    *valuep = json_deep_copy(json);
    return NULL;
}

/* What null stands for, by the type. */
static json_t *
empty_value(enum api_type type)
{
    return (type == API_OBJECT ? json_object()
            : api_type_is_list(type) ? json_array()
            : json_string(""));
}

/* Frees 'reason'. */
static struct api_error *
refuse(const struct api_attr *attr, char *reason)
{
    struct api_error *error = api_error_input_steal(attr->name, reason);

    if (attr->type == API_BOOLEAN) {
        error->type = "InvalidInput";
    }
    return error;
}

struct api_error *
api_attr_normalize(const struct api_attr *attr, const json_t *json,
                   json_t **valuep)
{
    char *reason = NULL;

    if (json_is_null(json) && attr->flags & API_NULLABLE) {
        *valuep = json_null();
        return NULL;
    }
    if (json_is_null(json) && attr->flags & API_NULL_IS_EMPTY) {
        *valuep = empty_value(attr->type);
        return NULL;
    }

    switch (attr->type) {
    case API_STRING: reason = parse_string(attr, json, valuep); break;
    case API_BOOLEAN: reason = parse_boolean(json, valuep); break;
    case API_INTEGER: reason = parse_integer(attr, json, valuep); break;
    case API_UUID: reason = api_uuid_parse(json, valuep); break;
    case API_MAC: reason = parse_mac(json, valuep); break;
    case API_IP: reason = api_ip_parse(json, valuep); break;
    case API_CIDR: reason = api_cidr_parse(json, valuep); break;
    case API_OBJECT: reason = parse_object(json, valuep); break;

    case API_STRINGS:
    case API_FIXED_IPS:
    case API_POOLS:
    case API_ADDRESSES:
    case API_ROUTES:
        reason = api_list_parse(attr, json, valuep);
        break;

    case API_TIME:
    case API_COMPUTED:
        reason = xstrdup("it cannot be set");
        break;
    }
    return reason ? refuse(attr, reason) : NULL;
}
