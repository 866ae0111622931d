/* Brokers' URLs: what each form names, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/amqp_url.h"

static void check(const char *text, const char *user, const char *host, unsigned port,
                  const char *vhost)
{
    struct amqp_url url;
    struct err_text why = {""};
    enum err err = amqp_url_parse(text, &url, &why);
    if (err != ERR_OK)
        fail_msg("%s: %s", text, why.s);
    assert_string_equal(url.user, user);
    assert_string_equal(url.host, host);
    assert_int_equal(url.port, port);
    assert_string_equal(url.vhost, vhost);
    assert_int_equal(url.tls, strncmp(text, "amqps:", 6) == 0);
    amqp_url_free(&url);
}

static void test_amqp_url_parse_forms(void **state)
{
    (void)state;
    check("amqp://localhost", "guest", "localhost", 5672, "/");
    check("amqps://broker.example/", "guest", "broker.example", 5671, "/");
    check("amqp://ci@10.0.0.7:5673/audit", "ci", "10.0.0.7", 5673, "audit");
    check("amqp://a%40b@h/%2fprod", "a@b", "h", 5672, "/prod");
    check("amqps://u@[::1]:7/v", "u", "::1", 7, "v");
    check("amqp://[fe80::1]", "guest", "fe80::1", 5672, "/");
    check("amqp://h/%61%62%5A", "guest", "h", 5672, "abZ");
}

static void test_amqp_url_parse_shown(void **state)
{
    (void)state;
    struct amqp_url url;
    assert_int_equal(amqp_url_parse("amqps://ci@[::1]/v", &url, NULL), ERR_OK);
    assert_string_equal(url.shown, "amqps://ci@[::1]:5671/v");
    amqp_url_free(&url);
}

static void test_amqp_url_parse_usage(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "http://h",
                                      "amqp:h",
                                      "amqp://",
                                      "amqp://:5672",
                                      "amqp://h:",
                                      "amqp://h:0",
                                      "amqp://h:65536",
                                      "amqp://h:12x",
                                      "amqp://@h",
                                      "amqp://[::1",
                                      "amqp://[::1]7",
                                      "amqp://h/a/b",
                                      "amqp://h?x=1",
                                      "amqp://h/v?x=1",
                                      "amqp://h/%",
                                      "amqp://h/%2",
                                      "amqp://h/%zz",
                                      "amqp://h/%00",
                                      "amqp://a b@h",
                                      "amqp://h\n",
                                      "amqp://u%0a@h"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct amqp_url url;
        struct err_text why = {""};
        if (amqp_url_parse(bad[i], &url, &why) != ERR_USAGE)
            fail_msg("%s was taken", bad[i]);
        assert_true(why.s[0] != '\0');
    }
}

static void test_amqp_url_parse_password(void **state)
{
    (void)state;
    struct amqp_url url;
    struct err_text why = {""};
    assert_int_equal(amqp_url_parse("amqp://ci:hunter2@h", &url, &why), ERR_USAGE);
    assert_null(strstr(why.s, "hunter2"));
    assert_non_null(strstr(why.s, "--amqp-password-file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amqp_url_parse_forms),
        cmocka_unit_test(test_amqp_url_parse_shown),
        cmocka_unit_test(test_amqp_url_parse_usage),
        cmocka_unit_test(test_amqp_url_parse_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
