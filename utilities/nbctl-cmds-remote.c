/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The commands get-, set- and del-connection, and get-, set- and del-ssl:
 * where the database server listens, and its key and certificates, as far as
 * it is started to take them from the database. */

#include <config.h>

#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-fetch.h"
#include "ovsdb-idl.h"
#include "sset.h"
#include "stream.h"
#include "svec.h"
#include "util.h"

static const struct nbrec_nb_global *get_global(struct ctl_context *);
static const struct nbrec_connection *add_connection(
    struct ctl_context *, const char *target, const char *role,
    bool read_only);
static bool check_target(struct ctl_context *, const char *target,
                         struct sset *targets);
static void delete_connections(struct ctl_context *);
static void delete_ssl(struct ctl_context *);

static void
pre_connection(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_nb_global_col_connections);
    fetch_column(fetch, &nbrec_connection_col_target);
    fetch_column(fetch, &nbrec_connection_col_role);
    fetch_column(fetch, &nbrec_connection_col_read_only);
    fetch_column(fetch, &nbrec_connection_col_inactivity_probe);
    fetch_all(fetch, &nbrec_table_nb_global);
    fetch_all(fetch, &nbrec_table_connection);
}

static void
cmd_get_connection(struct ctl_context *ctx)
{
    const struct nbrec_connection *connection;
    struct svec lines = SVEC_EMPTY_INITIALIZER;

    /* The words are those that set-connection takes. */
    NBREC_CONNECTION_FOR_EACH (connection, ctx->idl) {
        svec_add_nocopy(&lines, xasprintf(
            "%s%s%s%s %s", connection->role[0] ? "role=" : "",
            connection->role, connection->role[0] ? " " : "",
            connection->read_only ? "read-only" : "read-write",
            connection->target));
    }
    svec_sort(&lines);
    for (size_t i = 0; i < lines.n; i++) {
        ds_put_format(&ctx->output, "%s\n", lines.names[i]);
    }
    svec_destroy(&lines);
}

static void
cmd_set_connection(struct ctl_context *ctx)
{
    struct nbrec_connection **connections
        = xmalloc(ctx->argc * sizeof *connections);
    struct sset targets = SSET_INITIALIZER(&targets);
    const char *role = "";
    bool read_only = false;
    size_t n = 0;

    delete_connections(ctx);
    for (int i = 1; i < ctx->argc && !ctx->error; i++) {
        const char *arg = ctx->argv[i];

        if (!strcmp(arg, "read-only") || !strcmp(arg, "read-write")) {
            read_only = !strcmp(arg, "read-only");
        } else if (!strncmp(arg, "role=", 5)) {
            role = arg + 5;
        } else if (check_target(ctx, arg, &targets)) {
            connections[n++] = CONST_CAST(struct nbrec_connection *,
                                          add_connection(ctx, arg, role,
                                                         read_only));
        }
    }
    if (!ctx->error && !n) {
        ctl_error(ctx, "set-connection needs at least one TARGET");
    }
    if (!ctx->error) {
        nbrec_nb_global_set_connections(get_global(ctx), connections, n);
    }
    sset_destroy(&targets);
    free(connections);
}

static void
cmd_del_connection(struct ctl_context *ctx)
{
    delete_connections(ctx);
}

/* Refuses what the server could not use. */
static bool
check_target(struct ctl_context *ctx, const char *target,
             struct sset *targets)
{
    if (stream_verify_name(target) && pstream_verify_name(target)) {
        ctl_error(ctx, "\"%s\" is not a connection method: it should be like "
                  "ptcp:6641, pssl:6641, punix:FILE, tcp:HOST:PORT or "
                  "ssl:HOST:PORT", target);
        return false;
    }
    if (!sset_add(targets, target)) {
        ctl_error(ctx, "target \"%s\" is given twice", target);
        return false;
    }
    return true;
}

static const struct nbrec_connection *
add_connection(struct ctl_context *ctx, const char *target, const char *role,
               bool read_only)
{
    const char *probe = shash_find_data(&ctx->options, "--inactivity-probe");
    const struct nbrec_connection *connection
        = nbrec_connection_insert(ctx->txn);

    nbrec_connection_set_target(connection, target);
    nbrec_connection_set_role(connection, role);
    nbrec_connection_set_read_only(connection, read_only);
    if (probe) {
        long long int msecs;

        if (!str_to_llong(probe, 10, &msecs) || msecs < 0) {
            ctl_error(ctx, "--inactivity-probe=%s is not a number of "
                      "milliseconds", probe);
        } else {
            int64_t value = msecs;
            nbrec_connection_set_inactivity_probe(connection, &value, 1);
        }
    }
    return connection;
}

static void
delete_connections(struct ctl_context *ctx)
{
    const struct nbrec_connection *connection;

    nbrec_nb_global_set_connections(get_global(ctx), NULL, 0);
    NBREC_CONNECTION_FOR_EACH_SAFE (connection, ctx->idl) {
        nbrec_connection_delete(connection);
    }
}

static void
pre_ssl(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_nb_global_col_ssl);
    fetch_column(fetch, &nbrec_ssl_col_private_key);
    fetch_column(fetch, &nbrec_ssl_col_certificate);
    fetch_column(fetch, &nbrec_ssl_col_ca_cert);
    fetch_column(fetch, &nbrec_ssl_col_bootstrap_ca_cert);
    fetch_all(fetch, &nbrec_table_nb_global);
    fetch_all(fetch, &nbrec_table_ssl);
}

static void
cmd_get_ssl(struct ctl_context *ctx)
{
    const struct nbrec_ssl *ssl = nbrec_ssl_first(ctx->idl);

    if (ssl) {
        ds_put_format(&ctx->output, "Private key: %s\n", ssl->private_key);
        ds_put_format(&ctx->output, "Certificate: %s\n", ssl->certificate);
        ds_put_format(&ctx->output, "CA Certificate: %s\n", ssl->ca_cert);
        ds_put_format(&ctx->output, "Bootstrap: %s\n",
                      ssl->bootstrap_ca_cert ? "true" : "false");
    }
}

static void
cmd_set_ssl(struct ctl_context *ctx)
{
    const struct nbrec_ssl *ssl;

    delete_ssl(ctx);
    ssl = nbrec_ssl_insert(ctx->txn);
    nbrec_ssl_set_private_key(ssl, ctx->argv[1]);
    nbrec_ssl_set_certificate(ssl, ctx->argv[2]);
    nbrec_ssl_set_ca_cert(ssl, ctx->argv[3]);
    nbrec_ssl_set_bootstrap_ca_cert(ssl, shash_find(&ctx->options,
                                                    "--bootstrap"));
    nbrec_nb_global_set_ssl(get_global(ctx), ssl);
}

static void
cmd_del_ssl(struct ctl_context *ctx)
{
    delete_ssl(ctx);
}

static void
delete_ssl(struct ctl_context *ctx)
{
    const struct nbrec_ssl *ssl;

    nbrec_nb_global_set_ssl(get_global(ctx), NULL);
    NBREC_SSL_FOR_EACH_SAFE (ssl, ctx->idl) {
        nbrec_ssl_delete(ssl);
    }
}

/* Returns the NB_Global row, which is made if nobody ran "init". */
static const struct nbrec_nb_global *
get_global(struct ctl_context *ctx)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(ctx->idl);

    return global ? global : nbrec_nb_global_insert(ctx->txn);
}

const struct ctl_command_syntax nbctl_remote_commands[] = {
    {"get-connection", 0, 0, "", pre_connection, cmd_get_connection, NULL, "",
     RO},
    {"set-connection", 1, INT_MAX, "TARGET...", pre_connection,
     cmd_set_connection, NULL, "--inactivity-probe=", RW},
    {"del-connection", 0, 0, "", pre_connection, cmd_del_connection, NULL, "",
     RW},
    {"get-ssl", 0, 0, "", pre_ssl, cmd_get_ssl, NULL, "", RO},
    {"set-ssl", 3, 3, "PRIVATE-KEY CERTIFICATE CA-CERT", pre_ssl, cmd_set_ssl,
     NULL, "--bootstrap", RW},
    {"del-ssl", 0, 0, "", pre_ssl, cmd_del_ssl, NULL, "", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
