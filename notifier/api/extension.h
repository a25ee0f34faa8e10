/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What GET /v2.0/extensions lists.
 *
 * An alias is a promise that clients act on: it is listed if everything that
 * Neutron means by it works.  One that adds attributes is listed because an
 * attribute names it as its 'alias'; one that is a way to behave because it
 * is marked so in the table in extension.c. */

#ifndef API_EXTENSION_H
#define API_EXTENSION_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct api_extension {
    const char *alias;
    const char *name;
    const char *description;
    const char *updated;
    bool behaviour;             /* Not about attributes. */
};

/* All that are known of, listed or not; how many. */
extern const struct api_extension api_extensions[];
extern const size_t api_n_extensions;

/* The extension with that alias, if it is listed, or NULL. */
const struct api_extension *api_extension_find(const char *alias);

/* {"extensions": [...]}; {"extension": {...}}.  New references. */
json_t *api_extensions_show(void);
json_t *api_extension_show(const struct api_extension *);

#endif /* api/extension.h */
