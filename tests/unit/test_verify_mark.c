#include "tests/unit/ledger_kit.h"

#include "ledger/files.h"
#include "ledger/verify_mark.h"

#define TIME_S 1767225600

/* A ledger of some entries, its checkpoint, and where a verifier keeps things. */
struct stage {
    struct kit kit;
    struct buf note;
    char mark[128], key[128];
};

static void stage_make(struct stage *stage)
{
    memset(stage, 0, sizeof(*stage));
    kit_new(&stage->kit);
    kit_fill(&stage->kit, 12);
    assert_int_equal(ledger_checkpoint(stage->kit.ledger, &stage->note, NULL), ERR_OK);
    snprintf(stage->mark, sizeof(stage->mark), "%s/mark", stage->kit.dir);
    snprintf(stage->key, sizeof(stage->key), "%s/state/of/me/a.key", stage->kit.dir);
}

static void stage_end(struct stage *stage)
{
    buf_free(&stage->note);
    kit_end(&stage->kit);
}

static void write_mark(struct stage *stage)
{
    enum err err =
        verify_mark_write(stage->mark, stage->key, &stage->note, TIME_S, &stage->kit.why);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), stage->kit.why.s);
}

/* The same, taken apart by the text of the specification alone. */
static void test_verify_mark_write_is_a_cosignature(void **state)
{
    (void)state;
    struct stage stage;
    struct buf mark = {0}, message = {0}, decoded = {0};
    char seed_hex[65], name[80];
    uint8_t seed[32], public_key[32], secret_key[64], id[32];
    struct buf key = {0};
    stage_make(&stage);
    write_mark(&stage);
    assert_int_equal(files_read(stage.kit.dir, "mark", 10000, &mark, NULL), ERR_OK);
    assert_int_equal(files_read(stage.kit.dir, "state/of/me/a.key", 100, &key, NULL), ERR_OK);
    memcpy(seed_hex, key.data, 64);
    seed_hex[64] = '\0';
    assert_true(bytes_from_hex(seed_hex, seed, sizeof(seed)));
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    assert_memory_equal(mark.data, stage.note.data, stage.note.bytes);
    assert_int_equal(sscanf((char *)mark.data + stage.note.bytes, "\xe2\x80\x94 %79s ", name), 1);
    const char *encoded = strrchr((char *)mark.data, ' ') + 1;
    assert_true(bytes_from_base64(encoded, strlen(encoded) - 1, &decoded));
    assert_int_equal(decoded.bytes, 4 + 8 + 64);
    crypto_hash_sha256_state sha;
    crypto_hash_sha256_init(&sha);
    crypto_hash_sha256_update(&sha, (const uint8_t *)name, strlen(name));
    crypto_hash_sha256_update(&sha, (const uint8_t *)"\n\x04", 2);
    crypto_hash_sha256_update(&sha, public_key, 32);
    crypto_hash_sha256_final(&sha, id);
    assert_memory_equal(decoded.data, id, 4);
    const char *body_end = strstr((char *)mark.data, "\n\n") + 1;
    buf_text(&message, "cosignature/v1\ntime 1767225600\n");
    buf_add(&message, mark.data, (size_t)(body_end - (char *)mark.data));
    assert_int_equal(
        crypto_sign_verify_detached(decoded.data + 12, message.data, message.bytes, public_key), 0);
    buf_free(&key);
    buf_free(&mark);
    buf_free(&message);
    buf_free(&decoded);
    stage_end(&stage);
}

static void test_verify_mark_read_back(void **state)
{
    (void)state;
    struct stage stage;
    struct checkpoint checkpoint, again;
    uint64_t time_s = 0;
    stage_make(&stage);
    write_mark(&stage);
    write_mark(&stage); /* in the place of the first, by the same key */
    assert_int_equal(checkpoint_parse((char *)stage.note.data, stage.note.bytes, &checkpoint),
                     ERR_OK);
    assert_int_equal(verify_mark_read(stage.mark, stage.key, &again, &time_s, &stage.kit.why),
                     ERR_OK);
    assert_int_equal(time_s, TIME_S);
    assert_int_equal(again.size, 12);
    assert_memory_equal(again.root, checkpoint.root, HASH_BYTES);
    assert_string_equal(again.origin, checkpoint.origin);
    stage_end(&stage);
}

static void test_verify_mark_keeps_its_key_in_the_state_folder(void **state)
{
    (void)state;
    struct stage stage;
    struct checkpoint checkpoint;
    struct stat info;
    char path[160];
    uint64_t time_s;
    stage_make(&stage);
    assert_int_equal(setenv("XDG_STATE_HOME", stage.kit.dir, 1), 0);
    assert_int_equal(verify_mark_write(stage.mark, NULL, &stage.note, TIME_S, NULL), ERR_OK);
    snprintf(path, sizeof(path), "%s/countersign/verifier.key", stage.kit.dir);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(verify_mark_read(stage.mark, NULL, &checkpoint, &time_s, NULL), ERR_OK);
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(setenv("HOME", stage.kit.dir, 1), 0);
    assert_int_equal(verify_mark_read(stage.mark, NULL, &checkpoint, &time_s, NULL), ERR_PROOF);
    assert_int_equal(verify_mark_write(stage.mark, NULL, &stage.note, TIME_S, NULL), ERR_OK);
    snprintf(path, sizeof(path), "%s/.local/state/countersign/verifier.key", stage.kit.dir);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(verify_mark_write(stage.mark, NULL, &stage.note, TIME_S, NULL), ERR_IO);
    stage_end(&stage);
}

/* Every bit of a mark matters. */
static void test_verify_mark_read_flipped(void **state)
{
    (void)state;
    struct stage stage;
    struct buf mark = {0};
    struct checkpoint checkpoint;
    uint64_t time_s;
    stage_make(&stage);
    write_mark(&stage);
    assert_int_equal(files_read(stage.kit.dir, "mark", 10000, &mark, NULL), ERR_OK);
    const char *lines = strstr((char *)mark.data, "\n\n") + 2;
    const size_t ours = stage.note.bytes, body = (size_t)(lines - (char *)mark.data);
    for (size_t i = 0; i < mark.bytes; i++) {
        if (i >= body && i < ours)
            continue; /* the ledger's own signature is not the verifier's to judge */
        mark.data[i] ^= (uint8_t)(1u << (i % 7));
        assert_int_equal(files_replace(stage.kit.dir, "mark", mark.data, mark.bytes, NULL), ERR_OK);
        enum err err = verify_mark_read(stage.mark, stage.key, &checkpoint, &time_s, NULL);
        if (err != ERR_PROOF && err != ERR_INVALID)
            fail_msg("byte %zu: %s", i, err_name(err));
        mark.data[i] ^= (uint8_t)(1u << (i % 7));
    }
    buf_free(&mark);
    stage_end(&stage);
}

static void test_verify_mark_read_what_is_none(void **state)
{
    (void)state;
    struct stage stage;
    struct checkpoint checkpoint;
    char other[160];
    uint64_t time_s;
    stage_make(&stage);
    assert_int_equal(verify_mark_read(stage.mark, stage.key, &checkpoint, &time_s, NULL), ERR_IO);
    write_mark(&stage);
    /* Another verifier's; the bare checkpoint; a text. */
    snprintf(other, sizeof(other), "%s/other.key", stage.kit.dir);
    assert_int_equal(verify_mark_write(stage.mark, other, &stage.note, TIME_S, NULL), ERR_OK);
    assert_int_equal(verify_mark_read(stage.mark, stage.key, &checkpoint, &time_s, NULL),
                     ERR_PROOF);
    assert_int_equal(files_replace(stage.kit.dir, "mark", stage.note.data, stage.note.bytes, NULL),
                     ERR_OK);
    assert_int_equal(verify_mark_read(stage.mark, stage.key, &checkpoint, &time_s, NULL),
                     ERR_PROOF);
    assert_int_equal(files_replace(stage.kit.dir, "mark", "mark\n", 5, NULL), ERR_OK);
    assert_int_equal(verify_mark_read(stage.mark, stage.key, &checkpoint, &time_s, NULL),
                     ERR_INVALID);
    assert_int_equal(files_replace(stage.kit.dir, "other.key", "key\n", 4, NULL), ERR_OK);
    assert_int_equal(verify_mark_write(stage.mark, other, &stage.note, TIME_S, NULL), ERR_DAMAGED);
    struct buf nothing = {0};
    assert_int_equal(verify_mark_write(stage.mark, stage.key, &nothing, TIME_S, NULL), ERR_INVALID);
    stage_end(&stage);
}

static void test_verify_since_another_ledger(void **state)
{
    (void)state;
    struct stage stage;
    struct kit other;
    struct checkpoint since;
    struct verify_result *result = NULL;
    const struct verify_options options = {.since = &since};
    stage_make(&stage);
    kit_dir(&other);
    assert_int_equal(kit_create(&other, "other.example/simulated"), ERR_OK);
    assert_int_equal(checkpoint_parse((char *)stage.note.data, stage.note.bytes, &since), ERR_OK);
    assert_int_equal(verify_ledger(other.path, &options, &result, NULL), ERR_PROOF);
    result = kit_check(&stage.kit, &options);
    assert_true(result->ok);
    assert_int_equal(result->entries, 0);
    verify_result_free(result);
    kit_end(&other);
    stage_end(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_mark_write_is_a_cosignature),
        cmocka_unit_test(test_verify_mark_read_back),
        cmocka_unit_test(test_verify_mark_keeps_its_key_in_the_state_folder),
        cmocka_unit_test(test_verify_mark_read_flipped),
        cmocka_unit_test(test_verify_mark_read_what_is_none),
        cmocka_unit_test(test_verify_since_another_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
