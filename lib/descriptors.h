/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H 1

/* Descriptors for many connections: several parts of a process need thousands
 * each, and its limit (RLIMIT_NOFILE) is one.
 *
 * One thread. */

/* Descriptors that nobody asks for by this: databases, logs, files. */
#define DESCRIPTORS_OTHER 256

/* Raises the limit, if it must be and may be, so that there are 'n' more than
 * those that have been asked for so far.  Returns for how many there is room,
 * at most 'n': where the limit is low, who asks first has most. */
unsigned int descriptors_ask(unsigned int n);

/* Gives back room for 'n'. */
void descriptors_give_back(unsigned int n);

#endif /* descriptors.h */
