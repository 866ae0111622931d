#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ingest/address.h"

static void check(const char *text, const char *url, bool loopback)
{
    struct address address;
    struct buf buf = {0};
    assert_int_equal(address_parse(text, &address, NULL), ERR_OK);
    assert_int_equal(address_loopback(&address), loopback);
    address_url(&address, &buf);
    assert_string_equal((const char *)buf.data, url);
    buf_free(&buf);
}

static void test_address_parse_good(void **state)
{
    (void)state;
    check(ADDRESS_DEFAULT, "http://127.0.0.1:8480", true);
    check("127.9.9.9:0", "http://127.9.9.9:0", true);
    check("localhost:65535", "http://127.0.0.1:65535", true);
    check("[::1]:80", "http://[::1]:80", true);
    check("192.0.2.7:8480", "http://192.0.2.7:8480", false);
    check("[2001:db8::1]:8480", "http://[2001:db8::1]:8480", false);
    check("[::ffff:127.0.0.1]:1", "http://[::ffff:127.0.0.1]:1", false);
}

static void test_address_url_of_wildcard(void **state)
{
    (void)state;
    check("0.0.0.0:8480", "http://127.0.0.1:8480", false);
    check("[::]:8480", "http://[::1]:8480", false);
}

static void test_address_parse_usage(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "8480",
        ":8480",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "a:1",
        "::1:80",
        "[::1]",
        "[::1]80",
        "[]:1",
        "127.0.0.1:+1",
        "[::1:",
        "1.2.3.4.5:1",
        "[1.2.3.4]:1",
        "example.com:8480",
        "127.0.0.1: 1",
        "[1111111111111111111111111111111111111111111111111111111111]:1"};
    struct address address;
    struct err_text why = {""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(address_parse(bad[i], &address, &why), ERR_USAGE);
    assert_true(why.s[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_address_parse_good),
        cmocka_unit_test(test_address_url_of_wildcard),
        cmocka_unit_test(test_address_parse_usage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
