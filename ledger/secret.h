/* secret - the two key pairs of a ledger in its directory: checkpoint.key and admission.key.
 * The file: the Ed25519 seed as 64 hex digits and a newline, mode 0600.  In memory: locked, guarded
 * pages that no core dump has (sodium_malloc), wiped when freed.
 */
#ifndef LEDGER_SECRET_H
#define LEDGER_SECRET_H

#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"

#define SECRET_CHECKPOINT "checkpoint.key"
#define SECRET_ADMISSION "admission.key"

/* An Ed25519 key pair as libsodium has it. */
struct secret {
    uint8_t public_key[ED25519_KEY_BYTES];
    uint8_t secret_key[64];
};

/**
 * secret_make(dir, name, ret_secret, ret_why):
 * Draw a key pair and write it to the new file ${name} in ${dir}, synced; the caller syncs the
 * directory.  Errors: CONFLICT (there is such a file), IO.
 */
MUST_CHECK enum err secret_make(const char *dir, const char *name, struct secret **ret_secret,
                                struct err_text *ret_why);

/**
 * secret_load(dir, name, ret_secret, ret_why):
 * Read a key pair back.  Errors: NOT_FOUND, IO (cannot be read, or others than its owner can),
 * DAMAGED (not such a file).
 * secret_free(secret): Wipe and free; NULL is fine.
 */
MUST_CHECK enum err secret_load(const char *dir, const char *name, struct secret **ret_secret,
                                struct err_text *ret_why);
void secret_free(struct secret *secret);

#endif
