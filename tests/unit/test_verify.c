#include "tests/unit/ledger_kit.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include "ledger/files.h"
#include "ledger/rows.h"

#define ENTRIES 50
#define LONG 800 /* more than three pieces */
#define STEP 5   /* in the short form, so many bytes from one that is flipped to the next */

/* data.mdb as it lies on disk, to be damaged behind LMDB's back. */
struct file {
    uint8_t *data;
    size_t bytes;
};

static void file_map(const struct kit *kit, struct file *file)
{
    char path[160];
    struct stat info;
    snprintf(path, sizeof(path), "%s/data.mdb", kit->path);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &info), 0);
    file->bytes = (size_t)info.st_size;
    file->data = mmap(NULL, file->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(file->data != MAP_FAILED);
    close(fd);
}

static void file_unmap(struct file *file)
{
    munmap(file->data, file->bytes);
}

/* From one byte that is flipped to the next; rows begin at different ones, so that each place of a
 * row is flipped in some of them. */
static size_t step(void)
{
    return getenv("COUNTERSIGN_LONG") != NULL ? 1 : STEP;
}

static void make(struct kit *kit)
{
    kit_new(kit);
    kit_fill(kit, ENTRIES);
    ledger_close(kit->ledger);
    kit_open(kit, false);
}

static void test_verify_whole_ledger(void **state)
{
    (void)state;
    struct kit kit;
    const struct verify_options options = {0};
    uint8_t root[HASH_BYTES];
    make(&kit);
    struct verify_result *result = kit_check(&kit, &options);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    assert_int_equal(result->size, ENTRIES);
    assert_int_equal(result->entries, ENTRIES);
    assert_true(result->signatures > ENTRIES + ENTRIES / 4);
    assert_int_equal(result->skipped_count, 1);
    assert_non_null(strstr(result->skipped[0], "counters of custody"));
    assert_int_equal(ledger_root(kit.ledger, ENTRIES, root, NULL), ERR_OK);
    assert_memory_equal(result->root, root, HASH_BYTES);
    verify_result_free(result);
    kit_end(&kit);
}

/* Where a value stands in the file: pages that LMDB has left hold old copies of it. */
struct places {
    size_t at[256];
    size_t count;
};

static void places_find(const struct file *file, const struct buf *value, struct places *places)
{
    const uint8_t *from = file->data, *end = file->data + file->bytes;
    places->count = 0;
    for (;;) {
        const uint8_t *found = memmem(from, (size_t)(end - from), value->data, value->bytes);
        if (found == NULL)
            break;
        assert_true(places->count < 256);
        places->at[places->count++] = (size_t)(found - file->data);
        from = found + 1;
    }
    assert_true(places->count > 0);
}

static void places_flip(const struct file *file, const struct places *places, size_t byte,
                        uint8_t bits)
{
    for (size_t i = 0; i < places->count; i++)
        file->data[places->at[i] + byte] ^= bits;
}

/* Flips one bit of bytes of a stored value, one after the other. */
static void flip_each(struct kit *kit, const struct file *file, const struct buf *value,
                      uint64_t seq)
{
    const struct verify_options options = {.only_hashes = true};
    struct places places;
    places_find(file, value, &places);
    for (size_t i = seq % step(); i < value->bytes; i += step()) {
        char where[64];
        uint8_t bit = (uint8_t)(1u << (i % 8));
        snprintf(where, sizeof(where), "byte %zu of entry %llu", i, (unsigned long long)seq);
        places_flip(file, &places, i, bit);
        kit_bad(kit, &options, seq, where);
        places_flip(file, &places, i, bit);
    }
}

static void test_verify_flipped_entry(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    make(&kit);
    file_map(&kit, &file);
    for (uint64_t seq = 0; seq < ENTRIES; seq++) {
        struct record *record = NULL;
        assert_int_equal(ledger_read(kit.ledger, seq, &record, NULL), ERR_OK);
        flip_each(&kit, &file, &record->entry_bytes, seq);
        ledger_record_free(record);
    }
    file_unmap(&file);
    kit_end(&kit);
}

static void test_verify_flipped_event(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    make(&kit);
    file_map(&kit, &file);
    for (uint64_t seq = 0; seq < ENTRIES; seq++) {
        struct record *record = NULL;
        struct buf value = {0};
        assert_int_equal(ledger_read(kit.ledger, seq, &record, NULL), ERR_OK);
        buf_add(&value, record->salt, SALT_BYTES);
        buf_add(&value, record->event.data, record->event.bytes);
        flip_each(&kit, &file, &value, seq);
        buf_free(&value);
        ledger_record_free(record);
    }
    file_unmap(&file);
    kit_end(&kit);
}

/* Flips one bit of bytes of a row's value, found in the file by key and value as they stand in
 * a leaf page, and wants ${seq} named. */
static void flip_row(struct kit *kit, const struct file *file, const struct buf *row,
                     size_t key_bytes, uint64_t seq, bool only_hashes)
{
    const struct verify_options options = {.only_hashes = only_hashes};
    struct places places;
    places_find(file, row, &places);
    for (size_t i = key_bytes + seq % step(); i < row->bytes; i += step()) {
        char where[64];
        snprintf(where, sizeof(where), "byte %zu of a row of entry %llu", i,
                 (unsigned long long)seq);
        places_flip(file, &places, i, 4);
        kit_bad(kit, &options, seq, where);
        places_flip(file, &places, i, 4);
    }
}

static void test_verify_flipped_node(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    make(&kit);
    file_map(&kit, &file);
    uint64_t number = 0; /* the leaves complete the nodes in this order */
    for (uint64_t leaf = 0; leaf < ENTRIES; leaf++) {
        for (unsigned level = 0; ((leaf + 1) >> level) << level == leaf + 1; level++, number++) {
            struct buf row = {0};
            struct tile tile = {.kind = TILE_HASHES, .level = 0, .width = ENTRIES};
            struct buf leaves = {0};
            struct tree_edge edge = {0};
            uint8_t hash[HASH_BYTES];
            assert_int_equal(ledger_tile(kit.ledger, &tile, &leaves, NULL), ERR_OK);
            for (uint64_t i = leaf + 1 - (1u << level); i <= leaf; i++)
                assert_int_equal(tree_edge_push(&edge, leaves.data + i * HASH_BYTES, NULL, NULL),
                                 ERR_OK);
            tree_edge_root(&edge, hash);
            buf_u64(&row, number);
            buf_add(&row, hash, sizeof(hash));
            flip_row(&kit, &file, &row, 8, leaf, true);
            buf_free(&row);
            buf_free(&leaves);
        }
    }
    file_unmap(&file);
    kit_end(&kit);
}

static void test_verify_flipped_index(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    make(&kit);
    file_map(&kit, &file);
    for (uint64_t seq = 0; seq < ENTRIES; seq++) {
        struct record *record = NULL;
        struct event *event = NULL;
        struct buf row = {0};
        uint8_t name[HASH_BYTES];
        assert_int_equal(ledger_read(kit.ledger, seq, &record, NULL), ERR_OK);
        const struct admitted_part *part = &record->entry.part;
        buf_add(&row, part->stream, strlen(part->stream) + 1);
        buf_u64(&row, record->entry.stream_pos);
        buf_u64(&row, seq);
        flip_row(&kit, &file, &row, row.bytes - 8, seq, false);
        buf_clear(&row);
        assert_int_equal(event_parse(record->event.data, record->event.bytes, &event, NULL),
                         ERR_OK);
        rows_id_name(part->principal, event->source, name);
        buf_add(&row, name, sizeof(name));
        buf_text(&row, event->id);
        buf_u64(&row, seq);
        flip_row(&kit, &file, &row, row.bytes - 8, seq, false);
        buf_free(&row);
        event_free(event);
        ledger_record_free(record);
    }
    file_unmap(&file);
    kit_end(&kit);
}

static void test_verify_flipped_checkpoint(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    struct buf note = {0}, body = {0};
    make(&kit);
    file_map(&kit, &file);
    assert_int_equal(ledger_checkpoint(kit.ledger, &note, NULL), ERR_OK);
    flip_row(&kit, &file, &note, 0, ENTRIES - 1, true);
    /* All that are kept, by the origin line and the size that follows it. */
    buf_printf(&body, "%s\n", ledger_info(kit.ledger)->origin);
    unsigned kept = 0;
    for (uint64_t size = 1; size <= ENTRIES; size++) {
        uint8_t key[8] = {0};
        struct places places;
        const struct verify_options options = {.only_hashes = true};
        struct buf row = {0};
        key[7] = (uint8_t)size;
        buf_add(&row, key, sizeof(key));
        buf_add(&row, body.data, body.bytes);
        if (memmem(file.data, file.bytes, row.data, row.bytes) != NULL) {
            kept++;
            places_find(&file, &row, &places);
            places_flip(&file, &places, row.bytes + 10, 1);
            kit_bad(&kit, &options, size - 1, "a kept checkpoint");
            places_flip(&file, &places, row.bytes + 10, 1);
        }
        buf_free(&row);
    }
    assert_true(kept >= 5);
    buf_free(&note);
    buf_free(&body);
    file_unmap(&file);
    kit_end(&kit);
}

/* No flipped byte of the file, wherever it is, brings the check down. */
static void test_verify_flipped_file(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    const struct verify_options options = {.only_hashes = true};
    uint32_t random = 7;
    unsigned seen = 0;
    make(&kit);
    file_map(&kit, &file);
    for (unsigned i = 0; i < 400; i++) {
        random = random * 1664525 + 1013904223;
        size_t at = (random >> 4) % file.bytes;
        if (i % 2 == 0)
            at = at / 4096 * 4096 + random % 40; /* heads of pages, and where nodes begin */
        file.data[at] ^= (uint8_t)(1u << (random >> 29));
        struct verify_result *result = kit_check(&kit, &options);
        seen += !result->ok;
        verify_result_free(result);
        file.data[at] ^= (uint8_t)(1u << (random >> 29));
    }
    assert_true(seen > 50);
    file_unmap(&file);
    kit_end(&kit);
}

static void test_verify_under_a_key(void **state)
{
    (void)state;
    struct kit kit, other;
    struct buf vkey = {0};
    kit_new(&kit);
    kit_new(&other);
    note_key_format(&ledger_info(kit.ledger)->key, &vkey);
    const struct verify_options options = {.vkey = (char *)vkey.data};
    struct verify_result *result = kit_check(&kit, &options);
    assert_true(result->ok);
    verify_result_free(result);
    kit_bad(&other, &options, 0, "another key");
    buf_free(&vkey);
    kit_end(&other);
    kit_end(&kit);
}

/* Every size as the one that was checked before: also within a piece, and at its ends. */
static void test_verify_since(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill_fast(&kit, LONG);
    for (uint64_t since = 0; since <= LONG; since += since % 255 < 2 ? 1 : 23) {
        struct checkpoint mark = {.size = since};
        assert_int_equal(ledger_root(kit.ledger, since, mark.root, NULL), ERR_OK);
        const struct verify_options options = {.since = &mark};
        struct verify_result *result = kit_check(&kit, &options);
        if (!result->ok)
            fail_msg("since %u: %s", (unsigned)since, result->first_bad.what);
        assert_int_equal(result->entries, LONG - since);
        assert_int_equal(result->skipped_count, since > 0 ? 2 : 1);
        verify_result_free(result);
        mark.root[3] ^= 1;
        if (since > 0)
            kit_bad(&kit, &options, since - 1, "another root");
    }
    struct checkpoint mark = {.size = LONG + 1};
    const struct verify_options options = {.since = &mark};
    kit_bad(&kit, &options, LONG, "entries that are gone");
    kit_end(&kit);
}

/* What is damaged below is not looked at, and what is damaged above is seen. */
static void test_verify_since_looks_above(void **state)
{
    (void)state;
    struct kit kit;
    struct file file;
    struct checkpoint mark = {.size = 30};
    make(&kit);
    assert_int_equal(ledger_root(kit.ledger, mark.size, mark.root, NULL), ERR_OK);
    const struct verify_options options = {.since = &mark};
    file_map(&kit, &file);
    for (uint64_t seq = 20; seq < ENTRIES; seq += 3) {
        struct record *record = NULL;
        struct places places;
        assert_int_equal(ledger_read(kit.ledger, seq, &record, NULL), ERR_OK);
        places_find(&file, &record->entry_bytes, &places);
        places_flip(&file, &places, 100, 1);
        struct verify_result *result = kit_check(&kit, &options);
        assert_int_equal(result->ok, seq < mark.size);
        verify_result_free(result);
        places_flip(&file, &places, 100, 1);
        ledger_record_free(record);
    }
    file_unmap(&file);
    kit_end(&kit);
}

/* The same results by any number of threads, of a whole ledger and of one damaged in several
 * places. */
static void test_verify_threads(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 4, 9};
    static const uint64_t damaged[] = {LONG, 700, 513, 511, 256, 255, 77};
    struct kit kit;
    struct file file;
    kit_new(&kit);
    kit_fill_fast(&kit, LONG);
    file_map(&kit, &file);
    for (size_t d = 0; d < sizeof(damaged) / sizeof(damaged[0]); d++) {
        struct record *record = NULL;
        struct places places;
        struct verify_bad first = {0};
        if (damaged[d] < LONG) {
            assert_int_equal(ledger_read(kit.ledger, damaged[d], &record, NULL), ERR_OK);
            places_find(&file, &record->entry_bytes, &places);
            places_flip(&file, &places, 25 + d, 1);
            ledger_record_free(record);
        }
        for (size_t i = 0; i < 3; i++) {
            const struct verify_options options = {.threads = threads[i]};
            struct verify_result *result = kit_check(&kit, &options);
            assert_int_equal(result->first_bad.found, damaged[d] < LONG);
            assert_int_equal(result->entries, damaged[d]);
            if (damaged[d] < LONG)
                assert_int_equal(result->first_bad.seq, damaged[d]);
            if (i > 0)
                assert_string_equal(result->first_bad.what, first.what);
            first = result->first_bad;
            uint8_t root[HASH_BYTES];
            assert_int_equal(ledger_root(kit.ledger, result->entries, root, NULL), ERR_OK);
            assert_memory_equal(result->root, root, HASH_BYTES);
            verify_result_free(result);
        }
    }
    file_unmap(&file);
    kit_end(&kit);
}

/* What asks to stop after so many calls, of all or of those behind the first entries. */
struct stopper {
    atomic_uint calls;
    unsigned after;
    bool all;
    atomic_bool begun;
};

static bool stop_after(void *ctx)
{
    struct stopper *stopper = ctx;
    stopper->calls += stopper->all || stopper->begun;
    return stopper->calls > stopper->after;
}

static void stopper_begin(void *ctx, uint64_t done, uint64_t total)
{
    struct stopper *stopper = ctx;
    assert_true(done > 0 && done <= total);
    stopper->begun = true;
}

/* Wherever it asks: in the shape of the file, the stream `ledger`, the entries. */
static void test_verify_stopped_anywhere(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t entries = 0;
    bool stopped = true;
    unsigned before = 0;
    kit_new(&kit);
    kit_fill_fast(&kit, LONG);
    for (unsigned after = 0; stopped; after++) {
        struct stopper stopper = {.after = after, .all = true};
        const struct verify_options options = {.threads = 1, .stop = stop_after, .ctx = &stopper};
        struct verify_result *result = NULL;
        assert_int_equal(verify_ledger(kit.path, &options, &result, NULL), ERR_OK);
        assert_false(result->first_bad.found);
        assert_true(result->entries >= entries);
        assert_int_equal(result->ok, !result->stopped);
        entries = result->entries;
        stopped = result->stopped;
        before += result->size == 0;
        verify_result_free(result);
    }
    assert_int_equal(entries, LONG);
    assert_true(before > STORE_TABLES); /* a table each, and more */
    kit_end(&kit);
}

static void test_verify_stopped(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill_fast(&kit, LONG);
    for (unsigned after = 0; after < 4; after++) {
        struct stopper stopper = {.after = after};
        const struct verify_options options = {
            .progress = stopper_begin, .stop = stop_after, .ctx = &stopper};
        struct verify_result *result = NULL;
        assert_int_equal(verify_ledger(kit.path, &options, &result, NULL), ERR_OK);
        assert_int_equal(result->stopped, after < 3);
        assert_int_equal(result->ok, after >= 3);
        assert_int_equal(result->entries, after < 3 ? 256 * (after + 1) : LONG);
        assert_false(result->first_bad.found);
        assert_int_equal(result->checkpoint.bytes > 0, result->ok);
        verify_result_free(result);
    }
    kit_end(&kit);
}

static void test_verify_rate(void **state)
{
    (void)state;
    struct kit kit;
    struct stopper stopper = {.after = 3};
    kit_new(&kit);
    kit_fill_fast(&kit, LONG);
    /* At this rate it would take days: it is in the pause that it is stopped. */
    const struct verify_options options = {
        .rate = 1, .progress = stopper_begin, .stop = stop_after, .ctx = &stopper};
    struct verify_result *result = NULL;
    assert_int_equal(verify_ledger(kit.path, &options, &result, NULL), ERR_OK);
    assert_true(result->stopped);
    assert_int_equal(result->entries, 256);
    verify_result_free(result);
    const struct verify_options fast = {.rate = 1000000};
    result = kit_check(&kit, &fast);
    assert_true(result->ok);
    verify_result_free(result);
    kit_end(&kit);
}

static void test_verify_only_hashes_says_so(void **state)
{
    (void)state;
    struct kit kit;
    make(&kit);
    const struct verify_options options = {.only_hashes = true};
    struct verify_result *result = kit_check(&kit, &options);
    assert_true(result->ok);
    assert_int_equal(result->skipped_count, 2);
    assert_non_null(strstr(result->skipped[0], "custody"));
    assert_non_null(strstr(result->skipped[1], "signatures"));
    verify_result_free(result);
    verify_result_free(NULL);
    kit_end(&kit);
}

static void test_verify_what_cannot_be(void **state)
{
    (void)state;
    struct kit kit;
    struct verify_result *result = NULL;
    struct verify_options options = {0};
    kit_new(&kit);
    assert_int_equal(verify_ledger(kit.dir, &options, &result, &kit.why), ERR_NOT_FOUND);
    options.vkey = "nobody";
    assert_int_equal(verify_ledger(kit.path, &options, &result, &kit.why), ERR_INVALID);
    options.vkey = NULL;
    const struct verify_note nothing = {"a file", "nothing", 7};
    options.against = &nothing;
    options.against_count = 1;
    assert_int_equal(verify_ledger(kit.path, &options, &result, &kit.why), ERR_INVALID);
    assert_null(result);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    assert_int_equal(files_replace(kit.path, "data.mdb", "x", 1, NULL), ERR_OK);
    options = (struct verify_options){0};
    kit_bad(&kit, &options, 0, "no LMDB file");
    kit_end(&kit);
}

static void count_progress(void *ctx, uint64_t done, uint64_t total)
{
    uint64_t *last = ctx;
    assert_true(done > *last && done <= total);
    *last = done;
}

static void test_verify_tells_progress(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t last = 0;
    make(&kit);
    const struct verify_options options = {.progress = count_progress, .ctx = &last};
    struct verify_result *result = kit_check(&kit, &options);
    assert_true(result->ok);
    assert_int_equal(last, ENTRIES);
    verify_result_free(result);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_whole_ledger),
        cmocka_unit_test(test_verify_flipped_entry),
        cmocka_unit_test(test_verify_flipped_event),
        cmocka_unit_test(test_verify_flipped_node),
        cmocka_unit_test(test_verify_flipped_index),
        cmocka_unit_test(test_verify_flipped_checkpoint),
        cmocka_unit_test(test_verify_flipped_file),
        cmocka_unit_test(test_verify_under_a_key),
        cmocka_unit_test(test_verify_since),
        cmocka_unit_test(test_verify_since_looks_above),
        cmocka_unit_test(test_verify_threads),
        cmocka_unit_test(test_verify_stopped),
        cmocka_unit_test(test_verify_stopped_anywhere),
        cmocka_unit_test(test_verify_rate),
        cmocka_unit_test(test_verify_only_hashes_says_so),
        cmocka_unit_test(test_verify_what_cannot_be),
        cmocka_unit_test(test_verify_tells_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
