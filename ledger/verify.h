/* verify - the whole check of one ledger: every byte of every table, and every signature.
 * It needs no secret and trusts nothing that it can recompute; one pass, in order of seq, in
 * bounded memory.  It works on a directory, because a damaged ledger may not open.
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"

/**
 * A verify_progress_fn is called now and then with the number of entries done, of ${total}.
 */
typedef void verify_progress_fn(void *ctx, uint64_t done, uint64_t total);

/* What to check.  Zero-initialised: everything. */
struct verify_options {
    bool only_hashes; /* no signature of admission or of an event is checked */
    const char *vkey; /* checks the checkpoints; NULL: the key that entry 0 names */
    const char
        *against; /* a signed checkpoint kept elsewhere, that must lie in this history; NULL */
    size_t against_bytes;
    uint64_t since; /* entries below it are trusted as the stored tree has them; 0: none */
    verify_progress_fn *progress; /* may be NULL */
    void *ctx;
};

/* The first thing that does not hold.  `seq` is the entry's that it belongs to, or 0; where entries
 * that must be there are not, the size. */
struct verify_bad {
    bool found;
    uint64_t seq;
    char what[320]; /* one line for a person that also says where, without the final full stop */
};

struct verify_result {
    bool ok;                  /* nothing bad was found */
    uint64_t size;            /* entries of the ledger when the check began */
    uint8_t root[HASH_BYTES]; /* recomputed, of the entries checked: of the whole if ok */
    uint64_t entries;         /* checked and found good */
    uint64_t signatures;      /* checked and found good: of admission, events and checkpoints */
    size_t skipped_count;
    char **skipped; /* owned: what was not checked, one line each */
    struct verify_bad first_bad;
};

/**
 * verify_ledger(dir, options, ret_result, ret_why):
 * Check the ledger in directory ${dir}; may run beside a writer, and then checks what was there at
 * its start.  Damage is a result, not an error (ret_result->ok; also where data.mdb cannot be read
 * at all: then size is 0).  Free with verify_result_free (NULL is fine).
 * Errors: NOT_FOUND (no ledger there), INVALID (vkey or ${against} malformed), IO, BUSY.
 */
MUST_CHECK enum err verify_ledger(const char *dir, const struct verify_options *options,
                                  struct verify_result **ret_result, struct err_text *ret_why);
void verify_result_free(struct verify_result *result);

#endif
