#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/library.h"

static __typeof__(strlen) *length;
static void (*nothing)(void);

static const struct library_function functions[] = {{"strlen", &length}, {"no_such", &nothing}};

static void has(const struct err_text *why, const char *text)
{
    if (strstr(why->s, text) == NULL)
        fail_msg("no '%s' in '%s'", text, why->s);
}

static void test_library_load_once(void **state)
{
    (void)state;
    struct library library = {"libc.so.6", "libc6", functions, 1, false};
    struct err_text why = {""};
    assert_int_equal(library_load(&library, &why), ERR_OK);
    assert_true(library.loaded);
    assert_int_equal(length("four"), 4);
    library.soname = "libnosuch.so.1";
    assert_int_equal(library_load(&library, &why), ERR_OK);
    assert_string_equal(why.s, "");
}

static void test_library_load_missing(void **state)
{
    (void)state;
    struct library library = {"libnosuch.so.1", "libnosuch1", functions, 1, false};
    struct err_text why = {""};
    assert_int_equal(library_load(&library, &why), ERR_IO);
    has(&why, "libnosuch.so.1: cannot open");
    has(&why, "; install Debian's package libnosuch1");
    assert_int_equal(library_load(&library, NULL), ERR_IO);
    library.soname = "libc.so.6"; /* installed meanwhile */
    assert_int_equal(library_load(&library, &why), ERR_OK);
}

static void test_library_load_without_function(void **state)
{
    (void)state;
    struct library library = {"libc.so.6", "libc6", functions, 2, false};
    struct err_text why = {""};
    assert_int_equal(library_load(&library, &why), ERR_IO);
    has(&why, "undefined symbol: no_such");
    has(&why, "; install Debian's package libc6");
    assert_false(library.loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_load_once),
        cmocka_unit_test(test_library_load_missing),
        cmocka_unit_test(test_library_load_without_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
