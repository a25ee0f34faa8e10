/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command net-add.
 *
 * A network's Segment row is part of the network to users: it is made with
 * it, from pseudo-columns, and goes with it.  What the schema would take, but
 * could not work, is refused here, with the reason. */

#include <config.h>

#include "lib/nb-rules.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-args.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-intent.h"
#include "ovsdb-idl.h"
#include "util.h"

/* Ethernet's, which every physical network carries. */
#define DEFAULT_MTU 1500

/* Where COLUMN=VALUE begins in "net-add NET [COLUMN=VALUE]...". */
#define NET_ADD_ARGS 2

static const char *const net_pseudo_columns[] = {
    "id", "network_type", "physical_network", "segmentation_id", NULL
};

static bool check_new_name(struct ctl_context *, const char *name,
                           bool *exists);
static bool check_new_id(struct ctl_context *, const struct uuid *);
static bool get_segment(struct ctl_context *, struct nb_segment *);
static bool fetch_segment(struct fetch *, const struct nb_segment *);
static bool check_segment_free(struct ctl_context *,
                               const struct nb_segment *);
static const struct nbrec_segment *find_segment(const struct ovsdb_idl *,
                                                const struct nb_segment *);
static const struct nbrec_network *find_user(const struct ovsdb_idl *,
                                             const struct nbrec_segment *);
static void set_segment(struct ctl_context *, const struct nbrec_network *,
                        const struct nb_segment *);

static void
pre_net_add(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);
    struct nb_segment segment;

    intent_fetch_columns(fetch, &nbrec_table_network);
    fetch_column(fetch, &nbrec_network_col_segment);
    fetch_column(fetch, &nbrec_segment_col_network_type);
    fetch_column(fetch, &nbrec_segment_col_physical_network);
    fetch_column(fetch, &nbrec_segment_col_segmentation_id);
    find_ask_network(ctx, ctx->argv[1]);
    if (get_segment(ctx, &segment)) {
        fetch_segment(fetch, &segment);
    }
}

static void
cmd_net_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct nbrec_network *network;
    struct nb_segment segment;
    struct uuid id;
    bool exists, chosen;

    if (!check_new_name(ctx, name, &exists) || exists
        || !args_get_id(ctx, NET_ADD_ARGS, &id, &chosen)
        || (chosen && !check_new_id(ctx, &id))
        || !get_segment(ctx, &segment)
        || !check_segment_free(ctx, &segment)) {
        return;
    }

    network = (chosen ? nbrec_network_insert_persist_uuid(ctx->txn, &id)
               : nbrec_network_insert(ctx->txn));
    nbrec_network_set_name(network, name);
    nbrec_network_set_mtu(network, DEFAULT_MTU);
    set_segment(ctx, network, &segment);
    args_set_columns(ctx, NET_ADD_ARGS, net_pseudo_columns, &network->header_);
}

/* Refuses the name of a network that exists, unless the options allow it.
 * '*exists' becomes true if there is nothing to do because it does. */
static bool
check_new_name(struct ctl_context *ctx, const char *name, bool *exists)
{
    bool may_exist = shash_find(&ctx->options, "--may-exist");
    bool add_duplicate = shash_find(&ctx->options, "--add-duplicate");
    const struct nbrec_network *network;

    *exists = false;
    if (may_exist && add_duplicate) {
        ctl_error(ctx, "--may-exist and --add-duplicate may not be specified "
                  "together");
        return false;
    }
    if (!name[0]) {
        ctl_error(ctx, "the name of a network must not be empty");
        return false;
    }
    if (add_duplicate) {
        return true;
    }
    if (!find_network(ctx, name, &network)) {
        return false;
    }
    if (network && !may_exist) {
        ctl_error(ctx, "network \"%s\" already exists ("UUID_FMT")", name,
                  UUID_ARGS(&network->header_.uuid));
        return false;
    }
    *exists = network != NULL;
    return true;
}

/* Refuses an id that a network already has. */
static bool
check_new_id(struct ctl_context *ctx, const struct uuid *id)
{
    const struct nbrec_network *network;

    if (!fetch_uuid(nbctl_fetch(ctx), &nbrec_table_network, id)) {
        ctx->try_again = true;
        return false;
    }
    NBREC_NETWORK_FOR_EACH (network, ctx->idl) {
        if (uuid_equals(&network->header_.uuid, id)) {
            ctl_error(ctx, "id "UUID_FMT" is taken by network \"%s\"",
                      UUID_ARGS(id), network->name);
            return false;
        }
    }
    return true;
}

/* Gets what the arguments of "net-add" say of the network's wire. */
static bool
get_segment(struct ctl_context *ctx, struct nb_segment *segment)
{
    ctx->error = nb_segment_from_strings(
        args_get(ctx, NET_ADD_ARGS, "network_type"),
        args_get(ctx, NET_ADD_ARGS, "physical_network"),
        args_get(ctx, NET_ADD_ARGS, "segmentation_id"), segment);
    return !ctx->error;
}

/* Fetches the rows among which is the one that equals 'segment'.  A condition
 * cannot ask for all three columns, so it is the one that says most. */
static bool
fetch_segment(struct fetch *fetch, const struct nb_segment *segment)
{
    return (!segment->network_type ? true
            : segment->segmentation_id
            ? fetch_integer_eq(fetch, &nbrec_segment_col_segmentation_id,
                               segment->segmentation_id)
            : fetch_string_eq(fetch, &nbrec_segment_col_physical_network,
                              segment->physical_network));
}

/* Refuses a wire that another network is on.  (The server would, too, but
 * not say which.) */
static bool
check_segment_free(struct ctl_context *ctx, const struct nb_segment *segment)
{
    if (!fetch_segment(nbctl_fetch(ctx), segment)) {
        ctx->try_again = true;
        return false;
    }

    const struct nbrec_segment *row = find_segment(ctx->idl, segment);
    if (!row) {
        return true;
    }
    if (!find_is_new(&row->header_)
        && !fetch_uuid_eq(nbctl_fetch(ctx), &nbrec_network_col_segment,
                          &row->header_.uuid)) {
        ctx->try_again = true;
        return false;
    }

    /* The row can be there without: its network is deleted by a command
     * before this one. */
    const struct nbrec_network *user = find_user(ctx->idl, row);
    if (user) {
        struct ds id = DS_EMPTY_INITIALIZER;
        if (segment->segmentation_id) {
            ds_put_format(&id, " %"PRId64, segment->segmentation_id);
        }
        ctl_error(ctx, "%s%s%s%s is already the segment of network \"%s\" "
                  "("UUID_FMT")", segment->network_type, ds_cstr(&id),
                  segment->physical_network[0] ? " of " : "",
                  segment->physical_network, user->name,
                  UUID_ARGS(&user->header_.uuid));
        ds_destroy(&id);
    }
    return !user;
}

static const struct nbrec_segment *
find_segment(const struct ovsdb_idl *idl, const struct nb_segment *segment)
{
    const struct nbrec_segment *row;

    if (segment->network_type) {
        NBREC_SEGMENT_FOR_EACH (row, idl) {
            if (!strcmp(row->network_type, segment->network_type)
                && !strcmp(row->physical_network, segment->physical_network)
                && row->segmentation_id == segment->segmentation_id) {
                return row;
            }
        }
    }
    return NULL;
}

static const struct nbrec_network *
find_user(const struct ovsdb_idl *idl, const struct nbrec_segment *segment)
{
    const struct nbrec_network *network;

    NBREC_NETWORK_FOR_EACH (network, idl) {
        if (network->segment == segment) {
            return network;
        }
    }
    return NULL;
}

static void
set_segment(struct ctl_context *ctx, const struct nbrec_network *network,
            const struct nb_segment *segment)
{
    if (segment->network_type) {
        const struct nbrec_segment *row = nbrec_segment_insert(ctx->txn);

        nbrec_segment_set_network_type(row, segment->network_type);
        nbrec_segment_set_physical_network(row, segment->physical_network);
        nbrec_segment_set_segmentation_id(row, segment->segmentation_id);
        nbrec_network_set_segment(network, row);
    }
}

const struct ctl_command_syntax nbctl_net_add_commands[] = {
    {"net-add", 1, INT_MAX, "NET [COLUMN[:KEY]=VALUE]...", pre_net_add,
     cmd_net_add, NULL, "--may-exist,--add-duplicate", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
