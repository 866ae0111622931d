#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/ijson.h"
#include "ledger/verdict.h"

static void assert_json(const struct verdict *verdict, const char *expected)
{
    struct buf text = {0};
    json_t *object = json_object();
    verdict_json(verdict, object);
    ijson_print(object, &text);
    assert_string_equal((const char *)text.data, expected);
    json_decref(object);
    buf_free(&text);
}

static void test_verdict_json_accepted(void **state)
{
    (void)state;
    struct verdict verdict = {0};
    assert_json(&verdict, "{\"verdict\":\"accepted\",\"flags\":[],\"reason\":null}");
}

static void test_verdict_flag_order(void **state)
{
    (void)state;
    struct verdict verdict = {0};
    verdict_flag(&verdict, FLAG_REPLAYED);
    verdict_flag(&verdict, FLAG_LATE);
    verdict_flag(&verdict, FLAG_LATE);
    assert_true(verdict_has(&verdict, FLAG_LATE));
    assert_true(verdict_has(&verdict, FLAG_REPLAYED));
    assert_false(verdict_has(&verdict, FLAG_EARLY));
    assert_json(&verdict,
                "{\"verdict\":\"accepted\",\"flags\":[\"late\",\"replayed\"],\"reason\":null}");
}

static void test_verdict_refuse_drops_flags(void **state)
{
    (void)state;
    struct verdict verdict = {0};
    verdict_flag(&verdict, FLAG_LATE);
    verdict_refuse(&verdict, RULE_UNKNOWN_NODE, "no node %s", "9.9.9");
    verdict_refuse(&verdict, RULE_UNKNOWN_NODE, "%s nor 9.9.8", verdict.reason);
    assert_json(&verdict, "{\"verdict\":\"refused\",\"rule\":\"unknown-node\",\"flags\":[],"
                          "\"reason\":\"unknown-node: no node 9.9.9 nor 9.9.8\"}");
    verdict_clear(&verdict);
    assert_null(verdict.reason);
    assert_json(&verdict, "{\"verdict\":\"accepted\",\"flags\":[],\"reason\":null}");
}

static void test_names_as_in_rules(void **state)
{
    (void)state;
    assert_string_equal(rule_name(RULE_NONE), "");
    assert_string_equal(rule_name(RULE_SEPARATION), "separation-of-duties");
    assert_string_equal(rule_name(RULE_NOT_CLOSABLE), "not-closable");
    assert_string_equal(flag_name(FLAG_LATE), "late");
    assert_string_equal(flag_name(FLAG_REPLAYED), "replayed");
    for (enum flag a = 0; a < FLAG_COUNT; a++)
        for (enum flag b = 0; b < a; b++)
            assert_string_not_equal(flag_name(a), flag_name(b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_json_accepted),
        cmocka_unit_test(test_verdict_flag_order),
        cmocka_unit_test(test_verdict_refuse_drops_flags),
        cmocka_unit_test(test_names_as_in_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
