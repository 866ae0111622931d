#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "replay/mask.h"

static struct err_text why;

static void expect(const char *command, const char *value, const char *text, const char *wanted)
{
    struct mask *mask = NULL;
    struct buf buf = {0};
    assert_int_equal(mask_new(command, &mask, &why), ERR_OK);
    if (value != NULL)
        mask_value(mask, value);
    size_t covered = mask_add(mask, text, strlen(text), &buf);
    if (buf.bytes != strlen(wanted) || memcmp(buf.data, wanted, buf.bytes) != 0)
        fail_msg("'%s' gave '%s', not '%s'", text, (const char *)buf.data, wanted);
    assert_int_equal(covered > 0, strstr(wanted, MASK_TEXT) != NULL);
    buf_free(&buf);
    mask_free(mask);
}

static void test_mask_add_own_patterns(void **state)
{
    (void)state;
    expect("x\n# Mask: id=([0-9]+)\n", NULL, "id=42 ID=7\nid=x\n",
           "id=[masked] ID=[masked]\nid=x\n");
    expect("  #mask: [0-9]{4}-[0-9]{4}", NULL, "card 1234-5678.", "card [masked].");
    expect("# Mask: ^all$\n# Mask: b+", NULL, "all\nall b bb\n",
           "[masked]\nall [masked] [masked]\n");
    expect("echo '# no mask: a'\n", NULL, "a", "a");
    expect("# Mask: x*", NULL, "axxb", "a[masked]b");
}

static void test_mask_add_values(void **state)
{
    (void)state;
    expect("", "s3cr.t*", "a s3cr.t* b s3crxt* s3cr.t*s3cr.t*", "a [masked] b s3crxt* [masked]");
    expect("", "two\nlines", "two\nlines", "[masked]");
    expect("", "abc", "abc", "abc"); /* too short to be told from other text */
}

static void test_mask_add_what_the_command_gives_away(void **state)
{
    (void)state;
    expect("curl -u guest:sesame http://x", NULL, "hello sesame", "hello [masked]");
    expect("curl --user=guest:\"$PASS\" http://x", NULL, "hello $PASS", "hello $PASS");
    expect("psql postgres://app:hunter22@db/x", NULL, "at hunter22", "at [masked]");
    expect("curl -H 'Authorization: Bearer abcdefgh12'", NULL, "abcdefgh12", "[masked]");
}

static void test_mask_add_shapes(void **state)
{
    (void)state;
    expect("", NULL, "DB_PASSWORD=hunter2 ok", "DB_PASSWORD=[masked] ok");
    expect("", NULL, "{\"api_key\": \"abc\", \"a\": 1}", "{\"api_key\": \"[masked]\", \"a\": 1}");
    expect("", NULL, "Authorization: Bearer abc.def", "Authorization: Bearer [masked]");
    expect("", NULL, "https://me:pw@host/", "https://me:[masked]@host/");
    expect("", NULL, "key AKIAABCDEFGHIJKLMNOP!", "key [masked]!");
    expect("", NULL,
           "a\n-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\nb",
           "a\n[masked]\n[masked]\n[masked]\nb");
    expect("", NULL, "tokens are counted, 3 secrets", "tokens are counted, 3 secrets");
}

static void test_mask_add_makes_utf8(void **state)
{
    (void)state;
    struct mask *mask = NULL;
    struct buf buf = {0};
    assert_int_equal(mask_new("", &mask, &why), ERR_OK);
    mask_add(mask, "a\0b\xff\xc3\xa4", 6, &buf);
    assert_string_equal((const char *)buf.data, "a\xef\xbf\xbd"
                                                "b\xef\xbf\xbd\xc3\xa4");
    buf_free(&buf);
    assert_int_equal(mask_add(mask, "", 0, &buf), 0);
    buf_free(&buf);
    mask_free(mask);
}

static void test_mask_new_invalid(void **state)
{
    (void)state;
    struct mask *mask = NULL;
    assert_int_equal(mask_new("# Mask: (", &mask, &why), ERR_INVALID);
    assert_non_null(strstr(why.s, "# Mask: ("));
    assert_int_equal(mask_new("x\n# Mask:\n", &mask, &why), ERR_INVALID);
    static const char *const wild[] = {"# Mask: (a)\\1", "# Mask: a{1001}", "# Mask: (a{40}){40}",
                                       "# Mask: a{1,99999999999}", "# Mask: ((a{2,11}){11}){11}"};
    for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++)
        assert_int_equal(mask_new(wild[i], &mask, &why), ERR_INVALID);
    assert_null(mask);
    expect("# Mask: \\{a{3}b{2,}", NULL, "{aaabb", "[masked]");
}

static void test_mask_is_secret(void **state)
{
    (void)state;
    static const char *const secret[] = {"TOKEN",      "PGPASSWORD", "API_KEY",    "key",
                                         "GITHUB_PAT", "DB_PWD",     "MY_SECRET_2"};
    static const char *const open[] = {"TAG", "PWD", "KEYBOARD", "PATH", "MONKEY", "DIGEST"};
    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        assert_true(mask_is_secret(secret[i]));
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        assert_false(mask_is_secret(open[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mask_add_own_patterns),
        cmocka_unit_test(test_mask_add_values),
        cmocka_unit_test(test_mask_add_what_the_command_gives_away),
        cmocka_unit_test(test_mask_add_shapes),
        cmocka_unit_test(test_mask_add_makes_utf8),
        cmocka_unit_test(test_mask_new_invalid),
        cmocka_unit_test(test_mask_is_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
