/* daemon - the daemon that serves a ledger, as a command sees it: whether one runs, where, and one
 * POST to it.
 */
#ifndef LEDGER_DAEMON_H
#define LEDGER_DAEMON_H

#include <jansson.h>
#include <stdbool.h>

#include "ledger/buf.h"
#include "ledger/err.h"

/* Where a daemon is; zeros: there is none. */
struct daemon {
    char *url; /* base; owned */
    char *pin; /* "sha256//" and the base64 of its TLS key's SHA-256; NULL: plain HTTP; owned */
};

/**
 * daemon_find(dir, ret_daemon, ret_why):
 * Look for the daemon of the ledger in ${dir}; ret_daemon->url is NULL where none runs
 * (daemon_free).  It runs if LEDGER/serve.json {pid, url, pin} names a process that lives and,
 * where there is a LEDGER/serve.lock, that is locked.  Waits up to 3 s for one that just starts or
 * ends. Errors: BUSY (it has not got further), IO (serve.json is malformed or cannot be read).
 * daemon_free(daemon): Free what it holds.
 */
MUST_CHECK enum err daemon_find(const char *dir, struct daemon *ret_daemon,
                                struct err_text *ret_why);
void daemon_free(struct daemon *daemon);

/**
 * daemon_post(daemon, media, token, message, ret_receipt, ret_why):
 * POST ${message} of media type ${media} to its /v1/events, as the bearer of ${token} (NULL: of
 * none), and give the receipt.  A daemon with TLS is known by its key alone, which serve.json
 * names: whoever can write there could as well say where it is.  Errors: the one that the daemon's
 * HTTP status stands for, with the problem's detail in ${ret_why}; IO (not reached, or no answer
 * that is understood).
 */
MUST_CHECK enum err daemon_post(const struct daemon *daemon, const char *media, const char *token,
                                const struct buf *message, json_t **ret_receipt,
                                struct err_text *ret_why);

#endif
