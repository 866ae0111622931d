#include "tests/unit/ledger_kit.h"

#include <fcntl.h>
#include <sys/mman.h>

#define ENTRIES 50

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

static struct verify_result *check(struct kit *kit, const struct verify_options *options)
{
    struct verify_result *result = NULL;
    enum err err = verify_ledger(kit->path, options, &result, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    assert_int_equal(result->ok, !result->first_bad.found);
    return result;
}

static void assert_bad(struct kit *kit, const struct verify_options *options, uint64_t seq,
                       const char *where)
{
    struct verify_result *result = check(kit, options);
    if (result->ok)
        fail_msg("%s: not seen", where);
    if (result->first_bad.seq != seq)
        fail_msg("%s: named %llu (%s), not %llu", where, (unsigned long long)result->first_bad.seq,
                 result->first_bad.what, (unsigned long long)seq);
    verify_result_free(result);
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
    struct verify_result *result = check(&kit, &options);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    assert_int_equal(result->size, ENTRIES);
    assert_int_equal(result->entries, ENTRIES);
    assert_true(result->signatures > ENTRIES + ENTRIES / 4);
    assert_int_equal(result->skipped_count, 0);
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

/* Flips one bit of each byte of a stored value, one after the other. */
static void flip_each(struct kit *kit, const struct file *file, const struct buf *value,
                      uint64_t seq)
{
    const struct verify_options options = {.only_hashes = true};
    struct places places;
    places_find(file, value, &places);
    for (size_t i = 0; i < value->bytes; i++) {
        char where[64];
        uint8_t bit = (uint8_t)(1u << (i % 8));
        snprintf(where, sizeof(where), "byte %zu of entry %llu", i, (unsigned long long)seq);
        places_flip(file, &places, i, bit);
        assert_bad(kit, &options, seq, where);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_whole_ledger),
        cmocka_unit_test(test_verify_flipped_entry),
        cmocka_unit_test(test_verify_flipped_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
