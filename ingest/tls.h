/* tls - the daemon's TLS: certificate, key and client CA read, and read again; connections accepted
 * with them; who a client's certificate names.  The only file of the folder that knows OpenSSL.
 * TLS 1.2 and 1.3 with forward secrecy and AEAD ciphers; sessions are resumed by tickets, whose
 * keys live until the files are read again; ALPN http/1.1.  Secrets are in OpenSSL's locked heap.
 * All functions but tls_counts belong to the event loop's thread.
 */
#ifndef INGEST_TLS_H
#define INGEST_TLS_H

#include "ledger/ledger.h"

struct bufferevent;
struct event_base;
struct tls;

/* Paths of PEM files; borrowed for the call. */
struct tls_files {
    const char *cert;      /* the daemon's certificate and those between it and its CA */
    const char *key;       /* its private key, without a passphrase; not for others to read */
    const char *client_ca; /* the CAs of clients' certificates, and their CRLs; NULL: none asked */
};

/* Since the start. */
struct tls_counts {
    uint64_t handshakes;  /* that came to their end */
    uint64_t resumed;     /* of these, without a new exchange of certificates */
    uint64_t refused;     /* certificates of clients that are not of the CA, or no longer good */
    int64_t not_after_us; /* when the daemon's own certificate ends, Unix microseconds */
};

/**
 * tls_new(files, ret_tls, ret_why): Read the files.  Errors: IO (cannot be read or understood, do
 * not belong together, or the key can be read or written by those who should not).
 * tls_reload(tls, ret_why): Read them again, for connections accepted from now on, which forget all
 * earlier sessions; what is open goes on.  On errors all stays as it was.  Errors: as above.
 * tls_free(tls): NULL is fine.
 */
MUST_CHECK enum err tls_new(const struct tls_files *files, struct tls **ret_tls,
                            struct err_text *ret_why);
MUST_CHECK enum err tls_reload(struct tls *tls, struct err_text *ret_why);
void tls_free(struct tls *tls);

/**
 * tls_accept(tls, base): A bufferevent, still without a socket, for a connection that was accepted.
 * tls_open(connection): Whether its handshake is over; true for a plain one.
 */
struct bufferevent *tls_accept(struct tls *tls, struct event_base *base);
bool tls_open(struct bufferevent *connection);

/**
 * tls_courier(tls, connection, ret_courier, ret_why):
 * Who the client's certificate says that it is: `tls:` and the common name, or the first DNS name
 * where there is none; credential SHA-256 of the public key (SubjectPublicKeyInfo); scopes write
 * and read.  Without a certificate nobody (principal ""); ${ret_courier}->origin is the caller's.
 * The certificate is looked at anew each time: it may have ended, or its CA may have been taken
 * away, since the handshake.  Errors: UNAUTHENTICATED (either, or the name is no principal's).
 */
MUST_CHECK enum err tls_courier(struct tls *tls, struct bufferevent *connection,
                                struct courier *ret_courier, struct err_text *ret_why);

/**
 * tls_pin(tls, buf): Append "sha256//" and the base64 of the SHA-256 of the daemon's public key, by
 * which a client that reads serve.json knows it.
 * tls_counts(tls): Any thread may ask, while none reloads.
 */
void tls_pin(const struct tls *tls, struct buf *buf);
struct tls_counts tls_counts(const struct tls *tls);

#endif
