/* damage_kit - environments written anew with rows dropped, changed or added, as somebody who knows
 * LMDB and has the file would do it.
 */
#ifndef TESTS_UNIT_DAMAGE_KIT_H
#define TESTS_UNIT_DAMAGE_KIT_H

#include "tests/unit/ledger_kit.h"

#include "ledger/store.h"

/* Changes a row on its way into the new environment; false drops it. */
typedef bool damage_fn(void *ctx, enum store_table table, struct buf *key, struct buf *value);

static void damage_table(struct store_txn *from, struct store_txn *to, enum store_table table,
                         damage_fn *fn, void *ctx)
{
    struct store_walk *walk = NULL;
    struct store_row row;
    assert_int_equal(store_walk_open(from, table, (struct slice){NULL, 0}, &walk), ERR_OK);
    for (;;) {
        struct buf key = {0}, value = {0};
        assert_int_equal(store_walk_next(walk, &row), ERR_OK);
        if (!row.found)
            break;
        buf_add(&key, row.key.data, row.key.bytes);
        buf_add(&value, row.value.data, row.value.bytes);
        if (fn(ctx, table, &key, &value))
            assert_int_equal(store_put(to, table, key.data, key.bytes, value.data, value.bytes),
                             ERR_OK);
        buf_free(&key);
        buf_free(&value);
    }
    store_walk_close(walk);
}

/* Rewrites the closed ledger's data.mdb row by row through ${fn}; then ${add} (may be NULL) puts
 * what it likes. */
KIT_UNUSED static void damage_rewrite(struct kit *kit, damage_fn *fn,
                                      void (*add)(void *ctx, struct store_txn *txn), void *ctx)
{
    struct store *old = NULL, *fresh = NULL;
    struct store_txn *from = NULL, *to = NULL;
    char *room = files_path(kit->dir, "room"), *made = files_path(room, "data.mdb");
    char *lock = files_path(room, "lock.mdb"), *data = files_path(kit->path, "data.mdb");
    assert_int_equal(mkdir(room, 0700), 0);
    assert_int_equal(store_open(kit->path, STORE_SHARED, &old, NULL), ERR_OK);
    assert_int_equal(store_open(room, STORE_CREATE, &fresh, NULL), ERR_OK);
    assert_int_equal(store_begin(old, false, &from, NULL), ERR_OK);
    assert_int_equal(store_begin(fresh, true, &to, NULL), ERR_OK);
    for (int i = 0; i < STORE_TABLES; i++)
        damage_table(from, to, (enum store_table)i, fn, ctx);
    if (add != NULL)
        add(ctx, to);
    assert_int_equal(store_commit(to, NULL), ERR_OK);
    store_abort(from);
    store_close(old);
    store_close(fresh);
    assert_int_equal(rename(made, data), 0);
    assert_int_equal(unlink(lock), 0);
    assert_int_equal(rmdir(room), 0);
    free(room);
    free(made);
    free(lock);
    free(data);
}

#endif
