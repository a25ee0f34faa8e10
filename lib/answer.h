/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef ANSWER_H
#define ANSWER_H 1

/* The answer to a unixctl command: a table, in the format the caller asked
 * for with "-f FORMAT" or "--format=FORMAT" (table, list, csv, html or json),
 * as the ctl programs print theirs.
 *
 * For programs that are linked with Open vSwitch's libraries or with their
 * renamed copy: no JSON is in the interface. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compiler.h"

struct answer;
struct unixctl_conn;

/* The format, if the caller asks for none. */
enum answer_default {
    ANSWER_TABLE,
    ANSWER_LIST                 /* A line for each cell. */
};

/* Takes the format out of 'argv' and '*argc' (it is behind the other arguments
 * then, where nobody looks).  On a bad one replies to 'conn'
 * with the error and returns NULL. */
struct answer *answer_create(struct unixctl_conn *conn, int *argc,
                             const char *argv[], enum answer_default);

/* Replies with the table, followed by 'more' (NULL: nothing) unless a program
 * is to read it, and frees it. */
void answer_reply(struct answer *, const char *more);

/* Replies with 'error' instead, and frees the table. */
void answer_reply_error(struct answer *, const char *error);

/* For a table of one row: adds a column with its text, which is taken over.
 * Not to be mixed with the functions below. */
void answer_field(struct answer *, const char *heading, char *text);

/* Adds the columns of a table, before its first row. */
void answer_columns(struct answer *, const char *const headings[], size_t n);

/* Begins the next row. */
void answer_row(struct answer *);

/* Adds the next cell of the row. */
void answer_text(struct answer *, const char *text);
void answer_printf(struct answer *, const char *format, ...)
    OVS_PRINTF_FORMAT(2, 3);
void answer_bool(struct answer *, bool);
void answer_count(struct answer *, uint64_t);

#endif /* answer.h */
