/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef MONITOR_SINCE_H
#define MONITOR_SINCE_H 1

/* What a client that comes back has missed; see history.h for how it is
 * found. */

#include <stdint.h>

struct mon_update;
struct mon_view;

/* Adds to 'update' what has changed of the rows of 'view' since before change
 * 'seq' of its database's history, and counts the rows of the view. */
void mon_since_tell(struct mon_view *view, uint64_t seq,
                    struct mon_update *update);

#endif /* monitor/since.h */
