/* SPDX-License-Identifier: Apache-2.0
 * Copyright (c) 2026 The Sluice authors. */

/* Connections by TLS: who is let in, as whom, and that all else is as without
 * it.  Keys and certificates are made as the tests go. */

#include <config.h>

#include "unit.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rpc-fixture.h"

/* A key and a certificate. */
struct id {
    EVP_PKEY *key;
    X509 *cert;
};

/* Files of the server, and who there is. */
static struct id ca, other_ca, server_id;
static char dir[] = "/tmp/test-rpc-tls.XXXXXX";
static char *key_file, *cert_file, *ca_file;

/* Makes the identity of whom is called the 'len' bytes of 'name', signed by
 * 'issuer', or by itself. */
static struct id
make_id(const char *name, int len, const struct id *issuer)
{
    static long int serial;
    struct id id = { .key = EVP_EC_gen("P-256"), .cert = X509_new() };
    X509_NAME *subject = X509_NAME_new();

    assert_non_null(id.key);
    if (len) {
        assert_int_equal(X509_NAME_add_entry_by_NID(
            subject, NID_commonName, MBSTRING_UTF8,
            (const unsigned char *) name, len, -1, 0), 1);
    }
    X509_set_version(id.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(id.cert), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(id.cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(id.cert), 24 * 60 * 60);
    X509_set_subject_name(id.cert, subject);
    X509_set_issuer_name(id.cert, issuer ? X509_get_subject_name(issuer->cert)
                                         : subject);
    X509_set_pubkey(id.cert, id.key);
    if (!issuer) {
        X509_EXTENSION *ext = X509V3_EXT_conf_nid(
            NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
        assert_int_equal(X509_add_ext(id.cert, ext, -1), 1);
        X509_EXTENSION_free(ext);
    }
    assert_true(X509_sign(id.cert, issuer ? issuer->key : id.key,
                          EVP_sha256()) > 0);
    X509_NAME_free(subject);
    return id;
}

static struct id
named(const char *name, const struct id *issuer)
{
    return make_id(name, strlen(name), issuer);
}

static void
id_destroy(struct id *id)
{
    EVP_PKEY_free(id->key);
    X509_free(id->cert);
}

/* Puts a whole new file in the place of 'name', as one does who cares. */
static void
write_pem(const char *name, EVP_PKEY *key, X509 *cert)
{
    char *tmp = xasprintf("%s.tmp", name);
    FILE *stream = fopen(tmp, "w");

    assert_non_null(stream);
    assert_int_equal(key ? PEM_write_PrivateKey(stream, key, NULL, NULL, 0,
                                                NULL, NULL)
                         : PEM_write_X509(stream, cert), 1);
    assert_int_equal(fclose(stream), 0);
    assert_int_equal(rename(tmp, name), 0);
    free(tmp);
}

static void
write_text(const char *name, const char *text)
{
    FILE *stream = fopen(name, "w");

    assert_non_null(stream);
    fputs(text, stream);
    assert_int_equal(fclose(stream), 0);
}

static int
make_files(void **state OVS_UNUSED)
{
    assert_non_null(mkdtemp(dir));
    key_file = xasprintf("%s/key.pem", dir);
    cert_file = xasprintf("%s/cert.pem", dir);
    ca_file = xasprintf("%s/ca.pem", dir);
    ca = named("the CA", NULL);
    other_ca = named("another CA", NULL);
    server_id = named("server", &ca);
    write_pem(ca_file, NULL, ca.cert);
    return 0;
}

static int
remove_files(void **state OVS_UNUSED)
{
    unlink(key_file);
    unlink(cert_file);
    unlink(ca_file);
    assert_int_equal(rmdir(dir), 0);
    free(key_file);
    free(cert_file);
    free(ca_file);
    id_destroy(&ca);
    id_destroy(&other_ca);
    id_destroy(&server_id);
    return 0;
}

static struct rpc_tls_config
default_config(void)
{
    return (struct rpc_tls_config) {
        .private_key = key_file,
        .certificate = cert_file,
        .ca_cert = ca_file,
    };
}

static struct rpc_fixture *
start_with(const struct rpc_limits *limits,
           const struct rpc_tls_config *config)
{
    write_pem(key_file, server_id.key, NULL);
    write_pem(cert_file, NULL, server_id.cert);

    struct rpc_fixture *f = rpc_fixture_create(limits);
    char *error = rpc_server_set_tls(f->server, config);
    if (error) {
        fail_msg("%s", error);
    }
    rpc_fixture_listen(f, "pssl:0:127.0.0.1");
    return f;
}

static struct rpc_fixture *
start(void)
{
    const struct rpc_limits limits = { .max_connections = 0 };
    const struct rpc_tls_config config = default_config();

    return start_with(&limits, &config);
}

/* A client. */
struct client {
    int fd;
    SSL *ssl;
    struct ds got;
    bool over;                  /* The server has ended it. */
};

/* A client who says it is 'id', or nobody, and speaks version 'version' alone
 * (0: any). */
static struct client
connect_as(struct rpc_fixture *f, const struct id *id, int version)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    struct client c = {
        .fd = rpc_fixture_connect(f, "ssl"),
        .got = DS_EMPTY_INITIALIZER,
    };

    SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE
                     | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (version) {
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_min_proto_version(ctx, version);
        SSL_CTX_set_max_proto_version(ctx, version);
    }
    if (id) {
        assert_int_equal(SSL_CTX_use_certificate(ctx, id->cert), 1);
        assert_int_equal(SSL_CTX_use_PrivateKey(ctx, id->key), 1);
    }
    c.ssl = SSL_new(ctx);
    SSL_set_fd(c.ssl, c.fd);
    SSL_set_connect_state(c.ssl);
    SSL_CTX_free(ctx);
    return c;
}

static void
client_destroy(struct client *c)
{
    SSL_free(c->ssl);
    ERR_clear_error();
    close(c->fd);
    ds_destroy(&c->got);
}

/* Notes that the server has ended the connection, unless 'retval' of a call
 * says that it only has to be waited for. */
static void
client_result(struct client *c, int retval)
{
    if (retval <= 0) {
        int error = SSL_get_error(c->ssl, retval);
        c->over = error != SSL_ERROR_WANT_READ
                  && error != SSL_ERROR_WANT_WRITE;
    }
    ERR_clear_error();
}

/* Reads what has come; does the client's part of the handshake, too. */
static void
client_run(struct client *c)
{
    char buf[16384];
    int n = 1;

    while (n > 0 && !c->over) {
        n = SSL_read(c->ssl, buf, sizeof buf);
        client_result(c, n);
        if (n > 0) {
            ds_put_buffer(&c->got, buf, n);
        }
    }
}

static void
client_send(struct rpc_fixture *f, struct client *c, const char *data,
            size_t len)
{
    while (len && !c->over) {
        int n = SSL_write(c->ssl, data, MIN(len, 65536));
        client_result(c, n);
        if (n > 0) {
            data += n;
            len -= n;
        } else {
            rpc_fixture_pass(f);
        }
    }
}

/* Runs server and client until CONDITION. */
#define AWAIT_TLS(F, C, CONDITION) \
    do { \
        client_run(C); \
        rpc_fixture_pass(F); \
    } while (!(CONDITION))

/* Fails unless 'id' is let in, as 'expected'. */
static void
assert_let_in(struct rpc_fixture *f, const struct id *id, int version,
              const char *expected)
{
    struct client c = connect_as(f, id, version);
    size_t n = f->n_sessions = 0;

    AWAIT_TLS(f, &c, c.over || f->n_sessions > n);
    assert_false(c.over);
    struct rpc_session *s = &f->sessions[n];
    assert_memory_equal(rpc_conn_peer(s->conn), "ssl:127.0.0.1:", 14);
    if (expected) {
        assert_string_equal(rpc_conn_identity(s->conn), expected);
    } else {
        assert_null(rpc_conn_identity(s->conn));
    }

    client_send(f, &c, "{\"a\":1}", 7);
    AWAIT_TLS(f, &c, s->n_got);
    rpc_conn_send(s->conn, "[2]", 3);
    rpc_conn_flush(s->conn);
    AWAIT_TLS(f, &c, c.got.length);
    assert_string_equal(ds_cstr(&c.got), "[2]");
    client_destroy(&c);
    AWAIT(f, s->reason);
    assert_string_equal(s->reason, "closed by the client");
    free(s->reason);
    ds_destroy(&s->got);
    memset(s, 0, sizeof *s);
    f->n_sessions = 0;
}

static void
assert_kept_out(struct rpc_fixture *f, const struct id *id, int version)
{
    struct client c = connect_as(f, id, version);
    uint64_t n = rpc_fixture_stats(f).n_accepted;

    AWAIT_TLS(f, &c, c.over);
    AWAIT_TLS(f, &c, rpc_fixture_stats(f).n_accepted > n
              && !rpc_fixture_stats(f).handshakes);
    assert_int_equal(f->n_sessions, 0);
    assert_int_equal(c.got.length, 0);
    client_destroy(&c);
}

static void
identity(void **state OVS_UNUSED)
{
    static const struct {
        const char *name;
        int len;
        const char *expected;
    } cases[] = {
        { "hv-1", 4, "hv-1" },
        { "h\xc3\xa9", 3, "h\xc3\xa9" },
        { "hv-1\0.evil", 10, NULL },
        { "", 0, NULL },
    };
    struct rpc_fixture *f = start();

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct id id = make_id(cases[i].name, cases[i].len, &ca);

        assert_let_in(f, &id, 0, cases[i].expected);
        assert_let_in(f, &id, TLS1_2_VERSION, cases[i].expected);
        id_destroy(&id);
    }
    rpc_fixture_destroy(f);
}

static void
strangers(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start();
    struct id stranger = named("hv-1", &other_ca);
    struct id own = named("hv-1", NULL);
    struct id known = named("hv-1", &ca);
    int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };

    for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
        assert_kept_out(f, NULL, versions[i]);
        assert_kept_out(f, &stranger, versions[i]);
        assert_kept_out(f, &own, versions[i]);
    }
    assert_kept_out(f, &known, TLS1_1_VERSION);
    assert_let_in(f, &known, TLS1_2_VERSION, "hv-1");
    assert_let_in(f, &known, TLS1_3_VERSION, "hv-1");
    id_destroy(&stranger);
    id_destroy(&own);
    id_destroy(&known);
    rpc_fixture_destroy(f);
}

/* Somebody who does not speak TLS. */
static void
plain(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start();
    struct ds got = DS_EMPTY_INITIALIZER;
    int fd = rpc_fixture_connect(f, "ssl");

    rpc_fixture_puts(f, fd, "{\"method\":\"echo\",\"params\":[],\"id\":0}");
    AWAIT(f, !rpc_fixture_read(fd, &got));
    assert_int_equal(f->n_sessions, 0);
    assert_int_equal(rpc_fixture_stats(f).handshakes, 0);
    ds_destroy(&got);
    close(fd);
    rpc_fixture_destroy(f);
}

static void
protocols(void **state OVS_UNUSED)
{
    const struct rpc_limits limits = { .max_connections = 0 };
    struct rpc_tls_config config = default_config();
    struct id id = named("hv-1", &ca);

    config.protocols = "TLSv1.2";
    config.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
    struct rpc_fixture *f = start_with(&limits, &config);
    assert_kept_out(f, &id, TLS1_3_VERSION);
    assert_let_in(f, &id, TLS1_2_VERSION, "hv-1");
    rpc_fixture_destroy(f);

    /* With ciphers that would do for an old version, it is the version that
     * keeps it out. */
    config.protocols = NULL;
    config.ciphers = "ALL:@SECLEVEL=0";
    f = start_with(&limits, &config);
    assert_kept_out(f, &id, TLS1_1_VERSION);
    rpc_fixture_destroy(f);
    config.protocols = "TLSv1.2,tlsv1.1";
    f = start_with(&limits, &config);
    assert_let_in(f, &id, TLS1_1_VERSION, "hv-1");
    rpc_fixture_destroy(f);
    id_destroy(&id);
}

/* Fails unless 'config' is refused with an error that contains 'expected'. */
static void
assert_refused(const struct rpc_tls_config *config, const char *expected)
{
    const struct rpc_limits limits = { .max_connections = 0 };
    struct rpc_fixture *f = rpc_fixture_create(&limits);
    char *error = rpc_server_set_tls(f->server, config);

    assert_non_null(error);
    if (!strstr(error, expected)) {
        fail_msg("\"%s\" is not in \"%s\"", expected, error);
    }
    free(error);
    error = rpc_server_listen(f->server, "pssl:0:127.0.0.1");
    assert_non_null(strstr(error, "TLS needs"));
    free(error);
    rpc_fixture_destroy(f);
}

static void
bad_configuration(void **state OVS_UNUSED)
{
    struct rpc_tls_config config = default_config();

    rpc_fixture_destroy(start());
    config.ca_cert = NULL;
    assert_refused(&config, "TLS needs");
    config.ca_cert = "/nonexistent";
    assert_refused(&config, "/nonexistent: No such file or directory");
    config = default_config();
    config.protocols = "SSLv3";
    assert_refused(&config, "\"SSLv3\" is not a version");
    config.protocols = " ,";
    assert_refused(&config, "no version");
    config = default_config();
    config.ciphers = "nonsense";
    assert_refused(&config, "nonsense: ");
    config = default_config();
    config.certificate = ca_file;
    assert_refused(&config, "key values mismatch");
    config.certificate = key_file;
    assert_refused(&config, "key.pem: ");
}

/* Connects until the server shows 'cert'.  Fails if it shows another than
 * that and 'old'. */
static void
await_certificate(struct rpc_fixture *f, const struct id *id, const X509 *old,
                  const X509 *cert)
{
    bool found = false;

    while (!found) {
        struct client c = connect_as(f, id, 0);
        X509 *shown;

        AWAIT_TLS(f, &c, (shown = SSL_get0_peer_certificate(c.ssl)) || c.over);
        assert_non_null(shown);
        found = !X509_cmp(shown, cert);
        assert_true(found || !X509_cmp(shown, old));
        client_destroy(&c);
        AWAIT(f, !rpc_fixture_stats(f).handshakes
              && !rpc_fixture_stats(f).connections);
        for (size_t i = 0; i < f->n_sessions; i++) {
            free(f->sessions[i].reason);
            ds_destroy(&f->sessions[i].got);
        }
        memset(f->sessions, 0, sizeof f->sessions);
        f->n_sessions = 0;
    }
}

/* Files that are replaced are what the next clients see; those that cannot be
 * used are not. */
static void
replaced_files(void **state OVS_UNUSED)
{
    struct id new_id = named("server, later", &ca);
    struct id id = named("hv-1", &ca);
    struct id stranger = named("hv-2", &other_ca);
    struct rpc_fixture *f = start();

    /* A certificate whose key has not come yet. */
    write_pem(cert_file, NULL, new_id.cert);
    await_certificate(f, &id, server_id.cert, server_id.cert);
    write_pem(key_file, new_id.key, NULL);
    await_certificate(f, &id, server_id.cert, new_id.cert);

    /* Rubbish changes nothing: when the CA is another, that is seen, and by
     * then the rubbish would have been. */
    write_text(cert_file, "rubbish\n");
    assert_let_in(f, &id, 0, "hv-1");
    write_pem(cert_file, NULL, server_id.cert);
    write_pem(key_file, server_id.key, NULL);
    await_certificate(f, &id, new_id.cert, server_id.cert);

    write_pem(ca_file, NULL, other_ca.cert);
    write_pem(cert_file, NULL, new_id.cert);
    write_pem(key_file, new_id.key, NULL);
    await_certificate(f, &stranger, server_id.cert, new_id.cert);
    assert_let_in(f, &stranger, 0, "hv-2");
    assert_kept_out(f, &id, 0);

    write_pem(ca_file, NULL, ca.cert);
    rpc_fixture_destroy(f);
    id_destroy(&id);
    id_destroy(&new_id);
    id_destroy(&stranger);
}

/* Large messages both ways at once. */
static void
large(void **state OVS_UNUSED)
{
    enum { N = 5 * 1024 * 1024 };
    struct rpc_fixture *f = start();
    struct id id = named("hv-1", &ca);
    struct client c = connect_as(f, &id, 0);
    char *message = xmalloc(N);
    struct rpc_session *s = &f->sessions[0];

    for (size_t i = 0; i < N; i++) {
        message[i] = "abcdefghijklmnopqrstuvwxyz0123456789"[i % 36];
    }
    message[0] = '[';
    message[N - 1] = ']';
    AWAIT_TLS(f, &c, f->n_sessions);
    rpc_conn_send(s->conn, message, N - 1);
    rpc_conn_flush(s->conn);
    assert_true(rpc_conn_backlog(s->conn) > 0);
    rpc_conn_send(s->conn, message + N - 1, 1);

    client_send(f, &c, message, N);
    AWAIT_TLS(f, &c, s->n_got);
    assert_int_equal(s->longest, N);
    AWAIT_TLS(f, &c, c.got.length >= N && s->n_drained);
    assert_int_equal(c.got.length, N);
    assert_memory_equal(c.got.string, message, N);
    assert_int_equal(s->n_drained, 1);
    assert_int_equal(rpc_conn_bytes_sent(s->conn), N);
    free(message);
    client_destroy(&c);
    rpc_fixture_destroy(f);
    id_destroy(&id);
}

/* Several messages in one record, of which the owner wants one at a time. */
static void
asked_later(void **state OVS_UNUSED)
{
    struct rpc_fixture *f = start();
    struct id id = named("hv-1", &ca);
    struct client c = connect_as(f, &id, 0);
    struct rpc_session *s = &f->sessions[0];

    AWAIT_TLS(f, &c, f->n_sessions);
    s->hold = true;
    client_send(f, &c, "[1][2]", 6);
    AWAIT_TLS(f, &c, s->n_readable > 1);
    size_t len;
    char *message = rpc_conn_next(s->conn, &len);
    while (!message) {
        rpc_fixture_pass(f);
        message = rpc_conn_next(s->conn, &len);
    }
    assert_string_equal(message, "[1]");
    free(message);
    rpc_fixture_ask(s);
    assert_string_equal(ds_cstr(&s->got), "[2]\n");
    client_destroy(&c);
    rpc_fixture_destroy(f);
    id_destroy(&id);
}

/* Whoever begins a handshake and does not go on has to go; it counts as a
 * connection until then. */
static void
unfinished(void **state OVS_UNUSED)
{
    const struct rpc_limits limits = {
        .handshake_time = 200, .max_connections = 2,
    };
    const struct rpc_tls_config config = default_config();
    struct rpc_fixture *f = start_with(&limits, &config);
    struct ds got = DS_EMPTY_INITIALIZER;
    int silent = rpc_fixture_connect(f, "ssl");
    int half = rpc_fixture_connect(f, "ssl");

    rpc_fixture_write(f, half, "\x16\x03\x01\x02\x00\x01", 6);
    int third = rpc_fixture_connect(f, "ssl");
    AWAIT(f, rpc_fixture_stats(f).n_refused);
    AWAIT(f, !rpc_fixture_read(third, &got));
    assert_int_equal(rpc_fixture_stats(f).n_accepted, 2);
    AWAIT(f, !rpc_fixture_read(silent, &got));
    AWAIT(f, !rpc_fixture_read(half, &got));
    assert_int_equal(rpc_fixture_stats(f).handshakes, 0);
    assert_int_equal(rpc_fixture_stats(f).connections, 0);
    assert_int_equal(f->n_sessions, 0);
    ds_destroy(&got);
    close(silent);
    close(half);
    close(third);
    rpc_fixture_destroy(f);
}

/* Half a record and silence is silence. */
static void
half_record(void **state OVS_UNUSED)
{
    const struct rpc_limits limits = { .probe_interval = 50 };
    const struct rpc_tls_config config = default_config();
    struct rpc_fixture *f = start_with(&limits, &config);
    struct id id = named("hv-1", &ca);
    struct client c = connect_as(f, &id, 0);
    struct rpc_session *s = &f->sessions[0];

    AWAIT_TLS(f, &c, f->n_sessions);
    rpc_fixture_write(f, c.fd, "\x17\x03\x03\x01\x00x", 6);
    AWAIT(f, s->reason);
    assert_non_null(strstr(s->reason, "inactivity"));
    client_destroy(&c);
    rpc_fixture_destroy(f);
    id_destroy(&id);
}

/* More handshakes at once than one pass takes steps of. */
static void
many(void **state OVS_UNUSED)
{
    enum { N = 12 };
    struct rpc_fixture *f = start();
    struct id id = named("hv-1", &ca);
    struct client clients[N];

    for (int i = 0; i < N; i++) {
        clients[i] = connect_as(f, &id, 0);
    }
    do {
        for (int i = 0; i < N; i++) {
            client_run(&clients[i]);
            assert_false(clients[i].over);
        }
        rpc_fixture_pass(f);
    } while (f->n_sessions < N);
    assert_int_equal(rpc_fixture_stats(f).connections, N);
    assert_int_equal(rpc_fixture_stats(f).handshakes, 0);
    for (int i = 0; i < N; i++) {
        client_destroy(&clients[i]);
    }
    rpc_fixture_destroy(f);
    id_destroy(&id);
}

int
main(int argc OVS_UNUSED, char *argv[])
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(identity),
        cmocka_unit_test(strangers),
        cmocka_unit_test(plain),
        cmocka_unit_test(protocols),
        cmocka_unit_test(bad_configuration),
        cmocka_unit_test(replaced_files),
        cmocka_unit_test(large),
        cmocka_unit_test(asked_later),
        cmocka_unit_test(unfinished),
        cmocka_unit_test(half_record),
        cmocka_unit_test(many),
    };

    unit_init(argv[0]);
    return cmocka_run_group_tests_name("rpc-tls", tests, make_files,
                                       remove_files);
}
