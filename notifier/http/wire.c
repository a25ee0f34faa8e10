/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Bytes sent past libmicrohttpd: the heads of streams, and errors for which it
 * has no place (in the middle of a body, after a deadline). */

#include <config.h>

#include "http/internal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "http/head.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(http_wire);

/* Appends a status line, 'headers', and the empty line. */
void
http_wire_head(struct ds *out, unsigned int status,
               const struct http_pair *headers, size_t n_headers)
{
    ds_put_format(out, "HTTP/1.1 %u %s\r\n", status,
                  MHD_get_reason_phrase_for(status));
    for (size_t i = 0; i < n_headers; i++) {
        const struct http_pair *h = &headers[i];
        if (http_is_token(h->name) && http_is_header_value(h->value)) {
            ds_put_format(out, "%s: %s\r\n", h->name, h->value);
        } else {
            VLOG_WARN("header \"%s\" cannot be sent", h->name);
        }
    }
    ds_put_cstr(out, "\r\n");
}

/* Sends what can be sent at once of 'len' > 0 bytes.  Returns the number, > 0,
 * or a negative errno value: -EAGAIN when there is no room.
 *
 * With TLS, -EINPROGRESS means that one record's worth, MIN(len,
 * gnutls_record_get_max_size()), was taken over by the session and has not
 * gone out yet: the next call must be with 'len' 0, until that returns another
 * thing than -EINPROGRESS. */
ssize_t
http_wire_send(int fd, gnutls_session_t tls, const void *data, size_t len)
{
    if (!tls) {
        ssize_t n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        return n < 0 ? -errno : n;
    }

    size_t record = MIN(len, gnutls_record_get_max_size(tls));
    ssize_t n;
    do {
        n = gnutls_record_send(tls, len ? data : NULL, record);
    } while (n == GNUTLS_E_INTERRUPTED);
    return n == GNUTLS_E_AGAIN ? -EINPROGRESS : n < 0 ? -EPROTO : n;
}

/* Sends an error to the client of 'conn', past libmicrohttpd, as far as that
 * is possible at once: it is a few hundred bytes.  The connection must then be
 * closed. */
void
http_wire_send_error(struct http_conn *conn, unsigned int status,
                     const char *message)
{
    const char *type;
    char *body = http_error_body(conn->server, status, message, &type);
    char *length = xasprintf("%"PRIuSIZE, strlen(body));
    const struct http_pair headers[] = {
        { "Content-Type", type },
        { "Content-Length", length },
        { "Connection", "close" },
    };
    struct ds out = DS_EMPTY_INITIALIZER;

    http_wire_head(&out, status, headers, ARRAY_SIZE(headers));
    ds_put_cstr(&out, body);
    http_wire_send(conn->fd, conn->tls, out.string, out.length);
    conn->linger = true;
    ds_destroy(&out);
    free(length);
    free(body);
}
