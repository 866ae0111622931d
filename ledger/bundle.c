/* Tiles of hashes and bundles of entries and events of an open ledger (ledger.h ledger_tile). */
#include <string.h>

#include "ledger/inside.h"

static enum err add_hash(struct store_txn *txn, const struct tile *tile, uint64_t at,
                         struct buf *buf, struct err_text *ret_why)
{
    uint8_t hash[HASH_BYTES];
    enum err err = rows_node_read(txn, 8 * tile->level, at, hash);
    if (err != ERR_OK)
        return inside_say(err, "the tree's nodes", ret_why);
    buf_add(buf, hash, sizeof(hash));
    return ERR_OK;
}

static enum err add_row(struct store_txn *txn, const struct tile *tile, uint64_t at,
                        struct buf *buf, struct err_text *ret_why)
{
    struct row row;
    enum err err = rows_read(txn, at, &row, ret_why);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    if (tile->kind == TILE_ENTRIES) {
        buf_u16(buf, (uint16_t)row.bytes.bytes);
        buf_add(buf, row.bytes.data, row.bytes.bytes);
        return ERR_OK;
    }
    buf_u32(buf, (uint32_t)row.event.bytes);
    if (row.event.bytes > 0) {
        buf_add(buf, row.salt, SALT_BYTES);
        buf_add(buf, row.event.data, row.event.bytes);
    }
    return ERR_OK;
}

enum err ledger_tile(struct ledger *ledger, const struct tile *tile, struct buf *buf,
                     struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct buf made = {0};
    uint64_t size = 0;
    unsigned level = tile->kind == TILE_HASHES ? tile->level : 0;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = rows_size(txn, &size, ret_why);
    if (err == ERR_OK && tile_width_at(size, level, tile->index) < tile->width)
        err = err_say(ret_why, ERR_NOT_FOUND, "a ledger of %llu entries has no such tile yet",
                      (unsigned long long)size);
    for (unsigned i = 0; err == ERR_OK && i < tile->width; i++) {
        uint64_t at = tile->index * TILE_WIDTH + i;
        err = tile->kind == TILE_HASHES ? add_hash(txn, tile, at, &made, ret_why)
                                        : add_row(txn, tile, at, &made, ret_why);
    }
    store_abort(txn);
    if (err == ERR_OK)
        buf_add(buf, made.data, made.bytes);
    buf_free(&made);
    return err;
}
