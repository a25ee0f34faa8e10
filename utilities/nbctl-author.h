/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Who makes a change, for updated_by and last_deletion (see "Authors" in
 * sluice-nb(5)).  Nothing here fails: whoever has no name is known by number.
 */

#ifndef NBCTL_AUTHOR_H
#define NBCTL_AUTHOR_H 1

struct ds;

/* Returns "nbctl:USER@HOST" of this process, for the caller to free. */
char *author_get(void);

/* Appends 'comment' to 'out', or the beginning of one that is longer than a
 * record of what was done needs. */
void author_put_comment(struct ds *out, const char *comment);

#endif /* nbctl-author.h */
