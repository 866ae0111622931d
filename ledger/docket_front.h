/* docket_front - what the entries of an evidence bundle of whole streams are held against: what it
 * is of, the checkpoint and its tree, and who held which key.
 */
#ifndef LEDGER_DOCKET_FRONT_H
#define LEDGER_DOCKET_FRONT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/checkpoint.h"
#include "ledger/docket.h"
#include "ledger/docket_parts.h"
#include "ledger/docket_tree.h"
#include "ledger/err.h"
#include "ledger/note.h"
#include "ledger/registry.h"
#include "ledger/vouch.h"

struct docket_front {
    struct docket_plan plan;
    struct buf note; /* owned */
    struct checkpoint checkpoint;
    struct docket_tree *tree; /* owned; its root is the checkpoint's */
    struct buf last_bytes;    /* owned: the last entry of the checkpoint */
    struct entry last;        /* borrowed from these */
    uint8_t last_leaf[HASH_BYTES];
    struct registry *registry; /* owned: from the stream `ledger` */
    struct vouch_ledger ledger;
    struct note_key keys[REGISTRY_PAIRS_MAX]; /* of the ledger, that sign such a checkpoint */
    size_t key_count;
};

/**
 * docket_front_take(parts, key, ret_front, ret_why):
 * Take it from the members, which are borrowed: the streams are those of the plan, the tiles make
 * the root of the checkpoint, `last` is its last entry, and the ledger's own keys and ${key} (NULL:
 * none was given) have signed it.  The stream `ledger` shows all its events; that its entries are
 * in the tree, without a gap and signed, is not looked at yet.  Free with docket_front_free.
 * Errors: PROOF, TOO_BIG, IO.
 * docket_front_free(front): Free what it owns; an empty one is fine.
 */
MUST_CHECK enum err docket_front_take(const struct docket_parts *parts, const struct note_key *key,
                                      struct docket_front *ret_front, struct err_text *ret_why);
void docket_front_free(struct docket_front *front);

#endif
