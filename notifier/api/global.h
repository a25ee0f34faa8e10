/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef API_GLOBAL_H
#define API_GLOBAL_H 1

/* What the operator has set for all of the API, in NB_Global's options.
 * Read anew for each request: it may change at any time. */

#include "lib/nb-options.h"

struct api_error;
struct replica;

/* Good until the next replica_run(). */
struct nb_options global_options(const struct replica *);

/* 503 for 'reason', why an option makes no sense (lib/nb-options.h), which is
 * freed.  The client can do nothing about it. */
struct api_error *global_error(char *reason) OVS_WARN_UNUSED_RESULT;

#endif /* api/global.h */
