#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "ledger/bytes.h"
#include "ledger/hash.h"

/* FIPS 180-4's examples. */
static void test_hash_bytes_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *hash;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t hash[HASH_BYTES], expected[HASH_BYTES];
        assert_true(bytes_from_hex(cases[i].hash, expected, sizeof(expected)));
        hash_bytes(cases[i].text, strlen(cases[i].text), hash);
        assert_memory_equal(hash, expected, sizeof(hash));
    }
}

static void test_hash_pieces_any_split(void **state)
{
    (void)state;
    uint8_t data[200], hash[HASH_BYTES], expected[crypto_hash_sha256_BYTES];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    crypto_hash_sha256(expected, data, sizeof(data));
    for (size_t split = 0; split <= sizeof(data); split++) {
        const struct piece pieces[] = {
            {data, split}, {NULL, 0}, {data + split, sizeof(data) - split}};
        hash_pieces(pieces, 3, hash);
        assert_memory_equal(hash, expected, sizeof(hash));
    }
}

/* Where padding begins a new block, and where the short way ends. */
static void test_hash_bytes_every_length(void **state)
{
    (void)state;
    uint8_t data[2200], hash[HASH_BYTES], expected[crypto_hash_sha256_BYTES];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 11 + i / 256);
    for (size_t bytes = 0; bytes <= sizeof(data); bytes++) {
        const struct piece pieces[] = {{data, bytes / 3}, {data + bytes / 3, bytes - bytes / 3}};
        crypto_hash_sha256(expected, data, bytes);
        hash_bytes(data, bytes, hash);
        assert_memory_equal(hash, expected, sizeof(hash));
        hash_pieces(pieces, 2, hash);
        assert_memory_equal(hash, expected, sizeof(hash));
    }
}

static void test_hash_run_any_split(void **state)
{
    (void)state;
    uint8_t data[300], hash[HASH_BYTES], expected[HASH_BYTES];
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    for (size_t step = 1; step <= sizeof(data); step += 13) {
        struct hash_run *run = hash_run_new();
        size_t at = 0;
        for (; at + step <= sizeof(data); at += step) {
            hash_run_end(run, hash);
            hash_bytes(data, at, expected);
            assert_memory_equal(hash, expected, sizeof(hash));
            hash_run_add(run, data + at, step);
        }
        hash_run_add(run, data + at, sizeof(data) - at);
        hash_run_end(run, hash);
        hash_bytes(data, sizeof(data), expected);
        assert_memory_equal(hash, expected, sizeof(hash));
        hash_run_free(run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash_bytes_vectors),
        cmocka_unit_test(test_hash_pieces_any_split),
        cmocka_unit_test(test_hash_bytes_every_length),
        cmocka_unit_test(test_hash_run_any_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
