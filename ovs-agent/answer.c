/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See answer.h. */

#include <config.h>

#include "answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "unixctl.h"
#include "util.h"

/* table_parse_format() is for programs that end on bad input. */
static bool
parse_format(const char *name, enum table_format *format)
{
    static const struct {
        const char *name;
        enum table_format format;
    } formats[] = {
        { "table", TF_TABLE }, { "list", TF_LIST }, { "csv", TF_CSV },
        { "html", TF_HTML }, { "json", TF_JSON },
    };

    for (size_t i = 0; i < ARRAY_SIZE(formats); i++) {
        if (!strcmp(name, formats[i].name)) {
            *format = formats[i].format;
            return true;
        }
    }
    return false;
}

/* Returns the format's name if it is given at argv[i], with the number of
 * arguments it takes in '*n'. */
static const char *
format_argument(int argc, const char *argv[], int i, int *n)
{
    static const char prefix[] = "--format=";

    *n = 1;
    if (!strncmp(argv[i], prefix, strlen(prefix))) {
        return argv[i] + strlen(prefix);
    } else if (!strcmp(argv[i], "-f") && i + 1 < argc) {
        *n = 2;
        return argv[i + 1];
    }
    return NULL;
}

bool
answer_init(struct answer *answer, struct unixctl_conn *conn, int *argc,
            const char *argv[], enum table_format def)
{
    answer->style = table_style_default;
    answer->style.format = def;

    for (int i = 1; i < *argc; i++) {
        int n;
        const char *name = format_argument(*argc, argv, i, &n);

        if (!name) {
            continue;
        } else if (!parse_format(name, &answer->style.format)) {
            char *error = xasprintf("format \"%s\" is not one of table, list, "
                                    "csv, html and json", name);

            unixctl_command_reply_error(conn, error);
            free(error);
            return false;
        }
        memmove(&argv[i], &argv[i + n], (*argc - i - n) * sizeof *argv);
        *argc -= n;
        i--;
    }
    table_init(&answer->table);
    svec_init(&answer->fields);
    return true;
}

void
answer_reply(struct answer *answer, struct unixctl_conn *conn,
             const char *more)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    if (answer->fields.n) {
        /* A table takes no columns once it has a row. */
        table_add_row(&answer->table);
        for (size_t i = 0; i < answer->fields.n; i++) {
            answer_text(answer, answer->fields.names[i]);
        }
    }
    table_format_reset();
    table_format(&answer->table, &answer->style, &out);
    if (more && (answer->style.format == TF_TABLE
                 || answer->style.format == TF_LIST)) {
        ds_put_cstr(&out, more);
    }
    unixctl_command_reply(conn, ds_cstr(&out));
    ds_destroy(&out);
    answer_destroy(answer);
}

void
answer_destroy(struct answer *answer)
{
    table_destroy(&answer->table);
    svec_destroy(&answer->fields);
}

void
answer_field(struct answer *answer, const char *heading, char *text)
{
    table_add_column(&answer->table, "%s", heading);
    svec_add_nocopy(&answer->fields, text);
}

void
answer_text(struct answer *answer, const char *text)
{
    table_add_cell(&answer->table)->text = xstrdup(text ? text : "");
}

void
answer_printf(struct answer *answer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    table_add_cell(&answer->table)->text = xvasprintf(format, args);
    va_end(args);
}

void
answer_bool(struct answer *answer, bool value)
{
    answer_text(answer, value ? "true" : "false");
}

void
answer_count(struct answer *answer, uint64_t value)
{
    answer_printf(answer, "%"PRIu64, value);
}
