/* What signatures attest: of every type of key, and of bytes that are no signature. */
#include "ledger/counters.h"
#include "ledger/touch.h"
#include "tests/unit/softkey_kit.h"

#define APPLICATION "ssh:"

static struct entry_sig sig_of(const struct buf *blob)
{
    return (struct entry_sig){
        .alg = SIG_SSHSIG, .bytes = (uint16_t)blob->bytes, .data = blob->data};
}

static void says(const struct touch *touch, const char *text, const char *json)
{
    struct buf got = {0};
    json_t *object = touch_json(touch);
    char *dumped = json_dumps(object, JSON_ENCODE_ANY | JSON_COMPACT);
    buf_add(&got, "", 0);
    touch_text(touch, &got);
    assert_string_equal((const char *)got.data, text);
    assert_string_equal(dumped, json);
    free(dumped);
    json_decref(object);
    buf_free(&got);
}

static void test_touch_of_every_type(void **state)
{
    (void)state;
    static const struct {
        uint8_t flags;
        const char *text, *json;
    } cases[] = {
        {0, "not touched, no PIN, counter 4294967295",
         "{\"touched\":false,\"pin\":false,\"counter\":4294967295}"},
        {1, "touched, no PIN, counter 4294967295",
         "{\"touched\":true,\"pin\":false,\"counter\":4294967295}"},
        {4, "not touched, PIN, counter 4294967295",
         "{\"touched\":false,\"pin\":true,\"counter\":4294967295}"},
        {5, "touched, PIN, counter 4294967295",
         "{\"touched\":true,\"pin\":true,\"counter\":4294967295}"},
        {0xfa, "not touched, no PIN, counter 4294967295",
         "{\"touched\":false,\"pin\":false,\"counter\":4294967295}"},
    };
    for (enum sshkey_type type = 0; type < SSHKEY_RSA; type++) {
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
            struct softkey key;
            struct buf blob = {0};
            struct touch touch;
            bool hardware = sshkey_type_hardware(type);
            softkey_make(type, APPLICATION, &key);
            softkey_sign(&key, APPLICATION, "{}", cases[i].flags, 0xffffffff, &blob);
            const struct entry_sig sig = sig_of(&blob);
            assert_true(touch_of(&sig, &touch));
            assert_int_equal(touch.type, type);
            assert_int_equal(touch.attested, hardware);
            assert_int_equal(touch.flags, hardware ? cases[i].flags : 0);
            says(&touch, hardware ? cases[i].text : "", hardware ? cases[i].json : "null");
            softkey_free(&key);
            buf_free(&blob);
        }
    }
}

static void test_touch_of_other_algs(void **state)
{
    (void)state;
    struct entry_sig sig = {.alg = SIG_DSSE_ED25519};
    struct touch touch;
    assert_true(touch_of(&sig, &touch));
    assert_int_equal(touch.type, SSHKEY_ED25519);
    assert_false(touch.attested);
    sig.alg = SIG_WEBAUTHN;
    assert_false(touch_of(&sig, &touch));
}

/* Nothing is read beyond the bytes, whatever they are. */
static void test_touch_of_cut_and_flipped(void **state)
{
    (void)state;
    struct softkey key;
    struct buf blob = {0};
    struct touch touch;
    softkey_make(SSHKEY_SK_P256, APPLICATION, &key);
    softkey_sign(&key, APPLICATION, "{}", 1, 1, &blob);
    for (size_t bytes = 0; bytes < blob.bytes; bytes++) {
        uint8_t *copy = malloc(bytes + 1);
        assert_non_null(copy);
        memcpy(copy, blob.data, bytes);
        struct entry_sig sig = {.alg = SIG_SSHSIG, .bytes = (uint16_t)bytes, .data = copy};
        assert_false(touch_of(&sig, &touch));
        free(copy);
    }
    for (size_t bit = 0; bit < 8 * blob.bytes; bit++) {
        const struct entry_sig sig = sig_of(&blob);
        blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (touch_of(&sig, &touch))
            assert_int_equal(touch.attested, sshkey_type_hardware(touch.type));
        blob.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    softkey_free(&key);
    buf_free(&blob);
}

/* An entry signed by keys of which only the names and what they count matter. */
static bool note(struct counters *counters, uint8_t first, uint32_t first_counter, uint8_t second,
                 uint32_t second_counter, struct buf *why)
{
    struct softkey key;
    struct buf blobs[2] = {{0}};
    struct entry entry = {.part.sig_count = second != 0 ? 2 : 1};
    softkey_make(SSHKEY_SK_ED25519, APPLICATION, &key);
    softkey_sign(&key, APPLICATION, "{}", 1, first_counter, &blobs[0]);
    softkey_sign(&key, APPLICATION, "{}", 1, second_counter, &blobs[1]);
    for (size_t i = 0; i < 2; i++) {
        entry.part.sigs[i] = sig_of(&blobs[i]);
        memset(entry.part.sigs[i].key_id, i == 0 ? first : second, KEY_ID_BYTES);
    }
    bool stuck = counters_note(counters, &entry, why);
    softkey_free(&key);
    buf_free(&blobs[0]);
    buf_free(&blobs[1]);
    return stuck;
}

static void test_counters_note_each_key(void **state)
{
    (void)state;
    struct counters counters = {0};
    struct buf why = {0};
    assert_false(note(&counters, 1, 10, 2, 5, &why));
    assert_false(note(&counters, 2, 6, 1, 11, &why));
    assert_int_equal(why.bytes, 0);
    assert_true(note(&counters, 1, 12, 2, 6, &why));
    assert_non_null(strstr((const char *)why.data, "counts 6 after 6"));
    assert_null(strstr((const char *)why.data, "counts 12"));
    assert_true(note(&counters, 1, 12, 2, 1, NULL));
    assert_false(note(&counters, 1, 13, 0, 0, NULL));
    assert_false(note(&counters, 3, 0, 0, 0, NULL));
    assert_false(note(&counters, 3, 0, 0, 0, NULL));
    assert_false(note(&counters, 3, 0xffffffff, 0, 0, NULL));
    assert_true(note(&counters, 3, 0xffffffff, 0, 0, NULL));
    counters_free(&counters);
    assert_false(note(&counters, 3, 1, 0, 0, NULL));
    counters_free(&counters);
    buf_free(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_touch_of_every_type),
        cmocka_unit_test(test_touch_of_other_algs),
        cmocka_unit_test(test_touch_of_cut_and_flipped),
        cmocka_unit_test(test_counters_note_each_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
