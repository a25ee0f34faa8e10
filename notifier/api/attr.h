/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* One attribute of an API object: everything that parsing, validation,
 * defaults, filters, sorting, output, writing and /extensions know of it.
 *
 * A resource (api/resource.h) is a table of these.  What is said here alone
 * decides; code that treats one attribute in a way of its own hangs in the
 * table as a hook.
 *
 * An attribute's "value" is JSON in its normal form, in which equal values
 * are equal texts:
 *
 *     API_STRING, API_TIME   string
 *     API_BOOLEAN            true, false
 *     API_INTEGER            integer
 *     API_UUID, API_MAC      string, in lower case
 *     API_IP                 string, as RFC 5952 has it
 *     API_CIDR               string, host bits cleared
 *     API_STRINGS            array of strings, sorted, each once
 *     API_FIXED_IPS          array of {"subnet_id"?, "ip_address"?}
 *     API_POOLS              array of {"start", "end"}
 *     API_ADDRESSES          array of addresses, in the client's order
 *     API_ROUTES             array of {"destination", "nexthop"}
 *     API_OBJECT             object
 *     API_COMPUTED           whatever show() makes
 *
 * or null, in an attribute with API_NULLABLE.
 *
 * Single-threaded. */

#ifndef API_ATTR_H
#define API_ATTR_H 1

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nb/columns.h"
#include "openvswitch/compiler.h"

struct api_error;
struct api_view;
struct ds;
struct nb_op;
struct nb_row;

/* Characters of a name, a description and other free strings: Neutron's. */
#define API_MAX_STRING 255

/* Characters of a tag, tags of an object: Neutron's for both. */
#define API_MAX_TAG 60
#define API_MAX_TAGS 50

/* Elements of any other array, e.g. addresses of a port, pools and routes of a
 * subnet.  Neutron has 5, no limit, 20. */
#define API_MAX_ELEMENTS 200

/* Bytes of an object's text: Neutron's for binding:profile. */
#define API_MAX_OBJECT 4095

enum api_type {
    API_STRING, API_BOOLEAN, API_INTEGER, API_UUID, API_MAC, API_IP,
    API_CIDR, API_STRINGS, API_FIXED_IPS, API_POOLS, API_ADDRESSES,
    API_ROUTES, API_OBJECT, API_TIME, API_COMPUTED,
};

enum api_attr_flags {
    API_POST = 1 << 0,          /* May be given in a POST. */
    API_PUT = 1 << 1,           /* May be given in a PUT. */
    API_REQUIRED = 1 << 2,      /* Must be given in a POST. */
    API_NULLABLE = 1 << 3,      /* May be null; "" in the column is null. */
    API_NULL_IS_EMPTY = 1 << 4, /* A null given means "", {}, []. */
    API_CONSTANT = 1 << 5,      /* Always 'initial'; it may be given. */
    API_ADMIN_SET = 1 << 6,     /* Given by an admin alone. */
    API_ADMIN_SEE = 1 << 7,     /* Shown to an admin alone. */
    API_FILTER = 1 << 8,        /* A query key. */
    API_SORT = 1 << 9,          /* A sort_key. */
    API_VOLATILE = 1 << 10,     /* A change of it alone is no event. */
    API_INTERNAL = 1 << 11,     /* Never shown: for the journal. */
};

/* Rows found by an index, for a filter: all that match, and maybe others. */
struct api_candidates {
    const struct nb_row **rows; /* May hold one several times. */
    size_t n, allocated;
    size_t max;                 /* More than that are of no use. */
};

struct api_attr {
    const char *name;
    enum api_type type;
    unsigned int flags;
    const char *alias;          /* Of the extension it belongs to; NULL: core.
                                 * A name in api/extension.c. */
    enum nb_column column;      /* NB_N_COLUMNS: none. */

    /* JSON text of the value that a POST has which does not give it.  NULL:
     * none; the request's code finds one, or does without. */
    const char *initial;

    /* Characters of a string, or of each of API_STRINGS; value of an integer.
     * 'max' 0: API_MAX_STRING, or any integer. */
    int64_t min, max;
    const char *const *choices; /* Strings, or integers as strings, that are
                                 * allowed, NULL-terminated; or NULL. */

    /* The value of a row's object, new.  NULL: that of the column. */
    json_t *(*show)(const struct api_view *, const struct nb_row *);

    /* Sets columns to a value.  NULL: sets 'column' by its type. */
    void (*store)(struct nb_op *, enum nb_column, const json_t *value);

    /* Whether the row's object passes the filter of these strings, any of
     * which suffices.  NULL: one is equal to the value. */
    bool (*match)(const struct api_view *, const struct nb_row *,
                  const char *const *values, size_t n);

    /* Appends rows that include all those that match, and returns true, or
     * returns false if that needs a look at every row, or at more than
     * 'max'.  NULL: by 'column', if it is indexed. */
    bool (*find)(const struct api_view *, const char *const *values,
                 size_t n, struct api_candidates *);

    /* Refuses a filter's string or puts its normal form, malloc()ed, into
     * '*normal'.  NULL: by type. */
    struct api_error *(*filter)(const struct api_attr *, const char *value,
                                char **normal);
};

/* Puts into '*valuep' the normal form of 'json' as a value of the attribute,
 * a new reference; does not ask who gives it and when. */
struct api_error *api_attr_normalize(const struct api_attr *,
                                     const json_t *json, json_t **valuep)
    OVS_WARN_UNUSED_RESULT;

/* Puts into '*normal', for the caller to free, the form in which a filter's
 * string is compared: "true" or "false" of a boolean, lower case of a MAC
 * address. */
struct api_error *api_attr_normalize_filter(const struct api_attr *,
                                            const char *value,
                                            char **normal)
    OVS_WARN_UNUSED_RESULT;

/* The value that a POST has by default, a new reference; NULL if there is
 * none. */
json_t *api_attr_initial(const struct api_attr *);

/* The value of a row's object, a new reference; its text. */
json_t *api_attr_show(const struct api_attr *, const struct api_view *,
                      const struct nb_row *);
void api_attr_show_text(const struct api_attr *, const struct api_view *,
                        const struct nb_row *, struct ds *out);

/* Adds a row to 'candidates'; false if there are too many. */
bool api_candidates_add(struct api_candidates *, const struct nb_row *);

/* Whether a row's object has one of the values, each from
 * api_attr_normalize_filter(). */
bool api_attr_match(const struct api_attr *, const struct api_view *,
                    const struct nb_row *, const char *const *values,
                    size_t n);

/* Rows for a filter; see find() above.  On false 'candidates' is as before. */
bool api_attr_find(const struct api_attr *, const struct api_view *,
                   const char *const *values, size_t n,
                   struct api_candidates *);

/* Negative, 0 or positive: which of two values of an attribute is before the
 * other when sorted.  Null is first; arrays and objects are all equal. */
int api_value_compare(const json_t *, const json_t *);

/* Sets the columns of an operation to a value. */
void api_attr_store(const struct api_attr *, struct nb_op *,
                    const json_t *value);

#endif /* api/attr.h */
