#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "ingest/head.h"

#define HEADERS_MAX 5

/* A request with these headers ("Name:value"), as libevent has parsed them. */
struct sent {
    enum evhttp_cmd_type type;
    int major, minor;
    const char *headers[HEADERS_MAX];
};

static enum err check(const struct sent *sent, struct err_text *ret_why)
{
    struct evhttp_request *request = evhttp_request_new(NULL, NULL);
    assert_non_null(request);
    request->type = sent->type;
    request->major = (char)sent->major;
    request->minor = (char)sent->minor;
    for (size_t i = 0; i < HEADERS_MAX && sent->headers[i] != NULL; i++) {
        const char *colon = strchr(sent->headers[i], ':');
        struct evkeyval *header = mem_zero(1, sizeof(*header));
        header->key = mem_text_n(sent->headers[i], (size_t)(colon - sent->headers[i]));
        header->value = mem_text(colon + 1);
        TAILQ_INSERT_TAIL(request->input_headers, header, next);
    }
    enum err err = head_check(request, ret_why);
    evhttp_request_free(request);
    return err;
}

static void assert_good(struct sent sent)
{
    struct err_text why = {""};
    enum err err = check(&sent, &why);
    if (err != ERR_OK)
        fail_msg("%s", why.s);
}

static void assert_refused(struct sent sent, enum err expected, const char *words)
{
    struct err_text why = {""};
    assert_int_equal(check(&sent, &why), expected);
    if (strstr(why.s, words) == NULL)
        fail_msg("'%s' does not say '%s'", why.s, words);
}

/* A POST of HTTP/1.1 with a Host and these. */
#define POST(...) ((struct sent){EVHTTP_REQ_POST, 1, 1, {"Host:x", __VA_ARGS__}})

static void test_head_check_good(void **state)
{
    (void)state;
    assert_good((struct sent){EVHTTP_REQ_GET, 1, 1, {"host:x"}});
    assert_good((struct sent){EVHTTP_REQ_GET, 1, 0, {NULL}});
    assert_good((struct sent){EVHTTP_REQ_HEAD, 1, 1, {"Host:", "Content-Length:0"}});
    assert_good(POST("Content-Length:12", "ce-subject:a\tb \xc3\xa4", "ce-id:1", "ce-id:2"));
    assert_good(POST("transfer-encoding:Chunked"));
    assert_good(POST("Content-Encoding:identity", "X!#$%&'*+-.^_`|~9:"));
}

static void test_head_check_names(void **state)
{
    (void)state;
    static const char *const bad[] = {
        ":v",          "ce-id :v", " ce-id:v", "a b:v", "\xc3\xa4:v", "a\x01:v",           "a(b):v",
        "ce-\"id\":v", "a\t:v",    "a\x7f:v",  "a/b:v", "a@b:v",      "Content-Length :5", "a,b:v"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(POST(bad[i]), ERR_INVALID, "is no name of a header");
}

static void test_head_check_values(void **state)
{
    (void)state;
    for (int byte = 1; byte < 0x21; byte++) {
        char header[] = {'a', ':', 'b', (char)(byte == 0x20 ? 0x7f : byte), 'c', '\0'};
        if (byte == '\t')
            continue;
        assert_refused(POST(header), ERR_INVALID, "has a control character");
    }
}

static void test_head_check_twice(void **state)
{
    (void)state;
    static const char *const twice[][2] = {
        {"Content-Length:1", "content-length:1"},
        {"Content-Type:a/b", "CONTENT-TYPE:a/c"},
        {"Authorization:Bearer a", "authorization:Bearer b"},
        {"Transfer-Encoding:chunked", "Transfer-Encoding:chunked"},
        {"Content-Encoding:identity", "Content-Encoding:gzip"},
        {"X:y", "HOST:z"},
    };
    for (size_t i = 0; i < sizeof(twice) / sizeof(twice[0]); i++)
        assert_refused(POST(twice[i][0], twice[i][1]), ERR_INVALID, "more than one");
}

static void test_head_check_framing(void **state)
{
    (void)state;
    static const char *const lengths[] = {
        "Content-Length:",   "Content-Length:+5",  "Content-Length:-1", "Content-Length:5, 5",
        "Content-Length: 5", "Content-Length:0x5", "Content-Length:5\t"};
    static const char *const codings[] = {"Transfer-Encoding:gzip",
                                          "Transfer-Encoding:gzip, chunked",
                                          "Transfer-Encoding:",
                                          "Transfer-Encoding: chunked",
                                          "Transfer-Encoding:chunked, chunked",
                                          "Transfer-Encoding:identity"};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        assert_refused(POST(lengths[i]), ERR_INVALID, "not decimal digits");
    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++)
        assert_refused(POST(codings[i]), ERR_INVALID, "not chunked, alone");
    assert_refused(POST("Content-Length:5", "Transfer-Encoding:chunked"), ERR_INVALID,
                   "a Transfer-Encoding and a Content-Length");
}

static void test_head_check_bodiless(void **state)
{
    (void)state;
    assert_refused((struct sent){EVHTTP_REQ_HEAD, 1, 1, {"Host:x", "Content-Length:1"}},
                   ERR_INVALID, "has no body");
    assert_refused((struct sent){EVHTTP_REQ_TRACE, 1, 1, {"Host:x", "Transfer-Encoding:chunked"}},
                   ERR_INVALID, "has no body");
    assert_good((struct sent){EVHTTP_REQ_GET, 1, 1, {"Host:x", "Content-Length:1"}});
}

static void test_head_check_version_and_host(void **state)
{
    (void)state;
    assert_refused((struct sent){EVHTTP_REQ_GET, 1, 1, {"X:y"}}, ERR_INVALID, "no header Host");
    assert_refused((struct sent){EVHTTP_REQ_GET, 0, 9, {"Host:x"}}, ERR_INVALID, "HTTP 1.1");
    assert_refused((struct sent){EVHTTP_REQ_GET, 1, -1, {"Host:x"}}, ERR_INVALID, "HTTP 1.1");
    assert_good((struct sent){EVHTTP_REQ_GET, 1, 2, {"Host:x"}});
    assert_refused((struct sent){EVHTTP_REQ_GET, 1, 2, {NULL}}, ERR_INVALID, "no header Host");
}

static void test_head_check_encoding(void **state)
{
    (void)state;
    assert_refused(POST("Content-Encoding:gzip"), ERR_MEDIA_TYPE, "Content-Encoding");
    assert_refused(POST("content-encoding:identity, gzip"), ERR_MEDIA_TYPE, "Content-Encoding");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_head_check_good),
        cmocka_unit_test(test_head_check_names),
        cmocka_unit_test(test_head_check_values),
        cmocka_unit_test(test_head_check_twice),
        cmocka_unit_test(test_head_check_framing),
        cmocka_unit_test(test_head_check_bodiless),
        cmocka_unit_test(test_head_check_version_and_host),
        cmocka_unit_test(test_head_check_encoding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
