/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The command net-add.
 *
 * A network's Segment row (nbctl-segment.c) is part of the network to users:
 * it is made with it, from pseudo-columns, and goes with it.  What the schema
 * would take, but could not work, is refused, with the reason. */

#include <config.h>

#include "lib/nb-options.h"
#include "lib/nb-rules.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-args.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "nbctl-global.h"
#include "nbctl-intent.h"
#include "nbctl-segment.h"
#include "ovsdb-idl.h"
#include "util.h"

/* Where COLUMN=VALUE begins in "net-add NET [COLUMN=VALUE]...". */
#define NET_ADD_ARGS 2

static const char *const net_pseudo_columns[] = {
    "id", "network_type", "physical_network", "segmentation_id", NULL
};

static bool check_new_name(struct ctl_context *, const char *name,
                           bool *exists);
static bool check_new_id(struct ctl_context *, const struct uuid *);
static bool get_max_mtu(struct ctl_context *, const struct nb_options *,
                        const struct nb_segment *, int *max_mtu);
static void check_mtu(struct ctl_context *, const struct nbrec_network *,
                      const struct nb_segment *, int max_mtu);

static void
pre_net_add(struct ctl_context *ctx)
{
    struct fetch *fetch = nbctl_fetch(ctx);

    intent_fetch_columns(fetch, &nbrec_table_network);
    global_fetch_options(fetch);
    find_ask_network(ctx, ctx->argv[1]);
    segment_prepare(ctx, NET_ADD_ARGS);
}

static void
cmd_net_add(struct ctl_context *ctx)
{
    const char *name = ctx->argv[1];
    const struct nbrec_network *network;
    struct nb_options options;
    struct nb_segment segment;
    struct uuid id;
    bool exists, chosen;
    int max_mtu;

    global_get_options(ctx->idl, &options);
    if (!check_new_name(ctx, name, &exists) || exists
        || !args_get_id(ctx, NET_ADD_ARGS, &id, &chosen)
        || (chosen && !check_new_id(ctx, &id))
        || !segment_get(ctx, NET_ADD_ARGS, &options, &segment)
        || !get_max_mtu(ctx, &options, &segment, &max_mtu)) {
        return;
    }

    network = (chosen ? nbrec_network_insert_persist_uuid(ctx->txn, &id)
               : nbrec_network_insert(ctx->txn));
    nbrec_network_set_name(network, name);
    nbrec_network_set_mtu(network, max_mtu);
    segment_set(ctx, network, &segment);
    if (args_set_columns(ctx, NET_ADD_ARGS, net_pseudo_columns,
                         &network->header_)) {
        check_mtu(ctx, network, &segment, max_mtu);
    }
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

static bool
get_max_mtu(struct ctl_context *ctx, const struct nb_options *options,
            const struct nb_segment *segment, int *max_mtu)
{
    ctx->error = nb_options_max_mtu(options, segment->network_type, max_mtu);
    return !ctx->error;
}

/* Refuses an MTU that the user has given, and that does not fit. */
static void
check_mtu(struct ctl_context *ctx, const struct nbrec_network *network,
          const struct nb_segment *segment, int max_mtu)
{
    if (network->mtu > max_mtu) {
        ctl_error(ctx, "mtu %"PRId64" is too large for a %s network: at most "
                  "%d fits what the underlay carries (NB_Global option %s)",
                  network->mtu,
                  segment->network_type ? segment->network_type : "local",
                  max_mtu, nb_option_names[NB_UNDERLAY_MTU]);
    }
}

const struct ctl_command_syntax nbctl_net_add_commands[] = {
    {"net-add", 1, INT_MAX, "NET [COLUMN[:KEY]=VALUE]...", pre_net_add,
     cmd_net_add, NULL, "--may-exist,--add-duplicate", RW},
    {NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, RO},
};
