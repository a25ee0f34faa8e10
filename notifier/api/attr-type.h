/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What api/attr*.c share, and nobody else uses: parts of api_attr_normalize(),
 * and facts about columns.
 *
 * Those that parse put a new reference into '*valuep' and return NULL, or
 * return why the value is refused, for the caller to free. */

#ifndef API_ATTR_TYPE_H
#define API_ATTR_TYPE_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "api/attr.h"
#include "api/resource.h"
#include "compiler.h"

/* "'VALUE' WHAT", for the caller to free. */
char *api_reason(const json_t *value, const char *what);

/* Refuses what is not a string of 'min' to 'max' characters. */
char *api_string_check(const json_t *, int64_t min, int64_t max)
    OVS_WARN_UNUSED_RESULT;

char *api_uuid_parse(const json_t *, json_t **valuep) OVS_WARN_UNUSED_RESULT;
char *api_ip_parse(const json_t *, json_t **valuep) OVS_WARN_UNUSED_RESULT;
char *api_cidr_parse(const json_t *, json_t **valuep) OVS_WARN_UNUSED_RESULT;

/* A value of a type that is an array. */
char *api_list_parse(const struct api_attr *, const json_t *,
                     json_t **valuep) OVS_WARN_UNUSED_RESULT;
bool api_type_is_list(enum api_type);

/* "true", "1", "False"...; false if it is none. */
bool api_boolean_from_string(const char *, bool *value);

/* Decimal digits, maybe after "-"; false if it is none. */
bool api_integer_from_string(const char *, int64_t *value);

/* Whether the attribute's value is that of its column, of the resource's own
 * table.  Such are compared, and written as text, without JSON values in
 * between: lists of 10,000 objects consist of them. */
static inline bool
api_attr_is_plain(const struct api_attr *attr)
{
    return (!attr->show && !(attr->flags & API_CONSTANT)
            && attr->column != NB_N_COLUMNS);
}

static inline enum api_column_type
api_attr_column_type(const struct api_attr *attr)
{
    return api_columns[attr->column].type;
}

#endif /* api/attr-type.h */
