/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Where to listen.  See listen.h. */

#include <config.h>

#include "http/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

/* Connections that the kernel completes while we are busy: a second's worth at
 * the rate of new ones that one processor can take. */
#define LISTEN_BACKLOG 4096

/* Splits 'copy' at its last colon into host, without brackets, and port. */
static bool
split(char *copy, const char **host, const char **port)
{
    char *colon = strrchr(copy, ':');
    if (!colon) {
        return false;
    }
    *colon = '\0';
    *port = colon + 1;
    *host = copy;
    if (copy[0] == '[') {
        if (colon[-1] != ']') {
            return false;
        }
        colon[-1] = '\0';
        *host = copy + 1;
    } else if (strchr(copy, ':')) {
        return false;           /* IPv6 without brackets. */
    }

    int number;
    return **host && str_to_int(*port, 10, &number)
           && number >= 0 && number <= UINT16_MAX;
}

char *
http_listen_parse(const char *listen, struct sockaddr_storage *ss)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
    };
    struct addrinfo *found = NULL;
    const char *host, *port;
    char *error = NULL;

    memset(ss, 0, sizeof *ss);
    char *copy = xstrdup(listen);
    if (!split(copy, &host, &port)) {
        error = xasprintf("\"%s\" is not HOST:PORT (an IPv6 address goes in "
                          "brackets)", listen);
    } else {
        int code = getaddrinfo(host, port, &hints, &found);
        if (code) {
            error = xasprintf("%s: %s", host, gai_strerror(code));
        } else {
            memcpy(ss, found->ai_addr, found->ai_addrlen);
            freeaddrinfo(found);
        }
    }
    free(copy);
    return error;
}

bool
http_listen_is_loopback(const char *listen)
{
    struct sockaddr_storage ss;
    char *error = http_listen_parse(listen, &ss);
    if (error) {
        free(error);
        return false;
    }

    if (ss.ss_family == AF_INET) {
        const struct sockaddr_in *sin = (const struct sockaddr_in *) &ss;
        return ntohl(sin->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct in6_addr *a = &((const struct sockaddr_in6 *) &ss)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(a)
           || (IN6_IS_ADDR_V4MAPPED(a) && a->s6_addr[12] == IN_LOOPBACKNET);
}

char *
http_listen_open(const char *address, int *fdp)
{
    struct sockaddr_storage ss;
    char *error = http_listen_parse(address, &ss);
    if (error) {
        return error;
    }

    socklen_t len = ss.ss_family == AF_INET ? sizeof(struct sockaddr_in)
                                            : sizeof(struct sockaddr_in6);
    const int on = 1, off = 0;
    int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    0);
    if (fd < 0
        || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)
        || (ss.ss_family == AF_INET6
            && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off))
        || bind(fd, (struct sockaddr *) &ss, len)
        || listen(fd, LISTEN_BACKLOG)) {
        error = xasprintf("cannot listen on %s: %s", address,
                          ovs_strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return error;
    }
    *fdp = fd;
    return NULL;
}
