/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef ANSWER_H
#define ANSWER_H 1

/* The answer to a unixctl command: a table, in the format the caller asked
 * for with "-f FORMAT" or "--format=FORMAT" (table, list, csv, html or json),
 * as the ctl programs print theirs. */

#include <stdbool.h>
#include <stdint.h>

#include "svec.h"
#include "table.h"

struct unixctl_conn;

struct answer {
    struct table table;
    struct svec fields;         /* See answer_field(). */
    struct table_style style;
};

/* Takes the format out of 'argv' and '*argc'; 'def' is used if there is none.
 * On a bad one replies to 'conn' with the error and returns false. */
bool answer_init(struct answer *, struct unixctl_conn *conn, int *argc,
                 const char *argv[], enum table_format def);

/* Replies with the table, followed by 'more' (NULL: nothing) unless a program
 * is to read it, and frees it. */
void answer_reply(struct answer *, struct unixctl_conn *, const char *more);

void answer_destroy(struct answer *);

/* For a table of one row: adds a column with its text, which is taken over.
 * Not to be mixed with the functions below. */
void answer_field(struct answer *, const char *heading, char *text);

/* Adds the next cell of the row. */
void answer_text(struct answer *, const char *text);
void answer_printf(struct answer *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void answer_bool(struct answer *, bool);
void answer_count(struct answer *, uint64_t);

#endif /* answer.h */
