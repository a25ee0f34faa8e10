/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* See vswitchd.h. */

#include <config.h>

#include "vswitchd.h"

#include <errno.h>

#include "daemon.h"
#include "dirs.h"
#include "jsonrpc.h"
#include "openvswitch/json.h"
#include "openvswitch/poll-loop.h"
#include "socket-util.h"
#include "stream.h"
#include "timeval.h"
#include "util.h"

struct question {
    struct ovs_list node;       /* In vswitchd's 'questions'. */
    struct jsonrpc *rpc;
    long long int deadline;     /* In ms of time_msec(). */
    vswitchd_cb *cb;
    void *aux;
};

/* Opens a connection to the control socket 'name'.  Returns 0 or an errno. */
static int
connect_to(const char *name, struct jsonrpc **rpcp)
{
    struct stream *stream;
    int error = stream_open(name, &stream, DSCP_DEFAULT);

    if (!error) {
        error = stream_connect(stream);
        if (error) {
            stream_close(stream);
        } else {
            *rpcp = jsonrpc_open(stream);
        }
    }
    return error;
}

int
vswitchd_connect(struct jsonrpc **rpcp)
{
    char *pidfile = xasprintf("%s/ovs-vswitchd.pid", ovs_rundir());
    pid_t pid = read_pidfile(pidfile);
    char *name;
    int error;

    free(pidfile);
    if (pid < 0) {
        return -pid;
    }
    name = xasprintf("unix:%s/ovs-vswitchd.%ld.ctl", ovs_rundir(),
                     (long int) pid);
    error = connect_to(name, rpcp);
    free(name);
    return error;
}

void
vswitchd_init(struct vswitchd *vswitchd)
{
    ovs_list_init(&vswitchd->questions);
}

/* Frees 'question' and answers it. */
static void
finish(struct question *question, const char *answer, const char *error)
{
    vswitchd_cb *cb = question->cb;
    void *aux = question->aux;

    ovs_list_remove(&question->node);
    jsonrpc_close(question->rpc);
    free(question);
    cb(answer, error, aux);
}

void
vswitchd_destroy(struct vswitchd *vswitchd)
{
    struct question *question;

    LIST_FOR_EACH_SAFE (question, node, &vswitchd->questions) {
        finish(question, NULL, "the agent is exiting");
    }
}

static struct jsonrpc_msg *
create_request(const char *const argv[], size_t argc)
{
    struct json *params = json_array_create_empty();

    for (size_t i = 1; i < argc; i++) {
        json_array_add(params, json_string_create(argv[i]));
    }
    return jsonrpc_create_request(argv[0], params, NULL);
}

void
vswitchd_ask(struct vswitchd *vswitchd, const char *const argv[], size_t argc,
             vswitchd_cb *cb, void *aux)
{
    struct question *question;
    struct jsonrpc *rpc;
    int error = vswitchd_connect(&rpc);

    if (error) {
        cb(NULL, ovs_retval_to_string(error), aux);
        return;
    }
    question = xmalloc(sizeof *question);
    question->rpc = rpc;
    question->deadline = time_msec() + VSWITCHD_TIMEOUT_MS;
    question->cb = cb;
    question->aux = aux;
    ovs_list_push_back(&vswitchd->questions, &question->node);
    error = jsonrpc_send(rpc, create_request(argv, argc));
    if (error) {
        finish(question, NULL, ovs_retval_to_string(error));
    }
}

static void
finish_with(struct question *question, const struct jsonrpc_msg *msg)
{
    const struct json *said = (msg->type == JSONRPC_REPLY ? msg->result
                               : msg->type == JSONRPC_ERROR ? msg->error
                               : NULL);

    if (!said || said->type != JSON_STRING) {
        finish(question, NULL, "unexpected answer");
    } else if (msg->type == JSONRPC_REPLY) {
        finish(question, json_string(said), NULL);
    } else {
        finish(question, NULL, json_string(said));
    }
}

void
vswitchd_run(struct vswitchd *vswitchd)
{
    struct question *question;

    LIST_FOR_EACH_SAFE (question, node, &vswitchd->questions) {
        struct jsonrpc_msg *msg;
        int error;

        jsonrpc_run(question->rpc);
        error = jsonrpc_recv(question->rpc, &msg);
        if (!error) {
            finish_with(question, msg);
            jsonrpc_msg_destroy(msg);
        } else if (error != EAGAIN) {
            finish(question, NULL, ovs_retval_to_string(error));
        } else if (time_msec() >= question->deadline) {
            finish(question, NULL, "no answer");
        }
    }
}

void
vswitchd_wait(const struct vswitchd *vswitchd)
{
    const struct question *question;

    LIST_FOR_EACH (question, node, &vswitchd->questions) {
        jsonrpc_wait(question->rpc);
        jsonrpc_recv_wait(question->rpc);
        poll_timer_wait_until(question->deadline);
    }
}
