/* daemon - the daemon that serves a ledger, as a command sees it: whether one runs, where, and one
 * POST to it.  The only file that knows libcurl.
 */
#ifndef LEDGER_DAEMON_H
#define LEDGER_DAEMON_H

#include <jansson.h>
#include <stdbool.h>

#include "ledger/buf.h"
#include "ledger/err.h"

/**
 * daemon_find(dir, ret_url, ret_why):
 * Look for the daemon of the ledger in ${dir}: *${ret_url} is its base URL (free()), or NULL where
 * none runs.  It runs if LEDGER/serve.json {pid, url} names a process that lives and, where there
 * is a LEDGER/serve.lock, that is locked.  Waits up to 3 s for one that just starts or ends.
 * Errors: BUSY (it has not got further), IO (serve.json is malformed or cannot be read).
 */
MUST_CHECK enum err daemon_find(const char *dir, char **ret_url, struct err_text *ret_why);

/**
 * daemon_post(url, media, token, message, ret_receipt, ret_why):
 * POST ${message} of media type ${media} to ${url}/v1/events, as the bearer of ${token} (NULL: of
 * none), and give the receipt.  Errors: the one that the daemon's HTTP status stands for, with the
 * problem's detail in ${ret_why}; IO (not reached, or no answer that is understood).
 */
MUST_CHECK enum err daemon_post(const char *url, const char *media, const char *token,
                                const struct buf *message, json_t **ret_receipt,
                                struct err_text *ret_why);

#endif
