/* heads - where each stream of a ledger stands at a size, under one root: what ledger.heads says.
 * Bytes:  ledger/FORMAT.md "Heads" (DESIGN.md 2; the tree is that of RFC 6962).
 * Pure:   no I/O, no clock.
 */
#ifndef LEDGER_HEADS_H
#define LEDGER_HEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/tree.h"

/* The last entry of one stream. */
struct heads_record {
    char stream[STREAM_BYTES_MAX + 1];
    uint64_t pos;             /* its position in the stream */
    uint8_t leaf[HASH_BYTES]; /* its leaf hash */
};

/* The records of all streams, in the order of their bytes, and the tree over them. */
struct heads;

/**
 * heads_encode(record, buf): Append the record: stream | 00 | pos u64 | leaf.
 * heads_hash(record, ret): SHA-256(00 | the record): its leaf in the tree over all of them.
 */
void heads_encode(const struct heads_record *record, struct buf *buf);
void heads_hash(const struct heads_record *record, uint8_t ret[HASH_BYTES]);

/**
 * heads_new(), heads_free(heads): No stream yet; NULL is fine.
 * heads_add(heads, record): Add a copy of the record; its stream's name is behind that of the last
 * one in the order of bytes.  Cost: amortised constant.
 * heads_count(heads): How many there are.
 * heads_at(heads, index): One of them; borrowed until the next is added.
 * heads_find(heads, stream, ret_index): Whether the stream is among them, and where; by halving.
 */
struct heads *heads_new(void);
void heads_free(struct heads *heads);
void heads_add(struct heads *heads, const struct heads_record *record);
size_t heads_count(const struct heads *heads);
const struct heads_record *heads_at(const struct heads *heads, size_t index);
bool heads_find(const struct heads *heads, const char *stream, size_t *ret_index);

/**
 * heads_root(heads, ret): The root over all records; of none SHA-256("").
 * heads_inclusion(heads, index, ret), index < count: That the record is under that root, leaf side
 * first.  Cost: O(log count).
 * heads_check(record, index, count, proof, root): Check such a proof from anywhere.  That no other
 * record of the stream is under the root follows from whoever made the root again from all entries
 * (verify).  Errors: PROOF (it does not hold).
 */
void heads_root(const struct heads *heads, uint8_t ret[HASH_BYTES]);
void heads_inclusion(const struct heads *heads, size_t index, struct tree_proof *ret);
MUST_CHECK enum err heads_check(const struct heads_record *record, uint64_t index, uint64_t count,
                                const struct tree_proof *proof, const uint8_t root[HASH_BYTES]);

#endif
