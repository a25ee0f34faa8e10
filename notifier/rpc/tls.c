/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* TLS sessions.  See tls.h; wire.c moves their bytes.
 *
 * A new context is made whole before it replaces the old one, so that a key
 * and a certificate that do not match, for one of them is not there yet, do no
 * harm.  A session keeps the context it began with. */

#include <config.h>

#include "rpc/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>

#include "openvswitch/vlog.h"
#include "rpc/rpc.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(rpc_tls);

static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

/* How often the files are looked at, at most, in ms. */
#define CHECK_INTERVAL 1000

/* Those of Open vSwitch; they matter up to TLS 1.2. */
#define DEFAULT_CIPHERS "HIGH:!aNULL:!MD5"

enum { PRIVATE_KEY, CERTIFICATE, CA_CERT, N_FILES };

/* What tells a file from what it was. */
struct mark {
    struct timespec mtime;
    off_t size;
    ino_t inode;
    dev_t device;
};

struct rpc_tls {
    const struct rpc_tls_config config;
    SSL_CTX *ctx;
    struct mark marks[N_FILES]; /* Of the files 'ctx' was made of. */
    long long int checked;      /* When they were looked at, in ms. */
};

char *
rpc_tls_error(void)
{
    /* The first is the cause, those after it say where it was met. */
    unsigned long int code = ERR_peek_error();
    char *error;

    if (!code) {
        error = xstrdup("unknown error");
    } else if (ERR_SYSTEM_ERROR(code)) {
        error = xstrdup(ovs_strerror(ERR_GET_REASON(code)));
    } else {
        const char *reason = ERR_reason_error_string(code);
        error = reason ? xstrdup(reason) : xasprintf("error %lx", code);
    }
    ERR_clear_error();
    return error;
}

/* Stores what the files are like.  A file that is not there is all zeros. */
static void
read_marks(const struct rpc_tls_config *config, struct mark marks[N_FILES])
{
    const char *names[N_FILES] = {
        [PRIVATE_KEY] = config->private_key,
        [CERTIFICATE] = config->certificate,
        [CA_CERT] = config->ca_cert,
    };

    memset(marks, 0, N_FILES * sizeof *marks);
    for (int i = 0; i < N_FILES; i++) {
        struct stat s;

        if (!stat(names[i], &s)) {
            marks[i].mtime = s.st_mtim;
            marks[i].size = s.st_size;
            marks[i].inode = s.st_ino;
            marks[i].device = s.st_dev;
        }
    }
}

static bool
marks_equal(const struct mark a[N_FILES], const struct mark b[N_FILES])
{
    for (int i = 0; i < N_FILES; i++) {
        if (a[i].mtime.tv_sec != b[i].mtime.tv_sec
            || a[i].mtime.tv_nsec != b[i].mtime.tv_nsec
            || a[i].size != b[i].size
            || a[i].inode != b[i].inode
            || a[i].device != b[i].device) {
            return false;
        }
    }
    return true;
}

/* Allows only the versions listed in 'protocols', in Open vSwitch's syntax:
 * words with white space or commas between them. */
static char *
set_protocols(SSL_CTX *ctx, const char *protocols)
{
    static const struct {
        const char *name;
        uint64_t off;
    } versions[] = {
        { "TLSv1", SSL_OP_NO_TLSv1 },
        { "TLSv1.1", SSL_OP_NO_TLSv1_1 },
        { "TLSv1.2", SSL_OP_NO_TLSv1_2 },
        { "TLSv1.3", SSL_OP_NO_TLSv1_3 },
    };
    uint64_t off = SSL_OP_NO_SSL_MASK;
    char *copy = xstrdup(protocols);
    char *save_ptr = NULL;
    char *error = NULL;
    const char *word;

    for (word = strtok_r(copy, " ,\t", &save_ptr); word && !error;
         word = strtok_r(NULL, " ,\t", &save_ptr)) {
        size_t i = 0;
        while (i < ARRAY_SIZE(versions)
               && strcasecmp(word, versions[i].name)) {
            i++;
        }
        if (i < ARRAY_SIZE(versions)) {
            off &= ~versions[i].off;
        } else {
            error = xasprintf("\"%s\" is not a version of TLS", word);
        }
    }
    free(copy);
    if (!error && off == SSL_OP_NO_SSL_MASK) {
        error = xstrdup("no version of TLS is allowed");
    }
    if (!error) {
        SSL_CTX_set_options(ctx, off);
    }
    return error;
}

/* A key that asks for a pass phrase cannot be used: nobody is there. */
static int
no_pass_phrase(char *buf OVS_UNUSED, int size OVS_UNUSED, int write OVS_UNUSED,
               void *aux OVS_UNUSED)
{
    return -1;
}

/* Returns 'what' and what OpenSSL says. */
static char *
tls_fault(const char *what)
{
    char *reason = rpc_tls_error();
    char *error = xasprintf("%s: %s", what, reason);

    free(reason);
    return error;
}

static char *
load_files(SSL_CTX *ctx, const struct rpc_tls_config *config)
{
    SSL_CTX_set_default_passwd_cb(ctx, no_pass_phrase);
    if (SSL_CTX_use_certificate_chain_file(ctx, config->certificate) != 1) {
        return tls_fault(config->certificate);
    } else if (SSL_CTX_use_PrivateKey_file(ctx, config->private_key,
                                           SSL_FILETYPE_PEM) != 1) {
        return tls_fault(config->private_key);
    } else if (SSL_CTX_check_private_key(ctx) != 1) {
        return tls_fault("private key and certificate");
    } else if (SSL_CTX_load_verify_file(ctx, config->ca_cert) != 1) {
        return tls_fault(config->ca_cert);
    }

    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(config->ca_cert);
    if (!names) {
        return tls_fault(config->ca_cert);
    }
    SSL_CTX_set_client_CA_list(ctx, names);
    return NULL;
}

static char *
configure(SSL_CTX *ctx, const struct rpc_tls_config *config)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                        | SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS
                     | SSL_MODE_ENABLE_PARTIAL_WRITE
                     | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(ctx, 0);
    SSL_CTX_set_dh_auto(ctx, 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);

    const char *ciphers = config->ciphers ? config->ciphers : DEFAULT_CIPHERS;
    if (SSL_CTX_set_cipher_list(ctx, ciphers) != 1) {
        return tls_fault(ciphers);
    }
    if (!config->protocols) {
        SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    } else {
        SSL_CTX_set_min_proto_version(ctx, 0);
        char *error = set_protocols(ctx, config->protocols);
        if (error) {
            return error;
        }
    }
    return load_files(ctx, config);
}

static char *
make_ctx(const struct rpc_tls_config *config, SSL_CTX **ctxp)
{
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx) {
        return tls_fault("TLS");
    }
    char *error = configure(ctx, config);
    if (error) {
        SSL_CTX_free(ctx);
        return error;
    }
    *ctxp = ctx;
    return NULL;
}

char *
rpc_tls_create(const struct rpc_tls_config *config, struct rpc_tls **tlsp)
{
    if (!config->private_key || !config->certificate || !config->ca_cert) {
        return xstrdup("TLS needs a private key, a certificate and the "
                       "certificate of a CA");
    }

    struct mark marks[N_FILES];
    SSL_CTX *ctx;

    read_marks(config, marks);
    char *error = make_ctx(config, &ctx);
    if (error) {
        return error;
    }

    struct rpc_tls new = {
        .config = *config,
        .ctx = ctx,
        .checked = time_msec(),
    };
    memcpy(new.marks, marks, sizeof marks);
    *tlsp = xmemdup(&new, sizeof new);
    return NULL;
}

void
rpc_tls_destroy(struct rpc_tls *tls)
{
    if (tls) {
        SSL_CTX_free(tls->ctx);
        free(tls);
    }
}

/* Reads the files again if they have changed. */
static void
refresh(struct rpc_tls *tls)
{
    long long int now = time_msec();
    if (now < tls->checked + CHECK_INTERVAL) {
        return;
    }
    tls->checked = now;

    /* Before the files are read: what changes in between is seen the next
     * time. */
    struct mark marks[N_FILES];
    read_marks(&tls->config, marks);
    if (marks_equal(marks, tls->marks)) {
        return;
    }

    SSL_CTX *ctx;
    char *error = make_ctx(&tls->config, &ctx);
    if (error) {
        VLOG_WARN_RL(&rl, "changed files cannot be used, what they were stays "
                     "in force: %s", error);
        free(error);
        return;
    }
    SSL_CTX_free(tls->ctx);
    tls->ctx = ctx;
    memcpy(tls->marks, marks, sizeof marks);
    VLOG_INFO("private key, certificate or CA have changed");
}

struct ssl_st *
rpc_tls_accept(struct rpc_tls *tls, int fd)
{
    refresh(tls);

    ERR_clear_error();
    SSL *ssl = SSL_new(tls->ctx);
    if (!ssl || SSL_set_fd(ssl, fd) != 1) {
        char *error = rpc_tls_error();
        VLOG_WARN_RL(&rl, "no session: %s", error);
        free(error);
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}

char *
rpc_tls_peer_name(struct ssl_st *ssl)
{
    X509 *cert = SSL_get0_peer_certificate(ssl);
    if (!cert) {
        return NULL;
    }

    const X509_NAME *subject = X509_get_subject_name(cert);
    int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const X509_NAME_ENTRY *entry = i < 0 ? NULL
                                   : X509_NAME_get_entry(subject, i);
    const ASN1_STRING *cn = entry ? X509_NAME_ENTRY_get_data(entry) : NULL;
    if (!cn) {
        return NULL;
    }

    const char *data = (const char *) ASN1_STRING_get0_data(cn);
    int len = ASN1_STRING_length(cn);
    return len <= 0 || memchr(data, '\0', len) ? NULL : xmemdup0(data, len);
}
