/* store_kit - real environments in directories of their own, for tests. */
#ifndef TESTS_UNIT_STORE_KIT_H
#define TESTS_UNIT_STORE_KIT_H

#include "tests/unit/ledger_kit.h"

#include "ledger/store.h"

KIT_UNUSED static void store_ok(enum err err, const struct err_text *why)
{
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), why->s);
}

/* An environment in kit->path. */
KIT_UNUSED static struct store *store_new(struct kit *kit)
{
    struct store *store = NULL;
    kit_dir(kit);
    assert_int_equal(mkdir(kit->path, 0700), 0);
    store_ok(store_open(kit->path, STORE_CREATE, &store, &kit->why), &kit->why);
    return store;
}

KIT_UNUSED static struct store_txn *store_txn_new(struct store *store, bool write)
{
    struct store_txn *txn = NULL;
    struct err_text why;
    store_ok(store_begin(store, write, &txn, &why), &why);
    return txn;
}

#endif
