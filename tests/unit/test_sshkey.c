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
        "nonesuch " KEY_BASE64,
        "-----BEGIN OPENSSH PRIVATE KEY-----\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(from_text(texts[i]), ERR_INVALID);
}

static void test_sshkey_other_types(void **state)
{
    (void)state;
    static const char *const types[] = {
        "ecdsa-sha2-nistp384",
        "ssh-dss",
        "mldsa44-ed25519",
        "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com",
        "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
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

/* The type in front has to be that of the wire form. */
static void test_sshkey_from_text_two_types(void **state)
{
    (void)state;
    struct buf wire = {0}, text = {0};
    wire_of(&wire, "ssh-dss", "x", 1);
    buf_text(&text, "ssh-ed25519 ");
    buf_base64(&text, wire.data, wire.bytes);
    assert_int_equal(from_text((const char *)text.data), ERR_MEDIA_TYPE);
    assert_int_equal(from_text("ssh-dss " KEY_BASE64), ERR_MEDIA_TYPE);
    assert_int_equal(from_text("ssh-rsa " KEY_BASE64), ERR_INVALID);
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
        wire_of(&wire, "sk-ssh-ed25519@openssh.com", point, sizeof(point));
        buf_string(&wire, "ssh:", 4);
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, NULL), ERR_INVALID);
    }
    buf_free(&wire);
}

/* An RSA key of numbers given as bytes, and what is made of it. */
static enum err from_rsa(const char *exponent_hex, size_t modulus_bytes, uint8_t first,
                         uint8_t last, struct sshkey *ret)
{
    struct buf wire = {0}, exponent = {0}, modulus = {0};
    size_t bytes = strlen(exponent_hex) / 2;
    struct err_text why = {{0}};
    assert_true(bytes_from_hex(exponent_hex, buf_room(&exponent, bytes), bytes));
    memset(buf_room(&modulus, modulus_bytes), 0x5a, modulus_bytes);
    modulus.data[0] = first;
    modulus.data[modulus_bytes - 1] = last;
    wire_of(&wire, "ssh-rsa", exponent.data, exponent.bytes);
    buf_string(&wire, modulus.data, modulus.bytes);
    enum err err = sshkey_from_wire(wire.data, wire.bytes, ret, &why);
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    assert_true(err != ERR_OK ||
                (ret->wire_bytes == wire.bytes && memcmp(ret->wire, wire.data, wire.bytes) == 0));
    buf_free(&wire);
    buf_free(&exponent);
    buf_free(&modulus);
    return err;
}

static void test_sshkey_from_wire_rsa(void **state)
{
    (void)state;
    static const struct {
        const char *exponent;
        size_t modulus_bytes; /* with the zero in front, if there is one */
        uint8_t first, last;
        unsigned bits; /* 0: refused */
        enum err err;
    } cases[] = {
        {"010001", 384, 0x7f, 1, 0, ERR_MEDIA_TYPE}, /* 3071 bits */
        {"010001", 385, 0x00, 1, 0, ERR_INVALID},    /* a zero too many: 0x5a is positive */
        {"010001", 385, 0x01, 1, 3073, ERR_OK},
        {"010001", 512, 0x7f, 1, 4095, ERR_OK},
        {"010001", 1024, 0x7f, 1, 8191, ERR_OK},
        {"010001", 1025, 0x01, 1, 0, ERR_MEDIA_TYPE}, /* 8193 bits */
        {"010001", 2048, 0x7f, 1, 0, ERR_MEDIA_TYPE},
        {"010001", 256, 0x7f, 1, 0, ERR_MEDIA_TYPE}, /* 2047 bits */
        {"010001", 385, 0x81, 1, 0, ERR_INVALID},    /* negative */
        {"010001", 385, 0x01, 2, 0, ERR_INVALID},    /* even */
        {"03", 385, 0x01, 1, 3073, ERR_OK},
        {"00ffffffff", 385, 0x01, 1, 3073, ERR_OK},
        {"", 385, 0x01, 1, 0, ERR_INVALID},
        {"01", 385, 0x01, 1, 0, ERR_INVALID},
        {"02", 385, 0x01, 1, 0, ERR_INVALID},
        {"010000", 385, 0x01, 1, 0, ERR_INVALID},
        {"00010001", 385, 0x01, 1, 0, ERR_INVALID}, /* not in its shortest form */
        {"ff", 385, 0x01, 1, 0, ERR_INVALID},       /* negative */
        {"0100000001", 385, 0x01, 1, 0, ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sshkey key;
        assert_int_equal(from_rsa(cases[i].exponent, cases[i].modulus_bytes, cases[i].first,
                                  cases[i].last, &key),
                         cases[i].err);
        if (cases[i].err != ERR_OK)
            continue;
        assert_int_equal(key.type, SSHKEY_RSA);
        assert_int_equal(key.bits, cases[i].bits);
        assert_int_equal(key.modulus_bytes, (cases[i].bits + 7) / 8);
        assert_int_equal(key.wire[key.modulus_at], cases[i].first);
    }
}

/* The base point of P-256 (SP 800-186), which is as good a key as any. */
#define BASE_X "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
#define BASE_Y "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f"

static void test_sshkey_from_wire_p256(void **state)
{
    (void)state;
    static const struct {
        const char *curve, *point;
        enum err err;
    } cases[] = {
        {"nistp256", "04" BASE_X BASE_Y "5", ERR_OK},
        {"nistp384", "04" BASE_X BASE_Y "5", ERR_INVALID},
        {"nistp256", "04" BASE_X BASE_Y "4", ERR_INVALID}, /* off the curve */
        {"nistp256", "03" BASE_X, ERR_INVALID},            /* compressed */
        {"nistp256", "07" BASE_X BASE_Y "5", ERR_INVALID}, /* hybrid */
        {"nistp256", "00", ERR_INVALID},                   /* infinity */
        {"nistp256", "04" BASE_X BASE_Y "500", ERR_INVALID},
        {"nistp256", "", ERR_INVALID},
    };
    struct buf wire = {0};
    for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
        bool hardware = i % 2 == 1;
        uint8_t point[80];
        struct sshkey key;
        size_t bytes = strlen(cases[i / 2].point) / 2;
        assert_true(bytes_from_hex(cases[i / 2].point, point, bytes));
        wire_of(&wire, sshkey_type_name(hardware ? SSHKEY_SK_P256 : SSHKEY_P256),
                cases[i / 2].curve, 8);
        buf_string(&wire, point, bytes);
        if (hardware)
            buf_string(&wire, "ssh:", 4);
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, NULL), cases[i / 2].err);
        if (cases[i / 2].err == ERR_OK)
            assert_memory_equal(key.p256, point, sizeof(key.p256));
        buf_u8(&wire, 0);
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, NULL), ERR_INVALID);
    }
    buf_free(&wire);
}

static void test_sshkey_from_wire_application(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t bytes;
        enum err err;
    } cases[] = {
        {"ssh:", 4, ERR_OK},
        {"ssh:x", 5, ERR_OK},
        {"countersign.example", 19, ERR_OK},
        {"", 0, ERR_INVALID},
        {"ssh:\0x", 6, ERR_INVALID},
        {"ssh:\x1b", 5, ERR_INVALID},
        {"ssh:\n", 5, ERR_INVALID},
        {NULL, 255, ERR_OK},
        {NULL, 256, ERR_INVALID},
    };
    struct sshkey plain, key;
    struct buf wire = {0};
    char letters[256];
    memset(letters, 'a', sizeof(letters));
    assert_int_equal(sshkey_from_text(KEY_TEXT, &plain, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text != NULL ? cases[i].text : letters;
        uint8_t hash[HASH_BYTES];
        wire_of(&wire, "sk-ssh-ed25519@openssh.com", plain.ed25519, ED25519_KEY_BYTES);
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, NULL), ERR_INVALID);
        buf_string(&wire, text, cases[i].bytes);
        assert_int_equal(sshkey_from_wire(wire.data, wire.bytes, &key, NULL), cases[i].err);
        if (cases[i].err != ERR_OK)
            continue;
        crypto_hash_sha256(hash, (const uint8_t *)text, cases[i].bytes);
        assert_memory_equal(key.application, hash, HASH_BYTES);
        assert_memory_equal(key.ed25519, plain.ed25519, ED25519_KEY_BYTES);
        assert_true(sshkey_type_hardware(key.type));
    }
    buf_free(&wire);
}

static void test_sshkey_type_of_names(void **state)
{
    (void)state;
    for (enum sshkey_type type = 0; type < SSHKEY_TYPES; type++) {
        const char *name = sshkey_type_name(type);
        enum sshkey_type found = SSHKEY_TYPES;
        assert_true(sshkey_type_of((const uint8_t *)name, strlen(name), &found));
        assert_int_equal(found, type);
        assert_false(sshkey_type_of((const uint8_t *)name, strlen(name) - 1, &found));
    }
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
        cmocka_unit_test(test_sshkey_from_wire_rsa),
        cmocka_unit_test(test_sshkey_from_wire_p256),
        cmocka_unit_test(test_sshkey_from_wire_application),
        cmocka_unit_test(test_sshkey_type_of_names),
        cmocka_unit_test(test_sshkey_fingerprint_parse_reverse),
        cmocka_unit_test(test_sshkey_fingerprint_parse_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
