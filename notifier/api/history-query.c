/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Queries of history.  See history-query.h. */

#include <config.h>

#include "api/history-query.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "api/error.h"
#include "api/resource.h"
#include "http/request.h"
#include "lib/nb-rules.h"
#include "util.h"

/* Parses '.' and up to three digits; anything else is left. */
static const char *
parse_fraction(const char *s, long long int *msec)
{
    if (*s == '.' && isdigit((unsigned char) s[1])) {
        int unit = 100;

        for (s++; isdigit((unsigned char) *s) && unit; s++, unit /= 10) {
            *msec += (*s - '0') * unit;
        }
    }
    return s;
}

bool
history_parse_time(const char *s, long long int *msec)
{
    struct tm tm = { .tm_mday = 1 };
    const char *end = strptime(s, "%Y-%m-%d", &tm);

    if (end && *end == 'T') {
        end = strptime(end + 1, "%H:%M:%S", &tm);
    }
    if (!end) {
        return false;
    }
    *msec = 1000LL * timegm(&tm);
    end = parse_fraction(end, msec);
    end += *end == 'Z';
    return !*end;
}

void
history_format_time(long long int msec, char s[HISTORY_TIME_SIZE])
{
    char second[NB_TIME_SIZE];

    /* Without its "Z". */
    nb_time_to_string(msec / 1000, second);
    snprintf(s, HISTORY_TIME_SIZE, "%.*s.%03dZ", (int) strlen(second) - 1,
             second, (int) (msec % 1000));
}

static struct api_error *
parse_verb(const char *value, struct journal_query *query)
{
    enum journal_verb verb;

    if (!journal_verb_from_string(value, &verb)) {
        return api_error_input("verb", "it must be created, updated, deleted "
                               "or applied.");
    }
    query->verbs |= 1u << verb;
    return NULL;
}

static struct api_error *
parse_time(const struct http_pair *pair, long long int *msec)
{
    return (history_parse_time(pair->value, msec) ? NULL
            : api_error_input(pair->name, "it must be a time in UTC, such as "
                              "2026-11-22T14:44:44Z."));
}

static struct api_error *
parse_number(const struct http_pair *pair, long long int *number)
{
    return (str_to_llong(pair->value, 10, number) && *number >= 0 ? NULL
            : api_error_input(pair->name, "it must be a number, 0 or more."));
}

/* Of the keys that are a number, a time or a word of a list. */
static struct api_error *
parse_other(const struct http_pair *pair, struct journal_query *query)
{
    struct api_error *error;
    long long int number;

    if (!strcmp(pair->name, "verb")) {
        return parse_verb(pair->value, query);
    } else if (!strcmp(pair->name, "since")) {
        return parse_time(pair, &query->since_msec);
    } else if (!strcmp(pair->name, "until")) {
        return parse_time(pair, &query->until_msec);
    } else if (!strcmp(pair->name, "limit")) {
        error = parse_number(pair, &number);
        query->limit = error ? 0 : MIN(number, JOURNAL_MAX_HISTORY);
        return error;
    } else if (!strcmp(pair->name, "marker")) {
        error = parse_number(pair, &number);
        query->marker = error ? 0 : number;
        return error;
    } else if (!strcmp(pair->name, "sort_dir")) {
        query->oldest_first = !strcmp(pair->value, "asc");
        return (query->oldest_first || !strcmp(pair->value, "desc") ? NULL
                : api_error_input(pair->name, "it must be asc or desc."));
    }

    char *name = api_quote_string(pair->name);
    error = api_error(400, NULL, "%s is not a filter of history.", name);
    free(name);
    return error;
}

/* A slip of the pen would be answered by "nothing ever happened". */
static struct api_error *
check_resource(const char *resource)
{
    return (!resource || api_resource_by_name(resource) ? NULL
            : api_error_input("resource", "it must be network, subnet, port "
                              "or agent."));
}

static struct api_error *
parse_pair(const struct http_pair *pair, struct journal_query *query)
{
    const struct {
        const char *name;
        const char **value;
    } strings[] = {
        { "resource", &query->resource },
        { "id", &query->id },
        { "name", &query->name },
        { "host", &query->host },
        { "by", &query->by },
        { "project_id", &query->project_id },
        { "tenant_id", &query->project_id },
    };

    for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
        if (!strcmp(pair->name, strings[i].name)) {
            if (*strings[i].value) {
                return api_error_input(pair->name, "it can be given once.");
            }
            *strings[i].value = pair->value;
            return check_resource(query->resource);
        }
    }
    return parse_other(pair, query);
}

struct api_error *
history_query_parse(const struct http_pair *pairs, size_t n,
                    struct journal_query *query)
{
    struct api_error *error = NULL;

    memset(query, 0, sizeof *query);
    for (size_t i = 0; !error && i < n; i++) {
        error = parse_pair(&pairs[i], query);
    }
    return error;
}
