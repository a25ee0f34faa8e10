/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* A table of tokens.  See tokens.h. */

#include <config.h>

#include "http/tokens.h"

#include <openssl/evp.h>
#include <string.h>

#include "http/auth.h"
#include "openvswitch/hmap.h"
#include "unicode.h"
#include "util.h"

#define PREFIX "sha256:"
#define WHITE " \t\r\v\f"

/* HASH, PROJECT, ROLE, NAME. */
#define MAX_WORDS 4
#define MIN_WORDS 3

struct http_tokens {
    struct hmap hmap;           /* Of "struct token"s. */
};

struct token {
    struct hmap_node node;
    uint8_t hash[HTTP_HASH_LEN];
    struct http_identity identity;
};

/* SHA-256s are random enough as they are. */
static size_t
hash_of_hash(const uint8_t hash[HTTP_HASH_LEN])
{
    uint32_t h;
    memcpy(&h, hash, sizeof h);
    return h;
}

static struct token *
find(const struct http_tokens *tokens, const uint8_t hash[HTTP_HASH_LEN])
{
    struct token *token;

    HMAP_FOR_EACH_WITH_HASH (token, node, hash_of_hash(hash), &tokens->hmap) {
        if (!memcmp(token->hash, hash, HTTP_HASH_LEN)) {
            return token;
        }
    }
    return NULL;
}

static char *
parse_hash(const char *word, uint8_t hash[HTTP_HASH_LEN])
{
    const char *digits = word + strlen(PREFIX);

    if (strncmp(word, PREFIX, strlen(PREFIX))
        || strspn(digits, "0123456789abcdefABCDEF") != 2 * HTTP_HASH_LEN
        || digits[2 * HTTP_HASH_LEN]) {
        return xasprintf("\"%s\" is not \"" PREFIX "\" and %d hexadecimal "
                         "digits", word, 2 * HTTP_HASH_LEN);
    }
    for (size_t i = 0; i < HTTP_HASH_LEN; i++) {
        bool ok;
        hash[i] = hexits_value(digits + 2 * i, 2, &ok);
    }
    return NULL;
}

static char *
parse_role(const char *word, enum http_role *role)
{
    for (*role = HTTP_READER; *role <= HTTP_ADMIN; (*role)++) {
        if (!strcmp(word, http_role_to_string(*role))) {
            return NULL;
        }
    }
    return xasprintf("\"%s\" is not a role (admin, member, reader)", word);
}

/* Cuts 'line' into words.  Returns how many, MAX_WORDS + 1 if there are too
 * many. */
static size_t
split(char *line, char *words[MAX_WORDS])
{
    char *save = NULL;
    size_t n = 0;

    for (char *word = strtok_r(line, WHITE, &save); word && word[0] != '#';
         word = strtok_r(NULL, WHITE, &save)) {
        if (n == MAX_WORDS) {
            return n + 1;
        }
        words[n++] = word;
    }
    return n;
}

static char *
parse_line(char *line, struct http_tokens *tokens)
{
    uint8_t hash[HTTP_HASH_LEN];
    char *words[MAX_WORDS];
    enum http_role role;
    size_t length;

    char *error = utf8_validate(line, &length);
    if (error) {
        return error;
    }
    size_t n = split(line, words);
    if (!n) {
        return NULL;
    } else if (n < MIN_WORDS || n > MAX_WORDS) {
        return xstrdup("not \"sha256:HASH PROJECT ROLE [NAME]\"");
    }
    error = parse_hash(words[0], hash);
    if (!error) {
        error = parse_role(words[2], &role);
    }
    if (error) {
        return error;
    } else if (role != HTTP_ADMIN && !strcmp(words[1], "-")) {
        return xasprintf("a %s needs a project", words[2]);
    } else if (find(tokens, hash)) {
        return xstrdup("this token is in an earlier line");
    }

    struct token *token = xmalloc(sizeof *token);
    memcpy(token->hash, hash, sizeof token->hash);
    token->identity = (struct http_identity) {
        .role = role,
        .project_id = xstrdup(strcmp(words[1], "-") ? words[1] : ""),
        .name = n > 3 ? xstrdup(words[3])
                : xmemdup0(words[0] + strlen(PREFIX), 8),
    };
    hmap_insert(&tokens->hmap, &token->node, hash_of_hash(hash));
    return NULL;
}

char *
http_tokens_parse(const char *text, struct http_tokens **tokensp)
{
    struct http_tokens *tokens = xmalloc(sizeof *tokens);
    char *copy = xstrdup(text);
    char *error = NULL;
    char *next = copy;
    char *line;

    hmap_init(&tokens->hmap);
    for (int number = 1; !error && (line = strsep(&next, "\n")); number++) {
        char *reason = parse_line(line, tokens);
        if (reason) {
            error = xasprintf("line %d: %s", number, reason);
            free(reason);
        }
    }
    free(copy);
    if (error) {
        http_tokens_destroy(tokens);
        return error;
    }
    *tokensp = tokens;
    return NULL;
}

void
http_tokens_destroy(struct http_tokens *tokens)
{
    struct token *token;

    if (!tokens) {
        return;
    }
    HMAP_FOR_EACH_POP (token, node, &tokens->hmap) {
        free(CONST_CAST(char *, token->identity.project_id));
        free(CONST_CAST(char *, token->identity.name));
        free(token);
    }
    hmap_destroy(&tokens->hmap);
    free(tokens);
}

size_t
http_tokens_count(const struct http_tokens *tokens)
{
    return hmap_count(&tokens->hmap);
}

const struct http_identity *
http_tokens_find(const struct http_tokens *tokens, const char *token)
{
    uint8_t hash[HTTP_HASH_LEN];

    if (!EVP_Digest(token, strlen(token), hash, NULL, EVP_sha256(), NULL)) {
        return NULL;
    }
    const struct token *found = find(tokens, hash);
    return found ? &found->identity : NULL;
}
