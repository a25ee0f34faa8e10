/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Reads an operation's header and query.  See operation-parse.h. */

#include <config.h>

#include "api/operation-parse.h"

#include <string.h>

#include "api/error.h"
#include "api/operation.h"
#include "http/request.h"
#include "util.h"

struct api_error *
operation_parse_if_match(const char *value, int64_t *revision)
{
    static const char prefix[] = "revision_number=";
    long long int number;

    if (strncmp(value, prefix, strlen(prefix))
        || !str_to_llong(value + strlen(prefix), 10, &number)
        || number < 0) {
        return api_error(400, NULL, "Invalid If-Match header. Reason: it must "
                         "be revision_number=N, N being a number.");
    }
    *revision = number;
    return NULL;
}

static struct api_error *
parse_timeout(struct operation *op, const char *value)
{
    if (!str_to_int(value, 10, &op->wait_seconds)
        || op->wait_seconds < 0 || op->wait_seconds > WAIT_MAX_SECONDS) {
        return api_error_input("timeout", "it must be a number of seconds, "
                               "from 0 to %d.", WAIT_MAX_SECONDS);
    }
    return NULL;
}

static struct api_error *
parse_pair(struct operation *op, const struct http_pair *pair)
{
    if (!strcmp(pair->name, "wait")) {
        op->wait_applied = !strcmp(pair->value, "applied");
        return (op->wait_applied ? NULL
                : api_error_input("wait", "'applied' is all that can be "
                                  "waited for."));
    } else if (!strcmp(pair->name, "timeout")) {
        return parse_timeout(op, pair->value);
    }
    char *name = api_quote_string(pair->name);
    struct api_error *error
        = api_error(400, NULL, "A request that changes something has no "
                    "query but wait and timeout; %s is none.", name);
    free(name);
    return error;
}

struct api_error *
operation_parse(struct operation *op)
{
    const char *if_match = http_request_header(op->request, "If-Match");
    struct api_error *error = NULL;

    op->wait_seconds = WAIT_DEFAULT_SECONDS;
    for (size_t i = 0; !error && i < op->request->n_query; i++) {
        error = parse_pair(op, &op->request->query[i]);
    }
    if (!error && if_match) {
        op->has_if_match = true;
        error = operation_parse_if_match(if_match, &op->if_match);
    }
    return error;
}
