/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Segments of new networks.  See nbctl-segment.h.
 *
 * The server's index keeps two clients from one segment; what is looked at
 * here is for a better choice, and for better words. */

#include <config.h>

#include "nbctl-segment.h"

#include "lib/nb-options.h"
#include "lib/nb-rules.h"
#include "lib/nb-vni.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl.h"
#include "nbctl-args.h"
#include "nbctl-fetch.h"
#include "nbctl-find.h"
#include "ovsdb-idl.h"
#include "random.h"
#include "util.h"

static bool parse(struct ctl_context *, int first, const struct nb_options *,
                  struct nb_segment *);
static bool lacks_vni(const struct nb_segment *);
static uint32_t next_seed(struct nbctl *);
static bool choose_vni(struct ctl_context *, uint32_t seed,
                       const struct nb_options *, struct nb_segment *);
static bool guess_vni(struct ctl_context *, uint32_t seed,
                      const struct nb_vni_pool *, struct nb_segment *);
static bool take_vni(struct ctl_context *, struct nb_vni_pool *,
                     struct nb_segment *);
static bool fetch_guesses(struct ctl_context *, const struct nb_vni_pool *,
                          unsigned int i);
static bool fetch_segment(struct fetch *, const struct nb_segment *);
static bool check_free(struct ctl_context *, const struct nb_segment *);
static void refuse(struct ctl_context *, const struct nb_segment *,
                   const struct nbrec_network *user);
static const struct nbrec_segment *find_segment(const struct ovsdb_idl *,
                                                const struct nb_segment *);
static const struct nbrec_network *find_user(const struct ovsdb_idl *,
                                             const struct nbrec_segment *);

void
segment_prepare(struct ctl_context *ctx, int first)
{
    struct nbctl *nbctl = nbctl_from_ctx(ctx);
    const struct nb_options none = { .values = { NULL } };
    struct fetch *fetch = nbctl_fetch(ctx);
    struct nb_segment segment;

    fetch_column(fetch, &nbrec_network_col_segment);
    fetch_column(fetch, &nbrec_segment_col_network_type);
    fetch_column(fetch, &nbrec_segment_col_physical_network);
    fetch_column(fetch, &nbrec_segment_col_segmentation_id);
    nbctl->vni_seeds = xrealloc(nbctl->vni_seeds,
                                ((nbctl->n_vni_seeds + 1)
                                 * sizeof *nbctl->vni_seeds));
    nbctl->vni_seeds[nbctl->n_vni_seeds++] = random_uint32();

    /* The options are not known yet.  They matter only for those that name no
     * segment, of which nothing can be fetched now. */
    if (parse(ctx, first, &none, &segment)) {
        fetch_segment(fetch, &segment);
    }
}

bool
segment_get(struct ctl_context *ctx, int first,
            const struct nb_options *options, struct nb_segment *segment)
{
    uint32_t seed = next_seed(nbctl_from_ctx(ctx));

    if (!parse(ctx, first, options, segment)) {
        return false;
    }
    return (lacks_vni(segment)
            ? choose_vni(ctx, seed, options, segment)
            : check_free(ctx, segment));
}

void
segment_set(struct ctl_context *ctx, const struct nbrec_network *network,
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

/* Gets what the arguments say. */
static bool
parse(struct ctl_context *ctx, int first, const struct nb_options *options,
      struct nb_segment *segment)
{
    ctx->error = nb_options_segment(
        options,
        args_get(ctx, first, "network_type"),
        args_get(ctx, first, "physical_network"),
        args_get(ctx, first, "segmentation_id"), segment);
    return !ctx->error;
}

static bool
lacks_vni(const struct nb_segment *segment)
{
    return (segment->network_type
            && nb_network_type_is_overlay(segment->network_type)
            && !segment->segmentation_id);
}

/* Returns the random number of this command, in each run the same. */
static uint32_t
next_seed(struct nbctl *nbctl)
{
    return nbctl->vni_seeds[nbctl->next_vni_seed++];
}

/* Completes 'segment' by a VNI that no other has. */
static bool
choose_vni(struct ctl_context *ctx, uint32_t seed,
           const struct nb_options *options, struct nb_segment *segment)
{
    struct nb_vni_pool *pool;

    ctx->error = nb_options_vni_pool(options, segment->network_type, &pool);
    if (ctx->error) {
        return false;
    }

    bool chosen = (guess_vni(ctx, seed, pool, segment)
                   || (!ctx->try_again && take_vni(ctx, pool, segment)));
    nb_vni_pool_destroy(pool);
    return chosen;
}

static bool
guess_vni(struct ctl_context *ctx, uint32_t seed,
          const struct nb_vni_pool *pool, struct nb_segment *segment)
{
    for (unsigned int i = 0; i < NB_VNI_GUESSES; i++) {
        if (!fetch_guesses(ctx, pool, i)) {
            ctx->try_again = true;
            return false;
        }
        segment->segmentation_id = nb_vni_pool_guess(pool, seed, i);
        if (!find_segment(ctx->idl, segment)) {
            return true;
        }
    }
    return false;
}

/* Looks at all segments of the type. */
static bool
take_vni(struct ctl_context *ctx, struct nb_vni_pool *pool,
         struct nb_segment *segment)
{
    const struct nbrec_segment *row;

    if (!fetch_string_eq(nbctl_fetch(ctx), &nbrec_segment_col_network_type,
                         segment->network_type)) {
        ctx->try_again = true;
        return false;
    }
    NBREC_SEGMENT_FOR_EACH (row, ctx->idl) {
        if (!strcmp(row->network_type, segment->network_type)) {
            nb_vni_pool_remove(pool, row->segmentation_id);
        }
    }
    segment->segmentation_id = nb_vni_pool_take(pool, random_uint32());
    if (!segment->segmentation_id) {
        ctl_error(ctx, "no VNI is left for a %s network: all in the ranges of "
                  "NB_Global option %s-vni-ranges are in use",
                  segment->network_type, segment->network_type);
    }
    return segment->segmentation_id != 0;
}

/* Fetches the segments that have the 'i'th guess of this "net-add", and of all
 * others on the command line, which otherwise would each take a round. */
static bool
fetch_guesses(struct ctl_context *ctx, const struct nb_vni_pool *pool,
              unsigned int i)
{
    const struct nbctl *nbctl = nbctl_from_ctx(ctx);
    bool asked = true;

    for (size_t j = 0; j < nbctl->n_vni_seeds; j++) {
        asked &= fetch_integer_eq(nbctl_fetch(ctx),
                                  &nbrec_segment_col_segmentation_id,
                                  nb_vni_pool_guess(pool, nbctl->vni_seeds[j],
                                                    i));
    }
    return asked;
}

/* Fetches the rows among which is the one that equals 'segment'.  A condition
 * cannot ask for all three columns, so it is the one that says most. */
static bool
fetch_segment(struct fetch *fetch, const struct nb_segment *segment)
{
    return (!segment->network_type || lacks_vni(segment) ? true
            : segment->segmentation_id
            ? fetch_integer_eq(fetch, &nbrec_segment_col_segmentation_id,
                               segment->segmentation_id)
            : fetch_string_eq(fetch, &nbrec_segment_col_physical_network,
                              segment->physical_network));
}

/* Refuses a wire that another network is on.  (The server would, too, but
 * not say which.) */
static bool
check_free(struct ctl_context *ctx, const struct nb_segment *segment)
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
        refuse(ctx, segment, user);
    }
    return !user;
}

static void
refuse(struct ctl_context *ctx, const struct nb_segment *segment,
       const struct nbrec_network *user)
{
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
