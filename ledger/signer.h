/* signer - keys and signatures made by ssh-keygen, which alone opens a private key (or asks the
 * agent).  It is run without a shell; the event goes in and the signature comes out through pipes.
 */
#ifndef LEDGER_SIGNER_H
#define LEDGER_SIGNER_H

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/sshsig.h"

/**
 * signer_sign(key, event, blob, ret_sig, ret_why):
 * Sign ${event} with the key in file ${key} (a .pub file: with the agent's) as
 * `ssh-keygen -Y sign -n event@countersign` does; append the SSHSIG blob to ${blob}, and give it
 * parsed.  A passphrase is asked for on the terminal, for as long as it takes; without a terminal
 * by SSH_ASKPASS.  The signature is checked before it is given.
 * Errors: IO (ssh-keygen is not there or failed: its words are in ${ret_why}), UNAUTHENTICATED (a
 * key of a type that cannot be enrolled).
 */
MUST_CHECK enum err signer_sign(const char *key, const struct buf *event, struct buf *blob,
                                struct sshsig *ret_sig, struct err_text *ret_why);

/**
 * signer_make(path, comment, ret_why):
 * Make an ssh-ed25519 key pair without a passphrase in the files ${path} (mode 0600) and
 * ${path}.pub.  Errors: CONFLICT (one of them is there), IO.
 */
MUST_CHECK enum err signer_make(const char *path, const char *comment, struct err_text *ret_why);

#endif
