#include "ledger/ledger.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/copy.h"
#include "ledger/inside.h"
#include "ledger/recover.h"
#include "ledger/rekey.h"
#include "ledger/rollback.h"

struct ledger *inside_new(const char *dir, struct store *store)
{
    struct ledger *ledger = mem_zero(1, sizeof(*ledger));
    ledger->magic = LEDGER_MAGIC;
    ledger->dir = mem_text(dir);
    ledger->store = store;
    pthread_rwlockattr_t writers_first; /* admission in many threads must not keep appending out */
    ASSERT(pthread_rwlockattr_init(&writers_first) == 0);
    ASSERT(pthread_rwlockattr_setkind_np(&writers_first,
                                         PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
    ASSERT(pthread_rwlock_init(&ledger->lock, &writers_first) == 0);
    pthread_rwlockattr_destroy(&writers_first);
    counting_init(&ledger->counting);
    ledger->registry = registry_new();
    return ledger;
}

void inside_arm(struct ledger *ledger)
{
    struct admission *admission = sodium_malloc(sizeof(*admission));
    ASSERT(admission != NULL);
    memset(admission, 0, sizeof(*admission));
    memcpy(admission->ledger_id, ledger->info.id, HASH_BYTES);
    admission->simulated = ledger->info.simulated;
    ledger->admission = admission;
}

enum err inside_say(enum err err, const char *what, struct err_text *ret_why)
{
    return err == ERR_OK ? err : err_say(ret_why, err, "%s: %s", what, err_text(err));
}

enum err inside_info(const json_t *created, struct ledger_info *ret_info, struct err_text *ret_why)
{
    const char *id = ijson_string(created, "ledger");
    const char *origin = ijson_string(created, "origin");
    const char *vkey = ijson_string(created, "vkey");
    const char *admission_key = ijson_string(created, "admission_key");
    struct ledger_info info = {.simulated = json_is_true(ijson_get(created, "simulated"))};
    if (id == NULL || origin == NULL || vkey == NULL || admission_key == NULL ||
        !bytes_from_hex(id, info.id, sizeof(info.id)) || !note_name_ok(origin) ||
        note_key_parse(vkey, &info.key) != ERR_OK || strcmp(info.key.name, origin) != 0 ||
        !bytes_from_hex(admission_key, info.admission_key, sizeof(info.admission_key)))
        return err_say(ret_why, ERR_DAMAGED, "entry 0 does not say what ledger this is");
    memcpy(info.id_hex, id, sizeof(info.id_hex));
    memcpy(info.origin, origin, strlen(origin) + 1);
    *ret_info = info;
    return ERR_OK;
}

/* Folds one entry of the stream `ledger` at position verdict_count. */
static enum err fold_one(struct ledger *ledger, const struct row *row, struct err_text *ret_why)
{
    struct event *event = NULL;
    struct err_text what;
    const struct entry *entry = &row->entry;
    if (strcmp(entry->part.stream, "ledger") != 0 || entry->stream_pos != ledger->verdict_count)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu: the index of streams has it elsewhere",
                       (unsigned long long)entry->seq);
    if (event_parse(row->event.data, row->event.bytes, &event, &what) != ERR_OK)
        return err_say(ret_why, ERR_DAMAGED, "entry %llu: its event is none: %.200s",
                       (unsigned long long)entry->seq, what.s);
    struct verdict *verdict =
        MEM_PUSH(ledger->verdicts, ledger->verdict_count, ledger->verdict_cap);
    registry_apply(ledger->registry, entry, event, verdict);
    event_free(event);
    return ERR_OK;
}

static enum err fold_new(struct ledger *ledger, struct store_txn *txn, struct err_text *ret_why)
{
    inside_ahead(ledger, txn, "ledger", ledger->verdict_count, UINT64_MAX);
    for (;;) {
        struct row row;
        uint64_t seq = 0;
        bool found = false;
        enum err err = rows_stream_find(txn, "ledger", ledger->verdict_count, &seq, &found);
        if (err != ERR_OK)
            return inside_say(err, "the stream ledger cannot be read", ret_why);
        if (!found)
            return ERR_OK;
        err = rows_read(txn, seq, &row, ret_why);
        if (err == ERR_OK)
            err = fold_one(ledger, &row, ret_why);
        if (err != ERR_OK)
            return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    }
}

/* Tells admission the time of the last entry. */
static void clock_set(struct ledger *ledger, int64_t time_us)
{
    ledger_lock(ledger, true);
    ledger->admission->last_us = time_us;
    ledger_unlock(ledger);
}

static enum err clock_follow(struct ledger *ledger, struct store_txn *txn, struct err_text *ret_why)
{
    struct row row;
    uint64_t size = 0;
    enum err err = rows_size(txn, &size, ret_why);
    if (err == ERR_OK)
        err = rows_read(txn, size - 1, &row, ret_why);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
    clock_set(ledger, row.entry.time_us);
    return ERR_OK;
}

/* Folds what is new in the stream `ledger`, if anything is. */
static enum err fold_follow(struct ledger *ledger, struct store_txn *txn, struct err_text *ret_why)
{
    uint64_t seq;
    bool found = false;
    ledger_lock(ledger, false);
    enum err err = inside_say(rows_stream_find(txn, "ledger", ledger->verdict_count, &seq, &found),
                              "the stream ledger cannot be read", ret_why);
    ledger_unlock(ledger);
    if (err == ERR_OK && found) {
        ledger_lock(ledger, true);
        err = fold_new(ledger, txn, ret_why);
        ledger_unlock(ledger);
    }
    return err;
}

/* Takes new keys into use, and old ones out of it. */
static enum err keys_follow(struct ledger *ledger, struct err_text *ret_why)
{
    if (!rekey_due(ledger))
        return ERR_OK;
    ledger_lock(ledger, true);
    enum err err = rekey_load(ledger, ret_why);
    ledger_unlock(ledger);
    return err;
}

enum err inside_follow(struct ledger *ledger, struct store_txn *txn, struct err_text *ret_why)
{
    uint64_t known = ledger->verdict_count;
    enum err err = fold_follow(ledger, txn, ret_why);
    if (err == ERR_OK && ledger->verdict_count > known)
        err = clock_follow(ledger, txn, ret_why);
    if (err == ERR_OK && ledger->verdict_count > known)
        err = keys_follow(ledger, ret_why);
    return err;
}

enum err inside_time(struct ledger *ledger, int64_t time_us, struct err_text *ret_why)
{
    clock_set(ledger, time_us);
    return keys_follow(ledger, ret_why);
}

enum err ledger_refresh(struct ledger *ledger, struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct store_txn *txn = NULL;
    enum err err = store_begin(ledger->store, false, &txn, ret_why);
    if (err != ERR_OK)
        return err;
    err = fold_follow(ledger, txn, ret_why);
    if (err == ERR_OK && ledger->admission != NULL)
        err = clock_follow(ledger, txn, ret_why);
    store_abort(txn);
    if (err == ERR_OK && ledger->admission != NULL)
        err = keys_follow(ledger, ret_why);
    return err;
}

const struct registry *ledger_registry(const struct ledger *ledger)
{
    return ledger->registry;
}

void ledger_lock(struct ledger *ledger, bool write)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    ASSERT((write ? pthread_rwlock_wrlock(&ledger->lock) : pthread_rwlock_rdlock(&ledger->lock)) ==
           0);
}

void ledger_unlock(struct ledger *ledger)
{
    ASSERT(pthread_rwlock_unlock(&ledger->lock) == 0);
}

const struct verdict *ledger_verdict(const struct ledger *ledger, uint64_t stream_pos)
{
    return stream_pos < ledger->verdict_count ? &ledger->verdicts[stream_pos] : NULL;
}

const struct ledger_info *ledger_info(const struct ledger *ledger)
{
    return &ledger->info;
}

const char *ledger_dir(const struct ledger *ledger)
{
    return ledger->dir;
}

bool ledger_writable(const struct ledger *ledger)
{
    return ledger->admission != NULL;
}

const struct admission *ledger_admission(const struct ledger *ledger)
{
    ASSERT(ledger->admission != NULL);
    return ledger->admission;
}

int64_t ledger_now(struct ledger *ledger)
{
    int64_t us = 0;
    if (ledger->info.simulated)
        return ledger_last_us(ledger, &us, NULL) == ERR_OK ? us : 0;
    return clock_real_us();
}

void ledger_seed(struct ledger *ledger, const uint8_t seed[HASH_BYTES])
{
    ASSERT(ledger->info.simulated && ledger->admission != NULL);
    ledger->admission->seeded = true;
    memcpy(ledger->admission->seed, seed, HASH_BYTES);
}

/* Reads entry 0 and all that the stream `ledger` says. */
static enum err learn(struct ledger *ledger, struct err_text *ret_why)
{
    uint64_t size = 0;
    enum err err = ledger_size(ledger, &size, ret_why);
    if (err == ERR_OK && size == 0)
        err = err_say(ret_why, ERR_DAMAGED,
                      "%s is empty: init did not finish; remove the directory and init again",
                      ledger->dir);
    if (err == ERR_OK)
        err = ledger_refresh(ledger, ret_why);
    if (err == ERR_OK)
        err = inside_info(registry_ledger(ledger->registry), &ledger->info, ret_why);
    return err;
}

/* Loads the keys, and makes sure that no second root can be signed for a size: the environment must
 * be as new as its checkpoint outside says. */
static enum err arm(struct ledger *ledger, uint64_t *ret_restored, struct err_text *ret_why)
{
    struct buf lost = {0};
    enum err err = copy_check(ledger, &lost, ret_why);
    bool give_up = err == ERR_DAMAGED && lost.bytes > 0 && ret_restored != NULL;
    if (err == ERR_OK || give_up) {
        inside_arm(ledger);
        err = ledger_last_us(ledger, &ledger->admission->last_us, ret_why);
        if (err == ERR_OK)
            err = rekey_load(ledger, ret_why);
    }
    if (err == ERR_OK && give_up)
        err = rollback_record(ledger, &lost, ret_restored, ret_why);
    buf_free(&lost);
    return err;
}

/* Opens for reading, for writing, or with ${ret_restored} for writing to an older copy too. */
static enum err open_as(const char *dir, enum store_how how, bool write, uint64_t *ret_restored,
                        struct ledger **ret_ledger, struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct ledger *ledger = NULL;
    struct store *store = NULL;
    enum err err = write ? recover_ledger(dir, ret_why) : ERR_OK;
    if (err == ERR_OK)
        err = store_open(dir, how, &store, ret_why);
    if (err != ERR_OK)
        return err;
    ledger = inside_new(dir, store);
    err = learn(ledger, ret_why);
    if (err == ERR_OK && write)
        err = arm(ledger, ret_restored, ret_why);
    if (err == ERR_OK) {
        *ret_ledger = ledger;
        ledger = NULL;
    }
    ledger_close(ledger);
    return err;
}

enum err ledger_open(const char *dir, bool write, struct ledger **ret_ledger,
                     struct err_text *ret_why)
{
    return open_as(dir, STORE_SHARED, write, NULL, ret_ledger, ret_why);
}

enum err ledger_open_sparse(const char *dir, struct ledger **ret_ledger, struct err_text *ret_why)
{
    return open_as(dir, STORE_SPARSE, false, NULL, ret_ledger, ret_why);
}

enum err ledger_open_older(const char *dir, struct ledger **ret_ledger, uint64_t *ret_seq,
                           struct err_text *ret_why)
{
    *ret_seq = 0;
    return open_as(dir, STORE_SHARED, true, ret_seq, ret_ledger, ret_why);
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    if (ledger->copy_behind && !recover_marked(ledger->dir))
        (void)!copy_write(ledger, NULL); /* an older copy is as true, it only proves less */
    for (size_t i = 0; i < ledger->verdict_count; i++)
        verdict_clear(&ledger->verdicts[i]);
    free(ledger->verdicts);
    registry_free(ledger->registry);
    sodium_free(ledger->admission);
    secret_free(ledger->checkpoint_key);
    secret_free(ledger->former_key);
    counting_end(&ledger->counting);
    pthread_rwlock_destroy(&ledger->lock);
    store_close(ledger->store);
    free(ledger->dir);
    free(ledger);
}
