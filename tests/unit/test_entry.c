#include <sodium.h>
#include <stdbool.h>

#include "ledger/ledger.h"
#include "tests/unit/vectors.h"

/* A vector's case as an entry, which owns the signatures. */
struct case_entry {
    struct entry entry;
    struct buf data[ENTRY_SIGS_MAX];
};

static int64_t integer(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void case_part(const json_t *fields, struct admitted_part *part)
{
    part->admitted_us = integer(fields, "admitted_us");
    vectors_bytes(fields, "credential", part->credential, HASH_BYTES);
    vectors_bytes(fields, "event_digest", part->event_digest, HASH_BYTES);
    part->event_bytes = (uint32_t)integer(fields, "event_bytes");
    part->origin = (uint8_t)integer(fields, "origin");
    snprintf(part->stream, sizeof(part->stream), "%s", vectors_text(fields, "stream"));
    snprintf(part->principal, sizeof(part->principal), "%s", vectors_text(fields, "principal"));
}

static void case_read(const json_t *vector, struct case_entry *ret)
{
    const json_t *fields = json_object_get(vector, "fields");
    const json_t *sigs = json_object_get(fields, "sigs");
    struct entry *entry = &ret->entry;
    *ret = (struct case_entry){.entry = {.seq = vectors_u64(fields, "seq")}};
    entry->time_us = integer(fields, "time_us");
    vectors_bytes(fields, "prev", entry->prev, HASH_BYTES);
    entry->stream_pos = vectors_u64(fields, "stream_pos");
    vectors_bytes(fields, "stream_prev", entry->stream_prev, HASH_BYTES);
    vectors_bytes(fields, "admission", entry->admission, ED25519_SIG_BYTES);
    case_part(fields, &entry->part);
    entry->part.sig_count = (uint8_t)json_array_size(sigs);
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        const json_t *from = json_array_get(sigs, i);
        struct entry_sig *sig = &entry->part.sigs[i];
        sig->alg = (uint8_t)integer(from, "alg");
        vectors_bytes(from, "key_id", sig->key_id, KEY_ID_BYTES);
        vectors_hex(from, "data", &ret->data[i]);
        sig->bytes = (uint16_t)ret->data[i].bytes;
        sig->data = ret->data[i].data;
    }
}

static void case_free(struct case_entry *c)
{
    for (size_t i = 0; i < ENTRY_SIGS_MAX; i++)
        buf_free(&c->data[i]);
}

static void is_hex(const void *data, size_t bytes, const json_t *vector, const char *name)
{
    struct buf hex = {0};
    buf_hex(&hex, data, bytes);
    assert_string_equal(hex.data, vectors_text(vector, name));
    buf_free(&hex);
}

static void each_case(void (*check)(const json_t *vector, const struct entry *entry))
{
    json_t *vectors = vectors_load("entry.json"), *cases = json_object_get(vectors, "cases");
    assert_int_equal(json_array_size(cases), 3);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct case_entry c;
        case_read(json_array_get(cases, i), &c);
        check(json_array_get(cases, i), &c.entry);
        case_free(&c);
    }
    json_decref(vectors);
}

static void encodes(const json_t *vector, const struct entry *entry)
{
    struct buf bytes = {0};
    entry_encode(entry, &bytes);
    is_hex(bytes.data, bytes.bytes, vector, "entry");
    buf_clear(&bytes);
    entry_encode_part(&entry->part, &bytes);
    is_hex(bytes.data, bytes.bytes, vector, "part");
    buf_free(&bytes);
}

static void test_entry_encode_vectors(void **state)
{
    (void)state;
    each_case(encodes);
}

static void same_sig(const struct entry_sig *sig, const struct entry_sig *want)
{
    assert_int_equal(sig->alg, want->alg);
    assert_memory_equal(sig->key_id, want->key_id, KEY_ID_BYTES);
    assert_int_equal(sig->bytes, want->bytes);
    assert_memory_equal(sig->data, want->data, want->bytes);
}

static void same_part(const struct admitted_part *part, const struct admitted_part *want)
{
    assert_true(part->admitted_us == want->admitted_us);
    assert_memory_equal(part->credential, want->credential, HASH_BYTES);
    assert_memory_equal(part->event_digest, want->event_digest, HASH_BYTES);
    assert_int_equal(part->event_bytes, want->event_bytes);
    assert_int_equal(part->origin, want->origin);
    assert_string_equal(part->stream, want->stream);
    assert_string_equal(part->principal, want->principal);
    assert_int_equal(part->sig_count, want->sig_count);
    for (size_t i = 0; i < want->sig_count; i++)
        same_sig(&part->sigs[i], &want->sigs[i]);
}

static void decodes(const json_t *vector, const struct entry *want)
{
    struct buf bytes = {0};
    struct entry entry;
    vectors_hex(vector, "entry", &bytes);
    assert_int_equal(entry_decode(bytes.data, bytes.bytes, &entry, NULL), ERR_OK);
    assert_true(entry.seq == want->seq && entry.time_us == want->time_us);
    assert_true(entry.stream_pos == want->stream_pos);
    assert_memory_equal(entry.prev, want->prev, HASH_BYTES);
    assert_memory_equal(entry.stream_prev, want->stream_prev, HASH_BYTES);
    assert_memory_equal(entry.admission, want->admission, ED25519_SIG_BYTES);
    same_part(&entry.part, &want->part);
    buf_free(&bytes);
}

static void test_entry_decode_vectors(void **state)
{
    (void)state;
    each_case(decodes);
}

static void hashes(const json_t *vector, const struct entry *entry)
{
    struct buf bytes = {0};
    uint8_t hash[HASH_BYTES], salt[SALT_BYTES];
    const char *event = vectors_text(vector, "event");
    vectors_hex(vector, "entry", &bytes);
    entry_leaf(bytes.data, bytes.bytes, hash);
    is_hex(hash, sizeof(hash), vector, "leaf");
    vectors_bytes(vector, "salt", salt, sizeof(salt));
    entry_event_digest(salt, event, strlen(event), hash);
    assert_memory_equal(hash, entry->part.event_digest, HASH_BYTES);
    buf_free(&bytes);
}

static void test_entry_leaf_and_digest_vectors(void **state)
{
    (void)state;
    each_case(hashes);
}

/* The message, and libsodium's signature over it, are the oracle's. */
static void signs(const json_t *vector, const struct entry *entry)
{
    struct buf part = {0}, message = {0};
    uint8_t id[HASH_BYTES], seed[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    uint8_t secret_key[64], signature[ED25519_SIG_BYTES];
    vectors_bytes(vector, "ledger_id", id, sizeof(id));
    vectors_bytes(vector, "admission_seed", seed, sizeof(seed));
    entry_encode_part(&entry->part, &part);
    entry_admission_message(id, part.data, part.bytes, &message);
    is_hex(message.data, message.bytes, vector, "message");
    crypto_sign_seed_keypair(public_key, secret_key, seed);
    is_hex(public_key, sizeof(public_key), vector, "admission_key");
    crypto_sign_detached(signature, NULL, message.data, message.bytes, secret_key);
    assert_memory_equal(signature, entry->admission, sizeof(signature));
    buf_free(&part);
    buf_free(&message);
}

static void test_entry_admission_message_vectors(void **state)
{
    (void)state;
    each_case(signs);
}

static void test_entry_decode_refused(void **state)
{
    (void)state;
    json_t *vectors = vectors_load("entry.json"), *refused = json_object_get(vectors, "refused");
    assert_true(json_array_size(refused) > 20);
    for (size_t i = 0; i < json_array_size(refused); i++) {
        const json_t *vector = json_array_get(refused, i);
        struct buf bytes = {0};
        struct entry entry = {.seq = 77};
        struct err_text why = {{0}};
        vectors_hex(vector, "entry", &bytes);
        if (entry_decode(bytes.data, bytes.bytes, &entry, &why) != ERR_INVALID)
            fail_msg("%s: decodes", vectors_text(vector, "what"));
        assert_true(why.s[0] != '\0');
        assert_int_equal(entry.seq, 77);
        buf_free(&bytes);
    }
    json_decref(vectors);
}

/* Refused, or another entry whose bytes are these and whose leaf hash is another. */
static void other_entry(const uint8_t *bytes, size_t count, const uint8_t leaf[HASH_BYTES],
                        size_t *decoded)
{
    struct entry entry;
    struct buf again = {0};
    uint8_t hash[HASH_BYTES];
    entry_leaf(bytes, count, hash);
    assert_memory_not_equal(hash, leaf, HASH_BYTES);
    if (entry_decode(bytes, count, &entry, NULL) == ERR_OK) {
        entry_encode(&entry, &again);
        assert_int_equal(again.bytes, count);
        assert_memory_equal(again.data, bytes, count);
        (*decoded)++;
    }
    buf_free(&again);
}

static void flips(const json_t *vector, const struct entry *entry)
{
    (void)entry;
    struct buf bytes = {0};
    uint8_t leaf[HASH_BYTES];
    size_t decoded = 0;
    vectors_hex(vector, "entry", &bytes);
    entry_leaf(bytes.data, bytes.bytes, leaf);
    for (size_t bit = 0; bit < 8 * bytes.bytes; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        other_entry(bytes.data, bytes.bytes, leaf, &decoded);
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_in_range(decoded, 8 * (8 + 32 + 8 + 32), 8 * bytes.bytes - 32);
    buf_free(&bytes);
}

static void test_entry_decode_bit_flipped(void **state)
{
    (void)state;
    each_case(flips);
}

static void cuts(const json_t *vector, const struct entry *want)
{
    (void)want;
    struct buf bytes = {0};
    vectors_hex(vector, "entry", &bytes);
    for (size_t count = 0; count < bytes.bytes; count++) {
        uint8_t *cut = mem_copy(bytes.data, count); /* so that a read beyond it is seen */
        struct entry entry;
        assert_int_equal(entry_decode(cut, count, &entry, NULL), ERR_INVALID);
        free(cut);
    }
    buf_free(&bytes);
}

static void test_entry_decode_cut_short(void **state)
{
    (void)state;
    each_case(cuts);
}

static void test_entry_origin_name_all(void **state)
{
    (void)state;
    assert_string_equal(entry_origin_name(ORIGIN_HTTP), "http");
    assert_string_equal(entry_origin_name(ORIGIN_AMQP), "amqp");
    assert_string_equal(entry_origin_name(ORIGIN_CLI), "cli");
    assert_string_equal(entry_origin_name(ORIGIN_LEDGER), "ledger");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry_encode_vectors),
        cmocka_unit_test(test_entry_decode_vectors),
        cmocka_unit_test(test_entry_leaf_and_digest_vectors),
        cmocka_unit_test(test_entry_admission_message_vectors),
        cmocka_unit_test(test_entry_decode_refused),
        cmocka_unit_test(test_entry_decode_bit_flipped),
        cmocka_unit_test(test_entry_decode_cut_short),
        cmocka_unit_test(test_entry_origin_name_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
