/* Signatures of every type of key: ssh-keygen's own, and those of security keys made in software,
 * held against ssh-keygen -Y verify wherever it has a say. */
#include "tests/unit/softkey_kit.h"

#define APPLICATION "ssh:"
#define MESSAGE "{\"specversion\":\"1.0\"}"
#define COUNTER 0x12345678u

static enum err check(const struct buf *blob, const char *message)
{
    struct sshsig sig;
    enum err err = sshsig_parse(blob->data, blob->bytes, &sig, NULL);
    return err != ERR_OK ? err : sshsig_check(&sig, message, strlen(message));
}

/* A good signature of ${type} over MESSAGE: ssh-keygen's for RSA, else by a key made here. */
static void sign_any(enum sshkey_type type, struct buf *ret_blob)
{
    struct softkey key;
    struct buf armored = {0};
    if (type == SSHKEY_RSA) {
        sign("rsa", SSHSIG_NAMESPACE, "sha512", MESSAGE, &armored);
        unarmor(&armored, ret_blob);
        buf_free(&armored);
        return;
    }
    softkey_make(type, APPLICATION, &key);
    softkey_sign(&key, APPLICATION, MESSAGE, SSHSIG_TOUCHED, COUNTER, ret_blob);
    softkey_free(&key);
}

static int make_keys(void **state)
{
    if (make_folder(state) != 0)
        return -1;
    return !have_keygen || (KEYGEN(NULL, "-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f",
                                   path_of("ec")) == 0 &&
                            KEYGEN(NULL, "-q", "-t", "rsa", "-b", "3072", "-N", "", "-f",
                                   path_of("rsa")) == 0)
               ? 0
               : -1;
}

static void test_sshsig_check_of_keygen(void **state)
{
    (void)state;
    static const struct {
        const char *file, *hash;
        enum sshkey_type type;
    } cases[] = {
        {"key", "sha256", SSHKEY_ED25519}, {"key", "sha512", SSHKEY_ED25519},
        {"ec", "sha256", SSHKEY_P256},     {"ec", "sha512", SSHKEY_P256},
        {"rsa", "sha256", SSHKEY_RSA},     {"rsa", "sha512", SSHKEY_RSA},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf armored = {0}, blob = {0}, public_key = {0};
        char file[16];
        struct sshsig sig;
        struct sshkey key;
        sign(cases[i].file, SSHSIG_NAMESPACE, cases[i].hash, MESSAGE, &armored);
        unarmor(&armored, &blob);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_OK);
        assert_int_equal(sig.key.type, cases[i].type);
        assert_int_equal(sig.flags, 0);
        assert_int_equal(sshsig_check(&sig, MESSAGE, strlen(MESSAGE)), ERR_OK);
        assert_int_equal(sshsig_check(&sig, "other", 5), ERR_UNAUTHENTICATED);
        snprintf(file, sizeof(file), "%s.pub", cases[i].file);
        read_file(file, &public_key);
        assert_int_equal(sshkey_from_text((const char *)public_key.data, &key, NULL), ERR_OK);
        assert_memory_equal(key.id, sig.key.id, KEY_ID_BYTES);
        buf_free(&armored);
        buf_free(&blob);
        buf_free(&public_key);
    }
}

/* Whatever was touched or typed, the signature is good; what it says of that is kept. */
static void test_sshsig_check_security_keys(void **state)
{
    (void)state;
    static const enum sshkey_type types[] = {SSHKEY_SK_ED25519, SSHKEY_SK_P256};
    static const char *const applications[] = {"ssh:", "ssh:countersign"};
    static const uint8_t flags[] = {0, SSHSIG_TOUCHED, SSHSIG_VERIFIED,
                                    SSHSIG_TOUCHED | SSHSIG_VERIFIED};
    for (size_t i = 0; i < 16; i++) {
        const char *application = applications[i / 2 % 2];
        struct softkey key;
        struct buf blob = {0};
        struct sshsig sig;
        softkey_make(types[i % 2], application, &key);
        softkey_sign(&key, application, MESSAGE, flags[i / 4], COUNTER, &blob);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_OK);
        assert_int_equal(sig.key.type, types[i % 2]);
        assert_int_equal(sig.flags, flags[i / 4]);
        assert_int_equal(sig.counter, COUNTER);
        assert_int_equal(sshsig_check(&sig, MESSAGE, strlen(MESSAGE)), ERR_OK);
        assert_int_equal(sshsig_check(&sig, "other", 5), ERR_UNAUTHENTICATED);
        assert_true(keygen_verifies(&sig.key, &blob, MESSAGE));
        sig.counter++;
        assert_int_equal(sshsig_check(&sig, MESSAGE, strlen(MESSAGE)), ERR_UNAUTHENTICATED);
        sig.counter--;
        sig.flags ^= SSHSIG_TOUCHED;
        assert_int_equal(sshsig_check(&sig, MESSAGE, strlen(MESSAGE)), ERR_UNAUTHENTICATED);
        softkey_free(&key);
        buf_free(&blob);
    }
}

/* What a security key signs is nothing that the same key would sign without a device. */
static void test_sshsig_check_security_key_plain(void **state)
{
    (void)state;
    struct softkey key;
    struct buf blob = {0}, raw = {0}, rest = {0};
    softkey_make(SSHKEY_SK_ED25519, APPLICATION, &key);
    const struct softkey_blob form = {.type = sshkey_type_name(key.type), .wire = &key.wire};
    key.type = SSHKEY_ED25519;
    softkey_raw(&key, APPLICATION, MESSAGE, 0, 0, &raw, &rest);
    buf_u8(&rest, SSHSIG_TOUCHED);
    buf_u32(&rest, 1);
    softkey_wrap(&form, &raw, &rest, &blob);
    assert_int_equal(check(&blob, MESSAGE), ERR_UNAUTHENTICATED);
    softkey_free(&key);
    buf_free(&blob);
    buf_free(&raw);
    buf_free(&rest);
}

static void test_sshsig_every_bit_flipped(void **state)
{
    (void)state;
    for (enum sshkey_type type = 0; type < SSHKEY_TYPES; type++) {
        struct buf blob = {0};
        sign_any(type, &blob);
        assert_int_equal(check(&blob, MESSAGE), ERR_OK);
        for (size_t bit = 0; bit < 8 * blob.bytes; bit++) {
            blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            enum err err = check(&blob, MESSAGE);
            assert_true(err == ERR_INVALID || err == ERR_MEDIA_TYPE || err == ERR_UNAUTHENTICATED);
            blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        buf_free(&blob);
    }
}

static void test_sshsig_parse_cut_or_longer(void **state)
{
    (void)state;
    for (enum sshkey_type type = 0; type < SSHKEY_TYPES; type++) {
        struct buf blob = {0};
        struct sshsig sig;
        sign_any(type, &blob);
        for (size_t bytes = 0; bytes < blob.bytes; bytes++)
            assert_int_equal(sshsig_parse(blob.data, bytes, &sig, NULL), ERR_INVALID);
        buf_u8(&blob, 0);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_INVALID);
        buf_free(&blob);
    }
}

/* Each quirk that ssh-keygen may take has words of its own. */
static void test_sshsig_parse_quirks(void **state)
{
    (void)state;
    static const struct {
        struct softkey_blob form;
        const char *says;
        enum err err;
        bool by_keygen; /* stock ssh-keygen takes it */
    } cases[] = {
        {{.version = 1}, "", ERR_OK, true},
        {{.version = 2}, "version 2", ERR_INVALID, false},
        {{.reserved = "x"}, "`reserved`", ERR_INVALID, true},
        {{.trailing = "x"}, "behind the SSH signature", ERR_INVALID, false},
        {{.behind = "x"}, "bytes behind its end", ERR_INVALID, false},
        {{.name = "file"}, "-n event@countersign", ERR_INVALID, false},
        {{.name = "Event@countersign"}, "-n event@countersign", ERR_INVALID, false},
        {{.hash = "sha1"}, "sha256 or sha512", ERR_INVALID, false},
        {{.hash = "SHA512"}, "sha256 or sha512", ERR_INVALID, false},
        {{.type = "sk-ssh-ed25519@openssh.com"}, "not of its key's type", ERR_INVALID, false},
        {{.type = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"},
         "WebAuthn",
         ERR_MEDIA_TYPE,
         false},
    };
    struct softkey key;
    struct buf raw = {0};
    softkey_make(SSHKEY_ED25519, NULL, &key);
    softkey_raw(&key, NULL, MESSAGE, 0, 0, &raw, &(struct buf){0});
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct softkey_blob form = cases[i].form;
        struct buf blob = {0};
        struct sshsig sig;
        struct sshkey public;
        struct err_text why = {""};
        form.wire = &key.wire;
        form.type = form.type != NULL ? form.type : "ssh-ed25519";
        softkey_wrap(&form, &raw, NULL, &blob);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, &why), cases[i].err);
        assert_non_null(strstr(why.s, cases[i].says));
        assert_int_equal(sshkey_from_wire(key.wire.data, key.wire.bytes, &public, NULL), ERR_OK);
        assert_int_equal(keygen_verifies(&public, &blob, MESSAGE), cases[i].by_keygen);
        buf_free(&blob);
    }
    softkey_free(&key);
    buf_free(&raw);
}

/* The signature's string of a key of P-256, as two numbers written in any way. */
static enum err parse_numbers(const struct softkey *key, const struct buf *numbers)
{
    const struct softkey_blob form = {.type = sshkey_type_name(key->type), .wire = &key->wire};
    struct buf blob = {0};
    struct sshsig sig;
    softkey_wrap(&form, numbers, NULL, &blob);
    enum err err = sshsig_parse(blob.data, blob.bytes, &sig, NULL);
    buf_free(&blob);
    return err;
}

static void test_sshsig_parse_p256_numbers(void **state)
{
    (void)state;
    /* Each is a wire string, in hex; `good` is 1, `order` n, `below` n-1. */
#define ORDER_BUT_LAST "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325"
    static const char good[] = "0000000101", below[] = "0000002100" ORDER_BUT_LAST "50";
    static const char *const bad[] = {
        "00000000",                       /* zero */
        "0000000100",                     /* zero, not in its shortest form */
        "000000020001",                   /* a zero too many */
        "00000001ff",                     /* negative */
        "0000002100" ORDER_BUT_LAST "51", /* the order */
        "0000002100ff" ORDER_BUT_LAST,    /* above it */
        "0000002101" ORDER_BUT_LAST "50", /* 33 bytes */
        "00000020" ORDER_BUT_LAST "50",   /* negative */
    };
    const char *pairs[2 * sizeof(bad) / sizeof(bad[0]) + 2][2] = {{good, below}, {below, good}};
    struct softkey key;
    size_t count = 2;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        pairs[count][0] = bad[i];
        pairs[count++][1] = good;
        pairs[count][0] = good;
        pairs[count++][1] = bad[i];
    }
    softkey_make(SSHKEY_P256, NULL, &key);
    for (size_t i = 0; i < count; i++) {
        struct buf numbers = {0};
        for (size_t j = 0; j < 2; j++) {
            size_t bytes = strlen(pairs[i][j]) / 2;
            assert_true(bytes_from_hex(pairs[i][j], buf_room(&numbers, bytes), bytes));
        }
        assert_int_equal(parse_numbers(&key, &numbers), i < 2 ? ERR_OK : ERR_INVALID);
        buf_u8(&numbers, 0);
        assert_int_equal(parse_numbers(&key, &numbers), ERR_INVALID);
        buf_free(&numbers);
    }
    softkey_free(&key);
}

/* ssh-keygen makes s as it comes, above half of the order or below: both are good. */
static void test_sshsig_check_p256_negated(void **state)
{
    (void)state;
    static const char order_hex[] = ORDER_BUT_LAST "51";
    static const enum sshkey_type types[] = {SSHKEY_P256, SSHKEY_SK_P256};
    uint8_t order[P256_SCALAR_BYTES];
    assert_true(bytes_from_hex(order_hex, order, sizeof(order)));
    for (size_t i = 0; i < 2; i++) {
        struct softkey key;
        struct buf blob = {0}, raw = {0}, rest = {0};
        struct sshsig sig;
        softkey_make(types[i], APPLICATION, &key);
        const struct softkey_blob form = {.type = sshkey_type_name(key.type), .wire = &key.wire};
        softkey_sign(&key, APPLICATION, MESSAGE, SSHSIG_TOUCHED, COUNTER, &blob);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_OK);
        uint8_t *s = sig.signature + P256_SCALAR_BYTES;
        for (int at = P256_SCALAR_BYTES - 1, borrow = 0; at >= 0; at--) {
            int digit = order[at] - s[at] - borrow;
            borrow = digit < 0;
            s[at] = (uint8_t)digit;
        }
        assert_int_equal(sshsig_check(&sig, MESSAGE, strlen(MESSAGE)), ERR_OK);
        buf_mpint(&raw, sig.signature, P256_SCALAR_BYTES);
        buf_mpint(&raw, s, P256_SCALAR_BYTES);
        if (sshkey_type_hardware(key.type)) {
            buf_u8(&rest, SSHSIG_TOUCHED);
            buf_u32(&rest, COUNTER);
        }
        buf_clear(&blob);
        softkey_wrap(&form, &raw, &rest, &blob);
        assert_int_equal(check(&blob, MESSAGE), ERR_OK);
        assert_true(keygen_verifies(&sig.key, &blob, MESSAGE));
        softkey_free(&key);
        buf_free(&blob);
        buf_free(&raw);
        buf_free(&rest);
    }
}

/* RSA is SHA-512 alone, though ssh-keygen takes SHA-256 as well. */
static void test_sshsig_parse_rsa_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        size_t bytes;
        enum err err;
        const char *says;
    } cases[] = {
        {"rsa-sha2-512", 384, ERR_OK, ""},
        {"rsa-sha2-512", 383, ERR_INVALID, "384 bytes"},
        {"rsa-sha2-512", 385, ERR_INVALID, "384 bytes"},
        {"rsa-sha2-256", 384, ERR_MEDIA_TYPE, "rsa-sha2-256"},
        {"ssh-rsa", 384, ERR_MEDIA_TYPE, "type ssh-rsa"},
        {"ssh-ed25519", 64, ERR_INVALID, "rsa-sha2-512"},
    };
    static const uint8_t zeros[400];
    struct buf public_key = {0};
    struct sshkey key;
    if (!have_keygen)
        skip();
    read_file("rsa.pub", &public_key);
    assert_int_equal(sshkey_from_text((const char *)public_key.data, &key, NULL), ERR_OK);
    assert_int_equal(key.bits, 3072);
    const struct buf wire = {.data = key.wire, .bytes = key.wire_bytes};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct softkey_blob form = {.type = cases[i].type, .wire = &wire};
        struct buf blob = {0}, raw = {0};
        struct sshsig sig;
        struct err_text why = {""};
        buf_add(&raw, zeros, cases[i].bytes);
        softkey_wrap(&form, &raw, NULL, &blob);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, &why), cases[i].err);
        assert_non_null(strstr(why.s, cases[i].says));
        buf_free(&blob);
        buf_free(&raw);
    }
    buf_free(&public_key);
}

/* A certificate in the place of the key. */
static void test_sshsig_parse_certificate(void **state)
{
    (void)state;
    static const char type[] = "ssh-ed25519-cert-v01@openssh.com";
    struct softkey key;
    struct buf blob = {0}, raw = {0}, wire = {0};
    struct sshsig sig;
    struct err_text why = {""};
    softkey_make(SSHKEY_ED25519, NULL, &key);
    softkey_raw(&key, NULL, MESSAGE, 0, 0, &raw, &(struct buf){0});
    buf_string(&wire, type, strlen(type));
    buf_add(&wire, key.wire.data, key.wire.bytes);
    const struct softkey_blob form = {.type = "ssh-ed25519", .wire = &wire};
    softkey_wrap(&form, &raw, NULL, &blob);
    assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, &why), ERR_MEDIA_TYPE);
    assert_non_null(strstr(why.s, "certificates are not supported"));
    softkey_free(&key);
    buf_free(&blob);
    buf_free(&raw);
    buf_free(&wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sshsig_check_of_keygen),
        cmocka_unit_test(test_sshsig_check_security_keys),
        cmocka_unit_test(test_sshsig_check_security_key_plain),
        cmocka_unit_test(test_sshsig_every_bit_flipped),
        cmocka_unit_test(test_sshsig_parse_cut_or_longer),
        cmocka_unit_test(test_sshsig_parse_quirks),
        cmocka_unit_test(test_sshsig_parse_p256_numbers),
        cmocka_unit_test(test_sshsig_check_p256_negated),
        cmocka_unit_test(test_sshsig_parse_rsa_types),
        cmocka_unit_test(test_sshsig_parse_certificate),
    };
    return cmocka_run_group_tests(tests, make_keys, remove_folder);
}
