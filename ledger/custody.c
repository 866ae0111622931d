#include "ledger/custody.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/instant.h"
#include "ledger/limits.h"
#include "ledger/mem.h"
#include "ledger/reader.h"
#include "ledger/store.h"

static const char *const outcomes[CUSTODY_OUTCOMES] = {
    "appended",     "duplicate", "conflicted", "quarantined",
    "refused-auth", "refused",   "deferred",   "dead-lettered",
};

int64_t custody_day(int64_t us)
{
    return us / INSTANT_DAY_US;
}

const char *custody_outcome_name(enum custody_outcome outcome)
{
    ASSERT(outcome < CUSTODY_OUTCOMES);
    return outcomes[outcome];
}

enum custody_outcome custody_outcome(enum err err)
{
    ASSERT(err != ERR_OK);
    int status = err_http(err);
    if (status == 401 || status == 403)
        return CUSTODY_REFUSED_AUTH;
    return status == 429 || status >= 500 ? CUSTODY_DEFERRED : CUSTODY_REFUSED;
}

int custody_compare(const struct custody_key *a, const struct custody_key *b)
{
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    if (a->way != b->way)
        return a->way < b->way ? -1 : 1;
    int order = strcmp(a->principal, b->principal);
    return order != 0 ? order : (int)a->outcome - (int)b->outcome;
}

static int compare_counts(const void *a, const void *b)
{
    const struct custody_count *left = a, *right = b;
    return custody_compare(&left->key, &right->key);
}

void custody_sort(struct custody_counts *counts)
{
    if (counts->count > 0)
        qsort(counts->counts, counts->count, sizeof(*counts->counts), compare_counts);
}

static struct custody_count *find(const struct custody_counts *counts,
                                  const struct custody_key *key)
{
    for (size_t i = counts->count; i > 0; i--) { /* what was added last is likely to come again */
        if (custody_compare(&counts->counts[i - 1].key, key) == 0)
            return &counts->counts[i - 1];
    }
    return NULL;
}

bool custody_has(const struct custody_counts *counts, const struct custody_key *key)
{
    return find(counts, key) != NULL;
}

void custody_add(struct custody_counts *counts, const struct custody_key *key, uint64_t count)
{
    struct custody_count *found = find(counts, key);
    if (found == NULL) {
        found = MEM_PUSH(counts->counts, counts->count, counts->cap);
        found->key = *key;
    }
    found->count += count;
}

void custody_move(struct custody_counts *from, struct custody_counts *to)
{
    for (size_t i = 0; i < from->count; i++)
        custody_add(to, &from->counts[i].key, from->counts[i].count);
    custody_clear(from);
}

void custody_clear(struct custody_counts *counts)
{
    free(counts->counts);
    *counts = (struct custody_counts){0};
}

/* day 00 way 00 principal 00 outcome */
static void key_make(const struct custody_key *key, struct buf *buf)
{
    char day[INSTANT_TEXT_BYTES];
    instant_day(key->day * INSTANT_DAY_US, day);
    buf_text(buf, day);
    buf_u8(buf, 0);
    buf_text(buf, entry_origin_name((uint8_t)key->way));
    buf_u8(buf, 0);
    buf_text(buf, key->principal);
    buf_u8(buf, 0);
    buf_text(buf, outcomes[key->outcome]);
}

static bool read_number(const void *value, size_t value_bytes, uint64_t *ret)
{
    struct reader reader = {.data = value, .bytes = value_bytes};
    *ret = reader_u64(&reader);
    return !reader.bad && reader.bytes == 0;
}

static enum err write_one(const struct custody_count *count, struct store_txn *txn, struct buf *key)
{
    struct slice value;
    struct buf new = {0};
    uint64_t old = 0;
    bool found = false;
    buf_clear(key);
    key_make(&count->key, key);
    enum err err = store_get(txn, STORE_CUSTODY, key->data, key->bytes, &value, &found);
    if (err == ERR_OK && found && !read_number(value.data, value.bytes, &old))
        err = ERR_DAMAGED;
    if (err != ERR_OK)
        return err;
    buf_u64(&new, old + count->count);
    err = store_put(txn, STORE_CUSTODY, key->data, key->bytes, new.data, new.bytes);
    buf_free(&new);
    return err;
}

enum err custody_write(const struct custody_counts *counts, struct store_txn *txn,
                       struct err_text *ret_why)
{
    struct buf key = {0};
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < counts->count; i++)
        err = write_one(&counts->counts[i], txn, &key);
    buf_free(&key);
    return err == ERR_OK
               ? err
               : err_say(ret_why, err, "the table custody cannot be written: %s", err_text(err));
}

/* The next part of a key, up to a NUL or the end; NULL where there is none or it is too long. */
static const char *next_part(struct reader *reader, char *room, size_t room_bytes)
{
    const uint8_t *end = memchr(reader->data, 0, reader->bytes);
    size_t bytes = end != NULL ? (size_t)(end - reader->data) : reader->bytes;
    if (bytes >= room_bytes)
        return NULL;
    memcpy(room, reader->data, bytes);
    room[bytes] = '\0';
    (void)reader_take(reader, end != NULL ? bytes + 1 : bytes);
    return room;
}

static bool read_day(const char *text, int64_t *ret_day)
{
    int64_t us = 0;
    if (text == NULL || !instant_parse_day(text, &us))
        return false;
    *ret_day = custody_day(us);
    return true;
}

static bool read_way(const char *text, enum origin *ret_way)
{
    for (int way = ORIGIN_HTTP; text != NULL && way <= ORIGIN_LEDGER; way++) {
        if (strcmp(text, entry_origin_name((uint8_t)way)) == 0) {
            *ret_way = (enum origin)way;
            return true;
        }
    }
    return false;
}

static bool read_outcome(const char *text, enum custody_outcome *ret_outcome)
{
    for (int i = 0; text != NULL && i < CUSTODY_OUTCOMES; i++) {
        if (strcmp(text, outcomes[i]) == 0) {
            *ret_outcome = (enum custody_outcome)i;
            return true;
        }
    }
    return false;
}

enum err custody_read(const void *key, size_t key_bytes, const void *value, size_t value_bytes,
                      struct custody_count *ret_count)
{
    struct reader parts = {.data = key, .bytes = key_bytes};
    struct custody_count count = {0};
    char room[PRINCIPAL_BYTES_MAX + 1];
    bool good = read_day(next_part(&parts, room, sizeof(room)), &count.key.day) &&
                read_way(next_part(&parts, room, sizeof(room)), &count.key.way) &&
                next_part(&parts, count.key.principal, sizeof(count.key.principal)) != NULL &&
                read_outcome(next_part(&parts, room, sizeof(room)), &count.key.outcome);
    good = good && ((const uint8_t *)key)[key_bytes - 1] != 0 && parts.bytes == 0;
    if (!good || !read_number(value, value_bytes, &count.count))
        return ERR_DAMAGED;
    *ret_count = count;
    return ERR_OK;
}
