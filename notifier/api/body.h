/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* From the body of a POST or PUT to checked values.
 *
 * Pure functions of their arguments: what depends on other rows (whether the
 * network exists, is the address free) is checked by the request's code.  The
 * first error found refuses the body as a whole. */

#ifndef API_BODY_H
#define API_BODY_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/compiler.h"

struct api_error;
struct api_resource;
struct api_viewer;

enum api_method { API_METHOD_POST, API_METHOD_PUT };

/* The objects of a body: {"port": {...}} or, in a POST, {"ports": [...]}. */
struct api_body {
    bool bulk;                  /* The answer has the plural, too. */

    /* Of each object its values by attribute, in normal form.  A POST's have
     * the defaults filled in and "project_id" set; an attribute that has none
     * and was not given is missing.  A PUT's have what was given.  "tenant_id"
     * is never there. */
    json_t **objects;
    size_t n;
};

/* Parses 'len' bytes at 'text'.  Refuses what is no such body, attributes that
 * do not exist, cannot be set by this method or by this viewer (NULL: an
 * admin), and values that are not of the attribute's type. */
struct api_error *api_body_parse(const struct api_resource *,
                                 const char *text, size_t len,
                                 enum api_method, const struct api_viewer *,
                                 struct api_body *) OVS_WARN_UNUSED_RESULT;
void api_body_destroy(struct api_body *);

#endif /* api/body.h */
