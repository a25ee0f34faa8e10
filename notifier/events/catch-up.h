/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef EVENTS_CATCH_UP_H
#define EVENTS_CATCH_UP_H 1

/* What a stream that is not live reads from the journal, a bounded part at a
 * time.  One thread. */

#include "compiler.h"

struct client;

/* Does a part of what there is to do for the stream, for which
 * client_can_catch_up() is true.  Returns NULL, or what is wrong with the
 * journal, for the caller to free: then the stream is of no more use. */
char *client_catch_up(struct client *) OVS_WARN_UNUSED_RESULT;

#endif /* events/catch-up.h */
