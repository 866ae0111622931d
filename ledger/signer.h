/* signer - keys and signatures made by ssh-keygen, which alone opens a private key (or asks the
 * agent); and whose key it is that signs.
 */
#ifndef LEDGER_SIGNER_H
#define LEDGER_SIGNER_H

#include <stdbool.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/sshsig.h"

struct registry;
struct registry_key;

/* What a key is called: a file, or, as Git has it, "key::" and the text of a public key whose
 * private part the agent has; "key::" alone is that key of the agent's which is enrolled. */
#define SIGNER_AGENT "key::"

/* A key that can sign, found without its private part being opened. */
struct signer_key {
    char *name; /* as above, never "key::" alone; owned */
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    uint8_t id[KEY_ID_BYTES];
    bool touched; /* a security key: somebody will have to touch it */
};

/**
 * signer_find(name, registry, ret_key, ret_why):
 * Find the key of that name; of the agent's keys the one that is enrolled in ${registry} and not
 * revoked (NULL: the only one).
 * Errors: IO (the file is not there, or its public key not known; no agent), NOT_FOUND (the agent
 * has no such key), CONFLICT (it has several: ${ret_why} lists them).
 * signer_known(key, registry, dir, ret_why): Check that the key is enrolled in the ledger in
 * ${dir}; otherwise ${ret_why} says how that is done.  Errors: UNAUTHENTICATED.
 * signer_key_free(key): Free what it holds.
 */
MUST_CHECK enum err signer_find(const char *name, const struct registry *registry,
                                struct signer_key *ret_key, struct err_text *ret_why);
MUST_CHECK enum err signer_known(const struct signer_key *key, const struct registry *registry,
                                 const char *dir, struct err_text *ret_why);
void signer_key_free(struct signer_key *key);

/**
 * signer_sign(key, event, blob, ret_sig, ret_why):
 * Sign ${event} with the key of that name (a .pub file: with the agent's) as
 * `ssh-keygen -Y sign -n event@countersign` does; append the SSHSIG blob to ${blob}, and give it
 * parsed.  A passphrase is asked for on the terminal, for as long as it takes; without a terminal
 * by SSH_ASKPASS.  The signature is checked before it is given.
 * Errors: those of signer_find, without a registry, for "key::" alone; IO (ssh-keygen is not there
 * or failed: its words are in ${ret_why}), UNAUTHENTICATED (a key of a type that cannot be
 * enrolled).
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
