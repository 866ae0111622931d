#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/sshkey.h"

/* Made by ssh-keygen; the fingerprint is what its -l prints. */
#define KEY_BASE64 "AAAAC3NzaC1lZDI1NTE5AAAAIDhc8bFO311pdIA6M4UAczb2PgSg6NDLCtt672FkTvPK"
#define KEY_TEXT "ssh-ed25519 " KEY_BASE64
#define FINGERPRINT "SHA256:14aBn5zP1f5SvYHho0zveGwG7Uu0zVm/oy0x0/7j1v0"

static enum err from_text(const char *text)
{
    struct sshkey key;
    struct err_text why = {{0}};
    enum err err = sshkey_from_text(text, &key, &why);
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    return err;
}

static void wire_of(struct buf *wire, const char *type, const void *key, size_t key_bytes)
{
    buf_clear(wire);
    buf_string(wire, type, strlen(type));
    buf_string(wire, key, key_bytes);
}

static void test_sshkey_from_text_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {
        KEY_TEXT,           KEY_TEXT "\n",     KEY_TEXT " anna@example.com\n",
        KEY_TEXT " a b c ", KEY_TEXT " c\r\n", "ssh-ed25519\t " KEY_BASE64 "\tx",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct sshkey key;
        struct buf text = {0};
        char fingerprint[SSHKEY_FINGERPRINT_BYTES];
        assert_int_equal(sshkey_from_text(texts[i], &key, NULL), ERR_OK);
        sshkey_fingerprint(key.id, fingerprint);
        assert_string_equal(fingerprint, FINGERPRINT);
        sshkey_format(&key, &text);
        assert_string_equal((const char *)text.data, KEY_TEXT);
        buf_free(&text);
    }
}

static void test_sshkey_from_text_invalid(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n",
        "ssh-ed25519",
        "ssh-ed25519 ",
        " " KEY_TEXT,
        KEY_TEXT "\n" KEY_TEXT,
        KEY_TEXT "\n\n",
        KEY_TEXT "=",
        KEY_TEXT "AAAA",
        "ssh-ed25519 AAAA",
        "ssh-ed25519 *",
        "ssh-ed25519" KEY_BASE64,
        "SSH-ED25519 " KEY_BASE64,
        "restrict " KEY_TEXT,
        "mldsa44-ed25519 " KEY_BASE64,
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(from_text(texts[i]), ERR_INVALID);
}

static void test_sshkey_other_types(void **state)
{
    (void)state;
    static const char *const types[] = {
        "ecdsa-sha2-nistp256",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-rsa",
        "ssh-ed25519-cert-v01@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
    };
    struct buf wire = {0}, text = {0};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct sshkey key;
        struct err_text why = {{0}};
        wire_of(&wire, types[i], "x", 1);
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, &why), ERR_MEDIA_TYPE);
        assert_non_null(
            strstr(why.s, strstr(types[i], "cert") != NULL ? "certificates" : types[i]));
        buf_clear(&text);
        buf_printf(&text, "%s ", types[i]);
        buf_base64(&text, wire.data, wire.bytes);
        assert_int_equal(from_text((const char *)text.data), ERR_MEDIA_TYPE);
    }
    buf_free(&wire);
    buf_free(&text);
}

/* The type in front is that of the wire form, which alone counts. */
static void test_sshkey_from_text_two_types(void **state)
{
    (void)state;
    struct buf wire = {0}, text = {0};
    wire_of(&wire, "ssh-rsa", "x", 1);
    buf_text(&text, "ssh-ed25519 ");
    buf_base64(&text, wire.data, wire.bytes);
    assert_int_equal(from_text((const char *)text.data), ERR_MEDIA_TYPE);
    assert_int_equal(from_text("ssh-rsa " KEY_BASE64), ERR_MEDIA_TYPE);
    buf_free(&wire);
    buf_free(&text);
}

static void test_sshkey_from_wire_lengths(void **state)
{
    (void)state;
    struct sshkey key, again;
    assert_int_equal(sshkey_from_text(KEY_TEXT, &key, NULL), ERR_OK);
    assert_int_equal(sshkey_from_wire(key.wire, key.wire_bytes, &again, NULL), ERR_OK);
    assert_memory_equal(&key, &again, sizeof(key));
    sshkey_from_ed25519(key.ed25519, &again);
    assert_memory_equal(&key, &again, sizeof(key));
    for (size_t bytes = 0; bytes < key.wire_bytes; bytes++)
        assert_int_equal(sshkey_from_wire(key.wire, bytes, &again, NULL), ERR_INVALID);
    key.wire[key.wire_bytes] = 0;
    assert_int_equal(sshkey_from_wire(key.wire, key.wire_bytes + 1, &again, NULL), ERR_INVALID);
    for (size_t bit = 0; bit < 8 * 19; bit++) { /* lengths and type */
        key.wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(sshkey_from_wire(key.wire, key.wire_bytes, &again, NULL), ERR_OK);
        key.wire[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void test_sshkey_from_wire_small_order(void **state)
{
    (void)state;
    /* The points of order 1, 2, 4, 4, 8, 8, 8, 8 (RFC 7748 7, libsodium), and 1 written as p + 1.
     */
    static const char *const points[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    struct buf wire = {0};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        struct sshkey key;
        uint8_t point[ED25519_KEY_BYTES];
        assert_true(bytes_from_hex(points[i], point, sizeof(point)));
        wire_of(&wire, "ssh-ed25519", point, sizeof(point));
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, NULL), ERR_INVALID);
    }
    buf_free(&wire);
}

static void test_sshkey_fingerprint_parse_reverse(void **state)
{
    (void)state;
    uint8_t id[KEY_ID_BYTES], back[KEY_ID_BYTES];
    char text[SSHKEY_FINGERPRINT_BYTES];
    for (unsigned round = 0; round < 256; round++) {
        for (size_t i = 0; i < sizeof(id); i++)
            id[i] = (uint8_t)(round + i * 37);
        sshkey_fingerprint(id, text);
        assert_int_equal(sshkey_fingerprint_parse(text, back), ERR_OK);
        assert_memory_equal(id, back, sizeof(id));
    }
}

static void test_sshkey_fingerprint_parse_invalid(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "SHA256:",
        "sha256:"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "MD5:"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAA",
        FINGERPRINT "=",
        "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh\xff",
        "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh",
        "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9",
        "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdH_8",
        "SHA256:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=",
    };
    uint8_t id[KEY_ID_BYTES];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(sshkey_fingerprint_parse(texts[i], id), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sshkey_from_text_forms),
        cmocka_unit_test(test_sshkey_from_text_invalid),
        cmocka_unit_test(test_sshkey_other_types),
        cmocka_unit_test(test_sshkey_from_text_two_types),
        cmocka_unit_test(test_sshkey_from_wire_lengths),
        cmocka_unit_test(test_sshkey_from_wire_small_order),
        cmocka_unit_test(test_sshkey_fingerprint_parse_reverse),
        cmocka_unit_test(test_sshkey_fingerprint_parse_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
