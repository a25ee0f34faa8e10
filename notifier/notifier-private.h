/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* What notifier.c, which runs the parts, and notifier-show.c, which shows
 * them, share. */

#ifndef NOTIFIER_PRIVATE_H
#define NOTIFIER_PRIVATE_H 1

#include "api/resource.h"
#include "nb/replica.h"

struct notifier {
    /* From the database ... */
    struct replica_observer observer;
    struct replica *replica;
    struct health *health;
    struct collector *collector;
    struct api_view view;       /* Of one who sees everything. */

    /* ... to clients of the OVSDB door (NULL: none), */
    struct door *door;

    /* to those who listen (NULL without a journal), */
    struct journal *journal;
    struct recorder *recorder;
    struct events *events;
    struct lag *lag;

    /* and those who ask.  NULL without an HTTP door. */
    char *listen;
    struct http_auth *auth;
    struct http_server *http;
    struct api *api;

    struct metrics *metrics;
    struct metrics_histogram *lag_time; /* From a change to its being live. */
    struct metrics_gauge *agents, *agents_alive;
    bool was_current;           /* replica_is_current() in the last pass. */
};

/* The callbacks of struct api_config; 'notifier' is a struct notifier. */
bool notifier_show_healthy(struct ds *text, void *notifier);
bool notifier_show_ready(struct ds *text, void *notifier);
void notifier_show_metrics(struct ds *text, void *notifier);

/* Registers what notifier_show_metrics() fills; adds a sample to one. */
void notifier_show_init(struct notifier *);
void notifier_show_lag(struct notifier *, long long int usec);

#endif /* notifier/notifier-private.h */
