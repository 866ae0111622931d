/* rows - the rows of the tables as entries, events, tree and indexes: keys made, values checked.
 * Bytes: ledger/FORMAT.md "Tables".  Everything works within a transaction of the caller's; slices
 * are borrowed from it.
 */
#ifndef LEDGER_ROWS_H
#define LEDGER_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/store.h"
#include "ledger/tree.h"

#define ROWS_META_CHECKPOINT "checkpoint" /* the signed note of the last commit */

/* One entry with its event as they are stored. */
struct row {
    struct slice bytes; /* of the entry */
    struct entry entry; /* signatures point into `bytes` */
    const uint8_t *salt;
    struct slice event; /* empty if erased */
};

/* Where the next entry goes. */
struct rows_head {
    int64_t time_us; /* of the last entry; 0 without one */
    uint8_t leaf[HASH_BYTES];
    struct tree_edge edge; /* edge.size is the ledger's size */
};

/**
 * rows_read(txn, seq, ret_row, ret_why):
 * Read one entry with its event: it decodes, has that seq, and the event has its digest and length.
 * Errors: NOT_FOUND (no such row), IO, DAMAGED.
 */
MUST_CHECK enum err rows_read(struct store_txn *txn, uint64_t seq, struct row *ret_row,
                              struct err_text *ret_why);

/**
 * rows_parse(seq, entry, event, ret_row, ret_why):
 * The same of the two values as they were read; ${event}.data is NULL where there is no such row.
 * Errors: DAMAGED.
 */
MUST_CHECK enum err rows_parse(uint64_t seq, struct slice entry, struct slice event,
                               struct row *ret_row, struct err_text *ret_why);

/**
 * rows_size(txn, ret_size, ret_why): Number of entries, by the last one's key.
 * rows_head(txn, ret_head, ret_why): The last entry and the tree's right edge.
 * rows_root(txn, size, ret_root, ret_why): The root of the first ${size} entries, which are there.
 * Errors: IO, DAMAGED.
 */
MUST_CHECK enum err rows_size(struct store_txn *txn, uint64_t *ret_size, struct err_text *ret_why);
MUST_CHECK enum err rows_head(struct store_txn *txn, struct rows_head *ret_head,
                              struct err_text *ret_why);
MUST_CHECK enum err rows_root(struct store_txn *txn, uint64_t size, uint8_t ret_root[HASH_BYTES],
                              struct err_text *ret_why);

/**
 * rows_node_number(level, index): The number under which a complete node is stored.
 * rows_node_read, rows_node_write(txn, level, index, hash):
 * A tree_read_fn and a tree_write_fn whose ctx is the transaction.  Errors: IO, DAMAGED (no such
 * node; there is one already), DISK_LOW.
 */
uint64_t rows_node_number(unsigned level, uint64_t index);
enum err rows_node_read(void *txn, unsigned level, uint64_t index, uint8_t ret[HASH_BYTES]);
enum err rows_node_write(void *txn, unsigned level, uint64_t index, const uint8_t hash[HASH_BYTES]);

/**
 * rows_stream_find(txn, stream, pos, ret_seq, ret_found): The seq of a stream's position.
 *
 * rows_stream_walk(txn, stream, pos, ret_walk): Begin to find those from ${pos} on, in a row
 * (close: store_walk_close).
 *
 * rows_stream_next(walk, stream, pos, ret_seq, ret_found): As rows_stream_find, of the next one,
 * which is ${pos}.
 *
 * rows_stream_count(txn, stream, ret_count, ret_seq): Number of entries of a stream, and the seq of
 * its last (0 without one).  Errors: IO, DAMAGED.
 *
 * rows_stream_put(txn, stream, pos, seq): Errors: as store_put.
 *
 * rows_stream_key(row, ret_stream, ret_pos): Take a key of the table apart.  Errors: DAMAGED (it is
 * none).
 *
 * rows_stream_after(txn, after, ret_stream, ret_found): The name of the first stream after ${after}
 * in the order of bytes ("": the first).  Errors: IO, DAMAGED.
 */
MUST_CHECK enum err rows_stream_find(struct store_txn *txn, const char *stream, uint64_t pos,
                                     uint64_t *ret_seq, bool *ret_found);
MUST_CHECK enum err rows_stream_walk(struct store_txn *txn, const char *stream, uint64_t pos,
                                     struct store_walk **ret_walk);
MUST_CHECK enum err rows_stream_next(struct store_walk *walk, const char *stream, uint64_t pos,
                                     uint64_t *ret_seq, bool *ret_found);
MUST_CHECK enum err rows_stream_count(struct store_txn *txn, const char *stream,
                                      uint64_t *ret_count, uint64_t *ret_seq);
MUST_CHECK enum err rows_stream_put(struct store_txn *txn, const char *stream, uint64_t pos,
                                    uint64_t seq);
MUST_CHECK enum err rows_stream_key(struct slice key, char ret_stream[STREAM_BYTES_MAX + 1],
                                    uint64_t *ret_pos);
MUST_CHECK enum err rows_stream_after(struct store_txn *txn, const char *after,
                                      char ret_stream[STREAM_BYTES_MAX + 1], bool *ret_found);

/**
 * rows_id_name(actor, source, ret): SHA-256(actor 00 source), under which an actor's ids are kept.
 * rows_id_find(txn, name, id, ret_seq, ret_found): The seq of the event of that name and id.
 * Errors: IO, DAMAGED.
 * rows_id_put(txn, name, id, seq): Errors: as store_put.
 */
void rows_id_name(const char *actor, const char *source, uint8_t ret[HASH_BYTES]);
MUST_CHECK enum err rows_id_find(struct store_txn *txn, const uint8_t name[HASH_BYTES],
                                 const char *id, uint64_t *ret_seq, bool *ret_found);
MUST_CHECK enum err rows_id_put(struct store_txn *txn, const uint8_t name[HASH_BYTES],
                                const char *id, uint64_t seq);

#endif
