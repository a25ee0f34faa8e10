/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See version.h. */

#include <config.h>

#include "monitor/version.h"

#include <stdlib.h>

#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "ovsdb/row.h"
#include "util.h"

COVERAGE_DEFINE(mon_compose);
COVERAGE_DEFINE(mon_compose_shared);

/* What those are told who see a row by 'shape'. */
struct mon_text {
    struct mon_text *next;
    uint64_t shape;             /* Its serial number: it may be gone. */
    enum mon_protocol protocol;
    enum mon_kind kind;
    bool something;             /* mon_compose_row()'s value. */
    struct ds text;
};

struct mon_version *
mon_version_create(const struct ovsdb_table *table, const struct uuid *id,
                   const struct ovsdb_row *row)
{
    struct mon_version *version = xzalloc(sizeof *version);

    version->n_refs = 1;
    version->id = *id;
    version->table = table;
    version->row = row ? ovsdb_row_datum_clone(row) : NULL;
    return version;
}

struct mon_version *
mon_version_ref(struct mon_version *version)
{
    version->n_refs++;
    return version;
}

static void
forget_texts(struct mon_version *version)
{
    while (version->texts) {
        struct mon_text *text = version->texts;

        version->texts = text->next;
        ds_destroy(&text->text);
        free(text);
    }
}

void
mon_version_unref(struct mon_version *version)
{
    if (version && !--version->n_refs) {
        forget_texts(version);
        ovsdb_row_destroy(version->row);
        free(version);
    }
}

struct mon_version *
mon_version_add_due(struct mon_version *version)
{
    version->n_due++;
    return mon_version_ref(version);
}

void
mon_version_remove_due(struct mon_version *version)
{
    if (!--version->n_due) {
        forget_texts(version);
    }
    mon_version_unref(version);
}

static const struct mon_text *
find_text(const struct mon_version *version, const struct mon_shape *shape,
          enum mon_protocol protocol, enum mon_kind kind)
{
    const struct mon_text *text;

    for (text = version->texts; text; text = text->next) {
        if (text->shape == shape->serial && text->kind == kind
            && (text->protocol == MON_V1) == (protocol == MON_V1)) {
            break;
        }
    }
    return text;
}

static const struct mon_text *
add_text(struct mon_version *version, const struct mon_shape *shape,
         enum mon_protocol protocol, enum mon_kind kind,
         const struct ovsdb_row *new)
{
    struct mon_text *text = xmalloc(sizeof *text);

    COVERAGE_INC(mon_compose);
    text->shape = shape->serial;
    text->protocol = protocol;
    text->kind = kind;
    ds_init(&text->text);
    text->something = mon_compose_row(&text->text, shape, protocol, kind,
                                      version->row, new);
    text->next = version->texts;
    version->texts = text;
    return text;
}

bool
mon_version_compose(struct mon_version *old, struct ds *out,
                    const struct mon_shape *shape, enum mon_protocol protocol,
                    enum mon_kind kind, const struct ovsdb_row *new,
                    uint64_t serial)
{
    const struct mon_text *text;

    if (old->n_due <= 1 && !old->texts) {
        /* There is nobody else. */
        COVERAGE_INC(mon_compose);
        return mon_compose_row(out, shape, protocol, kind, old->row, new);
    }
    if (old->serial != serial) {
        forget_texts(old);
        old->serial = serial;
    }
    text = find_text(old, shape, protocol, kind);
    if (text) {
        COVERAGE_INC(mon_compose_shared);
    } else {
        text = add_text(old, shape, protocol, kind, new);
    }
    ds_put_buffer(out, text->text.string, text->text.length);
    return text->something;
}
