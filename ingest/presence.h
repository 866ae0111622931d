/* presence - that a daemon runs over a ledger, and where: the lock LEDGER/serve.lock, held for life
 * (the system gives it up with the process), and LEDGER/serve.json {pid, url, pin}.
 */
#ifndef INGEST_PRESENCE_H
#define INGEST_PRESENCE_H

#include "ledger/ledger.h"

struct presence;

/**
 * presence_claim(dir, ret_presence, ret_why): Become the one daemon of the ledger in ${dir}.
 * Errors: NOT_FOUND (no ledger there), BUSY (another daemon; its pid is in ${ret_why}), IO.
 * presence_announce(presence, url, pin, ret_why): Write serve.json, whole or not at all, with the
 * digest of the TLS key by which commands know the daemon (NULL: plain HTTP).  Errors: IO.
 * presence_withdraw(presence): Remove serve.json, if it was announced; any thread, more than once.
 * presence_free(presence): Withdraw, and give up the lock.  NULL is fine.
 */
MUST_CHECK enum err presence_claim(const char *dir, struct presence **ret_presence,
                                   struct err_text *ret_why);
MUST_CHECK enum err presence_announce(struct presence *presence, const char *url, const char *pin,
                                      struct err_text *ret_why);
void presence_withdraw(struct presence *presence);
void presence_free(struct presence *presence);

/**
 * presence_running(dir): Whether a daemon holds the ledger in ${dir} now.
 */
MUST_CHECK bool presence_running(const char *dir);

#endif
