#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "replay/setting.h"

static struct err_text why;

/* The names of what a command leaves open, in order: "1 green $TAG". */
static void expect(const char *command, const char *names)
{
    struct slots slots;
    struct buf found = {0};
    slot_find(command, &slots);
    buf_text(&found, "");
    for (size_t i = 0; i < slots.count; i++)
        buf_printf(&found, "%s%s%s", i > 0 ? " " : "", slots.all[i].variable ? "$" : "",
                   slots.all[i].name);
    buf_add(&found, "", 0);
    if (strcmp(found.bytes > 0 ? (const char *)found.data : "", names) != 0)
        fail_msg("'%s' gave '%s', not '%s'", command, (const char *)found.data, names);
    buf_free(&found);
    slot_free(&slots);
}

static void test_slot_find_blanks(void **state)
{
    (void)state;
    expect("run ____ and _____", "1 2");
    expect("a____ ____b __ __init__", "");
    expect("aws --rule-arn ... '{\"a\":\"...green...\",\"b\":\"...\"}'", "1 green 2");
    expect("go test ./... && git log a...b && echo wait...", "");
    expect("deploy <version> <target-2>", "version target-2");
    expect("cat <in >out; cat <<EOF\nx\nEOF\ndiff <(a) <(b)", "");
    expect("grep '<title>' \"<b>\"", "");
    expect("# a comment ____ ... $X\necho", "");
    expect("", "");
}

static void test_slot_find_variables(void **state)
{
    (void)state;
    expect("curl \"$URL/health\" -H \"Authorization: $TOKEN\" $URL", "$URL $TOKEN");
    expect("echo '$HOME_OF' \\$X $1 $? $$ ${#N} ${A%.*} ${B:-x} ${C-} ${D:=x} ${E:?}", "$N $A $E");
    expect("commit=$(git rev-parse \"$TAG\") && test \"$commit\" = \"$WANTED\"", "$TAG $WANTED");
    expect("for f in a b; do echo $f; done; read -r x y; echo $x $y $z", "$z");
    expect("jq --arg v \"$V\" '.a == $v' | awk '{print $1, $NF}'", "$V");
    expect("echo \"$(cat 'it'\"'\"'s' $IN)\" $OUT", "$IN $OUT");
    expect("echo $PWD $RANDOM $BASH_VERSION", "");
    expect("echo it\\'s $A \"don't\" $B", "$A $B");
}

static const char *value_of(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "1") == 0 ? "one" : strcmp(name, "green") == 0 ? "g" : NULL;
}

static void test_slot_fill(void **state)
{
    (void)state;
    struct slots slots;
    struct buf buf = {0};
    const char *command = "x ... \"...green...\" ____ $V ...green...";
    slot_find(command, &slots);
    slot_fill(command, &slots, value_of, NULL, &buf);
    assert_string_equal((const char *)buf.data, "x one \"g\" ____ $V g");
    buf_free(&buf);
    slot_free(&slots);
}

static void test_slot_expand(void **state)
{
    (void)state;
    struct buf buf = {0};
    assert_true(slot_expand("a $green${green}s $ 5$", value_of, NULL, &buf));
    assert_string_equal((const char *)buf.data, "a ggs $ 5$");
    assert_false(slot_expand("$other", value_of, NULL, &buf));
    buf_free(&buf);
}

static void test_setting_take_usage(void **state)
{
    (void)state;
    struct settings settings = {0};
    char *big = mem_zero(1, RUN_VALUE_BYTES_MAX + 16);
    memset(big, 'x', RUN_VALUE_BYTES_MAX + 8);
    big[1] = '=';
    static const char *const bad[] = {"x", "=1", "a b=1", "-a=1", "a=1\n2"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(setting_take(&settings, bad[i], &why), ERR_USAGE);
    assert_int_equal(setting_take(&settings, big, &why), ERR_USAGE);
    assert_int_equal(setting_inherit(&settings, "NOT_SET_ANYWHERE", &why), ERR_USAGE);
    assert_int_equal(setting_inherit(&settings, "1", &why), ERR_USAGE);
    assert_int_equal(settings.count, 0);
    free(big);
    setting_free(&settings);
}

static void test_setting_environment_is_clean(void **state)
{
    (void)state;
    struct settings settings = {0};
    assert_int_equal(setenv("LEAKED", "x", 1), 0);
    assert_int_equal(setenv("HANDED", "y", 1), 0);
    assert_int_equal(setting_take(&settings, "TAG=v=1", &why), ERR_OK);
    assert_int_equal(setting_take(&settings, "TAG=v2", &why), ERR_OK);
    assert_int_equal(setting_take(&settings, "1=blank", &why), ERR_OK);
    assert_int_equal(setting_take(&settings, "PATH=/only", &why), ERR_OK);
    assert_int_equal(setting_inherit(&settings, "HANDED", &why), ERR_OK);
    setting_environment(&settings, "/bin/sh");
    size_t count = 0;
    for (; settings.environment[count] != NULL; count++)
        assert_null(strstr(settings.environment[count], "LEAKED"));
    assert_int_equal(count, 8); /* HOME USER LOGNAME SHELL LANG, TAG PATH HANDED */
    assert_string_equal(setting_value(&settings, "TAG"), "v2");
    assert_string_equal(setting_value(&settings, "PATH"), "/only");
    assert_string_equal(setting_value(&settings, "SHELL"), "/bin/sh");
    assert_null(setting_value(&settings, "LEAKED"));
    setting_free(&settings);
}

static void test_setting_missing_and_unused(void **state)
{
    (void)state;
    struct settings settings = {0};
    struct slots slots;
    struct buf text = {0};
    slot_find("x ... $TAG ...y... $TAG ____", &slots);
    assert_int_equal(setting_take(&settings, "2=x", &why), ERR_OK);
    assert_int_equal(setting_missing(&settings, &slots, &text), 3);
    assert_non_null(strstr((const char *)text.data, "blank 1 is"));
    assert_non_null(strstr((const char *)text.data, "$TAG is"));
    assert_non_null(strstr((const char *)text.data, "blank y is"));
    assert_null(setting_unused(&settings, &slots));
    assert_int_equal(setting_take(&settings, "3=x", &why), ERR_OK);
    assert_string_equal(setting_unused(&settings, &slots), "3");
    buf_free(&text);
    slot_free(&slots);
    setting_free(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slot_find_blanks),
        cmocka_unit_test(test_slot_find_variables),
        cmocka_unit_test(test_slot_fill),
        cmocka_unit_test(test_slot_expand),
        cmocka_unit_test(test_setting_take_usage),
        cmocka_unit_test(test_setting_environment_is_clean),
        cmocka_unit_test(test_setting_missing_and_unused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
