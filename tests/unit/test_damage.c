/* Changed bytes of data.mdb, as it lies on disk: none is taken for good.
 * Usage: test_damage [--long]   (--long: every byte, some 15 minutes; else a sample of them) */
#include "tests/unit/damage_kit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ledger/reader.h"
#include "ledger/rows.h"
#include "ledger/secret.h"

#define ENTRIES 1000
#define SMALL 30
#define WALKED 600 /* entries: three pieces */

static bool is_long;

/* A closed ledger whose file holds each row once, and what it says. */
struct subject {
    struct kit kit;
    struct buf note;                        /* its checkpoint, kept elsewhere */
    struct buf data;                        /* data.mdb as it should be */
    uint8_t digest[HASH_BYTES];             /* of all rows but custody's */
    int fd;                                 /* of data.mdb */
    uint8_t roots[ENTRIES + 1][HASH_BYTES]; /* by size */
};

static bool keep(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    (void)ctx, (void)table, (void)key, (void)value;
    return true;
}

/* What the tables hold, as one hash. */
static enum err rows_digest(const char *path, uint8_t ret[HASH_BYTES])
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    struct buf all = {0};
    enum err err = store_open(path, STORE_SHARED, &store, NULL);
    if (err == ERR_OK)
        err = store_begin(store, false, &txn, NULL);
    for (int i = 0; i < STORE_TABLES && err == ERR_OK; i++) {
        struct store_walk *walk = NULL;
        struct store_row row = {.found = true};
        if (i == STORE_CUSTODY)
            continue;
        err = store_walk_open(txn, (enum store_table)i, (struct slice){NULL, 0}, &walk);
        while (err == ERR_OK && row.found) {
            err = store_walk_next(walk, &row);
            buf_u8(&all, (uint8_t)i);
            buf_string(&all, row.key.data, row.key.bytes);
            buf_string(&all, row.value.data, row.value.bytes);
        }
        store_walk_close(walk);
    }
    hash_bytes(all.data, all.bytes, ret);
    buf_free(&all);
    store_abort(txn);
    store_close(store);
    return err;
}

static int data_open(const struct kit *kit)
{
    char *path = files_path(kit->path, "data.mdb");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    free(path);
    return fd;
}

static void subject_make(struct subject *subject, unsigned entries)
{
    struct kit *kit = &subject->kit;
    memset(subject, 0, sizeof(*subject));
    kit_new(kit);
    kit_fill(kit, entries - 1);
    struct buf big = {0};
    buf_printf(&big, "{\"pad\":\"%05000d\"}", 0);
    struct kit_event event = {.id = "big", .deployment = "a", .data = (const char *)big.data};
    struct receipt receipt = kit_append(kit, &event);
    assert_int_equal(receipt.seq, entries - 1);
    ledger_receipts_free(&receipt, 1);
    buf_free(&big);
    assert_int_equal(ledger_checkpoint(kit->ledger, &subject->note, NULL), ERR_OK);
    for (uint64_t size = 1; size <= entries; size++)
        assert_int_equal(ledger_root(kit->ledger, size, subject->roots[size], NULL), ERR_OK);
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    damage_rewrite(kit, keep, NULL, NULL);
    assert_int_equal(files_read(kit->path, "data.mdb", 1 << 26, &subject->data, NULL), ERR_OK);
    assert_int_equal(rows_digest(kit->path, subject->digest), ERR_OK);
    subject->fd = data_open(kit);
}

static void subject_end(struct subject *subject)
{
    close(subject->fd);
    kit_end(&subject->kit);
    buf_free(&subject->note);
    buf_free(&subject->data);
}

/* Writes the byte at ${at} of data.mdb with ${bits} flipped, or as it was (0). */
static void put_byte(const struct subject *subject, size_t at, uint8_t bits)
{
    uint8_t byte = subject->data.data[at] ^ bits;
    assert_int_equal(pwrite(subject->fd, &byte, 1, (off_t)at), 1);
}

/* The whole check without signatures, from the entry ${since} on. */
static struct verify_result *check(struct subject *subject, uint64_t since)
{
    const struct verify_note note = {"a file", (const char *)subject->note.data,
                                     subject->note.bytes};
    struct checkpoint mark = {.size = since};
    memcpy(mark.root, subject->roots[since], sizeof(mark.root));
    const struct verify_options options = {
        .no_signatures = true,
        .against = &note,
        .against_count = 1,
        .since = &mark,
        .threads = 1,
    };
    return kit_check(&subject->kit, &options);
}

/* Flips a byte at ${at} that belongs to entry ${seq}, and wants that named, or up to ${slack} later
 * ones. */
static void flip(struct subject *subject, size_t at, uint64_t seq, uint64_t slack)
{
    /* Most begin shortly before, so that each byte can be tried; some with the whole. */
    uint64_t since = at % 499 == 0 || seq < 5 ? 0 : seq - at % 5;
    put_byte(subject, at, (uint8_t)(1u << (at % 8)));
    struct verify_result *result = check(subject, since);
    put_byte(subject, at, 0);
    if (result->ok)
        fail_msg("byte %zu, of entry %u: not seen", at, (unsigned)seq);
    if (result->first_bad.seq < seq || result->first_bad.seq > seq + slack)
        fail_msg("byte %zu, of entry %u: named %u: %s", at, (unsigned)seq,
                 (unsigned)result->first_bad.seq, result->first_bad.what);
    verify_result_free(result);
}

/* Flips bytes of each row of a table whose key is the seq: value and key. */
static void flip_rows(struct subject *subject, enum store_table table, size_t stride)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    const struct buf *data = &subject->data;
    size_t count = 0;
    for (uint64_t seq = 0; seq < ENTRIES; seq++) {
        struct slice value = {NULL, 0};
        bool found = false;
        struct buf row = {0}, key = {0};
        assert_int_equal(store_open(subject->kit.path, STORE_SHARED, &store, NULL), ERR_OK);
        assert_int_equal(store_begin(store, false, &txn, NULL), ERR_OK);
        assert_int_equal(store_get_seq(txn, table, seq, &value, &found), ERR_OK);
        assert_true(found);
        buf_add(&row, value.data, value.bytes);
        store_abort(txn);
        store_close(store);
        buf_u64(&key, seq);
        const uint8_t *place = memmem(data->data, data->bytes, row.data, row.bytes);
        assert_non_null(place);
        size_t at = (size_t)(place - data->data);
        for (size_t i = (size_t)seq % stride; i < row.bytes; i += stride, count++)
            flip(subject, at + i, seq, 0);
        /* The order of keys is seen at the next one. */
        bool inline_key = memcmp(place - key.bytes, key.data, key.bytes) == 0;
        assert_int_equal(inline_key, row.bytes < 2000);
        for (size_t i = (size_t)seq % (stride + 7); inline_key && i < key.bytes; i += stride)
            flip(subject, at - key.bytes + i, seq, 1);
        buf_free(&row);
        buf_free(&key);
    }
    assert_true(count > ENTRIES);
}

static void test_damage_in_entries_is_named(void **state)
{
    (void)state;
    struct subject subject;
    subject_make(&subject, ENTRIES);
    flip_rows(&subject, STORE_ENTRIES, is_long ? 1 : 197);
    subject_end(&subject);
}

static void test_damage_in_events_is_named(void **state)
{
    (void)state;
    struct subject subject;
    subject_make(&subject, ENTRIES);
    flip_rows(&subject, STORE_EVENTS, is_long ? 1 : 149);
    subject_end(&subject);
}

/* In a process of its own, that leaves in ${where} how far it came: flips bytes from *${where} on,
 * and exits with 1 where another content passes for good. */
static void flip_anywhere(struct subject *subject, volatile size_t *where, size_t stride)
{
    for (; *where < subject->data.bytes; *where += stride) {
        uint8_t digest[HASH_BYTES];
        put_byte(subject, *where, (uint8_t)(1u << (*where % 8)));
        struct verify_result *result = check(subject, 0);
        bool wrong = result->ok && (rows_digest(subject->kit.path, digest) != ERR_OK ||
                                    memcmp(digest, subject->digest, HASH_BYTES) != 0);
        verify_result_free(result);
        put_byte(subject, *where, 0);
        if (wrong)
            _exit(1);
    }
    _exit(0);
}

static void test_damage_anywhere_is_seen_or_changes_nothing(void **state)
{
    (void)state;
    struct subject subject;
    subject_make(&subject, SMALL);
    volatile size_t *where =
        mmap(NULL, sizeof(*where), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(where != MAP_FAILED);
    size_t stride = is_long ? 1 : 83;
    *where = 0;
    while (*where < subject.data.bytes) {
        int status = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            flip_anywhere(&subject, where, stride);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 4))
            fail_msg("byte %zu of the file: %s %d", *where,
                     WIFEXITED(status) ? "another content is good, exit" : "signal",
                     WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
        /* Where LMDB itself sees the damage the process ends with 4, and the next one goes on. */
        put_byte(&subject, *where < subject.data.bytes ? *where : 0, 0);
        *where += stride;
    }
    struct verify_result *result = check(&subject, 0);
    assert_true(result->ok);
    verify_result_free(result);
    munmap((void *)(uintptr_t)where, sizeof(*where));
    subject_end(&subject);
}

/* Whether the check of hashes finds all good: by walks of the file's pages, or, with a rate, by
 * LMDB. */
static bool hashes_good(struct kit *kit, uint64_t rate)
{
    const struct verify_options options = {.only_hashes = true, .rate = rate, .threads = 2};
    struct verify_result *result = kit_check(kit, &options);
    bool good = result->ok;
    verify_result_free(result);
    return good;
}

static void test_damage_is_the_same_to_walks_and_to_lmdb(void **state)
{
    (void)state;
    struct subject subject;
    unsigned random = 11, seen = 0;
    const unsigned rounds = is_long ? 100000 : 300;
    subject_make(&subject, WALKED);
    assert_true(hashes_good(&subject.kit, 0));
    for (unsigned i = 0; i < rounds; i++) {
        random = random * 1664525 + 1013904223;
        size_t at = (random >> 4) % subject.data.bytes;
        if (i % 4 != 0) /* heads of pages, and where nodes begin */
            at = at / 4096 * 4096 + random % 48;
        if (at < (size_t)2 * 4096) /* the meta pages are read alike */
            continue;
        put_byte(&subject, at, (uint8_t)(1u << (random >> 29)));
        bool walks = hashes_good(&subject.kit, 0);
        bool lmdb = hashes_good(&subject.kit, UINT32_MAX);
        put_byte(&subject, at, 0);
        if (walks != lmdb)
            fail_msg("byte %zu: %s", at, lmdb ? "LMDB sees nothing" : "walks see nothing");
        seen += !walks;
    }
    assert_true(seen > rounds / 10 && seen < rounds);
    subject_end(&subject);
}

/* Somebody with the ledger's keys cuts the end off, in the middle of a commit, and signs again. */
struct cut {
    uint64_t size;
    struct buf note;
};

static uint64_t be64(const uint8_t *data)
{
    struct reader reader = {.data = data, .bytes = 8};
    return reader_u64(&reader);
}

static bool cut_row(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    const struct cut *cut = ctx;
    switch (table) {
    case STORE_ENTRIES:
    case STORE_EVENTS:
        return be64(key->data) < cut->size;
    case STORE_IDS:
    case STORE_STREAMS:
        return be64(value->data) < cut->size;
    case STORE_NODES:
        return be64(key->data) < 2 * cut->size - (uint64_t)__builtin_popcountll(cut->size);
    case STORE_CHECKPOINTS:
        return be64(key->data) <= cut->size;
    case STORE_META:
        buf_clear(value);
        buf_add(value, cut->note.data, cut->note.bytes);
        return true;
    default:
        return true;
    }
}

static void cut_sign(struct subject *subject, struct cut *cut)
{
    struct kit *kit = &subject->kit;
    struct secret *secret = NULL;
    struct checkpoint checkpoint = {.size = cut->size};
    struct buf body = {0};
    kit_open(kit, false);
    memcpy(checkpoint.origin, ledger_info(kit->ledger)->origin, sizeof(checkpoint.origin));
    assert_int_equal(ledger_root(kit->ledger, cut->size, checkpoint.root, NULL), ERR_OK);
    assert_int_equal(secret_load(kit->path, SECRET_CHECKPOINT, &secret, NULL), ERR_OK);
    checkpoint_format(&checkpoint, &body);
    note_sign((const char *)body.data, &ledger_info(kit->ledger)->key, secret->secret_key,
              &cut->note);
    secret_free(secret);
    buf_free(&body);
    ledger_close(kit->ledger);
    kit->ledger = NULL;
}

static void test_damage_by_who_has_the_keys_is_seen_from_elsewhere(void **state)
{
    (void)state;
    for (uint64_t size = 1; size < SMALL; size += 4) {
        struct subject subject;
        struct cut cut = {.size = size};
        const struct verify_options all = {0};
        subject_make(&subject, SMALL);
        cut_sign(&subject, &cut);
        damage_rewrite(&subject.kit, cut_row, NULL, &cut);
        assert_int_equal(
            files_replace(subject.kit.path, "checkpoint", cut.note.data, cut.note.bytes, NULL),
            ERR_OK);
        struct verify_result *result = kit_check(&subject.kit, &all);
        if (!result->ok)
            fail_msg("cut at %u: the ledger in itself: %s", (unsigned)size, result->first_bad.what);
        verify_result_free(result);
        result = check(&subject, 0);
        assert_false(result->ok);
        assert_int_equal(result->first_bad.seq, size);
        verify_result_free(result);
        buf_free(&cut.note);
        subject_end(&subject);
    }
}

int main(int argc, char *argv[])
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damage_in_entries_is_named),
        cmocka_unit_test(test_damage_in_events_is_named),
        cmocka_unit_test(test_damage_anywhere_is_seen_or_changes_nothing),
        cmocka_unit_test(test_damage_is_the_same_to_walks_and_to_lmdb),
        cmocka_unit_test(test_damage_by_who_has_the_keys_is_seen_from_elsewhere),
    };
    is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
