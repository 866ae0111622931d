/* backup - a copy of a ledger that is consistent, synced and verified before it has its name.
 * It holds data.mdb and the checkpoint outside it, and the ledger's secret keys only if they are
 * asked for.  Until it is whole it stands beside its place, as NAME.partial-XXXXXX.
 */
#ifndef LEDGER_BACKUP_H
#define LEDGER_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/verify.h"

/* How it is made.  Zero-initialised: without keys, verified. */
struct backup_options {
    bool with_keys;
    bool unverified;              /* leave the check to whoever gets it */
    verify_progress_fn *progress; /* of the check; may be NULL */
    void *ctx;
};

struct backup_result {
    uint64_t size; /* of its checkpoint, which is that of the copy's last commit */
    uint8_t root[HASH_BYTES];
    uint64_t bytes; /* of data.mdb */
};

struct backup;

/**
 * backup_new(ledger_dir, dir, ret_backup, ret_why):
 * Make the place beside ${dir}, which must not be there or be empty.  Errors: CONFLICT (something
 * is there), IO.
 * backup_make(backup, options, ret_result, ret_why):
 * Fill it, check it, and give it its name; what was begun is removed on failure.  Writers of the
 * ledger wait only while two pages are copied.
 * Errors: NOT_FOUND (no ledger there), DISK_LOW, IO (also of a ledger that waits for a recovery),
 * BUSY, DAMAGED (the ledger, or so the copy, does not verify).
 * backup_bytes(backup): How many bytes of data.mdb are written; from any thread.
 * backup_drop(backup): Remove what was begun and has no name yet; from any thread.
 * backup_free(backup): NULL is fine.
 */
MUST_CHECK enum err backup_new(const char *ledger_dir, const char *dir, struct backup **ret_backup,
                               struct err_text *ret_why);
MUST_CHECK enum err backup_make(struct backup *backup, const struct backup_options *options,
                                struct backup_result *ret_result, struct err_text *ret_why);
uint64_t backup_bytes(const struct backup *backup);
void backup_drop(const struct backup *backup);
void backup_free(struct backup *backup);

#endif
