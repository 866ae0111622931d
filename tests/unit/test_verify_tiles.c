#include "tests/unit/ledger_kit.h"

#include "ledger/files.h"
#include "ledger/shelf.h"
#include "ledger/verify_tiles.h"

#define ENTRIES 600 /* two full tiles and a partial one */

/* A ledger's export, and the names of its files. */
struct stage {
    struct kit kit;
    char dir[128];
    char *names[64];
    size_t count;
};

static struct stage *listed; /* nftw has no context */

static int list(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)at;
    const char *name = path + strlen(listed->dir) + 1;
    if (kind == FTW_F && strstr(name, "lock") == NULL) {
        assert_true(listed->count < 64);
        listed->names[listed->count++] = mem_text(name);
    }
    return 0;
}

static void stage_make(struct stage *stage, bool events)
{
    memset(stage, 0, sizeof(*stage));
    struct kit *kit = &stage->kit;
    struct shelf_result result;
    const struct shelf_options options = {.events = events};
    kit_new(kit);
    kit_fill_fast(kit, ENTRIES);
    snprintf(stage->dir, sizeof(stage->dir), "%s/tiles", kit->dir);
    enum err err = shelf_export(kit->ledger, stage->dir, &options, &result, &kit->why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
    listed = stage;
    nftw(stage->dir, list, 8, FTW_PHYS);
    assert_int_equal(stage->count, events ? 11 : 8);
}

static void stage_end(struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++)
        free(stage->names[i]);
    kit_end(&stage->kit);
}

static struct verify_result *check(const char *dir, const struct verify_options *options)
{
    struct verify_result *result = NULL;
    struct err_text why = {""};
    enum err err = verify_tiles(dir, options, &result, &why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), why.s);
    return result;
}

static void want_good(const char *dir, const struct verify_options *options, const char *skipped)
{
    bool told = skipped == NULL;
    struct verify_result *result = check(dir, options);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    for (size_t i = 0; i < result->skipped_count; i++)
        told = told || strstr(result->skipped[i], skipped) != NULL;
    if (!told)
        fail_msg("nothing is said of '%s'", skipped);
    verify_result_free(result);
}

static void test_verify_tiles_of_a_ledger(void **state)
{
    (void)state;
    struct stage stage;
    stage_make(&stage, true);
    assert_true(verify_tiles_is(stage.dir));
    assert_false(verify_tiles_is(stage.kit.path));
    for (unsigned threads = 1; threads <= 4; threads += 3) {
        const struct verify_options options = {.threads = threads};
        uint8_t root[HASH_BYTES];
        struct verify_result *result = check(stage.dir, &options);
        if (!result->ok)
            fail_msg("%s", result->first_bad.what);
        assert_int_equal(result->entries, ENTRIES);
        assert_int_equal(result->signatures, ENTRIES + ENTRIES / 10 + 1);
        assert_int_equal(ledger_root(stage.kit.ledger, ENTRIES, root, NULL), ERR_OK);
        assert_memory_equal(result->root, root, HASH_BYTES);
        verify_result_free(result);
    }
    stage_end(&stage);
}

static void test_verify_tiles_without_events(void **state)
{
    (void)state;
    struct stage stage;
    struct buf vkey = {0};
    struct verify_options options = {0};
    struct verify_result *result = NULL;
    stage_make(&stage, false);
    assert_int_equal(verify_tiles(stage.dir, &options, &result, NULL), ERR_USAGE);
    note_key_format(&ledger_info(stage.kit.ledger)->key, &vkey);
    options.vkey = (char *)vkey.data;
    want_good(stage.dir, &options, "there is no tile/events");
    want_good(stage.dir, &options, "the signatures of admission");
    vkey.data[vkey.bytes - 5] = vkey.data[vkey.bytes - 5] == 'A' ? 'B' : 'A';
    assert_int_equal(verify_tiles(stage.dir, &options, &result, NULL), ERR_INVALID);
    buf_free(&vkey);
    stage_end(&stage);
}

/* Each file taken away, cut, grown, and with a byte changed in several places. */
static void test_verify_tiles_damaged(void **state)
{
    (void)state;
    struct stage stage;
    const struct verify_options options = {.only_hashes = true};
    stage_make(&stage, true);
    for (size_t i = 0; i < stage.count; i++) {
        struct buf data = {0};
        const char *name = stage.names[i];
        char *path = files_path(stage.dir, name);
        const bool is_note = strcmp(name, "checkpoint") == 0;
        assert_int_equal(files_read(stage.dir, name, 1 << 24, &data, NULL), ERR_OK);
        for (unsigned how = 0; how < 12; how++) {
            size_t bytes = data.bytes, at = how < 3 ? 0 : (how - 3) * (data.bytes - 1) / 8;
            struct verify_result *result = NULL;
            buf_u8(&data, 0);
            if (how == 0)
                unlink(path);
            if (how == 1)
                bytes--;
            if (how == 2)
                bytes++;
            if (how >= 3)
                data.data[at] ^= 1;
            if (how > 0)
                assert_int_equal(files_replace(stage.dir, name, data.data, bytes, NULL), ERR_OK);
            enum err err = verify_tiles(stage.dir, &options, &result, &stage.kit.why);
            if (is_note && how == 0)
                assert_int_equal(err, ERR_INVALID);
            else if (err != ERR_OK || result->ok)
                fail_msg("%s, damage %u: not seen", name, how);
            verify_result_free(result);
            if (how >= 3)
                data.data[at] ^= 1;
            data.bytes--;
        }
        assert_int_equal(files_replace(stage.dir, name, data.data, data.bytes, NULL), ERR_OK);
        buf_free(&data);
        free(path);
    }
    want_good(stage.dir, &options, "signatures");
    stage_end(&stage);
}

/* A tile that has become full since the checkpoint stands in for the partial one. */
static void test_verify_tiles_full_for_partial(void **state)
{
    (void)state;
    struct stage stage;
    const struct verify_options options = {0};
    struct buf note = {0};
    struct shelf_result result;
    const struct shelf_options shelf = {.events = true};
    stage_make(&stage, true);
    assert_int_equal(files_read(stage.dir, "checkpoint", 10000, &note, NULL), ERR_OK);
    kit_fill_fast(&stage.kit, 800);
    assert_int_equal(shelf_export(stage.kit.ledger, stage.dir, &shelf, &result, &stage.kit.why),
                     ERR_OK);
    want_good(stage.dir, &options, NULL);
    assert_int_equal(files_replace(stage.dir, "checkpoint", note.data, note.bytes, NULL), ERR_OK);
    want_good(stage.dir, &options, "hold beyond the checkpoint");
    buf_free(&note);
    stage_end(&stage);
}

static void test_verify_tiles_against(void **state)
{
    (void)state;
    struct stage stage;
    struct buf early = {0};
    struct shelf_result result;
    const struct shelf_options shelf = {.events = true};
    stage_make(&stage, true);
    assert_int_equal(files_read(stage.dir, "checkpoint", 10000, &early, NULL), ERR_OK);
    const struct verify_note notes[] = {{"early", (char *)early.data, early.bytes},
                                        {"early", (char *)early.data, early.bytes}};
    struct verify_options options = {.against = notes, .against_count = 2};
    kit_fill_fast(&stage.kit, 900);
    assert_int_equal(shelf_export(stage.kit.ledger, stage.dir, &shelf, &result, &stage.kit.why),
                     ERR_OK);
    want_good(stage.dir, &options, NULL);
    options.only_checkpoints = true;
    want_good(stage.dir, &options, "only checkpoints");
    early.data[early.bytes - 20] = early.data[early.bytes - 20] == 'A' ? 'B' : 'A';
    struct verify_result *bad = check(stage.dir, &options);
    assert_false(bad->ok);
    verify_result_free(bad);
    buf_free(&early);
    stage_end(&stage);
}

static void make_dirs(const struct kit *kit)
{
    static const char *const names[] = {
        "", "/tile", "/tile/0", "/tile/1", "/tile/0/000.p", "/tile/0/001.p", "/tile/1/000.p"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(kit->path, names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        free(path);
    }
}

static void make_bundle_dirs(const struct kit *kit)
{
    static const char *const names[] = {"tile/entries", "tile/entries/000.p", "tile/entries/001.p"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(kit->path, names[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        free(path);
    }
}

/* One tile of hashes and one bundle of a log of ${count} entries, from entry ${from} on. */
static void foreign_tile(const struct kit *kit, unsigned from, unsigned count, bool bundles,
                         struct tree_edge *edge)
{
    struct buf hashes = {0}, entries = {0};
    char name[64];
    unsigned width = count - from < 256 ? count - from : 256;
    for (unsigned i = from; i < from + width; i++) {
        uint8_t leaf[HASH_BYTES];
        char entry[40];
        int bytes = snprintf(entry, sizeof(entry), "%*d bytes of theirs", (int)(i % 9), (int)i);
        bytes = i % 50 == 7 ? 0 : bytes; /* also an empty one */
        buf_u16(&entries, (uint16_t)bytes);
        buf_add(&entries, entry, (size_t)bytes);
        tree_leaf(entry, (size_t)bytes, leaf);
        buf_add(&hashes, leaf, HASH_BYTES);
        assert_int_equal(tree_edge_push(edge, leaf, NULL, NULL), ERR_OK);
    }
    snprintf(name, sizeof(name), width == 256 ? "tile/0/00%u" : "tile/0/00%u.p/%u", from / 256,
             width);
    assert_int_equal(files_replace(kit->path, name, hashes.data, hashes.bytes, NULL), ERR_OK);
    snprintf(name, sizeof(name), width == 256 ? "tile/entries/00%u" : "tile/entries/00%u.p/%u",
             from / 256, width);
    if (bundles)
        assert_int_equal(files_replace(kit->path, name, entries.data, entries.bytes, NULL), ERR_OK);
    if (from == 0 && width == 256)
        assert_int_equal(
            files_replace(kit->path, "tile/1/000.p/1", edge->hashes[0], HASH_BYTES, NULL), ERR_OK);
    buf_free(&hashes);
    buf_free(&entries);
}

/* Their checkpoint; its key's vkey goes to ${vkey}. */
static void foreign_checkpoint(const struct kit *kit, const struct checkpoint *checkpoint,
                               struct buf *vkey)
{
    struct note_key key;
    uint8_t seed[32] = {9}, public_key[32], secret_key[64];
    struct buf note = {0}, body = {0};
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    note_key_make(checkpoint->origin, public_key, &key);
    checkpoint_format(checkpoint, &body);
    note_sign((char *)body.data, &key, secret_key, &note);
    assert_int_equal(files_replace(kit->path, "checkpoint", note.data, note.bytes, NULL), ERR_OK);
    note_key_format(&key, vkey);
    buf_free(&body);
    buf_free(&note);
}

/* Another program's log of ${count} entries, with bundles of its own or hash tiles alone; its key's
 * vkey goes to ${vkey}. */
static void foreign(const struct kit *kit, unsigned count, bool bundles, struct buf *vkey)
{
    struct checkpoint checkpoint = {.origin = "foreign.example/log", .size = count};
    struct tree_edge edge = {0};
    assert_true(count < 512);
    make_dirs(kit);
    if (bundles)
        make_bundle_dirs(kit);
    for (unsigned from = 0; from < count; from += 256)
        foreign_tile(kit, from, count, bundles, &edge);
    tree_edge_root(&edge, checkpoint.root);
    foreign_checkpoint(kit, &checkpoint, vkey);
}

static void test_verify_tiles_of_another_log(void **state)
{
    (void)state;
    static const unsigned sizes[] = {0, 1, 2, 100, 255, 256, 257, 400};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (int bundles = 0; bundles < 2; bundles++) {
            struct kit kit;
            struct buf vkey = {0}, byte = {0};
            struct verify_options options = {0};
            struct verify_result *result = NULL;
            kit_dir(&kit);
            foreign(&kit, sizes[i], bundles == 1, &vkey);
            assert_int_equal(verify_tiles(kit.path, &options, &result, NULL), ERR_USAGE);
            options.vkey = (char *)vkey.data;
            want_good(kit.path, &options,
                      bundles == 1 && sizes[i] > 0 ? "another program's" : NULL);
            options.only_checkpoints = true;
            want_good(kit.path, &options, "only checkpoints");
            options.only_checkpoints = false;
            if (bundles == 1 && sizes[i] == 400) {
                assert_int_equal(files_read(kit.path, "tile/entries/001.p/144", 99999, &byte, NULL),
                                 ERR_OK);
                byte.data[byte.bytes - 1] ^= 1;
                assert_int_equal(
                    files_replace(kit.path, "tile/entries/001.p/144", byte.data, byte.bytes, NULL),
                    ERR_OK);
                result = check(kit.path, &options);
                assert_false(result->ok);
                assert_int_equal(result->first_bad.seq, 399);
                verify_result_free(result);
            }
            buf_free(&byte);
            buf_free(&vkey);
            kit_end(&kit);
        }
    }
}

/* A checkpoint of a root of zeros, and nothing that would have that root. */
static void test_verify_tiles_that_are_not_there(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 300, UINT64_MAX / 2 + 1, UINT64_MAX - 254, UINT64_MAX};
    struct kit kit;
    kit_dir(&kit);
    make_dirs(&kit);
    for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct checkpoint checkpoint = {.origin = "foreign.example/log",
                                              .size = sizes[i / 2]};
        struct buf vkey = {0};
        foreign_checkpoint(&kit, &checkpoint, &vkey);
        const struct verify_options options = {.vkey = (char *)vkey.data,
                                               .only_checkpoints = i % 2 == 1};
        struct verify_result *result = check(kit.path, &options);
        if (result->ok)
            fail_msg("%llu entries that are not there", (unsigned long long)checkpoint.size);
        verify_result_free(result);
        buf_free(&vkey);
    }
    kit_end(&kit);
}

/* A log that Tessera wrote (its testdata), and what it signed on the way. */
static void test_verify_tiles_of_tessera(void **state)
{
    (void)state;
    static const char *const names[] = {"checkpoint.10", "checkpoint.5"};
    const char *dir = COUNTERSIGN_SOURCE "/tests/vectors/tessera";
    struct buf early[2] = {0};
    struct verify_note notes[2];
    struct verify_options options = {
        .vkey = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
        .against = notes,
        .against_count = 2,
    };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(files_read(dir, names[i], 10000, &early[i], NULL), ERR_OK);
        notes[i] = (struct verify_note){names[i], (char *)early[i].data, early[i].bytes};
    }
    want_good(dir, &options, "another program's");
    options.only_checkpoints = true;
    want_good(dir, &options, "only checkpoints");
    buf_free(&early[0]);
    buf_free(&early[1]);
}

static void test_verify_tiles_since(void **state)
{
    (void)state;
    struct stage stage;
    const struct checkpoint since = {.size = 3};
    const struct verify_options options = {.since = &since};
    struct verify_result *result = NULL;
    stage_make(&stage, true);
    assert_int_equal(verify_tiles(stage.dir, &options, &result, NULL), ERR_USAGE);
    stage_end(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_tiles_of_a_ledger),
        cmocka_unit_test(test_verify_tiles_without_events),
        cmocka_unit_test(test_verify_tiles_damaged),
        cmocka_unit_test(test_verify_tiles_full_for_partial),
        cmocka_unit_test(test_verify_tiles_against),
        cmocka_unit_test(test_verify_tiles_of_another_log),
        cmocka_unit_test(test_verify_tiles_that_are_not_there),
        cmocka_unit_test(test_verify_tiles_of_tessera),
        cmocka_unit_test(test_verify_tiles_since),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
