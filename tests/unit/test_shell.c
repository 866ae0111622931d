#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay/shell.h"

static void expect(const char *command, unsigned hidings)
{
    unsigned found = shell_hidings(span_of(command));
    if (found != hidings)
        fail_msg("%u, not %u: %s", found, hidings, command);
}

static void test_shell_hidings_pipe(void **state)
{
    (void)state;
    expect("docker ps | grep app", SHELL_PIPE);
    expect("a |& b", SHELL_PIPE);
    expect("(cd x && make | tee log)", SHELL_PIPE);
    expect("set -o pipefail\ndocker ps | grep app", 0);
    expect("set -euo pipefail; a | b", 0);
    expect("set -o pipefail; set +o pipefail; a | b", SHELL_PIPE);
    expect("echo y | fsck", 0);
    expect("cat <<END | psql\nselect 1 | 2;\nEND\n", 0);
    expect("grep 'a|b' \"c|d\" e\\|f `g | h` $(i | j) # k | l", 0);
    expect("a > b | c", SHELL_PIPE);
    expect("a || b", 0);
}

static void test_shell_hidings_anyway(void **state)
{
    (void)state;
    expect("make || true", SHELL_ANYWAY);
    expect("make || :", SHELL_ANYWAY);
    expect("make ||\n  echo failed", SHELL_ANYWAY);
    expect("make || exit 0", SHELL_ANYWAY);
    expect("(make || true)", SHELL_ANYWAY);
    expect("make || exit 1", 0);
    expect("make || { echo failed; exit 1; }", 0);
    expect("make || (echo failed; exit 1)", 0);
    expect("make || echo failed && exit 1", 0);
    expect("make || other", 0);
    expect("[[ -f a || true ]]", 0);
}

static void test_shell_hidings_sequence(void **state)
{
    (void)state;
    expect("make; echo done", SHELL_SEQUENCE);
    expect("cd a\nmake", SHELL_SEQUENCE);
    expect("make; exit 0", SHELL_SEQUENCE);
    expect("x=$(make)\necho $x", SHELL_SEQUENCE);
    expect("for i in 1 2; do make; done\necho", SHELL_SEQUENCE);
    expect("set -e\ncd a\nmake", 0);
    expect("set -o errexit; a; b", 0);
    expect("set -e; set +e; a; b", SHELL_SEQUENCE);
    expect("a &&\n  b", 0);
    expect("a && b\n\n# note\n", 0);
    expect("export A=1 B=2\nC=3\nmake \\\n  all", 0);
    expect("for i in 1 2; do a; b; done", 0);
    expect("if a; then b; else c; fi", 0);
    expect("case $a in\nb) c ;;\n*) d ;;\nesac", 0);
    expect("make; code=$?; echo $code; exit $code", 0);
    expect("cat <<'END' > file\na; b\nc | d\nEND\n", 0);
}

static void test_shell_hidings_background(void **state)
{
    (void)state;
    expect("server &", SHELL_BACKGROUND);
    expect("server & make", SHELL_BACKGROUND | SHELL_SEQUENCE);
    expect("server & wait $!", SHELL_SEQUENCE);
    expect("a 2>&1 >&2 &>log", 0);
    expect("curl 'http://a/?b&c'", 0);
}

/* Nothing that is cut short or nested without end is read past its end. */
static void test_shell_hidings_open_ends(void **state)
{
    (void)state;
    static const char *const texts[] = {"'",        "\"", "`",   "$(",   "${",  "a \\", "<<",
                                        "<<EOF",    "[[", "a |", "a ||", "(((", ")))",  "case",
                                        "\"$('${`", "",   "#",   "&",    ";;"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_true(shell_hidings(span_of(texts[i])) < SHELL_HIDINGS);
    struct buf deep = {0};
    for (size_t i = 0; i < 20000; i++)
        buf_text(&deep, "$(\"");
    assert_true(shell_hidings((struct span){(const char *)deep.data, deep.bytes}) < SHELL_HIDINGS);
    buf_free(&deep);
}

static void test_shell_hiding_text_of_each(void **state)
{
    (void)state;
    for (unsigned hiding = 1; hiding < SHELL_HIDINGS; hiding *= 2)
        assert_true(shell_hiding_text(hiding)[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell_hidings_pipe),
        cmocka_unit_test(test_shell_hidings_anyway),
        cmocka_unit_test(test_shell_hidings_sequence),
        cmocka_unit_test(test_shell_hidings_background),
        cmocka_unit_test(test_shell_hidings_open_ends),
        cmocka_unit_test(test_shell_hiding_text_of_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
