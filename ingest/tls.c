#include "ingest/tls.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/journal.h"

#define TLS_MAGIC MAGIC('T', 'l', 's', ' ')
#define SECURE_HEAP_BYTES 2097152 /* a few small blocks a connection */
#define SECURE_BLOCK_BYTES 32
#define KEY_FILE_BYTES_MAX 32768
#define CHAIN_DEPTH_MAX 8
#define CIPHERS_TLS12 "ECDHE+AESGCM:ECDHE+CHACHA20"
#define OTHERS_ACCESS 037 /* a group may read the key, as Debian's ssl-cert does */

struct tls {
    uint32_t magic;
    char *cert; /* paths */
    char *key;
    char *client_ca; /* NULL: none is asked for */
    SSL_CTX *ctx;    /* for new connections; older ones hold on to theirs */
    uint64_t refused;
    uint64_t handshakes; /* of former contexts */
    uint64_t resumed;
    struct journal_limit refusals;
};

/* Say what OpenSSL had against a file. */
static enum err say_openssl(struct err_text *ret_why, const char *path, const char *what)
{
    unsigned long code = ERR_peek_last_error();
    const char *reason = code == 0                ? "nothing in it can be read"
                         : ERR_SYSTEM_ERROR(code) ? strerror((int)ERR_GET_REASON(code))
                                                  : ERR_reason_error_string(code);
    ERR_clear_error();
    return err_say(ret_why, ERR_IO, "%s: %s: %s", path, what,
                   reason != NULL ? reason : "no reason");
}

/* A passphrase is never asked for. */
static int no_passphrase(char *text, int bytes, int writing, void *ctx)
{
    (void)text;
    (void)bytes;
    (void)writing;
    (void)ctx;
    return -1;
}

static enum err check_key_file(int fd, const char *path, struct err_text *ret_why)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return err_say(ret_why, ERR_IO, "%s: %s", path, strerror(errno));
    if ((info.st_mode & OTHERS_ACCESS) != 0)
        return err_say(ret_why, ERR_IO,
                       "%s can be read or written by others: chmod 600 it, and ask who did", path);
    if (info.st_uid != geteuid() && info.st_uid != 0)
        return err_say(ret_why, ERR_IO, "%s belongs to another user, who can change it", path);
    return ERR_OK;
}

/* Read the private key, by way of memory that is locked and wiped. */
static enum err load_key(SSL_CTX *ctx, const char *path, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    char *text = NULL;
    BIO *bio = NULL;
    EVP_PKEY *key = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_say(ret_why, ERR_IO, "%s: %s", path, strerror(errno));
    err = check_key_file(fd, path, ret_why);
    if (err != ERR_OK)
        goto out;
    text = OPENSSL_secure_malloc(KEY_FILE_BYTES_MAX);
    ASSERT(text != NULL);
    ssize_t bytes = read(fd, text, KEY_FILE_BYTES_MAX);
    if (bytes <= 0 || bytes == KEY_FILE_BYTES_MAX) {
        err = err_say(ret_why, ERR_IO, "%s: %s", path,
                      bytes < 0 ? strerror(errno) : "it is empty, or too long for a key");
        goto out;
    }
    bio = BIO_new_mem_buf(text, (int)bytes);
    ASSERT(bio != NULL);
    key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    if (key == NULL)
        err = say_openssl(ret_why, path, "no private key without a passphrase");
    else if (SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1)
        err = say_openssl(ret_why, path, "it is not the certificate's key");
out:
    EVP_PKEY_free(key);
    BIO_free(bio);
    OPENSSL_secure_clear_free(text, KEY_FILE_BYTES_MAX);
    close(fd);
    return err;
}

/* Whether what a client showed holds; OpenSSL asks once for each thing that does not. */
static int on_verify(int good, X509_STORE_CTX *store)
{
    struct tls *tls;
    const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    if (good)
        return good;
    CAST_OBJ(tls, SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)), TLS_MAGIC);
    tls->refused++;
    if (journal_allows(&tls->refusals))
        journal_line("refused", "error", "CERTIFICATE", "detail",
                     X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)), NULL);
    return 0;
}

/* Whether the store has revocation lists. */
static bool has_lists(X509_STORE *store)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(store);
    for (int i = 0; i < sk_X509_OBJECT_num(objects); i++) {
        if (X509_OBJECT_get_type(sk_X509_OBJECT_value(objects, i)) == X509_LU_CRL)
            return true;
    }
    return false;
}

/* Ask for certificates of the CAs in the file, and take no others. */
static enum err trust_clients(SSL_CTX *ctx, const char *path, struct err_text *ret_why)
{
    static const unsigned char session_id_context[] = "countersign";
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(path);
    if (names == NULL || sk_X509_NAME_num(names) == 0 || X509_STORE_load_file(store, path) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return say_openssl(ret_why, path, "no certificates of CAs");
    }
    SSL_CTX_set_client_CA_list(ctx, names);
    if (has_lists(store))
        ASSERT(X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_verify_depth(ctx, CHAIN_DEPTH_MAX);
    ASSERT(SSL_CTX_set_session_id_context(ctx, session_id_context,
                                          sizeof(session_id_context) - 1) == 1);
    return ERR_OK;
}

/* A client that names protocols must name ours. */
static int on_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_bytes,
                   const unsigned char *offered, unsigned int offered_bytes, void *ctx)
{
    static const unsigned char ours[] = "\x08http/1.1";
    const size_t ours_bytes = sizeof(ours) - 1;
    (void)ssl;
    (void)ctx;
    for (size_t at = 0; at < offered_bytes; at += 1 + (size_t)offered[at]) {
        if (offered_bytes - at >= ours_bytes && memcmp(offered + at, ours, ours_bytes) == 0) {
            *chosen = offered + at + 1;
            *chosen_bytes = (unsigned char)(ours_bytes - 1);
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *make_context(struct tls *tls)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    ASSERT(ctx != NULL);
    ASSERT(SSL_CTX_set_app_data(ctx, tls) == 1);
    ASSERT(SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1);
    ASSERT(SSL_CTX_set_cipher_list(ctx, CIPHERS_TLS12) == 1);
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS); /* of connections that are idle */
    /* Tickets alone: what is resumed is kept by the clients. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    ASSERT(SSL_CTX_set_num_tickets(ctx, 1) == 1);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, NULL);
    return ctx;
}

/* A context from the files as they are now. */
static enum err load(struct tls *tls, SSL_CTX **ret_ctx, struct err_text *ret_why)
{
    SSL_CTX *ctx = make_context(tls);
    enum err err = ERR_OK;
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, tls->cert) != 1)
        err = say_openssl(ret_why, tls->cert, "no certificate");
    if (err == ERR_OK)
        err = load_key(ctx, tls->key, ret_why);
    if (err == ERR_OK && tls->client_ca != NULL)
        err = trust_clients(ctx, tls->client_ca, ret_why);
    if (err == ERR_OK)
        *ret_ctx = ctx;
    else
        SSL_CTX_free(ctx);
    return err;
}

enum err tls_new(const struct tls_files *files, struct tls **ret_tls, struct err_text *ret_why)
{
    /* Where memory cannot be locked it is still kept out of dumps, and wiped. */
    if (!CRYPTO_secure_malloc_initialized())
        ASSERT(CRYPTO_secure_malloc_init(SECURE_HEAP_BYTES, SECURE_BLOCK_BYTES) != 0);
    struct tls *tls = mem_zero(1, sizeof(*tls));
    tls->magic = TLS_MAGIC;
    tls->cert = mem_text(files->cert);
    tls->key = mem_text(files->key);
    tls->client_ca = mem_text(files->client_ca);
    enum err err = load(tls, &tls->ctx, ret_why);
    if (err == ERR_OK)
        *ret_tls = tls;
    else
        tls_free(tls);
    return err;
}

enum err tls_reload(struct tls *tls, struct err_text *ret_why)
{
    SSL_CTX *ctx = NULL;
    CHECK_OBJ(tls, TLS_MAGIC);
    enum err err = load(tls, &ctx, ret_why);
    if (err != ERR_OK)
        return err;
    tls->handshakes += (uint64_t)SSL_CTX_sess_accept_good(tls->ctx);
    tls->resumed += (uint64_t)SSL_CTX_sess_hits(tls->ctx);
    SSL_CTX_free(tls->ctx);
    tls->ctx = ctx;
    return ERR_OK;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->ctx);
    free(tls->cert);
    free(tls->key);
    free(tls->client_ca);
    tls->magic = 0;
    free(tls);
}

struct bufferevent *tls_accept(struct tls *tls, struct event_base *base)
{
    CHECK_OBJ(tls, TLS_MAGIC);
    SSL *ssl = SSL_new(tls->ctx);
    ASSERT(ssl != NULL);
    struct bufferevent *connection = bufferevent_openssl_socket_new(
        base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    ASSERT(connection != NULL);
    bufferevent_openssl_set_allow_dirty_shutdown(connection, 1);
    return connection;
}

bool tls_open(struct bufferevent *connection)
{
    const SSL *ssl = bufferevent_openssl_get_ssl(connection);
    return ssl == NULL || SSL_is_init_finished(ssl);
}

/* Whether the CA of now still stands behind a certificate that an earlier one let in. */
static bool still_trusted(const struct tls *tls, const SSL *ssl, X509 *cert)
{
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    ASSERT(store != NULL);
    bool trusted = X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(tls->ctx), cert,
                                       SSL_get_peer_cert_chain(ssl)) == 1 &&
                   X509_STORE_CTX_set_default(store, "ssl_client") == 1 &&
                   X509_verify_cert(store) == 1;
    X509_STORE_CTX_free(store);
    ERR_clear_error();
    return trusted;
}

/* Write "tls:" and the name; false if that is no principal. */
static bool take_name(const ASN1_STRING *name, char ret_principal[PRINCIPAL_BYTES_MAX + 1])
{
    static const char prefix[] = "tls:";
    const size_t prefix_bytes = sizeof(prefix) - 1;
    unsigned char *text = NULL;
    int bytes = ASN1_STRING_to_UTF8(&text, name);
    bool good = bytes > 0 && (size_t)bytes <= PRINCIPAL_BYTES_MAX - prefix_bytes &&
                memchr(text, '\0', (size_t)bytes) == NULL;
    if (good) {
        memcpy(ret_principal, prefix, prefix_bytes);
        memcpy(ret_principal + prefix_bytes, text, (size_t)bytes);
        ret_principal[prefix_bytes + (size_t)bytes] = '\0';
        good = event_principal_ok(ret_principal);
    }
    OPENSSL_free(text);
    return good;
}

/* The principal of a certificate: its common name's, or its first DNS name's. */
static bool principal_of(const X509 *cert, char ret_principal[PRINCIPAL_BYTES_MAX + 1])
{
    const X509_NAME *subject = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0)
        return take_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)), ret_principal);
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    bool good = false;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS) {
            good = take_name(name->d.dNSName, ret_principal);
            break;
        }
    }
    GENERAL_NAMES_free(names);
    return good;
}

/* SHA-256 of a certificate's SubjectPublicKeyInfo. */
static void digest_of(const X509 *cert, uint8_t ret[HASH_BYTES])
{
    unsigned char *info = NULL;
    int bytes = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &info);
    ASSERT(bytes > 0);
    hash_bytes(info, (size_t)bytes, ret);
    OPENSSL_free(info);
}

enum err tls_courier(struct tls *tls, struct bufferevent *connection, struct courier *ret_courier,
                     struct err_text *ret_why)
{
    struct courier courier = {.scopes = SCOPE_WRITE | SCOPE_READ};
    const SSL *ssl = bufferevent_openssl_get_ssl(connection);
    X509 *cert = ssl != NULL ? SSL_get0_peer_certificate(ssl) : NULL;
    CHECK_OBJ(tls, TLS_MAGIC);
    if (cert == NULL) {
        *ret_courier = (struct courier){0};
        return ERR_OK;
    }
    if (X509_cmp_current_time(X509_get0_notAfter(cert)) <= 0)
        return err_say(ret_why, ERR_UNAUTHENTICATED, "the client's certificate has ended");
    if (SSL_get_SSL_CTX(ssl) != tls->ctx && !still_trusted(tls, ssl, cert))
        return err_say(ret_why, ERR_UNAUTHENTICATED,
                       "the client's certificate is no longer of a CA that is trusted here");
    if (!principal_of(cert, courier.principal))
        return err_say(ret_why, ERR_UNAUTHENTICATED,
                       "the client's certificate has no common name or DNS name that can name a "
                       "principal");
    digest_of(cert, courier.credential);
    *ret_courier = courier;
    return ERR_OK;
}

void tls_pin(const struct tls *tls, struct buf *buf)
{
    uint8_t digest[HASH_BYTES];
    digest_of(SSL_CTX_get0_certificate(tls->ctx), digest);
    buf_text(buf, "sha256//");
    buf_base64(buf, digest, sizeof(digest));
}

static int64_t not_after_us(const SSL_CTX *ctx)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    const ASN1_TIME *end = X509_get0_notAfter(SSL_CTX_get0_certificate(ctx));
    if (epoch == NULL || ASN1_TIME_diff(&days, &seconds, epoch, end) != 1)
        days = seconds = 0;
    ASN1_TIME_free(epoch);
    return ((int64_t)days * 86400 + seconds) * INSTANT_SECOND_US;
}

struct tls_counts tls_counts(const struct tls *tls)
{
    return (struct tls_counts){.handshakes =
                                   tls->handshakes + (uint64_t)SSL_CTX_sess_accept_good(tls->ctx),
                               .resumed = tls->resumed + (uint64_t)SSL_CTX_sess_hits(tls->ctx),
                               .refused = tls->refused,
                               .not_after_us = not_after_us(tls->ctx)};
}
