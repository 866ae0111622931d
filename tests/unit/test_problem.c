#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/problem.h"

static void check(enum err err, const struct err_text *why, const char *expected)
{
    struct buf text = {0};
    json_t *problem = problem_json(err, why);
    ijson_print(problem, &text);
    assert_string_equal((const char *)text.data, expected);
    json_decref(problem);
    buf_free(&text);
}

static void test_problem_json_members(void **state)
{
    (void)state;
    struct err_text why = {"\"id\" is missing"};
    check(ERR_NOT_EVENT, &why,
          "{\"type\":\"urn:countersign:problem:not-event\","
          "\"title\":\"not a CloudEvent of this ledger\",\"status\":422,"
          "\"detail\":\"\\\"id\\\" is missing\"}");
}

static void test_problem_json_without_detail(void **state)
{
    (void)state;
    struct err_text nothing = {""};
    const char *expected = "{\"type\":\"urn:countersign:problem:conflict\",\"title\":\"conflict\","
                           "\"status\":409}";
    check(ERR_CONFLICT, NULL, expected);
    check(ERR_CONFLICT, &nothing, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_problem_json_members),
        cmocka_unit_test(test_problem_json_without_detail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
