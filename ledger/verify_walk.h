/* verify_walk - the rows of a ledger read for its check straight from the file's pages, each looked
 * at once: by LMDB they could be read only after the shape of all had been looked at.
 * One reader holds one commit from beginning to end, and nothing is said of where damage is: so for
 * a short check, which is done again in the plain way if anything is wrong.
 */
#ifndef LEDGER_VERIFY_WALK_H
#define LEDGER_VERIFY_WALK_H

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/store.h"

struct verify_piece;
struct verify_state;
struct verify_walk;

/**
 * verify_walk_open(state, txn, ret_walk):
 * Check the shape of the file but for what holds the entries, events and nodes, as of ${txn}, which
 * must not end before the walk is freed.  Until verify_walk_end LMDB must not read these.
 * Errors: DAMAGED, IO, BUSY (others write too fast; stopped).
 * verify_walk_free(walk): NULL is fine.
 */
MUST_CHECK enum err verify_walk_open(struct verify_state *state, struct store_txn *txn,
                                     struct verify_walk **ret_walk);
void verify_walk_free(struct verify_walk *walk);

/**
 * verify_walk_load(walk, state, piece): Give the rows and nodes of a piece.  Any thread.
 * Errors: DAMAGED, IO.
 */
MUST_CHECK enum err verify_walk_load(struct verify_walk *walk, const struct verify_state *state,
                                     struct verify_piece *piece);

/**
 * verify_walk_end(walk, ret_why): Whether the shape is good, after all pieces.  Errors: DAMAGED.
 */
MUST_CHECK enum err verify_walk_end(const struct verify_walk *walk, struct err_text *ret_why);

#endif
