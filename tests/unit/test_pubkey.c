/* ECDSA and RSA against a published signature and libcrypto's own, and what is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "ledger/bytes.h"
#include "ledger/pubkey.h"

#define RSA_BYTES 384

/* RFC 6979 A.2.5: the signature of "sample" with SHA-256. */
static const char point_hex[] = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                                "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
static const char sig_hex[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                              "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
static const char order_hex[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

static void test_pubkey_p256_verify_rfc6979(void **state)
{
    (void)state;
    uint8_t point[P256_POINT_BYTES], sig[P256_SIG_BYTES];
    assert_true(bytes_from_hex(point_hex, point, sizeof(point)));
    assert_true(bytes_from_hex(sig_hex, sig, sizeof(sig)));
    assert_true(pubkey_p256_verify(point, sig, "sample", 6));
    assert_false(pubkey_p256_verify(point, sig, "sampl", 5));
    for (size_t bit = 0; bit < 8 * sizeof(sig); bit++) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(pubkey_p256_verify(point, sig, "sample", 6));
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof(point); bit++) {
        point[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(pubkey_p256_verify(point, sig, "sample", 6));
        assert_false(pubkey_p256_point(point) && bit >= 8); /* off the curve */
        point[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_pubkey_p256_scalar_bounds(void **state)
{
    (void)state;
    uint8_t scalar[P256_SCALAR_BYTES] = {0};
    assert_false(pubkey_p256_scalar(scalar));
    scalar[P256_SCALAR_BYTES - 1] = 1;
    assert_true(pubkey_p256_scalar(scalar));
    assert_true(bytes_from_hex(order_hex, scalar, sizeof(scalar)));
    assert_false(pubkey_p256_scalar(scalar));
    scalar[P256_SCALAR_BYTES - 1]--;
    assert_true(pubkey_p256_scalar(scalar));
    memset(scalar, 0xff, sizeof(scalar));
    assert_false(pubkey_p256_scalar(scalar));
}

/* A point that is on the curve but written otherwise is none. */
static void test_pubkey_p256_point_forms(void **state)
{
    (void)state;
    uint8_t point[P256_POINT_BYTES];
    assert_true(bytes_from_hex(point_hex, point, sizeof(point)));
    assert_true(pubkey_p256_point(point));
    for (unsigned first = 0; first < 256; first++) {
        point[0] = (uint8_t)first;
        assert_int_equal(pubkey_p256_point(point), first == 4);
    }
    memset(point, 0, sizeof(point));
    assert_false(pubkey_p256_point(point));
    memset(point + 1, 0xff, sizeof(point) - 1);
    point[0] = 4;
    assert_false(pubkey_p256_point(point));
    assert_int_equal(ERR_peek_error(), 0);
}

static void sign_rsa(EVP_PKEY *key, const EVP_MD *hash, int padding, uint8_t ret[RSA_BYTES])
{
    size_t bytes = RSA_BYTES;
    EVP_PKEY_CTX *how = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, &how, hash, NULL, key), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(how, padding), 1);
    assert_int_equal(EVP_DigestSign(context, ret, &bytes, (const uint8_t *)"sample", 6), 1);
    assert_int_equal(bytes, RSA_BYTES);
    EVP_MD_CTX_free(context);
}

static void test_pubkey_rsa_verify_of_libcrypto(void **state)
{
    (void)state;
    uint8_t modulus[RSA_BYTES], sig[RSA_BYTES], other[RSA_BYTES];
    BIGNUM *number = NULL;
    EVP_PKEY *key = EVP_RSA_gen(8 * RSA_BYTES);
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_get_bn_param(key, "n", &number), 1);
    assert_int_equal(BN_bn2binpad(number, modulus, sizeof(modulus)), RSA_BYTES);
    struct pubkey_rsa rsa = {modulus, sizeof(modulus), 65537};
    sign_rsa(key, EVP_sha512(), RSA_PKCS1_PADDING, sig);
    assert_true(pubkey_rsa_verify(&rsa, sig, "sample", 6));
    assert_false(pubkey_rsa_verify(&rsa, sig, "sampl", 5));
    sign_rsa(key, EVP_sha256(), RSA_PKCS1_PADDING, other);
    assert_false(pubkey_rsa_verify(&rsa, other, "sample", 6));
    sign_rsa(key, EVP_sha512(), RSA_PKCS1_PSS_PADDING, other);
    assert_false(pubkey_rsa_verify(&rsa, other, "sample", 6));
    assert_false(pubkey_rsa_verify(&rsa, modulus, "sample", 6));
    for (size_t bit = 0; bit < 8 * sizeof(sig); bit += 5) {
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(pubkey_rsa_verify(&rsa, sig, "sample", 6));
        sig[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    rsa.exponent = 3;
    assert_false(pubkey_rsa_verify(&rsa, sig, "sample", 6));
    assert_int_equal(ERR_peek_error(), 0);
    BN_free(number);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pubkey_p256_verify_rfc6979),
        cmocka_unit_test(test_pubkey_p256_scalar_bounds),
        cmocka_unit_test(test_pubkey_p256_point_forms),
        cmocka_unit_test(test_pubkey_rsa_verify_of_libcrypto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
