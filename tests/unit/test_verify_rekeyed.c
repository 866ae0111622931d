/* The check of a ledger whose own keys were replaced. */
#include "damage_kit.h"
#include "rekey_kit.h"

/* The check of everything follows the keys: any of the ledger's vkeys is one, and no other. */
static void test_verify_ledger_across_changes(void **state)
{
    (void)state;
    struct kit kit;
    size_t count = 0;
    kit_new(&kit);
    append_other(&kit, "a", 0);
    rotate(&kit, "r", KIT_TIME_US + DAY_US);
    append_other(&kit, "b", KIT_TIME_US + DAY_US);
    append_other(&kit, "c", KIT_TIME_US + 2 * DAY_US);
    rotate(&kit, "s", -1);
    append_other(&kit, "d", KIT_TIME_US + 3 * DAY_US);
    const struct registry_pair *const *pairs = registry_pairs(ledger_registry(kit.ledger), &count);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 4; i++) {
        struct buf vkey = {0};
        struct note_key other;
        note_key_make(ledger_info(kit.ledger)->origin, pairs[0]->admission_key, &other);
        note_key_format(i < count ? &pairs[i]->checkpoint : &other, &vkey);
        const struct verify_options options = {.vkey = (const char *)vkey.data};
        struct verify_result *result = kit_check(&kit, &options);
        if (result->ok != (i < count))
            fail_msg("vkey %zu: %s", i, result->first_bad.what);
        if (i < count) {
            assert_int_equal(result->vkey_from, pairs[i]->seq);
            assert_int_equal(result->vkey_to, i + 1 < count ? pairs[i + 1]->seq : UINT64_MAX);
        }
        verify_result_free(result);
        buf_free(&vkey);
    }
    kit_end(&kit);
}

/* The old key under a checkpoint of after the change is no signature. */
static void test_verify_ledger_old_key_after_its_end(void **state)
{
    (void)state;
    struct kit kit;
    struct secret *old = NULL;
    struct buf note = {0}, forged = {0};
    const struct verify_options all = {0};
    kit_new(&kit);
    assert_int_equal(secret_load(kit.path, SECRET_CHECKPOINT, &old, NULL), ERR_OK);
    rotate(&kit, "r", -1);
    append_other(&kit, "a", 0);
    assert_int_equal(ledger_checkpoint(kit.ledger, &note, NULL), ERR_OK);
    char *body =
        mem_text_n((const char *)note.data,
                   (size_t)(strstr((const char *)note.data, "\n\n") - (const char *)note.data) + 1);
    note_sign(body, &ledger_info(kit.ledger)->key, old->secret_key, &forged);
    file_write(&kit, COPY_NAME, (const char *)forged.data);
    kit_bad(&kit, &all, 2, "the old key's checkpoint");
    free(body);
    secret_free(old);
    buf_free(&note);
    buf_free(&forged);
    kit_end(&kit);
}

/* Between two pieces of a check, replaces the keys without an overlap and goes on writing. */
static void rotate_meanwhile(void *ctx, uint64_t done, uint64_t total)
{
    struct kit *kit = ctx;
    (void)total;
    if (done > 256)
        return;
    rotate(kit, "r", -1);
    append_other(kit, "z", 0);
    assert_int_equal(signatures(kit), 1);
    assert_int_equal(copy_write(kit->ledger, NULL), ERR_OK);
}

/* The keys of what is checked are those of its own positions, whatever comes meanwhile. */
static void test_verify_ledger_while_keys_change(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill_fast(&kit, 300);
    const struct verify_options options = {.progress = rotate_meanwhile, .ctx = &kit, .threads = 1};
    struct verify_result *result = kit_check(&kit, &options);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    assert_int_equal(result->entries, result->size);
    verify_result_free(result);
    kit_end(&kit);
}

/* Drops the kept checkpoint of a size. */
static bool without_kept(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    const uint64_t *size = ctx;
    struct reader reader = {.data = key->data, .bytes = key->bytes};
    (void)value;
    return table != STORE_CHECKPOINTS || reader_u64(&reader) != *size;
}

/* Without a checkpoint that both keys sign, the old key would say nothing of the new: whoever has
 * neither could make a ledger that begins with the old vkey. */
static void test_verify_ledger_change_that_the_old_key_did_not_sign(void **state)
{
    (void)state;
    static const struct verify_options options[] = {{0}, {.only_checkpoints = true}};
    struct kit kit;
    uint64_t size = 3;
    kit_new(&kit);
    append_other(&kit, "a", 0);
    rotate(&kit, "r", -1);
    append_other(&kit, "b", 0);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    for (size_t i = 0; i < 2; i++) {
        struct verify_result *result = kit_check(&kit, &options[i]);
        assert_true(result->ok);
        verify_result_free(result);
    }
    damage_rewrite(&kit, without_kept, NULL, &size);
    for (size_t i = 0; i < 2; i++)
        kit_bad(&kit, &options[i], 2, "the checkpoint of the change is gone");
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_ledger_across_changes),
        cmocka_unit_test(test_verify_ledger_old_key_after_its_end),
        cmocka_unit_test(test_verify_ledger_while_keys_change),
        cmocka_unit_test(test_verify_ledger_change_that_the_old_key_did_not_sign),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
