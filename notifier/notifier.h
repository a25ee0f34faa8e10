/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* The notifier: one replica of the northbound database, and its doors.
 *
 *     NB --> replica --> door <--> OVSDB clients     (agents)
 *                 \--> recorder --> journal --> events --> streams
 *                  \--> api <--> HTTP server         (answers)
 *     NB <-- write <---/                             (transactions)
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

struct door;
struct ds;
struct notifier;
struct simap;
struct svec;

#define NOTIFIER_DEFAULT_HTTP "127.0.0.1:9696"
#define NOTIFIER_NO_HTTP "none"
#define NOTIFIER_DEFAULT_JOURNAL SLUICE_LOCALSTATEDIR "/lib/sluice/journal.db"

/* Strings are borrowed until notifier_create() returns; NULL: not given. */
struct notifier_config {
    const char *nb;             /* Default: notifier_default_nb(). */
    const char *http;           /* NOTIFIER_NO_HTTP: no HTTP door. */
    const char *journal;        /* Without an HTTP door, which is the way out
                                 * for it, there is one only if it is given. */
    long long int journal_max_age_sec; /* 0: default. */
    uint64_t journal_max_bytes; /* 0: default. */
    const char *auth;           /* "tokens:FILE". */
    bool insecure;              /* Everybody may come in from anywhere. */
    const char *certificate;    /* TLS at the doors; both or neither. */
    const char *private_key;
    const char *ca_cert;        /* What OVSDB clients' are signed by. */
    const char *ssl_protocols, *ssl_ciphers;

    const struct svec *remotes; /* Of the OVSDB door; NULL: none. */
    const char *role;           /* Of its clients, RBAC's. */
    long long int history;      /* Changes it remembers; -1: default. */
    unsigned int probe_interval; /* Milliseconds; 0: default. */
};

#define NOTIFIER_CONFIG_INITIALIZER { .history = -1 }

/* $SLUICE_NB_DB, or the socket in Open vSwitch's run directory, as
 * sluice-nbctl has it.  Static. */
const char *notifier_default_nb(void);

/* Opens the journal and the doors.  Returns NULL, or what is wrong, in words
 * for the caller to free: an option that makes no sense, a file or an address
 * that cannot be had. */
char *notifier_create(const struct notifier_config *, struct notifier **)
    OVS_WARN_UNUSED_RESULT;
void notifier_destroy(struct notifier *);

/* Returns whether anything came from the database. */
bool notifier_run(struct notifier *);
void notifier_wait(struct notifier *);

/* Appends to 'out', for people: everything's state; who listens to events;
 * the latest 'n' entries of the journal. */
void notifier_status(struct notifier *, struct ds *out);
void notifier_clients(const struct notifier *, struct ds *out);
void notifier_journal(struct notifier *, unsigned int n, struct ds *out);

/* The OVSDB door, for questions that it answers itself; NULL: none. */
struct door *notifier_door(const struct notifier *);

void notifier_memory_usage(const struct notifier *, struct simap *);

#endif /* notifier/notifier.h */
