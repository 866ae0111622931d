#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/ledger.h"

static const struct option options[] = {
    {"name", required_argument, NULL, 'n'},
    {"flag", no_argument, NULL, 'f'},
    SUBMIT_LONG_OPTIONS,
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {.name = "test",
                                      .operands = "LEDGER [SEQ]",
                                      .about = "About.\n",
                                      .options = options,
                                      .operands_min = 1,
                                      .operands_max = 2,
                                      .writes = true};

/* Parse a command line of words with what is printed thrown away; gives the exit code, or -1 if the
 * command goes on. */
static int parse(struct args *args, size_t count, const char *const words[])
{
    char copies[8][64] = {"test"}, *argv[9] = {copies[0]};
    int code = -2, saved[2] = {dup(1), dup(2)}, nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(saved[0] >= 0 && saved[1] >= 0 && nowhere >= 0 && count < 8);
    for (size_t i = 0; i < count; i++) {
        snprintf(copies[i + 1], sizeof(copies[0]), "%s", words[i]);
        argv[i + 1] = copies[i + 1];
    }
    fflush(stdout);
    assert_true(dup2(nowhere, 1) == 1 && dup2(nowhere, 2) == 2);
    bool goes_on = args_parse((int)count + 1, argv, &spec, args, &code);
    fflush(stdout);
    assert_true(dup2(saved[0], 1) == 1 && dup2(saved[1], 2) == 2);
    close(saved[0]);
    close(saved[1]);
    close(nowhere);
    return goes_on ? -1 : code;
}

#define PARSE(args, ...)                                                                           \
    parse((args), sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *),                     \
          (const char *const[]){__VA_ARGS__})

static void test_args_parse_operands_and_options(void **state)
{
    (void)state;
    struct args args;
    size_t at = 0;
    assert_int_equal(PARSE(&args, "--name", "a", "L", "--flag", "--name=b", "--spooled", "7"), -1);
    assert_int_equal(args.operand_count, 2);
    assert_null(args.operand[2]);
    assert_non_null(args_value(&args, 'f'));
    assert_null(args_value(&args, 'x'));
    assert_true(args.submit.spooled);
    assert_non_null(args_next(&args, 'n', &at));
    assert_non_null(args_next(&args, 'n', &at));
    assert_null(args_next(&args, 'n', &at));
    args_free(&args);
}

static void test_args_parse_over(void **state)
{
    (void)state;
    struct args args;
    assert_int_equal(PARSE(&args, "--help"), 0);
    args_free(&args);
    assert_int_equal(PARSE(&args, "L", "1", "2"), 2);
    args_free(&args);
    assert_int_equal(PARSE(&args, "--flag"), 2);
    args_free(&args);
    assert_int_equal(PARSE(&args, "L", "--nothing"), 2);
    args_free(&args);
    assert_int_equal(PARSE(&args, "L", "--name"), 2);
    args_free(&args);
    assert_int_equal(PARSE(&args, "L", "-5"), 2);
    args_free(&args);
    assert_int_equal(PARSE(&args, "L", "--time", "soon"), 2);
    args_free(&args);
}

static void test_args_moment_takes_days(void **state)
{
    (void)state;
    int64_t day = 0, moment = 0;
    assert_true(args_moment("2026-03-01", &day));
    assert_true(args_moment("2026-03-01T01:00:00+01:00", &moment));
    assert_true(day == moment);
    assert_false(args_moment("2026-03-01T", &day));
    assert_false(args_moment("2026-02-30", &day));
    assert_false(args_moment("", &day));
}

static void test_args_number_whole(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e3", "18446744073709551616"};
    uint64_t number = 0;
    assert_true(args_number("18446744073709551615", &number));
    assert_true(number == UINT64_MAX);
    assert_true(args_number("007", &number));
    assert_int_equal(number, 7);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(args_number(bad[i], &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_args_parse_operands_and_options),
        cmocka_unit_test(test_args_parse_over),
        cmocka_unit_test(test_args_moment_takes_days),
        cmocka_unit_test(test_args_number_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
