/* docket_piece - a piece of a stream in an evidence bundle under check: what can be told of it in
 * any thread.
 */
#ifndef LEDGER_DOCKET_PIECE_H
#define LEDGER_DOCKET_PIECE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/docket_parts.h"
#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/event.h"
#include "ledger/vouch.h"

/* One entry that is good in itself. */
struct docket_row {
    uint64_t seq;
    int64_t time_us;
    uint8_t leaf[HASH_BYTES];
};

struct docket_piece {
    struct buf records, index, again; /* owned; kept from one piece to the next */
    size_t count;
    uint64_t first_pos;             /* stream_pos of its first entry */
    uint8_t first_prev[HASH_BYTES]; /* stream_prev of that */
    struct docket_row rows[TILE_WIDTH];
    uint8_t digests[2][HASH_BYTES]; /* of records and index */
    uint64_t hidden;                /* events that are not shown */
    struct vouch_count vouched;
    enum err err;
    struct err_text why;
};

/**
 * A docket_entry_fn is given each entry of a piece in order, with its event (NULL: not shown) as
 * event_read gives it.  Errors: its own, with the reason in piece->why.
 */
typedef enum err docket_entry_fn(void *ctx, struct docket_piece *piece,
                                 const struct vouch_entry *entry, const struct event *event);

/**
 * docket_piece_check(parts, number, fn, ctx, piece):
 * Read piece ${number} of ${parts} and check it in itself: the form of its records, hashes, digests
 * of events, the chain of the stream, that it ends where a piece must, and the index.  Then each
 * entry is ${fn}'s.  What is wrong is in piece->err (PROOF, TOO_BIG, IO, ${fn}'s) and piece->why,
 * with the member.
 * docket_piece_free(piece): Free what it owns.
 */
void docket_piece_check(const struct docket_parts *parts, size_t number, docket_entry_fn *fn,
                        void *ctx, struct docket_piece *piece);
void docket_piece_free(struct docket_piece *piece);

#endif
