/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Listening sockets.  See listen.h.
 *
 * Parsing and binding are Open vSwitch's socket-util, so that remotes mean
 * what they mean to its own servers. */

#include <config.h>

#include "rpc/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dirs.h"
#include "fatal-signal.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc_listen);

/* Connections that the kernel completes while we are busy: all hypervisors
 * come back at once when a notifier starts.  The kernel has a bound of its
 * own (net.core.somaxconn). */
#define BACKLOG 4096

/* The one that IANA has assigned to OVSDB. */
#define DEFAULT_PORT 6640

/* Bytes that the kernel keeps for one client and has not sent yet: enough to
 * keep a fast link busy, little enough that thousands of clients that do not
 * read cost little. */
#define NOTSENT_LOWAT (128 * 1024)

static const struct {
    const char *prefix;
    const char *peer;
} kinds[] = {
    [RPC_UNIX] = { "punix:", "unix" },
    [RPC_TCP] = { "ptcp:", "tcp" },
    [RPC_TLS] = { "pssl:", "ssl" },
};

bool
rpc_remote_is_tls(const char *remote)
{
    return !strncmp(remote, "pssl:", 5);
}

static char *
open_unix(struct rpc_listener *l, const char *file)
{
    if (!file[0]) {
        return xstrdup("punix: needs the name of a file");
    }

    char *path = abs_file_name(ovs_rundir(), file);
    int fd = make_unix_socket(SOCK_STREAM, true, path, NULL);
    if (fd < 0) {
        char *error = xasprintf("%s: %s", path, ovs_strerror(-fd));
        free(path);
        return error;
    }
    l->fd = fd;
    l->path = path;
    l->name = xasprintf("punix:%s", path);
    return NULL;
}

static char *
open_inet(struct rpc_listener *l, const char *target)
{
    struct sockaddr_storage ss;
    int fd = inet_open_passive(SOCK_STREAM, target, DEFAULT_PORT, &ss,
                               DSCP_DEFAULT, true);
    if (fd < 0) {
        return xasprintf("%s%s: %s", kinds[l->kind].prefix, target,
                         fd == -EAFNOSUPPORT ? "not [PORT][:HOST]"
                         : fd == -EAGAIN ? "the host is not known"
                         : ovs_strerror(-fd));
    }

    struct ds name = DS_EMPTY_INITIALIZER;
    ds_put_format(&name, "%s%"PRIu16":", kinds[l->kind].prefix,
                  ss_get_port(&ss));
    ss_format_address(&ss, &name);
    l->fd = fd;
    l->name = ds_steal_cstr(&name);
    return NULL;
}

char *
rpc_listener_open(struct rpc_listener *l, const char *remote)
{
    *l = (struct rpc_listener) { .fd = -1 };

    size_t kind = 0;
    while (strncmp(remote, kinds[kind].prefix, strlen(kinds[kind].prefix))) {
        if (++kind == ARRAY_SIZE(kinds)) {
            return xasprintf("\"%s\" is none of punix:, ptcp:, pssl:",
                             remote);
        }
    }
    const char *target = remote + strlen(kinds[kind].prefix);
    l->kind = kind;
    char *error = kind == RPC_UNIX ? open_unix(l, target)
                                   : open_inet(l, target);
    if (!error && (listen(l->fd, BACKLOG)
                   || fcntl(l->fd, F_SETFD, FD_CLOEXEC))) {
        error = xasprintf("%s: %s", remote, ovs_strerror(errno));
    }
    if (error) {
        rpc_listener_close(l);
    }
    return error;
}

void
rpc_listener_close(struct rpc_listener *l)
{
    if (l->fd >= 0) {
        close(l->fd);
    }
    if (l->path) {
        fatal_signal_unlink_file_now(l->path);
    }
    free(l->path);
    free(l->name);
    *l = (struct rpc_listener) { .fd = -1 };
}

static char *
format_peer(const struct rpc_listener *l, const struct sockaddr_storage *ss,
            socklen_t len)
{
    if (l->kind == RPC_UNIX) {
        const struct sockaddr_un *un = (const struct sockaddr_un *) ss;
        static unsigned int next_number;
        int name_len = get_unix_name_len(un, len);

        return name_len > 0
               ? xasprintf("unix:%.*s", name_len, un->sun_path)
               : xasprintf("unix#%u", next_number++);
    }

    struct ds peer = DS_EMPTY_INITIALIZER;
    ds_put_format(&peer, "%s:", kinds[l->kind].peer);
    ss_format_address(ss, &peer);
    ds_put_format(&peer, ":%"PRIu16, ss_get_port(ss));
    return ds_steal_cstr(&peer);
}

static void
set_tcp_options(int fd)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);
    const int lowat = NOTSENT_LOWAT;

    setsockopt_tcp_nodelay(fd);
    if (setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat,
                   sizeof lowat)) {
        VLOG_WARN_RL(&rl, "TCP_NOTSENT_LOWAT: %s", ovs_strerror(errno));
    }
}

int
rpc_listener_accept(struct rpc_listener *l, char **peer)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    int fd = accept4(l->fd, (struct sockaddr *) &ss, &len,
                     SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    if (l->kind != RPC_UNIX) {
        set_tcp_options(fd);
    }
    *peer = format_peer(l, &ss, len);
    return fd;
}
