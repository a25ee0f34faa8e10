/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See notifier.h.  What cannot be had at the start is fatal; later every part
 * owns its failures, and notifier-show.c tells of them. */

#include <config.h>

#include "notifier.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/api.h"
#include "api/json.h"
#include "api/resource.h"
#include "collector.h"
#include "dirs.h"
#include "door/door.h"
#include "events/events.h"
#include "events/topic.h"
#include "health.h"
#include "http/auth.h"
#include "http/listen.h"
#include "http/request.h"
#include "http/server.h"
#include "journal/journal.h"
#include "journal/recorder.h"
#include "json-check.h"
#include "lag.h"
#include "metrics.h"
#include "notifier-private.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(notifier);

/* Connections of clients that do not listen to events: so few that, where a
 * process may have 20,000 descriptors, as is common, 10,000 are left for those
 * who do. */
#define MAX_CONNECTIONS 8192

const char *
notifier_default_nb(void)
{
    static char *socket;
    const char *db = getenv("SLUICE_NB_DB");

    if (db && db[0]) {
        return db;
    }
    if (!socket) {
        socket = xasprintf("unix:%s/sluice_nb.sock", ovs_rundir());
    }
    return socket;
}

/* From the database. */

static bool
is_alive(const struct nb_row *agent, void *notifier_)
{
    const struct notifier *notifier = notifier_;

    return health_is_alive(notifier->health, nb_row_id(agent));
}

static void
watch_health(struct notifier *notifier, const struct nb_change *change)
{
    if (change->table != NB_AGENT) {
        return;
    }
    if (!change->new) {
        health_gone(notifier->health, nb_row_id(change->old));
    } else if (!change->old
               || !nb_row_same(change->old, change->new,
                               NB_AGENT_HEARTBEAT)) {
        health_beat(notifier->health, nb_row_id(change->new),
                    nb_row_integer(change->new, NB_AGENT_HEARTBEAT),
                    time_msec(), time_wall_msec());
    }
}

static void
row_changed(const struct nb_change *change, void *notifier_)
{
    struct notifier *notifier = notifier_;

    watch_health(notifier, change);
    if (notifier->recorder) {
        recorder_change(notifier->recorder, change);
    }
    if (notifier->api) {
        api_change(notifier->api, change);
    }
}

static void
committed(void *notifier_)
{
    struct notifier *notifier = notifier_;

    if (notifier->recorder) {
        recorder_committed(notifier->recorder);
    }
}

static void
agent_changed(const struct uuid *id, void *notifier_)
{
    struct notifier *notifier = notifier_;

    if (notifier->recorder) {
        recorder_agent_changed(notifier->recorder, id);
    }
}

static void
publish(const struct journal_entry *entry, long long int seen_usec,
        void *notifier_)
{
    struct notifier *notifier = notifier_;
    long long int lag = lag_note(notifier->lag, entry, seen_usec);

    if (lag >= 0) {
        notifier_show_lag(notifier, lag);
    }
    events_publish(notifier->events, entry, seen_usec);
}

/* To clients, and from them. */

/* An object as those see it who are not admins. */
static char *
strip(const char *resource_name, const char *object)
{
    const struct api_resource *resource = api_resource_by_name(resource_name);
    json_t *json = json_loads(object, 0, NULL);
    char *text;

    if (resource && json) {
        api_strip(resource, json);
    }
    text = json ? api_json_to_string(json) : xstrdup("{}");
    json_decref(json);
    return text;
}

static void
handle_request(struct http_request *request, void *notifier_)
{
    struct notifier *notifier = notifier_;

    api_handle(notifier->api, request);
}

static void
handle_cancelled(struct http_request *request, void *notifier_)
{
    struct notifier *notifier = notifier_;

    api_cancelled(notifier->api, request);
}

static char *
error_body(unsigned int status, const char *message,
           const char **content_type, void *notifier OVS_UNUSED)
{
    return api_error_reply(status, message, content_type);
}

static const struct http_handler http_handler = {
    .request = handle_request,
    .cancelled = handle_cancelled,
    .error_body = error_body,
};

static void
reply_error(struct http_request *request, unsigned int status, char *message)
{
    const char *content_type;
    char *body = api_error_reply(status, message, &content_type);
    struct http_pair retry = { "Retry-After", API_RETRY_AFTER };

    http_reply(request, status, content_type, body, strlen(body), &retry,
               status == 503);
    free(message);
}

/* GET /events, by 'viewer'. */
static void
subscribe(struct http_request *request, const struct api_viewer *viewer,
          void *notifier_)
{
    struct notifier *notifier = notifier_;
    const char *only = viewer->admin ? NULL : viewer->project_id;
    struct topic *topic;
    char *error;

    if (only && http_request_query(request, "host")) {
        reply_error(request, 403,
                    xstrdup("To ask for hypervisors is disallowed by "
                            "policy."));
        return;
    }
    error = topic_parse(request->query, request->n_query, only, &topic);
    if (error) {
        reply_error(request, 400, error);
        return;
    }
    error = events_subscribe(notifier->events, request, topic, viewer->name);
    if (error) {
        reply_error(request, 503, error);
    }
}

/* Opening. */

/* Makes the directory that a journal is to be in, if its parent exists: that
 * of the default is not there before the first start. */
static void
make_directory(const char *path)
{
    char *dir = dir_name(path);

    if (mkdir(dir, 0755) && errno != EEXIST) {
        VLOG_DBG("%s: cannot make directory: %s", dir, ovs_strerror(errno));
    }
    free(dir);
}

static char *
open_journal(struct notifier *notifier, const struct notifier_config *config)
{
    const char *path = (config->journal ? config->journal
                        : NOTIFIER_DEFAULT_JOURNAL);
    struct journal_limits limits = {
        .max_age_sec = (config->journal_max_age_sec
                        ? config->journal_max_age_sec
                        : JOURNAL_DEFAULT_MAX_AGE_SEC),
        .max_bytes = (config->journal_max_bytes
                      ? config->journal_max_bytes
                      : JOURNAL_DEFAULT_MAX_BYTES),
    };

    make_directory(path);
    return journal_open(path, &limits, &notifier->journal);
}

static char *
check_access(const struct notifier_config *config, const char *listen)
{
    if (!config->certificate != !config->private_key) {
        return xstrdup("--certificate and --private-key: one without the "
                       "other makes no sense");
    }
    if (!config->auth && !config->insecure
        && !http_listen_is_loopback(listen)) {
        return xasprintf("--http=%s: not an address of this machine alone, "
                         "so everybody could come in: give "
                         "--auth=tokens:FILE, or --insecure if that is "
                         "wanted", listen);
    }
    return NULL;
}

static void
create_api(struct notifier *notifier, const char *url)
{
    struct api_config config = {
        .replica = notifier->replica,
        .auth = notifier->auth,
        .journal = notifier->journal,
        .metrics = notifier->metrics,
        .url = url,
        .alive = is_alive,
        .events = subscribe,
        .healthy = notifier_show_healthy,
        .ready = notifier_show_ready,
        .format_metrics = notifier_show_metrics,
        .aux = notifier,
    };

    notifier->api = api_create(&config);
}

static char *
open_http(struct notifier *notifier, const struct notifier_config *config)
{
    const char *listen = config->http ? config->http : NOTIFIER_DEFAULT_HTTP;
    struct http_config http_config = {
        .listen = listen,
        .certificate = config->certificate,
        .private_key = config->private_key,
        .limits.connections = MAX_CONNECTIONS,
        .limits.streams = EVENTS_MAX_STREAMS,
        .metrics = notifier->metrics,
    };
    char *error, *url;

    error = check_access(config, listen);
    if (!error && config->auth) {
        error = http_auth_create(config->auth, &notifier->auth);
    }
    if (!error) {
        error = http_server_create(&http_config, &http_handler, notifier,
                                   &notifier->http);
    }
    if (error) {
        return error;
    }
    notifier->listen = xstrdup(listen);
    url = xasprintf("%s://%s", config->certificate ? "https" : "http",
                    listen);
    create_api(notifier, url);
    free(url);
    return NULL;
}

/* Opens the OVSDB door. */
static char *
open_door(struct notifier *notifier, const struct notifier_config *config,
          const char *nb)
{
    struct door_config door_config = {
        .replica = notifier->replica,
        .nb = nb,
        .remotes = config->remotes,
        .tls = {
            .private_key = config->private_key,
            .certificate = config->certificate,
            .ca_cert = config->ca_cert,
            .protocols = config->ssl_protocols,
            .ciphers = config->ssl_ciphers,
        },
        .limits.probe_interval = config->probe_interval,
        .role = config->role,
        .history = (config->history >= 0
                    ? config->history : DOOR_DEFAULT_HISTORY),
    };

    return (config->remotes && config->remotes->n
            ? door_create(&door_config, &notifier->door)
            : NULL);
}

/* Connects the replica, and what needs nothing else, to it. */
static void
create_parts(struct notifier *notifier, const char *nb)
{
    notifier->observer = (struct replica_observer) {
        .change = row_changed,
        .committed = committed,
        .aux = notifier,
    };
    notifier->replica = replica_create(nb, &notifier->observer);
    notifier->view = (struct api_view) {
        .replica = notifier->replica,
        .alive = is_alive,
        .aux = notifier,
    };
    notifier->health = health_create(agent_changed, notifier);
    notifier->collector = collector_create(notifier->replica, is_alive,
                                           notifier);
}

/* The journal and those who hear what is in it. */
static char *
create_listeners(struct notifier *notifier,
                 const struct notifier_config *config)
{
    struct events_config events_config = {
        .strip = strip,
        .metrics = notifier->metrics,
    };
    char *error = open_journal(notifier, config);

    if (!error) {
        replica_index_all(notifier->replica);
        events_config.journal = notifier->journal;
        notifier->lag = lag_create();
        notifier->events = events_create(&events_config);
        notifier->recorder = recorder_create(notifier->journal,
                                             &notifier->view, publish,
                                             notifier);
    }
    return error;
}

static bool
has_http(const struct notifier_config *config)
{
    return !config->http || strcmp(config->http, NOTIFIER_NO_HTTP);
}

char *
notifier_create(const struct notifier_config *config,
                struct notifier **notifierp)
{
    struct notifier *notifier = xzalloc(sizeof *notifier);
    const char *nb = config->nb ? config->nb : notifier_default_nb();
    char *error;

    json_check();
    notifier->metrics = metrics_create();
    notifier_show_init(notifier);
    create_parts(notifier, nb);
    /* Of few descriptors agents have most. */
    error = open_door(notifier, config, nb);
    if (!error && (has_http(config) || config->journal)) {
        error = create_listeners(notifier, config);
    }
    if (!error && has_http(config)) {
        error = open_http(notifier, config);
    }
    if (error) {
        notifier_destroy(notifier);
        notifier = NULL;
    }
    *notifierp = notifier;
    return error;
}

void
notifier_destroy(struct notifier *notifier)
{
    if (!notifier) {
        return;
    }
    http_server_destroy(notifier->http);
    events_destroy(notifier->events);
    door_destroy(notifier->door);

    /* Transactions in flight still tell those who sent them. */
    replica_destroy(notifier->replica);
    api_destroy(notifier->api);
    http_auth_destroy(notifier->auth);
    collector_destroy(notifier->collector);
    recorder_destroy(notifier->recorder);
    lag_destroy(notifier->lag);
    health_destroy(notifier->health);
    journal_close(notifier->journal);
    metrics_destroy(notifier->metrics);
    free(notifier->listen);
    free(notifier);
}

/* Running. */

static void
run_health(struct notifier *notifier)
{
    bool current = replica_is_current(notifier->replica);

    if (current && !notifier->was_current) {
        health_resume(notifier->health, time_msec());
    }
    if (current) {
        health_run(notifier->health, time_msec());
    }
    notifier->was_current = current;
}

/* Agents are told before anything is written to disk; what an answer or an
 * event tells of is in the journal first. */
bool
notifier_run(struct notifier *notifier)
{
    bool busy = replica_run(notifier->replica);

    if (notifier->door) {
        door_run(notifier->door);
    }
    run_health(notifier);
    if (notifier->journal) {
        recorder_run(notifier->recorder);
    }
    if (notifier->http) {
        http_server_run(notifier->http);
        api_run(notifier->api);
    }
    if (notifier->journal) {
        events_run(notifier->events);
        journal_run(notifier->journal);
    }
    collector_run(notifier->collector);
    return busy;
}

void
notifier_wait(struct notifier *notifier)
{
    replica_wait(notifier->replica);
    if (notifier->door) {
        door_wait(notifier->door);
    }
    if (notifier->was_current) {
        poll_timer_wait_until(health_next(notifier->health));
    }
    if (notifier->journal) {
        recorder_wait(notifier->recorder);
        events_wait(notifier->events);
        journal_wait(notifier->journal);
    }
    if (notifier->http) {
        http_server_wait(notifier->http);
        api_wait(notifier->api);
    }
    collector_wait(notifier->collector);
}

struct door *
notifier_door(const struct notifier *notifier)
{
    return notifier->door;
}
