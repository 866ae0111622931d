/* secret - the two key pairs of a ledger in its directory: checkpoint.key and admission.key; while
 * they are being replaced, the new ones beside them: checkpoint-next.key and admission-next.key;
 * and where a second change ends the first one's overlap, checkpoint-after.key and
 * admission-after.key. The file: the Ed25519 seed as 64 hex digits and a newline, mode 0600.  In
 * memory: locked, guarded pages that no core dump has (sodium_malloc), wiped when freed.
 */
#ifndef LEDGER_SECRET_H
#define LEDGER_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"

#define SECRET_CHECKPOINT "checkpoint.key"
#define SECRET_ADMISSION "admission.key"
#define SECRET_CHECKPOINT_NEXT "checkpoint-next.key"
#define SECRET_ADMISSION_NEXT "admission-next.key"
#define SECRET_CHECKPOINT_AFTER "checkpoint-after.key"
#define SECRET_ADMISSION_AFTER "admission-after.key"

/* An Ed25519 key pair as libsodium has it. */
struct secret {
    uint8_t public_key[ED25519_KEY_BYTES];
    uint8_t secret_key[64];
};

/**
 * secret_make(dir, name, seed, ret_secret, ret_why):
 * Draw a key pair, or take that of ${seed} where it is not NULL, and write it to the new file
 * ${name} in ${dir}, synced; the caller syncs the directory.  Errors: CONFLICT (there is such a
 * file), IO.
 */
MUST_CHECK enum err secret_make(const char *dir, const char *name, const uint8_t *seed,
                                struct secret **ret_secret, struct err_text *ret_why);

/* One of the two keys: the file of the key in use, that of the one which follows it, and of the one
 * which follows that. */
struct secret_place {
    const char *dir;
    const char *name;
    const char *next;
    const char *after;
};

/**
 * secret_find(place, public_key, ret_secret, ret_why):
 * Load the pair of ${public_key} from whichever of the files has it.  Errors: NOT_FOUND (there are
 * none), DAMAGED (none has), IO.
 *
 * secret_next(place, ret_secret, ret_why):
 * The pair that is to follow: of the file `next`, or a new one if there is none, or one that a
 * crash left half written.  Synced; the caller holds secret_lock and syncs the directory.
 * Errors: IO.
 *
 * secret_settle(place, public_key, ret_why):
 * Where the file `next` or `after` has the pair of ${public_key}, put it in the place of the one in
 * use, whose bytes are overwritten, as are those of a pair between them; and remove these files.
 * What no event has named, `after` beside that `next`, becomes `next`.  At every moment one of the
 * files has the pair.  The caller holds secret_lock.  Errors: IO.
 *
 * secret_lock(dir, ret_fd, ret_why): Exclude others who change these files, until the descriptor is
 * closed.  Errors: IO.
 */
MUST_CHECK enum err secret_find(const struct secret_place *place,
                                const uint8_t public_key[ED25519_KEY_BYTES],
                                struct secret **ret_secret, struct err_text *ret_why);
MUST_CHECK enum err secret_next(const struct secret_place *place, struct secret **ret_secret,
                                struct err_text *ret_why);
MUST_CHECK enum err secret_settle(const struct secret_place *place,
                                  const uint8_t public_key[ED25519_KEY_BYTES],
                                  struct err_text *ret_why);
MUST_CHECK enum err secret_lock(const char *dir, int *ret_fd, struct err_text *ret_why);

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
