/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who is asking.  See auth.h. */

#include <config.h>

#include "http/auth.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "http/request.h"
#include "http/tokens.h"
#include "openvswitch/vlog.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_auth);

#define METHOD "tokens:"
#define BEARER "Bearer "

struct http_auth {
    char *file;
    struct http_tokens *tokens;
    struct stat s;              /* Of the file when it was read last. */
    int stat_errno;             /* Why that could not be had; 0. */
    long long int next_check;
    char *fault;                /* Why it was refused when last read; NULL. */
};

const char *
http_role_to_string(enum http_role role)
{
    switch (role) {
    case HTTP_READER:
        return "reader";
    case HTTP_MEMBER:
        return "member";
    case HTTP_ADMIN:
        return "admin";
    default:
        OVS_NOT_REACHED();
    }
}

/* Reads 'file' into '*text'. */
static char *
read_text(const char *file, char **text)
{
    FILE *stream = fopen(file, "r");
    if (!stream) {
        return xstrdup(ovs_strerror(errno));
    }

    struct stat s;
    char *error = NULL;
    char *buffer = NULL;
    if (fstat(fileno(stream), &s)) {
        error = xstrdup(ovs_strerror(errno));
    } else if (s.st_size > HTTP_TOKENS_MAX) {
        error = xasprintf("longer than %d bytes", HTTP_TOKENS_MAX);
    } else {
        buffer = xmalloc(HTTP_TOKENS_MAX + 1);
        size_t n = fread(buffer, 1, HTTP_TOKENS_MAX + 1, stream);
        if (ferror(stream)) {
            error = xstrdup("cannot be read");
        } else if (n > HTTP_TOKENS_MAX || memchr(buffer, '\0', n)) {
            error = xstrdup("not a file of tokens");
        } else {
            *text = xmemdup0(buffer, n);
        }
    }
    fclose(stream);
    free(buffer);
    return error;
}

/* Reads the file.  Returns what is wrong with it, or NULL. */
static char *
load(struct http_auth *auth)
{
    struct http_tokens *tokens = NULL;
    char *text = NULL;

    char *reason = read_text(auth->file, &text);
    if (!reason) {
        reason = http_tokens_parse(text, &tokens);
        free(text);
    }
    if (reason) {
        char *error = xasprintf("%s: %s", auth->file, reason);
        free(reason);
        return error;
    }
    http_tokens_destroy(auth->tokens);
    auth->tokens = tokens;
    return NULL;
}

/* True if the file is not the one that was read last, whose description is
 * replaced. */
static bool
has_changed(struct http_auth *auth)
{
    struct stat s = { .st_size = 0 };
    int error = stat(auth->file, &s) ? errno : 0;
    const struct stat *old = &auth->s;
    bool changed = error != auth->stat_errno
                   || s.st_mtim.tv_sec != old->st_mtim.tv_sec
                   || s.st_mtim.tv_nsec != old->st_mtim.tv_nsec
                   || s.st_ino != old->st_ino || s.st_dev != old->st_dev
                   || s.st_size != old->st_size;

    auth->s = s;
    auth->stat_errno = error;
    return changed;
}

static void
refresh(struct http_auth *auth)
{
    if (time_msec() < auth->next_check) {
        return;
    }
    auth->next_check = time_msec() + HTTP_AUTH_CHECK_MS;
    if (!has_changed(auth)) {
        return;
    }

    free(auth->fault);
    auth->fault = load(auth);
    if (auth->fault) {
        VLOG_ERR("%s (the tokens read before stay in force)", auth->fault);
    } else {
        VLOG_INFO("%s: %"PRIuSIZE" tokens", auth->file,
                  http_tokens_count(auth->tokens));
    }
}

char *
http_auth_create(const char *method, struct http_auth **authp)
{
    if (strncmp(method, METHOD, strlen(METHOD))
        || !method[strlen(METHOD)]) {
        return xasprintf("\"%s\" is not tokens:FILE", method);
    }

    struct http_auth *auth = xzalloc(sizeof *auth);
    auth->file = xstrdup(method + strlen(METHOD));
    has_changed(auth);
    char *error = load(auth);
    if (error) {
        http_auth_destroy(auth);
        return error;
    }
    *authp = auth;
    return NULL;
}

void
http_auth_destroy(struct http_auth *auth)
{
    if (auth) {
        http_tokens_destroy(auth->tokens);
        free(auth->file);
        free(auth->fault);
        free(auth);
    }
}

const char *
http_auth_fault(const struct http_auth *auth)
{
    return auth->fault;
}

const struct http_identity *
http_auth_lookup(struct http_auth *auth, const char *token)
{
    refresh(auth);
    return http_tokens_find(auth->tokens, token);
}

const struct http_identity *
http_auth_identify(struct http_auth *auth, const struct http_request *request)
{
    const char *token = http_request_header(request, "X-Auth-Token");
    if (!token) {
        token = http_request_header(request, "Authorization");
        if (!token || strncasecmp(token, BEARER, strlen(BEARER))) {
            return NULL;
        }
        token += strlen(BEARER);
        token += strspn(token, " ");
    }
    return http_auth_lookup(auth, token);
}
