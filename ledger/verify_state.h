/* verify_state - what the files of verify share while one ledger is checked. */
#ifndef LEDGER_VERIFY_STATE_H
#define LEDGER_VERIFY_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/inside.h"
#include "ledger/pool.h"
#include "ledger/registry.h"
#include "ledger/verify.h"
#include "ledger/verify_piece.h"
#include "ledger/verify_source.h"
#include "ledger/verify_streams.h"

#define VERIFY_STATE_MAGIC MAGIC('V', 'E', 'R', 'I')

struct verify_state {
    uint32_t magic;
    const struct verify_options *options;
    struct verify_source *source; /* borrowed */
    struct verify_result *result;
    struct err_text *why;
    struct note_key vkey; /* of options->vkey */

    /* Fixed before the first piece. */
    struct ledger_info info;    /* what entry 0 says */
    struct registry *registry;  /* owned: the facts of the whole stream `ledger` */
    bool tiles;                 /* the source is a directory of tiles */
    bool blind;                 /* entry 0 does not tell whose ledger it is: only the vkey does */
    bool hidden;                /* some of that stream's events are not shown */
    uint64_t first_piece;       /* where the check begins */
    struct pool *pool;          /* owned */
    struct verify_piece *ring;  /* owned: the pieces under way; piece i is in slot i % window */
    uint64_t started_us, paced; /* when the pass began, and entries taken in since */

    /* In order: the retiring thread's. */
    uint64_t next;                  /* seq of the next entry; all below hold */
    int64_t time_us;                /* of the entry before it */
    uint8_t leaf[HASH_BYTES];       /* of that entry */
    struct tree_edge pieces;        /* whose leaves are the roots of pieces */
    struct tree_edge edge;          /* of all entries below `next`; kept up at the end only */
    struct verify_streams *streams; /* owned */
    uint64_t erased;                /* events that are not there any more */
    uint64_t webauthn;              /* signatures of alg 3 */
    uint64_t unknown;               /* signatures by keys whose enrolment is not shown */
};

/**
 * verify_state_bad(state, seq, format, ...):
 * Note the first thing that does not hold, at entry ${seq}; gives DAMAGED.
 */
enum err verify_state_bad(struct verify_state *state, uint64_t seq, const char *format, ...)
    PRINTF_LIKE(3, 4);

/**
 * verify_state_stop(state): Whether the check is to end before its end; that is noted then.
 */
bool verify_state_stop(struct verify_state *state);

/**
 * verify_state_skip(state, format, ...): Note something that is not checked.
 */
void verify_state_skip(struct verify_state *state, const char *format, ...) PRINTF_LIKE(2, 3);

/**
 * verify_state_learn(state, row):
 * Take from entry 0 whose ledger it is.  Errors: DAMAGED (verify_state_bad).
 */
MUST_CHECK enum err verify_state_learn(struct verify_state *state, const struct row *row);

/**
 * verify_state_fold(state, row):
 * Fold an entry of the stream `ledger`, in order, before any piece is checked: facts hold by
 * position, so that knowing them early changes nothing.  What is wrong with the entry is found in
 * its place.
 */
void verify_state_fold(struct verify_state *state, const struct row *row);

/**
 * verify_state_vkey(state):
 * Check, once all is folded, that the vkey of the options is or was the ledger's.  Of a source
 * without the checkpoints that a ledger keeps it must be one that signs the last: nothing there
 * shows that an old key knew of a new one.
 * Errors: DAMAGED (verify_state_bad).
 */
MUST_CHECK enum err verify_state_vkey(struct verify_state *state);

#endif
