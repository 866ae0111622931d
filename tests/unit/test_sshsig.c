#include "tests/unit/keygen_kit.h"

#define HEADER "-----BEGIN SSH SIGNATURE-----"
#define FOOTER "-----END SSH SIGNATURE-----"

static void test_sshsig_of_keygen(void **state)
{
    (void)state;
    static const char *const hashes[] = {"sha256", "sha512"};
    static const char *const messages[] = {"", "{}", "event \xe2\x82\xac\n"};
    for (size_t i = 0; i < 6; i++) {
        const char *message = messages[i % 3];
        struct buf armored = {0}, blob = {0}, again = {0}, public_key = {0};
        struct sshsig sig;
        struct sshkey key;
        sign("key", SSHSIG_NAMESPACE, hashes[i / 3], message, &armored);
        unarmor(&armored, &blob);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_OK);
        assert_int_equal(sig.sha512, i / 3);
        assert_int_equal(sshsig_check(&sig, message, strlen(message)), ERR_OK);
        assert_int_equal(sshsig_check(&sig, "other", 5), ERR_UNAUTHENTICATED);
        read_file("key.pub", &public_key);
        assert_int_equal(sshkey_from_text((const char *)public_key.data, &key, NULL), ERR_OK);
        assert_memory_equal(&key, &sig.key, sizeof(key));
        sshsig_armor(blob.data, blob.bytes, &again);
        assert_string_equal((const char *)again.data, (const char *)armored.data);
        buf_free(&armored);
        buf_free(&blob);
        buf_free(&again);
        buf_free(&public_key);
    }
}

/* Namespaces of 34 to 42 characters: the last line is full for some of them. */
static void test_sshsig_armor_every_last_line(void **state)
{
    (void)state;
    for (int bytes = 34; bytes <= 42; bytes++) {
        char name[64];
        struct buf armored = {0}, blob = {0}, again = {0};
        struct sshsig sig;
        snprintf(name, sizeof(name), "%0*d", bytes, 7);
        sign("key", name, "sha512", "x", &armored);
        unarmor(&armored, &blob);
        sshsig_armor(blob.data, blob.bytes, &again);
        assert_string_equal((const char *)again.data, (const char *)armored.data);
        assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_INVALID);
        buf_free(&armored);
        buf_free(&blob);
        buf_free(&again);
    }
}

static void test_sshsig_armor_verified_by_keygen(void **state)
{
    (void)state;
    struct buf armored = {0}, blob = {0}, again = {0}, allowed = {0};
    sign("key", SSHSIG_NAMESPACE, "sha512", "{}", &armored);
    unarmor(&armored, &blob);
    sshsig_armor(blob.data, blob.bytes, &again);
    buf_text(&allowed, "anna ");
    read_file("key.pub", &allowed);
    write_file("allowed", allowed.data, allowed.bytes);
    write_file("m.sig", again.data, again.bytes);
    assert_int_equal(KEYGEN(path_of("m"), "-Y", "verify", "-f", path_of("allowed"), "-I", "anna",
                            "-n", SSHSIG_NAMESPACE, "-s", path_of("m.sig")),
                     0);
    buf_free(&armored);
    buf_free(&blob);
    buf_free(&again);
    buf_free(&allowed);
}

static void test_sshsig_parse_other_key_type(void **state)
{
    (void)state;
    struct buf armored = {0}, blob = {0};
    struct sshsig sig;
    struct err_text why;
    if (!have_keygen)
        skip();
    assert_int_equal(KEYGEN(NULL, "-q", "-t", "ecdsa", "-b", "384", "-N", "", "-f", path_of("ec")),
                     0);
    sign("ec", SSHSIG_NAMESPACE, "sha512", "{}", &armored);
    unarmor(&armored, &blob);
    assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, &why), ERR_MEDIA_TYPE);
    assert_non_null(strstr(why.s, "ecdsa-sha2-nistp384"));
    buf_free(&armored);
    buf_free(&blob);
}

static void test_sshsig_every_bit_flipped(void **state)
{
    (void)state;
    struct buf armored = {0}, blob = {0};
    sign("key", SSHSIG_NAMESPACE, "sha256", "{}", &armored);
    unarmor(&armored, &blob);
    for (size_t bit = 0; bit < 8 * blob.bytes; bit++) {
        struct sshsig sig;
        blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        enum err err = sshsig_parse(blob.data, blob.bytes, &sig, NULL);
        if (err == ERR_OK)
            err = sshsig_check(&sig, "{}", 2);
        assert_true(err == ERR_INVALID || err == ERR_MEDIA_TYPE || err == ERR_UNAUTHENTICATED);
        blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_free(&armored);
    buf_free(&blob);
}

static void test_sshsig_parse_cut_or_longer(void **state)
{
    (void)state;
    struct buf armored = {0}, blob = {0};
    struct sshsig sig;
    sign("key", SSHSIG_NAMESPACE, "sha512", "{}", &armored);
    unarmor(&armored, &blob);
    for (size_t bytes = 0; bytes < blob.bytes; bytes++)
        assert_int_equal(sshsig_parse(blob.data, bytes, &sig, NULL), ERR_INVALID);
    buf_u8(&blob, 0);
    assert_int_equal(sshsig_parse(blob.data, blob.bytes, &sig, NULL), ERR_INVALID);
    buf_free(&armored);
    buf_free(&blob);
}

/* The fields of a blob that the tests below vary. */
struct fields {
    uint32_t version;
    const char *name, *reserved, *hash, *type;
    size_t signature_bytes;
    const char *more; /* behind the signature, within its string */
};

static enum err parse_fields(const struct fields *fields)
{
    static const uint8_t signature[100];
    static const char point[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    uint8_t public_key[ED25519_KEY_BYTES];
    struct buf blob = {0}, inner = {0};
    struct sshkey key;
    struct sshsig sig;
    assert_true(bytes_from_hex(point, public_key, sizeof(public_key)));
    sshkey_from_ed25519(public_key, &key);
    buf_string(&inner, fields->type, strlen(fields->type));
    buf_string(&inner, signature, fields->signature_bytes);
    buf_text(&inner, fields->more);
    buf_text(&blob, "SSHSIG");
    buf_u32(&blob, fields->version);
    buf_string(&blob, key.wire, key.wire_bytes);
    buf_string(&blob, fields->name, strlen(fields->name));
    buf_string(&blob, fields->reserved, strlen(fields->reserved));
    buf_string(&blob, fields->hash, strlen(fields->hash));
    buf_string(&blob, inner.data, inner.bytes);
    enum err err = sshsig_parse(blob.data, blob.bytes, &sig, NULL);
    buf_free(&blob);
    buf_free(&inner);
    return err;
}

static void test_sshsig_parse_fields(void **state)
{
    (void)state;
    static const struct {
        struct fields fields;
        enum err expected;
    } cases[] = {
        {{1, SSHSIG_NAMESPACE, "", "sha512", "ssh-ed25519", 64, ""}, ERR_OK},
        {{1, SSHSIG_NAMESPACE, "", "sha256", "ssh-ed25519", 64, ""}, ERR_OK},
        {{0, SSHSIG_NAMESPACE, "", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{2, SSHSIG_NAMESPACE, "", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, "file", "", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, "", "", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, "event@countersig", "", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, "Event@countersign", "", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "x", "sha512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "sha1", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "SHA512", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "", "ssh-ed25519", 64, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "sha512", "rsa-sha2-512", 64, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "sha512", "ssh-ed25519", 63, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "sha512", "ssh-ed25519", 65, ""}, ERR_INVALID},
        {{1, SSHSIG_NAMESPACE, "", "sha512", "ssh-ed25519", 64, "x"}, ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(parse_fields(&cases[i].fields), cases[i].expected);
}

static void test_sshsig_unarmor_accepted(void **state)
{
    (void)state;
    static const char *const texts[] = {
        HEADER "\nU1NI\n" FOOTER "\n",
        HEADER "\nU1NI\n" FOOTER,
        HEADER "\r\nU1\r\nNI\r\n" FOOTER "\r\n",
        HEADER "\nU\n1\nNI\n" FOOTER " \t\n\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf blob = {0};
        assert_int_equal(sshsig_unarmor(texts[i], strlen(texts[i]), &blob), ERR_OK);
        assert_string_equal((const char *)blob.data, "SSH");
        buf_free(&blob);
    }
}

static void test_sshsig_unarmor_invalid(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        HEADER,
        HEADER "\n",
        HEADER "\n" FOOTER "\n",
        HEADER "\nU1NI\n",
        HEADER "\nU1NI" FOOTER "\n",
        HEADER "U1NI\n" FOOTER "\n",
        "\n" HEADER "\nU1NI\n" FOOTER "\n",
        "x" HEADER "\nU1NI\n" FOOTER "\n",
        HEADER "\nU1NI\n" FOOTER "\nx",
        HEADER "\nU1NI\n" FOOTER "\n" HEADER "\nU1NI\n" FOOTER "\n",
        HEADER "\nU1N\n" FOOTER "\n",
        HEADER "\nU1N=\n" FOOTER "\n",
        HEADER "\nU1-_\n" FOOTER "\n",
        HEADER "\n U1NI\n" FOOTER "\n",
        HEADER "\nU1\rNI\n" FOOTER "\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct buf blob = {0};
        assert_int_equal(sshsig_unarmor(texts[i], strlen(texts[i]), &blob), ERR_INVALID);
        assert_int_equal(blob.bytes, 0);
        buf_free(&blob);
    }
}

static void test_sshsig_unarmor_too_long(void **state)
{
    (void)state;
    static const uint8_t blob[12288];
    for (size_t bytes = 12000; bytes <= sizeof(blob); bytes += sizeof(blob) - 12000) {
        struct buf armored = {0}, back = {0};
        sshsig_armor(blob, bytes, &armored);
        assert_int_equal(sshsig_unarmor((const char *)armored.data, armored.bytes, &back),
                         armored.bytes <= SSHSIG_ARMOR_BYTES_MAX ? ERR_OK : ERR_INVALID);
        assert_int_equal(back.bytes, armored.bytes <= SSHSIG_ARMOR_BYTES_MAX ? bytes : 0);
        buf_free(&armored);
        buf_free(&back);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sshsig_of_keygen),
        cmocka_unit_test(test_sshsig_armor_every_last_line),
        cmocka_unit_test(test_sshsig_armor_verified_by_keygen),
        cmocka_unit_test(test_sshsig_parse_other_key_type),
        cmocka_unit_test(test_sshsig_every_bit_flipped),
        cmocka_unit_test(test_sshsig_parse_cut_or_longer),
        cmocka_unit_test(test_sshsig_parse_fields),
        cmocka_unit_test(test_sshsig_unarmor_accepted),
        cmocka_unit_test(test_sshsig_unarmor_invalid),
        cmocka_unit_test(test_sshsig_unarmor_too_long),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
