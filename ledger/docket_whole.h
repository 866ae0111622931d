/* docket_whole - whether the streams of an evidence bundle are whole, and which were left out: by
 * what stands behind the stream `ledger` (tail), by the last ledger.heads (heads), and of a period
 * by an entry of each other stream (others).
 */
#ifndef LEDGER_DOCKET_WHOLE_H
#define LEDGER_DOCKET_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/docket_front.h"
#include "ledger/docket_parts.h"
#include "ledger/docket_piece.h"
#include "ledger/err.h"
#include "ledger/heads.h"
#include "ledger/registry.h"

/* One stream of the bundle, from its first entry on without a gap. */
struct docket_found {
    uint64_t entries;
    uint64_t first_seq, last_seq;
    uint64_t run_seq; /* from there to last_seq there is no entry of another stream */
    int64_t first_us, last_us;
    uint8_t first_leaf[HASH_BYTES], last_leaf[HASH_BYTES];
    bool headed;       /* the last ledger.heads has its entry at that position */
    uint64_t whole_at; /* nothing of it stands behind its last entry as of that size; 0: unknown */
};

struct docket_whole {
    const struct docket_parts *parts;  /* borrowed, as front and found */
    struct docket_front *front;        /* the same */
    struct docket_found *found;        /* of each stream */
    const struct registry_heads *said; /* the last ledger.heads; NULL: there is none */
    struct heads *all;                 /* owned; of a period */
    bool has_one;                      /* of a deployment: */
    struct heads_record one;           /* where it stood */
    size_t others;                     /* streams that had no entry in the period */
    bool complete; /* of a period: what began behind the heads had none, either */
};

/**
 * docket_whole_begin(parts, front, found, ret_whole, ret_why): Take the heads, which are under the
 * root of the last ledger.heads; before any stream.  Errors: PROOF, TOO_BIG, IO.
 * docket_whole_piece(whole, at, piece, ret_why): Take a good piece in its order: it follows from
 * the one before it, and has the entry that the heads have of it.  Errors: PROOF.
 * docket_whole_end(whole, ret_why): Behind all streams: none has fewer entries than the heads say,
 * no entry of the tail is held back, and a period's other streams have no entry in it.
 * Errors: PROOF, TOO_BIG, IO.
 * docket_whole_free(whole): Free what it owns; an empty one is fine.
 */
MUST_CHECK enum err docket_whole_begin(const struct docket_parts *parts, struct docket_front *front,
                                       struct docket_found *found, struct docket_whole *ret_whole,
                                       struct err_text *ret_why);
MUST_CHECK enum err docket_whole_piece(struct docket_whole *whole, const struct docket_piece_at *at,
                                       const struct docket_piece *piece, struct err_text *ret_why);
MUST_CHECK enum err docket_whole_end(struct docket_whole *whole, struct err_text *ret_why);
void docket_whole_free(struct docket_whole *whole);

#endif
