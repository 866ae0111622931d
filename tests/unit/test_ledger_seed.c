/* Ledgers that follow from a seed: the same events make the same entries. */
#include "tests/unit/ledger_kit.h"

/* The seed's own id, key, and salt of one event. */
static void seeded(const uint8_t seed[HASH_BYTES], struct ledger_info *ret_info,
                   struct receipt *ret_receipt)
{
    static const char *const principals[] = {"ann"};
    struct kit kit;
    struct sshkey key;
    uint8_t secret[64];
    kit_dir(&kit);
    kit_key(1, &key, secret);
    const struct ledger_create create = {.origin = "o/simulated",
                                         .simulated = true,
                                         .time_us = KIT_TIME_US,
                                         .seed = seed,
                                         .admin_count = 1,
                                         .admin_principals = principals,
                                         .admin_keys = &key};
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_OK);
    assert_int_equal(ledger_open(kit.path, true, &kit.ledger, &kit.why), ERR_OK);
    ledger_seed(kit.ledger, seed);
    const struct kit_event event = {.id = "1", .type = "x.y", .signers = {1}};
    *ret_receipt = kit_append(&kit, &event);
    *ret_info = *ledger_info(kit.ledger);
    kit_end(&kit);
}

static void test_ledger_seed_same_entries(void **state)
{
    static const uint8_t seed[HASH_BYTES] = {1}, other[HASH_BYTES] = {2};
    struct ledger_info infos[3];
    struct receipt receipts[3];
    (void)state;
    seeded(seed, &infos[0], &receipts[0]);
    seeded(seed, &infos[1], &receipts[1]);
    seeded(other, &infos[2], &receipts[2]);
    assert_string_equal(infos[0].id_hex, infos[1].id_hex);
    assert_memory_equal(infos[0].admission_key, infos[1].admission_key, ED25519_KEY_BYTES);
    assert_memory_equal(receipts[0].leaf, receipts[1].leaf, HASH_BYTES);
    assert_string_not_equal(infos[0].id_hex, infos[2].id_hex);
    assert_memory_not_equal(receipts[0].leaf, receipts[2].leaf, HASH_BYTES);
    ledger_receipts_free(receipts, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_seed_same_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
