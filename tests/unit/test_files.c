#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ledger/files.h"

static char folder[] = "/tmp/test_files_XXXXXX";

static int make(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    unlink("a");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static void assert_holds(const char *text)
{
    struct buf found = {0};
    assert_int_equal(files_input("a", 100, &found, NULL), ERR_OK);
    assert_int_equal(found.bytes, strlen(text));
    assert_memory_equal(found.data, text, found.bytes);
    buf_free(&found);
}

static void test_files_output_by_any_path(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof(path), "%s/a", folder);
    assert_int_equal(files_output("a", "one", 3, NULL), ERR_OK);
    assert_holds("one");
    assert_int_equal(files_output(path, "two", 3, NULL), ERR_OK);
    assert_holds("two");
    assert_int_equal(files_output("./a", "three", 5, NULL), ERR_OK);
    assert_holds("three");
}

static void test_files_output_refused(void **state)
{
    (void)state;
    struct err_text why = {""};
    assert_int_equal(files_output("./", "x", 1, &why), ERR_IO);
    assert_non_null(strstr(why.s, "is a directory"));
    assert_int_equal(files_output("nowhere/a", "x", 1, &why), ERR_IO);
    assert_int_equal(files_output("/", "x", 1, NULL), ERR_IO);
}

static void test_files_directory_unless_there_is_one(void **state)
{
    (void)state;
    struct err_text why = {""};
    assert_int_equal(files_directory("d", &why), ERR_OK);
    assert_int_equal(files_directory("d", &why), ERR_OK);
    assert_int_equal(access("d", R_OK | W_OK | X_OK), 0);
    assert_int_equal(files_directory("nowhere/d", &why), ERR_IO);
    assert_non_null(strstr(why.s, "nowhere/d cannot be made"));
    assert_int_equal(rmdir("d"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_directory_unless_there_is_one),
        cmocka_unit_test(test_files_output_by_any_path),
        cmocka_unit_test(test_files_output_refused),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
