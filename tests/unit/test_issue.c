#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/issue.h"

/* Whether files of these names can be kept in a directory that has report.html and csv/a.csv. */
static enum err keep(const char *one, const char *other)
{
    char dir[] = "/tmp/test_issue.XXXXXX";
    struct err_text why = {""};
    assert_non_null(mkdtemp(dir));
    char *csv = files_path(dir, "csv"), *page = files_path(dir, "report.html");
    assert_int_equal(files_directory(csv, NULL), ERR_OK);
    assert_int_equal(files_make(dir, "report.html", "x", 1, NULL), ERR_OK);
    assert_int_equal(files_make(csv, "a.csv", "x", 1, NULL), ERR_OK);
    json_t *files = json_pack("[{s:s}, {s:s}]", "name", one, "name", other);
    enum err err = issue_keep(dir, files, &why);
    assert_int_equal(err != ERR_OK, why.s[0] != '\0');
    json_decref(files);
    char *table = files_path(csv, "a.csv");
    assert_int_equal(unlink(table), 0);
    assert_int_equal(unlink(page), 0);
    assert_int_equal(rmdir(csv), 0);
    assert_int_equal(rmdir(dir), 0);
    free(table);
    free(page);
    free(csv);
    return err;
}

static void test_issue_keep_takes_files_in_directories(void **state)
{
    (void)state;
    assert_int_equal(keep("report.html", "csv/a.csv"), ERR_OK);
}

static void test_issue_keep_misses_a_file_that_is_gone(void **state)
{
    (void)state;
    assert_int_equal(keep("report.html", "csv/b.csv"), ERR_IO);
    assert_int_equal(keep("report.pdf", "csv/a.csv"), ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issue_keep_takes_files_in_directories),
        cmocka_unit_test(test_issue_keep_misses_a_file_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
