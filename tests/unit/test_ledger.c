#include "tests/unit/ledger_kit.h"

static void test_ledger_open_what_was_created(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t size = 0;
    kit_new(&kit);
    assert_string_equal(ledger_info(kit.ledger)->origin, "test.example/simulated");
    assert_true(ledger_info(kit.ledger)->simulated);
    assert_int_equal(ledger_size(kit.ledger, &size, &kit.why), ERR_OK);
    assert_int_equal(size, 1);
    struct kit_event event = {.id = "one", .deployment = "d1"};
    struct receipt receipt = kit_append(&kit, &event);
    assert_int_equal(receipt.seq, 1);
    assert_string_equal(receipt.stream, "d1");
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_open_what_was_created),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
