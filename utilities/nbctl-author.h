/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who makes a change, for updated_by and last_deletion (see "Authors" in
 * sluice-nb(5)).  Nothing here fails: whoever has no name is known by number.
 */

#ifndef NBCTL_AUTHOR_H
#define NBCTL_AUTHOR_H 1

#include <stddef.h>

struct ds;

/* Returns "nbctl:USER@HOST" of this process, for the caller to free. */
char *author_get(void);

/* Bytes of a comment in the one last_deletion, and in the updated_by of each
 * row: a command line can be megabytes (port-del of 10,000 ports). */
#define AUTHOR_MAX_DELETION 1000
#define AUTHOR_MAX_UPDATE 200

/* Appends 'comment' to 'out', or the beginning of one that is longer than
 * 'max' bytes, and three dots. */
void author_put_comment(struct ds *out, const char *comment, size_t max);

#endif /* nbctl-author.h */
