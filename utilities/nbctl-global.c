/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Options of NB_Global.  See nbctl-global.h. */

#include <config.h>

#include "nbctl-global.h"

#include "lib/nb-options.h"
#include "lib/sluice-nb-idl.h"
#include "nbctl-fetch.h"
#include "nbctl-row.h"
#include "openvswitch/json.h"
#include "ovsdb-data.h"
#include "ovsdb-idl.h"
#include "ovsdb-idl-provider.h"
#include "smap.h"
#include "util.h"

static bool was_so(const struct nbrec_nb_global *, const char *name,
                   const char *value);

void
global_fetch_options(struct fetch *fetch)
{
    fetch_column(fetch, &nbrec_nb_global_col_options);
    fetch_all(fetch, &nbrec_table_nb_global);
}

void
global_get_options(const struct ovsdb_idl *idl, struct nb_options *options)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(idl);

    for (size_t i = 0; i < NB_N_OPTIONS; i++) {
        options->values[i] = (global ? smap_get(&global->options,
                                                nb_option_names[i]) : NULL);
    }
}

char *
global_check(const struct ovsdb_idl *idl)
{
    const struct nbrec_nb_global *global = nbrec_nb_global_first(idl);
    struct nb_options options;

    if (!global || !row_is_written(&global->header_,
                                   &nbrec_nb_global_col_options)) {
        return NULL;
    }

    /* What others have done wrong must not keep anybody from setting
     * something else. */
    global_get_options(idl, &options);
    for (size_t i = 0; i < NB_N_OPTIONS; i++) {
        if (options.values[i]
            && was_so(global, nb_option_names[i], options.values[i])) {
            options.values[i] = NULL;
        }
    }
    return nb_options_check(&options);
}

/* Returns true if the option had that value before the transaction. */
static bool
was_so(const struct nbrec_nb_global *global, const char *name,
       const char *value)
{
    const struct ovsdb_datum *old = row_read_old(&global->header_,
                                                 &nbrec_nb_global_col_options);

    for (size_t i = 0; old && i < old->n; i++) {
        if (!strcmp(json_string(old->keys[i].s), name)) {
            return !strcmp(json_string(old->values[i].s), value);
        }
    }
    return false;
}
