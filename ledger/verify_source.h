/* verify_source - where verify has its entries and the stored tree from: an LMDB environment, or a
 * directory of tiles.
 */
#ifndef LEDGER_VERIFY_SOURCE_H
#define LEDGER_VERIFY_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/rows.h"

struct verify_piece;

/* One source, the first member of a bigger struct.  What is wrong with the data is noted in the
 * piece; errors are for what could not be read. */
struct verify_source {
    uint32_t magic;
    bool indexed;         /* it has the indexes of ids and streams */
    bool opaque;          /* its entries are another program's: only their hashes can be checked */
    bool leaves_only;     /* it has no entries, only their hashes */
    uint64_t node_levels; /* bit l: complete nodes of level l are stored */

    /* Any thread: gives the rows and stored nodes of entries [piece->from, piece->from +
     * piece->count), until unload, which is called in any case.  Errors: IO, BUSY. */
    enum err (*load)(struct verify_source *source, struct verify_piece *piece);
    void (*unload)(struct verify_source *source, struct verify_piece *piece);

    /* Any thread, of a piece that is loaded: the seq under which the indexes have the position of a
     * stream, and a name and id.  NULL if not indexed.  Errors: IO, DAMAGED. */
    enum err (*find_stream)(struct verify_piece *piece, const char *stream, uint64_t pos,
                            uint64_t *ret_seq, bool *ret_found);
    enum err (*find_id)(struct verify_piece *piece, const uint8_t name[HASH_BYTES], const char *id,
                        uint64_t *ret_seq, bool *ret_found);
    enum err (*find_leaf)(struct verify_piece *piece, uint64_t seq, uint8_t ret[HASH_BYTES]);

    /* Outside of pieces: any complete node (a tree_read_fn, the source being its ctx), and the
     * time_us of an entry.  Errors: IO, DAMAGED. */
    tree_read_fn *node;
    enum err (*time)(struct verify_source *source, uint64_t seq, int64_t *ret_us);
};

#endif
