/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The notifier: one replica of the northbound database, and its doors.
 *
 *     NB --> replica --> recorder --> journal --> events --> streams
 *                 \--> api <--> HTTP server         (answers)
 *     NB <-- write <--/                             (transactions)
 *
 * This is the only part that knows every other; one pass of notifier_run()
 * takes a change of the database to everyone who is to be told of it.
 *
 * Single-threaded, like everything below it. */

#ifndef NOTIFIER_H
#define NOTIFIER_H 1

#include <stdbool.h>
#include <stdint.h>

#include "compiler.h"

struct ds;
struct notifier;
struct simap;

#define NOTIFIER_DEFAULT_HTTP "127.0.0.1:9696"
#define NOTIFIER_DEFAULT_JOURNAL SLUICE_LOCALSTATEDIR "/lib/sluice/journal.db"

/* Strings are borrowed until notifier_create() returns; NULL: not given. */
struct notifier_config {
    const char *nb;             /* Default: notifier_default_nb(). */
    const char *http;           /* "none": no HTTP door. */
    const char *journal;
    long long int journal_max_age_sec; /* 0: default. */
    uint64_t journal_max_bytes; /* 0: default. */
    const char *auth;           /* "tokens:FILE". */
    bool insecure;              /* Everybody may come in from anywhere. */
    const char *certificate;    /* TLS at the door; both or neither. */
    const char *private_key;
};

#define NOTIFIER_CONFIG_INITIALIZER { .nb = NULL }

/* $SLUICE_NB_DB, or the socket in Open vSwitch's run directory, as
 * sluice-nbctl has it.  Static. */
const char *notifier_default_nb(void);

/* Opens the journal and the doors.  Returns NULL, or what is wrong, in words
 * for the caller to free: an option that makes no sense, a file or an address
 * that cannot be had. */
char *notifier_create(const struct notifier_config *, struct notifier **)
    OVS_WARN_UNUSED_RESULT;
void notifier_destroy(struct notifier *);

void notifier_run(struct notifier *);
void notifier_wait(struct notifier *);

/* Appends to 'out', for people: everything's state; who listens to events;
 * the latest 'n' entries of the journal. */
void notifier_status(struct notifier *, struct ds *out);
void notifier_clients(const struct notifier *, struct ds *out);
void notifier_journal(struct notifier *, unsigned int n, struct ds *out);

void notifier_memory_usage(const struct notifier *, struct simap *);

#endif /* notifier/notifier.h */
