#include <sodium.h>
#include <stdbool.h>

#include "ledger/ledger.h"
#include "tests/unit/vectors.h"

/* One case of note.json with its keys. */
struct note_case {
    const char *note;
    size_t note_bytes;
    struct note_key key;
    uint8_t secret_key[64];
    struct checkpoint checkpoint;
};

static void case_read(const json_t *vector, struct note_case *ret)
{
    uint8_t seed[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    *ret = (struct note_case){.note = vectors_text(vector, "note")};
    ret->note_bytes = strlen(ret->note);
    vectors_bytes(vector, "seed", seed, sizeof(seed));
    crypto_sign_seed_keypair(public_key, ret->secret_key, seed);
    note_key_make(vectors_text(vector, "name"), public_key, &ret->key);
    snprintf(ret->checkpoint.origin, sizeof(ret->checkpoint.origin), "%s",
             vectors_text(vector, "origin"));
    ret->checkpoint.size = vectors_u64(vector, "size");
    vectors_bytes(vector, "root", ret->checkpoint.root, HASH_BYTES);
}

static void each_case(void (*check)(const json_t *vector, const struct note_case *c))
{
    json_t *vectors = vectors_load("note.json"), *cases = json_object_get(vectors, "cases");
    assert_int_equal(json_array_size(cases), 5);
    for (size_t i = 0; i < json_array_size(cases); i++) {
        struct note_case c;
        case_read(json_array_get(cases, i), &c);
        check(json_array_get(cases, i), &c);
    }
    json_decref(vectors);
}

static void each_refused(const char *list, size_t least,
                         void (*check)(const json_t *vector, const struct note_case *first))
{
    json_t *vectors = vectors_load("note.json"), *refused = json_object_get(vectors, list);
    struct note_case first;
    case_read(json_array_get(json_object_get(vectors, "cases"), 0), &first);
    assert_true(json_array_size(refused) >= least);
    for (size_t i = 0; i < json_array_size(refused); i++)
        check(json_array_get(refused, i), &first);
    json_decref(vectors);
}

static bool same_key(const struct note_key *a, const struct note_key *b)
{
    return strcmp(a->name, b->name) == 0 && a->id == b->id &&
           memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0;
}

static void keys_agree(const json_t *vector, const struct note_case *c)
{
    struct buf vkey = {0};
    struct note_key key;
    note_key_format(&c->key, &vkey);
    assert_string_equal(vkey.data, vectors_text(vector, "vkey"));
    assert_int_equal(note_key_parse((const char *)vkey.data, &key), ERR_OK);
    assert_true(same_key(&key, &c->key));
    buf_free(&vkey);
}

static void test_note_key_parse_vectors(void **state)
{
    (void)state;
    each_case(keys_agree);
}

static void key_refused(const json_t *vector, const struct note_case *first)
{
    (void)first;
    struct note_key key = {.id = 77};
    if (note_key_parse(json_string_value(vector), &key) != ERR_INVALID)
        fail_msg("%s is taken", json_string_value(vector));
    assert_int_equal(key.id, 77);
}

static void test_note_key_parse_refused(void **state)
{
    (void)state;
    each_refused("refused_vkeys", 10, key_refused);
}

static void test_note_key_parse_bit_flipped(void **state)
{
    (void)state;
    static const char vkey[] =
        "ledger.example/prod+77b80c1d+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
    struct note_key key;
    assert_int_equal(note_key_parse(vkey, &key), ERR_OK);
    for (size_t bit = 0; bit < 8 * strlen(vkey); bit++) {
        char text[sizeof(vkey)];
        memcpy(text, vkey, sizeof(vkey));
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        assert_int_equal(note_key_parse(text, &key), ERR_INVALID);
    }
}

static void name_refused(const json_t *vector, const struct note_case *first)
{
    (void)first;
    if (note_name_ok(json_string_value(vector)))
        fail_msg("'%s' is taken", json_string_value(vector));
}

static void test_note_name_ok_refused(void **state)
{
    (void)state;
    each_refused("refused_names", 10, name_refused);
    assert_false(note_name_ok("\xff"));
    assert_false(note_name_ok("a\xc2"));
}

static void test_note_name_ok_fine(void **state)
{
    (void)state;
    char longest[NOTE_NAME_BYTES_MAX + 1] = {0};
    memset(longest, 'n', NOTE_NAME_BYTES_MAX);
    assert_true(note_name_ok(longest));
    assert_true(note_name_ok("ledger.example/prod"));
    assert_true(note_name_ok("\xc3\xbc/\xe2\x9c\x93"));
}

/* Made again from its parts, a note is the same up to where the cosignatures begin. */
static void made_again(const json_t *vector, const struct note_case *c)
{
    (void)vector;
    struct buf body = {0}, note = {0};
    checkpoint_format(&c->checkpoint, &body);
    note_sign((const char *)body.data, &c->key, c->secret_key, &note);
    assert_in_range(note.bytes, 1, c->note_bytes);
    assert_memory_equal(note.data, c->note, note.bytes);
    buf_free(&body);
    buf_free(&note);
}

static void test_note_sign_vectors(void **state)
{
    (void)state;
    each_case(made_again);
}

static void is_good(const json_t *vector, const struct note_case *c)
{
    struct buf body = {0};
    size_t body_bytes = 0;
    uint8_t hash[HASH_BYTES], want[HASH_BYTES];
    hash_bytes(c->note, c->note_bytes, hash);
    vectors_bytes(vector, "sha256", want, HASH_BYTES);
    assert_memory_equal(hash, want, HASH_BYTES);
    assert_int_equal(note_check(c->note, c->note_bytes, &c->key, 1, &body_bytes), ERR_OK);
    checkpoint_format(&c->checkpoint, &body);
    assert_int_equal(body_bytes, body.bytes);
    assert_int_equal(note_check(c->note, c->note_bytes, &c->key, 1, NULL), ERR_OK);
    assert_int_equal(note_check(c->note, c->note_bytes, &c->key, 0, NULL), ERR_PROOF);
    buf_free(&body);
}

static void test_note_check_vectors(void **state)
{
    (void)state;
    each_case(is_good);
}

static void not_good(const json_t *vector, const struct note_case *first)
{
    const char *note = vectors_text(vector, "note"), *what = vectors_text(vector, "what");
    size_t body_bytes = 77;
    enum err err = note_check(note, strlen(note), &first->key, 1, &body_bytes);
    enum err want = strcmp(what, "101 signatures") == 0                      ? ERR_TOO_BIG
                    : strcmp(what, "another's name") == 0                    ? ERR_PROOF
                    : strcmp(what, "another text") == 0                      ? ERR_PROOF
                    : strcmp(what, "a signature cut short") == 0             ? ERR_PROOF
                    : strcmp(what, "a bad signature behind a good one") == 0 ? ERR_PROOF
                                                                             : ERR_INVALID;
    if (err != want)
        fail_msg("%s: %s", what, err_name(err));
    assert_int_equal(body_bytes, 77);
}

static void test_note_check_refused(void **state)
{
    (void)state;
    each_refused("refused", 20, not_good);
}

/* With every key known, no bit of a note can change; of a note with a line by an unknown key, none
 * of its text and of the lines by known keys. */
static void bits_refused(const json_t *vector, const struct note_case *c)
{
    (void)vector;
    char *note = mem_copy(c->note, c->note_bytes);
    const char *line = strstr(c->note, "\n\n") + 2;
    size_t known_bytes = (size_t)(strchr(line, '\n') + 1 - c->note);
    for (size_t bit = 0; bit < 8 * known_bytes; bit++) {
        note[bit / 8] = (char)(note[bit / 8] ^ (1 << bit % 8));
        enum err err = note_check(note, c->note_bytes, &c->key, 1, NULL);
        if (err != ERR_INVALID && err != ERR_PROOF)
            fail_msg("bit %zu flipped: %s", bit, err_name(err));
        note[bit / 8] = (char)(note[bit / 8] ^ (1 << bit % 8));
    }
    free(note);
}

static void test_note_check_bit_flipped(void **state)
{
    (void)state;
    each_case(bits_refused);
}

static void cut_refused(const json_t *vector, const struct note_case *c)
{
    (void)vector;
    const char *second = strstr(strstr(c->note, "\n\n") + 2, "\n") + 1;
    for (size_t bytes = 0; bytes < c->note_bytes; bytes++) {
        char *cut = mem_copy(c->note, bytes);
        bool whole = bytes == (size_t)(second - c->note); /* without its cosignature */
        enum err err = note_check(cut, bytes, &c->key, 1, NULL);
        assert_int_equal(err, whole ? ERR_OK : ERR_INVALID);
        free(cut);
    }
}

static void test_note_check_cut_short(void **state)
{
    (void)state;
    each_case(cut_refused);
}

/* The key pair of a seed of ${fill} bytes, under a name. */
static void key_of(uint8_t fill, const char *name, struct note_key *ret, uint8_t ret_secret[64])
{
    uint8_t seed[ED25519_KEY_BYTES], public_key[ED25519_KEY_BYTES];
    memset(seed, fill, sizeof(seed));
    crypto_sign_seed_keypair(public_key, ret_secret, seed);
    note_key_make(name, public_key, ret);
}

/* A text that has empty lines, signed by two: good if both are, by whichever is known. */
static void test_note_check_two_signatures(void **state)
{
    (void)state;
    static const char text[] = "one\n\ntwo\n";
    struct note_key keys[2];
    uint8_t secret_key[2][64];
    struct buf note = {0}, second = {0};
    size_t text_bytes = 0;
    key_of(1, "a", &keys[0], secret_key[0]);
    key_of(2, "b", &keys[1], secret_key[1]);
    note_sign(text, &keys[0], secret_key[0], &note);
    note_sign(text, &keys[1], secret_key[1], &second);
    buf_text(&note, (const char *)second.data + strlen(text) + 1);
    for (size_t from = 0; from < 2; from++) {
        for (size_t count = 1; from + count <= 2; count++) {
            assert_int_equal(
                note_check((const char *)note.data, note.bytes, keys + from, count, &text_bytes),
                ERR_OK);
            assert_int_equal(text_bytes, strlen(text));
        }
    }
    note.data[note.bytes - 10] =
        note.data[note.bytes - 10] == 'A' ? 'B' : 'A'; /* in the second signature */
    assert_int_equal(note_check((const char *)note.data, note.bytes, keys, 1, NULL), ERR_OK);
    assert_int_equal(note_check((const char *)note.data, note.bytes, keys, 2, NULL), ERR_PROOF);
    buf_free(&note);
    buf_free(&second);
}

/* Sign a text so long that the note has ${bytes} bytes. */
static void note_of_length(size_t bytes, const struct note_key *key, const uint8_t secret_key[64],
                           struct buf *note)
{
    struct buf body = {0};
    note_sign("\n", key, secret_key, note);
    size_t filling = bytes - note->bytes;
    buf_clear(note);
    memset(buf_room(&body, filling), 'x', filling);
    buf_text(&body, "\n");
    note_sign((const char *)body.data, key, secret_key, note);
    assert_int_equal(note->bytes, bytes);
    buf_free(&body);
}

static void test_note_check_too_big(void **state)
{
    (void)state;
    struct note_key key;
    uint8_t secret_key[64];
    struct buf note = {0};
    key_of(1, "k", &key, secret_key);
    note_of_length(NOTE_BYTES_MAX, &key, secret_key, &note);
    assert_int_equal(note_check((const char *)note.data, note.bytes, &key, 1, NULL), ERR_OK);
    buf_clear(&note);
    note_of_length(NOTE_BYTES_MAX + 1, &key, secret_key, &note);
    assert_int_equal(note_check((const char *)note.data, note.bytes, &key, 1, NULL), ERR_TOO_BIG);
    buf_free(&note);
}

static void parses(const json_t *vector, const struct note_case *c)
{
    (void)vector;
    struct checkpoint checkpoint;
    assert_int_equal(checkpoint_parse(c->note, c->note_bytes, &checkpoint), ERR_OK);
    assert_string_equal(checkpoint.origin, c->checkpoint.origin);
    assert_true(checkpoint.size == c->checkpoint.size);
    assert_memory_equal(checkpoint.root, c->checkpoint.root, HASH_BYTES);
}

static void test_checkpoint_parse_vectors(void **state)
{
    (void)state;
    each_case(parses);
}

static void body_refused(const json_t *vector, const struct note_case *first)
{
    (void)first;
    const char *note = vectors_text(vector, "note");
    struct checkpoint checkpoint = {.size = 77};
    if (checkpoint_parse(note, strlen(note), &checkpoint) != ERR_INVALID)
        fail_msg("%s: parses", vectors_text(vector, "what"));
    assert_int_equal(checkpoint.size, 77);
}

static void test_checkpoint_parse_refused(void **state)
{
    (void)state;
    each_refused("refused_checkpoints", 10, body_refused);
}

/* A bit flipped in the body: refused, or another checkpoint that formats to those bytes. */
static void body_bits(const json_t *vector, const struct note_case *c)
{
    (void)vector;
    char *note = mem_copy(c->note, c->note_bytes);
    size_t body_bytes = (size_t)(strstr(c->note, "\n\n") + 1 - c->note);
    for (size_t bit = 0; bit < 8 * body_bytes; bit++) {
        struct checkpoint checkpoint;
        struct buf again = {0};
        note[bit / 8] = (char)(note[bit / 8] ^ (1 << bit % 8));
        if (checkpoint_parse(note, c->note_bytes, &checkpoint) == ERR_OK) {
            checkpoint_format(&checkpoint, &again);
            assert_int_equal(again.bytes, body_bytes);
            assert_memory_equal(again.data, note, body_bytes);
        }
        buf_free(&again);
        note[bit / 8] = (char)(note[bit / 8] ^ (1 << bit % 8));
    }
    free(note);
}

static void test_checkpoint_parse_bit_flipped(void **state)
{
    (void)state;
    each_case(body_bits);
}

static void signers_found(const json_t *vector, const struct note_case *c)
{
    struct note_signer *signers = NULL;
    size_t count = 0;
    bool cosigned = strstr(c->note, "\xe2\x80\x94 witness.example/w1") != NULL;
    (void)vector;
    assert_int_equal(note_signers(c->note, c->note_bytes, &signers, &count), ERR_OK);
    assert_int_equal(count, cosigned ? 2 : 1);
    assert_string_equal(signers[0].name, c->key.name);
    assert_int_equal(signers[0].id, c->key.id);
    if (cosigned)
        assert_string_equal(signers[1].name, "witness.example/w1");
    free(signers);
}

static void test_note_signers_vectors(void **state)
{
    (void)state;
    each_case(signers_found);
}

static void test_note_signers_malformed(void **state)
{
    (void)state;
    struct note_signer *signers = NULL;
    struct buf note = {0};
    size_t count = 0;
    static const char line[] = "\xe2\x80\x94 n AAAAAAA=\n";
    buf_text(&note, "text\n\n");
    assert_int_equal(note_signers((const char *)note.data, note.bytes, &signers, &count),
                     ERR_INVALID);
    for (size_t i = 0; i < NOTE_SIGS_MAX; i++)
        buf_text(&note, line);
    assert_int_equal(note_signers((const char *)note.data, note.bytes, &signers, &count), ERR_OK);
    assert_int_equal(count, NOTE_SIGS_MAX);
    free(signers);
    signers = NULL;
    buf_text(&note, line);
    assert_int_equal(note_signers((const char *)note.data, note.bytes, &signers, &count),
                     ERR_TOO_BIG);
    buf_text(&note, "no line of a signature\n");
    note.bytes -= strlen(line);
    assert_int_equal(note_signers((const char *)note.data, note.bytes, &signers, &count),
                     ERR_INVALID);
    buf_clear(&note);
    memset(buf_room(&note, NOTE_BYTES_MAX + 1), '\n', NOTE_BYTES_MAX + 1);
    assert_int_equal(note_signers((const char *)note.data, note.bytes, &signers, &count),
                     ERR_TOO_BIG);
    assert_null(signers);
    buf_free(&note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_note_signers_vectors),
        cmocka_unit_test(test_note_signers_malformed),
        cmocka_unit_test(test_note_key_parse_vectors),
        cmocka_unit_test(test_note_key_parse_refused),
        cmocka_unit_test(test_note_key_parse_bit_flipped),
        cmocka_unit_test(test_note_name_ok_refused),
        cmocka_unit_test(test_note_name_ok_fine),
        cmocka_unit_test(test_note_sign_vectors),
        cmocka_unit_test(test_note_check_vectors),
        cmocka_unit_test(test_note_check_refused),
        cmocka_unit_test(test_note_check_bit_flipped),
        cmocka_unit_test(test_note_check_cut_short),
        cmocka_unit_test(test_note_check_two_signatures),
        cmocka_unit_test(test_note_check_too_big),
        cmocka_unit_test(test_checkpoint_parse_vectors),
        cmocka_unit_test(test_checkpoint_parse_refused),
        cmocka_unit_test(test_checkpoint_parse_bit_flipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
