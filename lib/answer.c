/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See answer.h.  Open vSwitch's tables make their JSON by themselves: this
 * file needs its header alone. */

#include <config.h>

#include "answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "table.h"
#include "unixctl.h"
#include "util.h"

struct answer {
    struct unixctl_conn *conn;
    struct table table;
    struct svec fields;         /* See answer_field(). */
    struct table_style style;
};

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

/* Moves the first 'n' of 'total' arguments behind the others: they stay in the
 * array, whose owner frees what is in it. */
static void
move_to_end(const char *argv[], int n, int total)
{
    const char *taken[2];

    ovs_assert(n <= 2);
    memcpy(taken, argv, n * sizeof *argv);
    memmove(argv, argv + n, (total - n) * sizeof *argv);
    memcpy(argv + total - n, taken, n * sizeof *argv);
}

/* Takes the format out of 'argv'.  Returns the name of one that there is not,
 * or NULL. */
static const char *
take_format(int *argc, const char *argv[], enum table_format *format)
{
    for (int i = 1; i < *argc; i++) {
        int n;
        const char *name = format_argument(*argc, argv, i, &n);

        if (!name) {
            continue;
        } else if (!parse_format(name, format)) {
            return name;
        }
        move_to_end(&argv[i], n, *argc - i);
        *argc -= n;
        i--;
    }
    return NULL;
}

struct answer *
answer_create(struct unixctl_conn *conn, int *argc, const char *argv[],
              enum answer_default def)
{
    struct table_style style = table_style_default;
    struct answer *answer;
    const char *bad;

    style.format = def == ANSWER_LIST ? TF_LIST : TF_TABLE;
    bad = take_format(argc, argv, &style.format);
    if (bad) {
        char *error = xasprintf("format \"%s\" is not one of table, list, "
                                "csv, html and json", bad);

        unixctl_command_reply_error(conn, error);
        free(error);
        return NULL;
    }
    answer = xmalloc(sizeof *answer);
    answer->conn = conn;
    answer->style = style;
    table_init(&answer->table);
    svec_init(&answer->fields);
    return answer;
}

static void
answer_destroy(struct answer *answer)
{
    table_destroy(&answer->table);
    svec_destroy(&answer->fields);
    free(answer);
}

void
answer_reply(struct answer *answer, const char *more)
{
    struct ds out = DS_EMPTY_INITIALIZER;

    if (answer->fields.n) {
        /* A table takes no columns once it has a row. */
        answer_row(answer);
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
    unixctl_command_reply(answer->conn, ds_cstr(&out));
    ds_destroy(&out);
    answer_destroy(answer);
}

void
answer_reply_error(struct answer *answer, const char *error)
{
    unixctl_command_reply_error(answer->conn, error);
    answer_destroy(answer);
}

void
answer_columns(struct answer *answer, const char *const headings[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        table_add_column(&answer->table, "%s", headings[i]);
    }
}

void
answer_row(struct answer *answer)
{
    table_add_row(&answer->table);
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
