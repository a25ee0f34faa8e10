/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Bytes, plain or by TLS.  See wire.h; tls.c makes the sessions.
 *
 * Errors of TLS come out as EPROTO; what OpenSSL says of them is told of a
 * handshake, where it helps an operator. */

#include <config.h>

#include "rpc/wire.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc/tls.h"
#include "util.h"

void
rpc_wire_init(struct rpc_wire *wire, int fd, struct ssl_st *ssl)
{
    wire->fd = fd;
    wire->ssl = ssl;
}

void
rpc_wire_close(struct rpc_wire *wire, bool politely)
{
    if (wire->ssl) {
        if (politely) {
            ERR_clear_error();
            SSL_shutdown(wire->ssl);
        }
        SSL_free(wire->ssl);
        wire->ssl = NULL;
    }
    if (wire->fd >= 0) {
        close(wire->fd);
        wire->fd = -1;
    }
}

/* What came of a call of OpenSSL that returned 'retval' <= 0: 0 if the peer
 * has ended the session, or a negative errno value. */
static int
tls_result(const struct rpc_wire *wire, int retval)
{
    int saved_errno = errno;

    switch (SSL_get_error(wire->ssl, retval)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return -EAGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SYSCALL:
        return saved_errno ? -saved_errno : -ECONNRESET;
    default:
        return -EPROTO;
    }
}

int
rpc_wire_handshake(struct rpc_wire *wire, char **errorp)
{
    ERR_clear_error();
    errno = 0;
    int retval = SSL_do_handshake(wire->ssl);
    if (retval == 1) {
        return 0;
    }

    int error = tls_result(wire, retval);
    if (error == -EAGAIN) {
        return error;
    }
    *errorp = error == -EPROTO ? rpc_tls_error()
              : xstrdup(error ? ovs_strerror(-error)
                        : "the client has ended it");
    return error ? error : -ECONNRESET;
}

ssize_t
rpc_wire_recv(struct rpc_wire *wire, void *data, size_t size)
{
    if (!wire->ssl) {
        ssize_t n;
        do {
            n = recv(wire->fd, data, size, MSG_DONTWAIT);
        } while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
    }

    size_t n;
    ERR_clear_error();
    errno = 0;
    int retval = SSL_read_ex(wire->ssl, data, size, &n);
    return retval == 1 ? (ssize_t) n : tls_result(wire, retval);
}

ssize_t
rpc_wire_send(struct rpc_wire *wire, const void *data, size_t len)
{
    if (!wire->ssl) {
        ssize_t n;
        do {
            n = send(wire->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        } while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
    }

    size_t n;
    ERR_clear_error();
    errno = 0;
    int retval = SSL_write_ex(wire->ssl, data, len, &n);
    if (retval == 1) {
        return n;
    }
    int error = tls_result(wire, retval);
    return error ? error : -EPIPE;
}

bool
rpc_wire_has_unread(const struct rpc_wire *wire)
{
    char c;

    /* A record that has begun and not ended is nothing to be told of. */
    return (wire->ssl && SSL_pending(wire->ssl))
           || recv(wire->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}
