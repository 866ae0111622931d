/* allowed_signers files: what is taken, what refuses the whole, and what is written. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/mem.h"
#include "ledger/signers.h"

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM"
#define OK_LINE "ok " KEY_B "\n"

static enum err parse(const char *text, struct signers *signers, struct err_text *why)
{
    why->s[0] = '\0';
    return signers_parse(text, strlen(text), signers, why);
}

static void test_signers_parse_taken(void **state)
{
    (void)state;
    static const struct {
        const char *text, *principal;
        size_t number;
    } cases[] = {
        {"ann " KEY_A, "ann", 1},
        {"ann " KEY_A "\n", "ann", 1},
        {"\n# x\n \t\n\r\nann " KEY_A "\r\n", "ann", 5},
        {"  \t ann \t " KEY_A " some comment \t\n\n", "ann", 1},
        {"\"ann\" " KEY_A "\n", "ann", 1},
        {"a.n+n@x:y-Z_9 " KEY_A "\n", "a.n+n@x:y-Z_9", 1},
        {"ann namespaces=\"event@countersign\" " KEY_A "\n", "ann", 1},
        {"ann NameSpaces=\"file,event@countersign,git\"  " KEY_A "\n", "ann", 1},
        {"ann namespaces=\"*\" " KEY_A "\n", "ann", 1},
        {"ann namespaces=\"event@*\" " KEY_A "\n", "ann", 1},
        {"ann namespaces=\"*@c?untersign\" " KEY_A "\n", "ann", 1},
        {"ann namespaces=\"!git,*v*t@*sign*\" " KEY_A "\n", "ann", 1},
        {"ann namespaces=\"a \\\"b\\\", c,event@countersign\" " KEY_A "\n", "ann", 1},
        {"ann namespaces=\"a\\b,event@countersign\" " KEY_A "\n", "ann", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct signers signers = {0};
        struct err_text why;
        if (parse(cases[i].text, &signers, &why) != ERR_OK)
            fail_msg("case %zu: %s", i, why.s);
        assert_int_equal(signers.count, 1);
        assert_string_equal(signers.lines[0].principal, cases[i].principal);
        assert_int_equal(signers.lines[0].number, cases[i].number);
        struct buf text = {0};
        sshkey_format(&signers.lines[0].key, &text);
        assert_string_equal((const char *)text.data, KEY_A);
        buf_free(&text);
        signers_free(&signers);
    }
}

static void test_signers_parse_several(void **state)
{
    (void)state;
    struct signers signers = {0};
    struct err_text why;
    assert_int_equal(parse("", &signers, &why), ERR_OK);
    assert_int_equal(signers.count, 0);
    signers_free(&signers);
    assert_int_equal(parse("ann " KEY_A "\nbob " KEY_B "\nann " KEY_A "\n", &signers, &why),
                     ERR_OK);
    assert_int_equal(signers.count, 3);
    assert_string_equal(signers.lines[1].principal, "bob");
    assert_int_equal(signers.lines[2].number, 3);
    signers_free(&signers);
}

static void test_signers_parse_refused(void **state)
{
    (void)state;
    static const struct {
        const char *line, *words;
        enum err err;
    } cases[] = {
        {"ann", "no key behind the principal", ERR_INVALID},
        {"ann  ", "no key behind the principal", ERR_INVALID},
        {"\"ann " KEY_A, "do not match", ERR_INVALID},
        {"\"ann\"" KEY_A, "do not match", ERR_INVALID},
        {"\"ann\"", "do not match", ERR_INVALID},
        {"\"\" " KEY_A, "cannot name", ERR_INVALID},
        {KEY_A, "", ERR_INVALID},
        {"ann,bob " KEY_A, "several principals", ERR_INVALID},
        {"\"ann,bob\" " KEY_A, "several principals", ERR_INVALID},
        {"a*n " KEY_A, "pattern", ERR_INVALID},
        {"a?n " KEY_A, "pattern", ERR_INVALID},
        {"!ann " KEY_A, "pattern", ERR_INVALID},
        {"a/n " KEY_A, "cannot name", ERR_INVALID},
        {"\xc3\xa4nn " KEY_A, "cannot name", ERR_INVALID},
        {"ledger " KEY_A, "none who can have keys", ERR_INVALID},
        {"amqp:x " KEY_A, "none who can have keys", ERR_INVALID},
        {"tls:x " KEY_A, "none who can have keys", ERR_INVALID},
        {"ann cert-authority " KEY_A, "certificates", ERR_INVALID},
        {"ann CERT-authority,namespaces=\"*\" " KEY_A, "certificates", ERR_INVALID},
        {"ann cert-authority", "certificates", ERR_INVALID},
        {"ann namespaces=\"git\" " KEY_A, "without event@countersign", ERR_INVALID},
        {"ann namespaces=\"\" " KEY_A, "without event@countersign", ERR_INVALID},
        {"ann namespaces=\"event@countersig\" " KEY_A, "without", ERR_INVALID},
        {"ann namespaces=\"event@countersign?\" " KEY_A, "without", ERR_INVALID},
        {"ann namespaces=\"event@countersign,!e*\" " KEY_A, "without", ERR_INVALID},
        {"ann namespaces=\"Event@countersign\" " KEY_A, "without", ERR_INVALID},
        {"ann namespaces=\"*\",namespaces=\"*\" " KEY_A, "twice", ERR_INVALID},
        {"ann namespaces=\"*\"namespaces=\"*\" " KEY_A, "commas", ERR_INVALID},
        {"ann namespaces=\"*\", " KEY_A, "no option", ERR_INVALID},
        {"ann namespaces=\"*\",", "commas", ERR_INVALID},
        {"ann namespaces=* " KEY_A, "in quotes", ERR_INVALID},
        {"ann namespaces=\"* " KEY_A, "not closed", ERR_INVALID},
        {"ann namespaces=\"*\\\" " KEY_A, "not closed", ERR_INVALID},
        {"ann namespaces=\"*\"", "no key behind the options", ERR_INVALID},
        {"ann valid-after=\"20260101\" " KEY_A, "no times", ERR_INVALID},
        {"ann Valid-Before=\"20260101Z\" " KEY_A, "no times", ERR_INVALID},
        {"ann no-touch-required,namespaces=\"*\" " KEY_A, "no option", ERR_INVALID},
        {"ann from=\"x\" " KEY_A, "no option", ERR_INVALID},
        {"ann ssh-foo AAAA", "known type", ERR_INVALID},
        {"ann ssh-ed25519 AAAA", "", ERR_INVALID},
        {"ann ssh-ed25519 !!!!", "base64", ERR_INVALID},
        {"ann ssh-rsa AAAA", "cut short", ERR_INVALID},
        {"ann ssh-dss AAAA", "not supported", ERR_MEDIA_TYPE},
        {"ann ecdsa-sha2-nistp384 AAAA", "not supported", ERR_MEDIA_TYPE},
        {"ann ssh-ed25519-cert-v01@openssh.com AAAA", "not supported", ERR_MEDIA_TYPE},
        {"ann " KEY_B, "beside ok in line 1", ERR_INVALID},
        {"ann\x01 " KEY_A, "control character (0x01)", ERR_INVALID},
        {"ann " KEY_A "\rx", "control character (0x0d)", ERR_INVALID},
        {"ann " KEY_A "\x1b[0m", "control character (0x1b)", ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct signers signers = {0};
        struct err_text why;
        struct buf text = {0};
        buf_printf(&text, OK_LINE "%s\n" OK_LINE, cases[i].line);
        enum err err = parse((const char *)text.data, &signers, &why);
        if (err != cases[i].err || strncmp(why.s, "line 2: ", 8) != 0 ||
            strstr(why.s, cases[i].words) == NULL || signers.count != 0)
            fail_msg("%s: %s, %s", cases[i].line, err_name(err), why.s);
        buf_free(&text);
    }
}

static void test_signers_parse_nul(void **state)
{
    (void)state;
    static const char text[] = "ann " KEY_A "\nbob\0 " KEY_B "\n";
    struct signers signers = {0};
    struct err_text why = {""};
    assert_int_equal(signers_parse(text, sizeof(text) - 1, &signers, &why), ERR_INVALID);
    assert_string_equal(why.s, "line 2: it has a control character (0x00)");
}

static void test_signers_parse_too_big(void **state)
{
    (void)state;
    struct signers signers = {0};
    struct err_text why;
    struct buf text = {0};
    buf_printf(&text, OK_LINE "ann " KEY_A " %0*d\n", SIGNERS_LINE_BYTES_MAX, 0);
    assert_int_equal(parse((const char *)text.data, &signers, &why), ERR_TOO_BIG);
    assert_non_null(strstr(why.s, "line 2: it has more than 8192 bytes"));
    buf_clear(&text);
    while (text.bytes <= SIGNERS_BYTES_MAX)
        buf_text(&text, "#\n");
    assert_int_equal(parse((const char *)text.data, &signers, &why), ERR_TOO_BIG);
    buf_clear(&text);
    for (int i = 0; i <= SIGNERS_LINES_MAX; i++)
        buf_text(&text, OK_LINE);
    assert_int_equal(parse((const char *)text.data, &signers, &why), ERR_TOO_BIG);
    assert_non_null(strstr(why.s, "line 8193: there are more than 8192 keys"));
    text.bytes -= strlen(OK_LINE);
    text.data[text.bytes] = '\0';
    assert_int_equal(parse((const char *)text.data, &signers, &why), ERR_OK);
    assert_int_equal(signers.count, SIGNERS_LINES_MAX);
    signers_free(&signers);
    buf_free(&text);
}

static void test_signers_format_bounds(void **state)
{
    (void)state;
    static const struct {
        int64_t from_us, to_us;
        const char *options;
    } cases[] = {
        {-1, -1, ""},
        {0, -1, ""},
        {999999, -1, ""},
        {1767225600000000, -1, ",valid-after=\"20260101000000Z\""},
        {-1, 1767225600999999, ",valid-before=\"20260101000000Z\""},
        {1767225600000000, 1767225600999999,
         ",valid-after=\"20260101000000Z\",valid-before=\"20260101000001Z\""},
        {0, 0, ",valid-before=\"19700101000001Z\""},
    };
    struct sshkey key;
    assert_int_equal(sshkey_from_text(KEY_A, &key, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf text = {0}, want = {0};
        signers_format("ann", &key, cases[i].from_us, cases[i].to_us, &text);
        buf_printf(&want, "ann namespaces=\"event@countersign\"%s " KEY_A "\n", cases[i].options);
        assert_string_equal((const char *)text.data, (const char *)want.data);
        buf_free(&text);
        buf_free(&want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signers_parse_taken),   cmocka_unit_test(test_signers_parse_several),
        cmocka_unit_test(test_signers_parse_refused), cmocka_unit_test(test_signers_parse_nul),
        cmocka_unit_test(test_signers_parse_too_big), cmocka_unit_test(test_signers_format_bounds),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
