#include "ledger/counting.h"

#include <string.h>

#include "ledger/inside.h"

void counting_init(struct counting *counting)
{
    ASSERT(pthread_mutex_init(&counting->mutex, NULL) == 0);
}

void counting_end(struct counting *counting)
{
    custody_clear(&counting->waiting);
    ASSERT(pthread_mutex_destroy(&counting->mutex) == 0);
}

static void sum_up(struct counting *counting, const struct custody_key *key, uint64_t count)
{
    atomic_fetch_add(&counting->sums[key->way][key->outcome], count);
}

static enum custody_outcome outcome_of(const struct admitted *admitted,
                                       const struct receipt *receipt)
{
    if (receipt->err == ERR_CONFLICT && !receipt->held)
        return CUSTODY_CONFLICTED;
    if (receipt->err != ERR_OK)
        return custody_outcome(receipt->err);
    if (receipt->duplicate)
        return CUSTODY_DUPLICATE;
    return admitted->way != 0 ? CUSTODY_QUARANTINED : CUSTODY_APPENDED;
}

void counting_events(struct counting_commit *commit, struct admitted *const *admitted,
                     const struct receipt *receipts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct admitted_part *part = &admitted[i]->part;
        bool told = admitted[i]->way != 0; /* of a message, by the ledger */
        struct custody_key key = {.day = custody_day(part->admitted_us),
                                  .way = told ? admitted[i]->way : (enum origin)part->origin,
                                  .outcome = outcome_of(admitted[i], &receipts[i])};
        memcpy(key.principal, told ? admitted[i]->brought_by : part->principal,
               sizeof(key.principal));
        if (key.way != ORIGIN_LEDGER)
            custody_add(&commit->events, &key, 1);
    }
}

void counting_take(struct counting *counting, struct counting_commit *commit)
{
    ASSERT(pthread_mutex_lock(&counting->mutex) == 0);
    custody_move(&counting->waiting, &commit->waited);
    ASSERT(pthread_mutex_unlock(&counting->mutex) == 0);
}

void counting_settle(struct counting *counting, struct counting_commit *commit, bool written)
{
    for (size_t i = 0; written && i < commit->events.count; i++)
        sum_up(counting, &commit->events.counts[i].key, commit->events.counts[i].count);
    custody_clear(&commit->events);
    if (written) {
        custody_clear(&commit->waited);
        return;
    }
    ASSERT(pthread_mutex_lock(&counting->mutex) == 0);
    custody_move(&commit->waited, &counting->waiting);
    ASSERT(pthread_mutex_unlock(&counting->mutex) == 0);
}

void ledger_count(struct ledger *ledger, const struct custody_key *key, uint64_t count)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct counting *counting = &ledger->counting;
    struct custody_key counted = *key;
    sum_up(counting, key, count);
    ASSERT(pthread_mutex_lock(&counting->mutex) == 0);
    if (counting->waiting.count >= CUSTODY_KEYS_MAX && !custody_has(&counting->waiting, key))
        counted.principal[0] = '\0';
    custody_add(&counting->waiting, &counted, count);
    ASSERT(pthread_mutex_unlock(&counting->mutex) == 0);
}

uint64_t ledger_counted(struct ledger *ledger, enum origin way, enum custody_outcome outcome)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    return atomic_load(&ledger->counting.sums[way][outcome]);
}

bool ledger_counts_wait(struct ledger *ledger)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct counting *counting = &ledger->counting;
    ASSERT(pthread_mutex_lock(&counting->mutex) == 0);
    bool waits = counting->waiting.count > 0;
    ASSERT(pthread_mutex_unlock(&counting->mutex) == 0);
    return waits;
}

enum err ledger_custody(struct ledger *ledger, int64_t since_day, ledger_custody_fn *fn, void *ctx,
                        struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    struct store_walk *walk = NULL;
    struct store_row row = {.found = true};
    struct custody_count count;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err == ERR_OK)
        err = store_walk_open(txn, STORE_CUSTODY, (struct slice){NULL, 0}, &walk);
    while (err == ERR_OK && row.found) {
        err = store_walk_next(walk, &row);
        if (err != ERR_OK || !row.found)
            break;
        err = custody_read(row.key.data, row.key.bytes, row.value.data, row.value.bytes, &count);
        if (err == ERR_OK && count.key.day >= since_day)
            fn(ctx, &count);
    }
    store_walk_close(walk);
    store_abort(txn);
    return inside_say(err, "the table custody cannot be read", ret_why);
}
