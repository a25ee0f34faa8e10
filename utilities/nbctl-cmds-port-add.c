/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command port-add.
 *
 * The MAC address is the work here.  Given, it is checked and brought into
 * the canonical form that agents and the API compare; not given, one is made.
 * Either must be the network's only one.  Whether it is is asked of the server
 * by that address, so that a network's ports need not be downloaded; two
 * clients at the same moment are told apart by the server's own index. */

#include <config.h>

#include "lib/nb-rules.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-args.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-intent.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "util.h"

/* Where COLUMN=VALUE begins in "port-add NET PORT [COLUMN=VALUE]...". */
#define PORT_ADD_ARGS 3

/* "mac_address" is a column, but as "set" takes it, it would need quotes. */
static const char *const port_pseudo_columns[] = {
    "id", "mac_address", NULL
};

static void ask_mac(struct ctl_context *);
static bool check_new_port(struct ctl_context *, const struct nbrec_network *,
                           const char *name, const struct nbrec_port **);
static bool check_new_id(struct ctl_context *, const struct uuid *);
static bool set_port_columns(struct ctl_context *, const struct nbrec_port *,
                             const struct nbrec_network *);
static bool get_given_mac(struct ctl_context *, char mac[NB_MAC_LEN + 1]);
static bool set_given_mac(struct ctl_context *, const struct nbrec_port *,
                          const char *mac);
static bool set_made_mac(struct ctl_context *, const struct nbrec_port *);
static bool find_mac_user(struct ctl_context *, const struct nbrec_port *,
                          const char *mac, const struct nbrec_port **);
static char **next_made_mac(struct nbctl *);
static char *make_mac(void);

static void
pre_port_add(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    fetch_column(fetch, &nbrec_network_col_name);
    intent_fetch_columns(fetch, &nbrec_table_port);
    fetch_column(fetch, &nbrec_port_col_network);
    fetch_column(fetch, &nbrec_port_col_mac_address);
    find_ask_network(ctx, ctx->argv[1]);
    find_ask_port(ctx, ctx->argv[2]);
    ask_mac(ctx);
}

/* Asks for the ports with the MAC address that this one will have, so that
 * they come with the first round. */
static void
ask_mac(struct ctl_context *ctx)
{
    char given[NB_MAC_LEN + 1];

    if (get_given_mac(ctx, given)) {
        fetch_string_eq(nbctl_fetch(ctx), &nbrec_port_col_mac_address,
                        given[0] ? given
                        : *next_made_mac(nbctl_from_ctx(ctx)));
    }
}

static void
cmd_port_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[2];
    const struct nbrec_network *network;
    const struct nbrec_port *port;
    struct uuid id;
    bool chosen;

    if (!find_network_must(ctx, ctx->argv[1], &network)
        || !check_new_port(ctx, network, name, &port)
        || !args_get_id(ctx, PORT_ADD_ARGS, &id, &chosen)
        || (chosen && !port && !check_new_id(ctx, &id))) {
        return;
    }

    if (!port) {
        port = (chosen ? nbrec_port_insert_persist_uuid(ctx->txn, &id)
                : nbrec_port_insert(ctx->txn));
        nbrec_port_set_name(port, name);
        if (!set_port_columns(ctx, port, network)) {
            return;
        }
    }
    ds_put_format(&ctx->output, UUID_FMT, UUID_ARGS(&port->header_.uuid));
}

/* The command has printed the UUID that it knew: of a new row, a preliminary
 * one. */
static void
post_port_add(struct ctl_context *ctx)
{
    struct uuid uuid;

    if (uuid_from_string(&uuid, ds_cstr(&ctx->output))) {
        const struct uuid *real = ovsdb_idl_txn_get_insert_uuid(ctx->txn,
                                                                &uuid);
        if (real) {
            ds_clear(&ctx->output);
            ds_put_format(&ctx->output, UUID_FMT, UUID_ARGS(real));
        }
    }
    ds_put_char(&ctx->output, '\n');
}

/* Refuses the name of a port that exists, unless the options allow it.
 * '*portp' is that port if it is the answer already, otherwise NULL. */
static bool
check_new_port(struct ctl_context *ctx, const struct nbrec_network *network,
               const char *name, const struct nbrec_port **portp)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    bool add_duplicate = shash_find(&ctx->options, "--add-duplicate");
    const struct nbrec_port *port = NULL;

    *portp = NULL;
    if (may_exist && add_duplicate) {
        ctl_error(ctx, "--may-exist and --add-duplicate may not be specified "
                  "together");
        return false;
    }
    if (!name[0]) {
        ctl_error(ctx, "the name of a port must not be empty");
        return false;
    }
    if (!add_duplicate && !find_port(ctx, name, &port)) {
        return false;
    }
    if (port && !may_exist) {
        ctl_error(ctx, "port \"%s\" already exists ("UUID_FMT")", name,
                  UUID_ARGS(&port->header_.uuid));
        return false;
    }
    if (port && port->network != network) {
        ctl_error(ctx, "port \"%s\" ("UUID_FMT") already exists, but not in "
                  "network \"%s\"", name, UUID_ARGS(&port->header_.uuid),
                  network->name);
        return false;
    }
    *portp = port;
    return true;
}

/* Refuses an id that a port already has. */
static bool
check_new_id(struct ctl_context *ctx, const struct uuid *id)
{
    const struct nbrec_port *port;

    if (!fetch_uuid(nbctl_fetch(ctx), &nbrec_table_port, id)) {
        ctx->try_again = true;
        return false;
    }
    NBREC_PORT_FOR_EACH (port, ctx->idl) {
        if (uuid_equals(&port->header_.uuid, id)) {
            ctl_error(ctx, "id "UUID_FMT" is taken by port \"%s\"",
                      UUID_ARGS(id), port->name);
            return false;
        }
    }
    return true;
}

/* Sets the columns of the new 'port', the defaults first. */
static bool
set_port_columns(struct ctl_context *ctx, const struct nbrec_port *port,
                 const struct nbrec_network *network)
{
    nbrec_port_set_port_security_enabled(port, true);
    nbrec_port_set_network(port, network);
    if (!args_set_columns(ctx, PORT_ADD_ARGS, port_pseudo_columns,
                          &port->header_)) {
        return false;
    }
    if (port->network != network) {
        ctl_error(ctx, "port \"%s\": the column network is what NET says, it "
                  "cannot be given as well", port->name);
        return false;
    }

    char given[NB_MAC_LEN + 1];
    return (get_given_mac(ctx, given)
            && (given[0] ? set_given_mac(ctx, port, given)
                : set_made_mac(ctx, port)));
}

/* Puts into 'mac' the MAC address that the user gave, or "". */
static bool
get_given_mac(struct ctl_context *ctx, char mac[NB_MAC_LEN + 1])
{
    const char *given = args_get(ctx, PORT_ADD_ARGS, "mac_address");

    mac[0] = '\0';
    if (given) {
        /* With quotes, as "set" wants it, is also right. */
        size_t n = strlen(given);
        bool quoted = n >= 2 && given[0] == '"' && given[n - 1] == '"';
        char *s = (quoted ? xmemdup0(given + 1, n - 2) : xstrdup(given));

        ctx->error = nb_mac_from_string(s, mac);
        free(s);
    }
    return !ctx->error;
}

static bool
set_given_mac(struct ctl_context *ctx, const struct nbrec_port *port,
              const char *mac)
{
    const struct nbrec_port *user;

    if (!find_mac_user(ctx, port, mac, &user)) {
        return false;
    }
    if (user) {
        ctl_error(ctx, "mac_address %s is taken in network \"%s\" by port "
                  "\"%s\" ("UUID_FMT")", mac, port->network->name, user->name,
                  UUID_ARGS(&user->header_.uuid));
        return false;
    }
    nbrec_port_set_mac_address(port, mac);
    return true;
}

/* Gives 'port' a MAC address that no other of its network has. */
static bool
set_made_mac(struct ctl_context *ctx, const struct nbrec_port *port)
{
    char **mac = next_made_mac(nbctl_from_ctx(ctx));
    const struct nbrec_port *user;

    for (;;) {
        if (!find_mac_user(ctx, port, *mac, &user)) {
            return false;
        }
        if (!user) {
            nbrec_port_set_mac_address(port, *mac);
            return true;
        }
        free(*mac);
        *mac = make_mac();
    }
}

/* Sets '*userp' to the port other than 'port' that has 'mac' in its network,
 * or to NULL. */
static bool
find_mac_user(struct ctl_context *ctx, const struct nbrec_port *port,
              const char *mac, const struct nbrec_port **userp)
{
    const struct nbrec_port *other;

    *userp = NULL;
    if (!fetch_string_eq(nbctl_fetch(ctx), &nbrec_port_col_mac_address, mac)) {
        ctx->try_again = true;
        return false;
    }
    NBREC_PORT_FOR_EACH (other, ctx->idl) {
        if (other != port && other->network == port->network
            && !strcmp(other->mac_address, mac)) {
            *userp = other;
            break;
        }
    }
    return true;
}

/* Returns where the MAC address made for this command is kept, in each run of
 * the commands the same. */
static char **
next_made_mac(struct nbctl *nbctl)
{
    if (nbctl->next_mac >= nbctl->made_macs.n) {
        svec_add_nocopy(&nbctl->made_macs, make_mac());
    }
    return &nbctl->made_macs.names[nbctl->next_mac++];
}

static char *
make_mac(void)
{
    char mac[NB_MAC_LEN + 1];

    nb_mac_from_random(random_uint32(), mac);
    return xstrdup(mac);
}

const struct ctl_command_syntax nbctl_port_add_commands[] = {
    {"port-add", 2, INT_MAX, "NET PORT [COLUMN[:KEY]=VALUE]...", pre_port_add,
     cmd_port_add, post_port_add, "--may-exist,--add-duplicate", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
