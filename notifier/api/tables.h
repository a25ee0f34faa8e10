/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The tables of attributes, and the entries that several of them have.  For
 * api/ alone. */

#ifndef API_TABLES_H
#define API_TABLES_H 1

#include <jansson.h>

#include "api/resource.h"

struct uuid;

extern const struct api_resource api_network_resource;
extern const struct api_resource api_subnet_resource;
extern const struct api_resource api_port_resource;
extern const struct api_resource api_agent_resource;

json_t *api_show_id(const struct api_view *, const struct nb_row *);
json_t *api_show_uuid(const struct uuid *);

#define API_ATTR_ID                                                     \
    { .name = "id", .type = API_UUID, .flags = API_FILTER | API_SORT,   \
      .column = NB_N_COLUMNS, .show = api_show_id }

#define API_ATTR_NAME(COLUMN)                                           \
    { .name = "name", .type = API_STRING, .column = COLUMN,             \
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,              \
      .initial = "\"\"" }

#define API_ATTR_TENANT_ID(COLUMN)                                      \
    { .name = "tenant_id", .type = API_STRING, .column = COLUMN,        \
      .flags = API_POST | API_FILTER | API_SORT }

#define API_ATTR_PROJECT_ID(COLUMN)                                     \
    { .name = "project_id", .type = API_STRING, .column = COLUMN,       \
      .flags = API_POST | API_FILTER | API_SORT, .alias = "project-id" }

#define API_ATTR_ADMIN_STATE_UP(COLUMN)                                 \
    { .name = "admin_state_up", .type = API_BOOLEAN, .column = COLUMN,  \
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,              \
      .initial = "true" }

#define API_ATTR_DESCRIPTION(COLUMN)                                    \
    { .name = "description", .type = API_STRING, .column = COLUMN,      \
      .flags = API_POST | API_PUT | API_FILTER | API_SORT,              \
      .alias = "standard-attr-description", .initial = "\"\"" }

/* Set by requests of their own, filtered by keys of their own. */
#define API_ATTR_TAGS(COLUMN)                                           \
    { .name = "tags", .type = API_STRINGS, .column = COLUMN,            \
      .alias = "standard-attr-tag", .max = API_MAX_TAG }

#define API_ATTR_RECORD(TABLE)                                          \
    { .name = "created_at", .type = API_TIME,                           \
      .column = NB_##TABLE##_CREATED_AT,                                \
      .flags = API_FILTER | API_SORT,                                   \
      .alias = "standard-attr-timestamp" },                             \
    { .name = "updated_at", .type = API_TIME,                           \
      .column = NB_##TABLE##_UPDATED_AT,                                \
      .flags = API_FILTER | API_SORT,                                   \
      .alias = "standard-attr-timestamp" },                             \
    { .name = "revision_number", .type = API_INTEGER,                   \
      .column = NB_##TABLE##_REVISION_NUMBER,                           \
      .flags = API_FILTER | API_SORT,                                   \
      .alias = "standard-attr-revisions" }

#define API_ATTR_EXTERNAL_IDS(COLUMN)                                   \
    { .name = "external_ids", .type = API_COMPUTED, .column = COLUMN,   \
      .flags = API_INTERNAL }

/* What is shown because clients read it, and is always the same. */
#define API_ATTR_CONSTANT(NAME, TYPE, VALUE)                            \
    { .name = NAME, .type = TYPE, .column = NB_N_COLUMNS,               \
      .flags = API_CONSTANT | API_POST | API_PUT | API_FILTER,          \
      .initial = VALUE }

#endif /* api/tables.h */
