/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command history: what happened, who did it, when was it live where.
 *
 * That is not in the database but in a notifier's journal, which is asked by
 * HTTP; the database need not even be there. */

#include <config.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/nb-rules.h"
#include "nbctl.h"
#include "nbctl-cells.h"
#include "nbctl-history.h"
#include "nbctl-http.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

/* Where the notifier listens unless told otherwise. */
#define DEFAULT_URL "http://127.0.0.1:9696"

/* How many entries, unless told otherwise: a few screens. */
#define DEFAULT_LIMIT 100

/* Entries in one request.  The server would not give more. */
#define PAGE 1000

static void put_path(struct ctl_context *, struct ds *path);
static bool put_times(struct ctl_context *, struct ds *path);
static bool get_limit(struct ctl_context *, uint64_t *limit);
static char *absolute_time(const char *);
static void get_pages(struct ctl_context *, const char *path, uint64_t limit);
static const struct json_array *get_page(struct ctl_context *,
                                         const char *path, uint64_t marker,
                                         uint64_t limit, struct json **);

static void
cmd_history(struct ctl_context *ctx)
{
    struct ds path = DS_EMPTY_INITIALIZER;
    uint64_t limit;

    for (int i = 1; i < ctx->argc; i++) {
        if (!strncmp(ctx->argv[i], "--", 2)) {
            ctl_error(ctx, "history: options go before the command: \"%s "
                      "history\"", ctx->argv[i]);
            return;
        }
    }
    put_path(ctx, &path);
    if (put_times(ctx, &path) && get_limit(ctx, &limit)) {
        get_pages(ctx, ds_cstr(&path), limit);
    }
    ds_destroy(&path);
}

/* Appends what is asked for, as the arguments say it. */
static void
put_path(struct ctl_context *ctx, struct ds *path)
{
    struct uuid uuid;

    ds_put_cstr(path, "/v2.0/history");
    if (ctx->argc > 1) {
        http_put_query(path, "resource", ctx->argv[1]);
    }
    if (ctx->argc > 2) {
        const char *record = ctx->argv[2];

        http_put_query(path, uuid_from_string(&uuid, record) ? "id" : "name",
                       record);
    }
}

static bool
put_times(struct ctl_context *ctx, struct ds *path)
{
    static const char *const names[] = { "since", "until" };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char *option = xasprintf("--%s", names[i]);
        const char *value = shash_find_data(&ctx->options, option);

        free(option);
        if (value) {
            char *moment = absolute_time(value);

            if (!moment) {
                ctl_error(ctx, "--%s=%s: is not a time like "
                          "2026-11-22T14:44:44Z, nor one ago like 90s, 30m, "
                          "2h or 7d", names[i], value);
                return false;
            }
            http_put_query(path, names[i], moment);
            free(moment);
        }
    }
    return true;
}

/* Returns, for the caller to free, the moment that 's' means: one ago ("2h"),
 * or a time, which is the server's to understand.  NULL if it is neither. */
static char *
absolute_time(const char *s)
{
    static const struct {
        char unit;
        long long int seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    const size_t digits = strspn(s, "0123456789");
    char now[NB_TIME_SIZE];

    if (s[digits] == '-') {
        return xstrdup(s);
    }
    if (!digits || digits > 6 || !s[digits] || s[digits + 1]) {
        return NULL;
    }
    for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
        if (s[digits] == units[i].unit) {
            long long int ago = strtoll(s, NULL, 10) * units[i].seconds;

            nb_time_to_string(MAX(0, time_wall() - ago), now);
            return xstrdup(now);
        }
    }
    return NULL;
}

static bool
get_limit(struct ctl_context *ctx, uint64_t *limit)
{
    const char *value = shash_find_data(&ctx->options, "--limit");
    unsigned int number = DEFAULT_LIMIT;

    if (value && !str_to_uint(value, 10, &number)) {
        ctl_error(ctx, "--limit=%s: is not a number", value);
        return false;
    }
    *limit = number ? number : UINT64_MAX;
    return true;
}

/* Gets up to 'limit' entries, page by page, into the command's table. */
static void
get_pages(struct ctl_context *ctx, const char *path, uint64_t limit)
{
    struct table *table = history_make_table(ctx);
    uint64_t marker = 0;
    size_t n;

    do {
        uint64_t want = MIN(limit, PAGE);
        struct json *reply;
        const struct json_array *entries = get_page(ctx, path, marker, want,
                                                    &reply);

        if (!entries) {
            return;
        }
        n = MIN(entries->n, want);
        for (size_t i = 0; i < n; i++) {
            marker = history_add_entry(table, entries->elems[i]);
        }
        limit -= n;
        n = n < want || !marker ? 0 : n;
        json_destroy(reply);
    } while (n && limit);
}

/* Returns the entries after 'marker' (0: the first ones), which are part of
 * '*reply', for the caller to destroy; or NULL after ctl_error(). */
static const struct json_array *
get_page(struct ctl_context *ctx, const char *path, uint64_t marker,
         uint64_t limit, struct json **reply)
{
    const char *url = shash_find_data(&ctx->options, "--notifier");
    const char *env = getenv("SLUICE_NOTIFIER");
    struct http_server server = {
        .url = url ? url : env && env[0] ? env : DEFAULT_URL,
        .token = getenv("SLUICE_TOKEN"),
        .ca_cert = nbctl_from_ctx(ctx)->ca_cert,
    };
    struct ds page = DS_EMPTY_INITIALIZER;
    char number[32];

    ds_put_cstr(&page, path);
    snprintf(number, sizeof number, "%"PRIu64, limit);
    http_put_query(&page, "limit", number);
    if (marker) {
        snprintf(number, sizeof number, "%"PRIu64, marker);
        http_put_query(&page, "marker", number);
    }
    char *error = http_get(&server, ds_cstr(&page), reply);
    ds_destroy(&page);
    if (error) {
        ctl_error(ctx, "%s", error);
        free(error);
        return NULL;
    }

    const struct json *entries = shash_find_data((*reply)->object, "history");
    if (!entries || entries->type != JSON_ARRAY) {
        ctl_error(ctx, "%s: the answer has no history", server.url);
        json_destroy(*reply);
        return NULL;
    }
    return &entries->array;
}

bool
history_is(const struct ctl_command *command)
{
    return command->syntax->run == cmd_history;
}

const struct ctl_command_syntax nbctl_history_commands[] = {
    {"history", 0, 2, "[RESOURCE [RECORD]]", NULL, cmd_history, NULL,
     "--notifier=,--since=,--until=,--limit=", RO},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
