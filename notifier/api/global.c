/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Options of NB_Global.  See global.h. */

#include <config.h>

#include "api/global.h"

#include <stdlib.h>

#include "api/error.h"
#include "nb/replica.h"

struct nb_options
global_options(const struct replica *replica)
{
    struct nb_options options = { .values = { NULL } };
    const struct nb_row **rows = replica_rows(replica, NB_GLOBAL);

    /* There is no row in a database that nobody has initialized. */
    if (replica_count(replica, NB_GLOBAL)) {
        for (size_t i = 0; i < NB_N_OPTIONS; i++) {
            options.values[i] = nb_row_get(rows[0], NB_GLOBAL_OPTIONS,
                                           nb_option_names[i]);
        }
    }
    free(rows);
    return options;
}

struct api_error *
global_error(char *reason)
{
    struct api_error *error = api_error(503, NULL, "The operator's settings "
                                        "do not allow this: %s.", reason);

    free(reason);
    return error;
}
