/* The daemon's certificates as files; connections and their certificates are in scenario 16-tls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ingest/tls.h"

/* A certificate NAME.pem of itself, with NAME.key. */
#define MAKE                                                                                       \
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=%s "   \
    "-keyout %s.key -out %s.pem 2>/dev/null"

static const struct tls_files files = {.cert = "one.pem", .key = "one.key"};

static void make(const char *name)
{
    char command[512];
    snprintf(command, sizeof(command), MAKE, name, name, name);
    assert_int_equal(system(command), 0);
}

/* Work in a folder with two certificates. */
static int set_up(void **state)
{
    char dir[] = "/tmp/tls-XXXXXX";
    *state = mkdtemp(dir) != NULL ? strdup(dir) : NULL;
    assert_non_null(*state);
    assert_int_equal(chdir(*state), 0);
    make("one");
    make("two");
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"one.pem", "one.key", "two.pem", "two.key", "odd.pem"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(names[i]);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(*state), 0);
    free(*state);
    return 0;
}

static void refused(const struct tls_files *wrong)
{
    struct tls *tls = NULL;
    struct err_text why = {""};
    assert_int_equal(tls_new(wrong, &tls, &why), ERR_IO);
    assert_null(tls);
    assert_true(why.s[0] != '\0');
}

static void expect_pin(const struct tls *tls, const char *pin, bool same)
{
    struct buf now = {0};
    tls_pin(tls, &now);
    assert_int_equal(strncmp((const char *)now.data, "sha256//", 8), 0);
    assert_int_equal(strlen((const char *)now.data), 8 + 44);
    assert_true((strcmp((const char *)now.data, pin) == 0) == same);
    buf_free(&now);
}

static void test_tls_new_reads_its_files(void **state)
{
    (void)state;
    struct tls *tls = NULL;
    const struct tls_files asking = {.cert = "one.pem", .key = "one.key", .client_ca = "two.pem"};
    assert_int_equal(tls_new(&asking, &tls, NULL), ERR_OK);
    expect_pin(tls, "", false);
    const struct tls_counts counts = tls_counts(tls);
    assert_int_equal(counts.handshakes + counts.resumed + counts.refused, 0);
    assert_true(counts.not_after_us > 1000000 * (int64_t)time(NULL));
    tls_free(tls);
    tls_free(NULL);
}

static void test_tls_new_refused(void **state)
{
    (void)state;
    refused(&(struct tls_files){.cert = "none.pem", .key = "one.key"});
    refused(&(struct tls_files){.cert = "one.pem", .key = "none.key"});
    refused(&(struct tls_files){.cert = "one.pem", .key = "two.key"});
    refused(&(struct tls_files){.cert = "one.key", .key = "one.key"});
    refused(&(struct tls_files){.cert = "one.pem", .key = "one.pem"});
    refused(&(struct tls_files){.cert = "one.pem", .key = "one.key", .client_ca = "none.pem"});
    refused(&(struct tls_files){.cert = "one.pem", .key = "one.key", .client_ca = "two.key"});
}

static void test_tls_new_refuses_a_key_for_all(void **state)
{
    (void)state;
    static const mode_t open_to[] = {0644, 0604, 0620, 0602};
    for (size_t i = 0; i < sizeof(open_to) / sizeof(open_to[0]); i++) {
        assert_int_equal(chmod("one.key", open_to[i]), 0);
        refused(&files);
    }
    assert_int_equal(chmod("one.key", 0600), 0);
}

static void test_tls_reload(void **state)
{
    (void)state;
    struct tls *tls = NULL;
    struct buf pin = {0};
    assert_int_equal(tls_new(&files, &tls, NULL), ERR_OK);
    tls_pin(tls, &pin);
    assert_int_equal(tls_reload(tls, NULL), ERR_OK);
    expect_pin(tls, (const char *)pin.data, true);
    /* of another key: all stays as it was */
    assert_int_equal(rename("two.pem", "one.pem"), 0);
    assert_int_equal(tls_reload(tls, NULL), ERR_IO);
    expect_pin(tls, (const char *)pin.data, true);
    assert_int_equal(rename("two.key", "one.key"), 0);
    assert_int_equal(tls_reload(tls, NULL), ERR_OK);
    expect_pin(tls, (const char *)pin.data, false);
    buf_free(&pin);
    tls_free(tls);
}

static void test_tls_open_and_courier_before_the_handshake(void **state)
{
    (void)state;
    struct tls *tls = NULL;
    struct courier courier = {.principal = "somebody"};
    struct event_base *base = event_base_new();
    assert_int_equal(tls_new(&files, &tls, NULL), ERR_OK);
    struct bufferevent *plain = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    struct bufferevent *secret = tls_accept(tls, base);
    assert_true(tls_open(plain));
    assert_false(tls_open(secret));
    assert_int_equal(tls_courier(tls, secret, &courier, NULL), ERR_OK);
    assert_string_equal(courier.principal, "");
    bufferevent_free(plain);
    bufferevent_free(secret);
    event_base_free(base);
    tls_free(tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tls_new_reads_its_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tls_new_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tls_new_refuses_a_key_for_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tls_reload, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tls_open_and_courier_before_the_handshake, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
