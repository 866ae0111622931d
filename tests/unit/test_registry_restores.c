/* Checkpoints that were given up for an older copy of the ledger, on the record. */
#include "registry_kit.h"

static void root_of(uint8_t seed, uint8_t ret[HASH_BYTES])
{
    memset(ret, seed, HASH_BYTES);
}

/* {size, root, note}: ${size} and ${root_seed} as they are said, beside the note of a checkpoint of
 * 9 entries whose root has the seed 7; ${note} takes that note's place if it is not NULL. */
static char *restore_data(const char *size, uint8_t root_seed, const char *note)
{
    struct checkpoint checkpoint = {.origin = "a/b", .size = 9};
    struct note_key key;
    struct buf body = {0}, text = {0}, data = {0};
    uint8_t seed[ED25519_KEY_BYTES] = {5}, public_key[ED25519_KEY_BYTES], secret_key[64];
    uint8_t root[HASH_BYTES];
    root_of(7, checkpoint.root);
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    note_key_make("a/b", public_key, &key);
    checkpoint_format(&checkpoint, &body);
    note_sign((const char *)body.data, &key, secret_key, &text);
    json_t *quoted = json_string(note != NULL ? note : (const char *)text.data);
    char *shown = json_dumps(quoted, JSON_ENCODE_ANY);
    root_of(root_seed, root);
    buf_printf(&data, "{\"size\":%s,\"root\":\"", size);
    buf_hex(&data, root, HASH_BYTES);
    buf_printf(&data, "\",\"note\":%s}", shown);
    free(shown);
    json_decref(quoted);
    buf_free(&body);
    buf_free(&text);
    return buf_take_text(&data);
}

static void restore(struct fold *fold, const struct actor *actor, char *data, enum rule rule)
{
    if (rule == RULE_NONE)
        accepted(fold, actor, "ledger.restored", data);
    else
        refused(fold, actor, "ledger.restored", data, rule);
    free(data);
}

static void test_registry_restore_of_what_was_given_up(void **state)
{
    struct fold *fold = *state;
    uint8_t root[HASH_BYTES], other[HASH_BYTES];
    root_of(7, root);
    root_of(8, other);
    accepted(fold, &admin, "clock.leapt", "{}");
    assert_null(registry_restore_of(fold->registry, 9));
    assert_false(registry_gave_up(fold->registry, 9, root));
    restore(fold, &itself, restore_data("9", 7, NULL), RULE_NONE); /* entry 2 */
    assert_true(registry_gave_up(fold->registry, 9, root));
    assert_false(registry_gave_up(fold->registry, 9, other));
    assert_false(registry_gave_up(fold->registry, 8, root));
    assert_null(registry_restore_of(fold->registry, 0));
    assert_null(registry_restore_of(fold->registry, 2)); /* entries 0 and 1 are in both histories */
    for (uint64_t size = 3; size <= 9; size++) {
        const struct registry_restore *found = registry_restore_of(fold->registry, size);
        assert_non_null(found);
        assert_int_equal(found->seq, 2);
        assert_int_equal(found->size, 9);
        assert_memory_equal(found->root, root, HASH_BYTES);
    }
    assert_null(registry_restore_of(fold->registry, 10));
    restore(fold, &itself, restore_data("9", 7, NULL), RULE_NONE); /* entry 3, and so once more */
    assert_int_equal(registry_restore_of(fold->registry, 9)->seq, 2);
}

static void test_registry_apply_restored_refused(void **state)
{
    struct fold *fold = *state;
    uint8_t root[HASH_BYTES];
    root_of(7, root);
    restore(fold, &itself, restore_data("8", 7, NULL), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("0", 7, NULL), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("-9", 7, NULL), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("\"9\"", 7, NULL), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("null", 7, NULL), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("9", 8, NULL), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("9", 7, ""), RULE_BAD_VALUE);
    restore(fold, &itself, restore_data("9", 7, "a/b\n9\n"), RULE_BAD_VALUE);
    refused(fold, &itself, "ledger.restored", "{\"size\":9}", RULE_BAD_VALUE);
    restore(fold, &admin, restore_data("9", 7, NULL), RULE_NOT_AUTHORIZED);
    assert_false(registry_gave_up(fold->registry, 9, root));
    assert_null(registry_restore_of(fold->registry, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_registry_restore_of_what_was_given_up),
        TEST(test_registry_apply_restored_refused),
    };
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
