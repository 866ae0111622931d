/* verify - the whole check of one ledger: every byte of every table, and every signature.
 * It needs no secret and trusts nothing that it can recompute; one pass in pieces of TILE_WIDTH
 * entries, on all cores, in bounded memory but for some 100 bytes a stream.  It works on a
 * directory, because a damaged ledger may not open.
 */
#ifndef LEDGER_VERIFY_H
#define LEDGER_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/checkpoint.h"
#include "ledger/err.h"
#include "ledger/limits.h"

/**
 * A verify_progress_fn is called now and then, one call at a time but in any thread, with the
 * number of entries done, of ${total}.
 * A verify_stop_fn is asked as often whether to stop; it may be called from any thread, too.
 */
typedef void verify_progress_fn(void *ctx, uint64_t done, uint64_t total);
typedef bool verify_stop_fn(void *ctx);

/* A signed checkpoint kept elsewhere; borrowed. */
struct verify_note {
    const char *name; /* for people: where it is from */
    const char *text;
    size_t bytes;
};

/* What to check, and how.  Zero-initialised: everything, on all cores, as fast as it goes. */
struct verify_options {
    bool only_hashes;      /* no signature of admission or of an event is checked, and no index of
                              ids or streams */
    bool no_signatures;    /* no signature of admission or of an event is checked */
    bool only_checkpoints; /* no entry is looked at: the last checkpoint and those of `against`, by
                              the stored tree */
    const char *vkey;      /* checks the checkpoints; NULL: the key that entry 0 names */
    const struct verify_note *against; /* each must lie in this history */
    size_t against_count;
    const struct checkpoint *since; /* entries below its size were checked before, under its root,
                                       and are not checked again; its origin may be empty; NULL */
    const char *type; /* the seqs of events of this type are kept in the result, where signatures
                         are checked; NULL: of none */
    unsigned threads; /* 0: one a core */
    uint64_t rate;    /* entries a second at most; 0: no bound */
    verify_progress_fn *progress; /* may be NULL */
    verify_stop_fn *stop;         /* may be NULL */
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
    bool ok;                  /* nothing bad was found, and the check came to its end */
    bool stopped;             /* it was stopped before its end */
    uint64_t size;            /* entries of the ledger when the check began */
    uint8_t root[HASH_BYTES]; /* recomputed, of the entries checked: of the whole if ok */
    uint64_t entries;         /* checked and found good */
    uint64_t signatures;      /* checked and found good: of admission, events and checkpoints */
    uint64_t *of_type;        /* owned: seqs of good entries whose event is of options->type */
    size_t of_type_count, of_type_cap;
    size_t skipped_count;
    char **skipped; /* owned: what was not checked, one line each */
    struct verify_bad first_bad;
    uint64_t vkey_from, vkey_to; /* of the vkey given: it signed checkpoints of sizes above
                                    vkey_from; from entry vkey_to on another has followed it
                                    (UINT64_MAX: none, or no vkey was given) */
    struct buf checkpoint; /* owned: the signed note of the whole, as it was checked; empty if there
                              is none, or it does not hold */
};

/**
 * verify_ledger(dir, options, ret_result, ret_why):
 * Check the ledger in directory ${dir}; may run beside a writer, and then checks what was there at
 * its start.  Damage is a result, not an error (ret_result->ok; also where data.mdb cannot be read
 * at all: then size is 0), and the same whatever the number of threads.  Free with
 * verify_result_free.
 * Errors: NOT_FOUND (no ledger there), INVALID (vkey or one of ${against} malformed), PROOF
 * (${since} is another ledger's), IO, BUSY.
 */
MUST_CHECK enum err verify_ledger(const char *dir, const struct verify_options *options,
                                  struct verify_result **ret_result, struct err_text *ret_why);

/**
 * verify_tiles(dir, options, ret_result, ret_why):
 * The same of a directory of tiles (C2SP tlog-tiles): `checkpoint` and `tile/`, by whatever program
 * it was written.  All tiles against each other, against the entries, and against the checkpoint;
 * where the entries are a ledger's, all that such an export shows.  options->since must be NULL.
 * Errors: USAGE (vkey is needed; ${since}), INVALID (as above; also: no checkpoint), IO, BUSY.
 */
MUST_CHECK enum err verify_tiles(const char *dir, const struct verify_options *options,
                                 struct verify_result **ret_result, struct err_text *ret_why);

/* What the reducer says of closings; each claims the state that it was signed on. */
struct verify_closings {
    uint64_t held;           /* accepted closings whose claim is what replay gives */
    uint64_t differing;      /* accepted closings whose claim is not */
    uint64_t unchecked;      /* claims that were too many of one deployment */
    struct verify_bad first; /* the first of these */
};

/* Makes the states again that the closings at ${count} ascending ${seqs} of the ledger in ${dir}
 * claim; the reducer's, handed in by main.  Errors: IO, DAMAGED, BUSY. */
typedef enum err verify_closings_fn(const char *dir, const uint64_t *seqs, size_t count,
                                    struct verify_closings *ret, struct err_text *ret_why);

/**
 * verify_result_free(result): Free it and what it owns; NULL is fine.
 */
void verify_result_free(struct verify_result *result);

#endif
