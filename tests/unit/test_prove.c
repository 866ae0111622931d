#include <stdbool.h>

#include "tests/unit/damage_kit.h"

#include "ledger/kept.h"
#include "ledger/proof.h"
#include "ledger/prove.h"

/* Check what was made by the ledger's key and by what it carries. */
static void holds(const struct kit *kit, uint64_t seq, const struct buf *text, bool with_event)
{
    struct proof *proof = NULL;
    struct proof_extra extra;
    struct entry entry;
    struct checkpoint checkpoint;
    struct record *record = NULL;
    uint8_t leaf[HASH_BYTES];
    assert_int_equal(proof_parse((const char *)text->data, text->bytes, &proof), ERR_OK);
    assert_true(proof->seq == seq && proof->has_extra);
    assert_int_equal(proof_extra_parse(proof->extra.data, proof->extra.bytes, &extra), ERR_OK);
    assert_int_equal(proof_extra_check(&extra, seq, &entry, NULL), ERR_OK);
    entry_leaf(extra.entry, extra.entry_bytes, leaf);
    assert_int_equal(proof_check(proof, leaf, &ledger_info(kit->ledger)->key, 1, &checkpoint, NULL),
                     ERR_OK);
    assert_int_equal(ledger_read(kit->ledger, seq, &record, NULL), ERR_OK);
    assert_memory_equal(record->leaf, leaf, HASH_BYTES);
    assert_true((extra.salt != NULL) == with_event);
    if (with_event)
        assert_memory_equal(extra.event, record->event.data, record->event.bytes);
    ledger_record_free(record);
    proof_free(proof);
}

/* Every entry under every checkpoint that is kept, and the last. */
static void test_prove_entry_all(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t size = 0, sizes = 0;
    bool found = true;
    kit_new(&kit);
    kit_fill(&kit, 30);
    for (;;) {
        struct kept kept;
        assert_int_equal(kept_after(kit.ledger, size, &kept, &found, &kit.why), ERR_OK);
        if (!found)
            break;
        assert_true(kept.size > size);
        size = kept.size;
        sizes++;
        for (uint64_t seq = 0; seq < size; seq++) {
            struct buf text = {0};
            bool with_event = seq % 2 == 1;
            assert_int_equal(prove_entry(kit.ledger, seq, &kept.note, with_event, &text, &kit.why),
                             ERR_OK);
            holds(&kit, seq, &text, with_event);
            buf_free(&text);
        }
        buf_free(&kept.note);
    }
    assert_true(sizes > 5 && size >= 30);
    kit_end(&kit);
}

static void refused(struct kit *kit, uint64_t seq, const struct buf *note, bool with_event,
                    enum err want)
{
    struct buf text = {0};
    kit->why.s[0] = '\0';
    assert_int_equal(prove_entry(kit->ledger, seq, note, with_event, &text, &kit->why), want);
    assert_true(text.bytes == 0 && kit->why.s[0] != '\0');
}

static void test_prove_entry_refused(void **state)
{
    (void)state;
    struct kit kit, other;
    struct buf note = {0}, foreign = {0}, changed = {0}, none = {0};
    kit_new(&kit);
    kit_new(&other);
    kit_fill(&kit, 8);
    kit_fill(&other, 12);
    assert_int_equal(ledger_checkpoint(kit.ledger, &note, &kit.why), ERR_OK);
    assert_int_equal(ledger_checkpoint(other.ledger, &foreign, &kit.why), ERR_OK);
    refused(&kit, 8, &note, false, ERR_NOT_FOUND);
    refused(&kit, UINT64_MAX, &note, false, ERR_NOT_FOUND);
    refused(&kit, 0, &none, false, ERR_INVALID);
    refused(&kit, 0, &foreign, false, ERR_PROOF); /* more entries than are here */
    refused(&other, 0, &note, false, ERR_PROOF);  /* another root */
    buf_add(&changed, note.data, note.bytes);
    changed.data[changed.bytes - 10] = changed.data[changed.bytes - 10] == 'A' ? 'B' : 'A';
    refused(&kit, 0, &changed, false, ERR_PROOF);
    buf_clear(&changed);
    buf_add(&changed, note.data, note.bytes);
    memset(buf_room(&changed, NOTE_BYTES_MAX), '\n', NOTE_BYTES_MAX);
    refused(&kit, 0, &changed, false, ERR_TOO_BIG);
    buf_free(&note);
    buf_free(&foreign);
    buf_free(&changed);
    kit_end(&kit);
    kit_end(&other);
}

#define NODE_2_3 5 /* number of the node over leaves 2 and 3 */

/* What the rows of a ledger are made into on their way. */
struct change {
    uint64_t erase;  /* the event of this seq; UINT64_MAX: of none */
    bool node;       /* one hash of the tree is another */
    bool kept, last; /* of the checkpoints kept one is malformed; the last one */
    bool drop_last;  /* there is no last one */
};

static bool change_row(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    const struct change *change = ctx;
    struct reader reader = {.data = key->data, .bytes = key->bytes};
    uint64_t number = reader_u64(&reader);
    if (table == STORE_EVENTS && number == change->erase)
        value->bytes = SALT_BYTES;
    if (table == STORE_NODES && change->node && number == NODE_2_3)
        value->data[0] ^= 1;
    if (table == STORE_CHECKPOINTS && change->kept)
        value->data[value->bytes - 1] = 'x', value->data[0] = '\n';
    if (table == STORE_META && change->last)
        value->data[0] = '\n';
    return table != STORE_META || !change->drop_last;
}

/* A ledger of 8 entries, changed. */
static void changed_kit(struct kit *kit, const struct change *change, struct buf *note)
{
    struct change copy = *change;
    kit_new(kit);
    kit_fill(kit, 8);
    assert_int_equal(ledger_checkpoint(kit->ledger, note, &kit->why), ERR_OK);
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    damage_rewrite(kit, change_row, NULL, &copy);
    kit_open(kit, false);
}

static void test_prove_entry_erased(void **state)
{
    (void)state;
    const struct change change = {.erase = 5};
    struct kit kit;
    struct buf note = {0}, text = {0};
    changed_kit(&kit, &change, &note);
    refused(&kit, 5, &note, true, ERR_NOT_FOUND);
    assert_int_equal(prove_entry(kit.ledger, 5, &note, false, &text, &kit.why), ERR_OK);
    holds(&kit, 5, &text, false);
    buf_free(&note);
    buf_free(&text);
    kit_end(&kit);
}

/* A proof that would not hold is not given out. */
static void test_prove_entry_damaged(void **state)
{
    (void)state;
    const struct change change = {.erase = UINT64_MAX, .node = true};
    struct kit kit;
    struct buf note = {0}, text = {0};
    changed_kit(&kit, &change, &note);
    refused(&kit, 0, &note, false, ERR_DAMAGED);
    assert_int_equal(prove_entry(kit.ledger, 2, &note, false, &text, &kit.why), ERR_OK);
    buf_free(&note);
    buf_free(&text);
    kit_end(&kit);
}

static void test_kept_note_sizes(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t size = 0, last = 0;
    size_t kept = 0;
    kit_new(&kit);
    kit_fill(&kit, 20);
    assert_int_equal(ledger_size(kit.ledger, &last, NULL), ERR_OK);
    for (size = 0; size <= last + 1; size++) {
        struct buf note = {0};
        struct checkpoint checkpoint;
        enum err err = kept_note(kit.ledger, size, &note, &kit.why);
        if (err == ERR_OK) {
            kept++;
            assert_int_equal(checkpoint_parse((const char *)note.data, note.bytes, &checkpoint),
                             ERR_OK);
            assert_true(checkpoint.size == size);
        } else {
            assert_int_equal(err, ERR_NOT_FOUND);
            assert_int_equal(note.bytes, 0);
            assert_non_null(strstr(kit.why.s, size > last ? "not 2" : "around it"));
        }
        buf_free(&note);
        if (size == 0 || size > last)
            assert_int_equal(err, ERR_NOT_FOUND);
        if (size == 1 || size == last)
            assert_int_equal(err, ERR_OK);
    }
    assert_in_range(kept, 4, last - 4);
    kit_end(&kit);
}

/* The note that two options name, "" for none; ${path} is the --checkpoint. */
static void chosen(struct kit *kit, const char *size, const char *path, struct buf *ret_note)
{
    struct kept_choice choice;
    assert_int_equal(kept_choose(size, path, &choice, NULL), ERR_OK);
    assert_int_equal(kept_chosen(kit->ledger, &choice, ret_note, NULL), ERR_OK);
}

static void test_kept_chosen_as_named(void **state)
{
    (void)state;
    struct kit kit;
    struct buf last = {0}, first = {0}, note = {0};
    char path[sizeof(kit.path) + sizeof("/note")];
    kit_new(&kit);
    kit_fill(&kit, 20);
    snprintf(path, sizeof(path), "%s/note", kit.path);
    chosen(&kit, NULL, NULL, &note);
    assert_int_equal(ledger_checkpoint(kit.ledger, &last, NULL), ERR_OK);
    assert_true(note.bytes == last.bytes && memcmp(note.data, last.data, last.bytes) == 0);
    buf_clear(&note);
    chosen(&kit, "1", NULL, &note);
    assert_int_equal(kept_note(kit.ledger, 1, &first, NULL), ERR_OK);
    assert_true(note.bytes == first.bytes && memcmp(note.data, first.data, first.bytes) == 0);
    buf_clear(&note);
    assert_int_equal(files_output(path, first.data, first.bytes, NULL), ERR_OK);
    chosen(&kit, NULL, path, &note);
    assert_true(note.bytes == first.bytes && memcmp(note.data, first.data, first.bytes) == 0);
    buf_free(&note);
    buf_free(&first);
    buf_free(&last);
    kit_end(&kit);
}

static void test_kept_choose_errors(void **state)
{
    (void)state;
    static const char *const bad[] = {"0", "", "-1", "1x", "18446744073709551616"};
    struct kept_choice choice = {.size = 7};
    struct err_text why = {""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(kept_choose(bad[i], NULL, &choice, &why), ERR_USAGE);
        assert_string_equal(why.s, "--size takes a number from 1 on");
    }
    assert_int_equal(kept_choose("1", "-", &choice, &why), ERR_USAGE);
    assert_string_equal(why.s, "--size and --checkpoint exclude each other");
    assert_true(choice.size == 7);
}

static void test_kept_damaged(void **state)
{
    (void)state;
    const struct change changes[] = {{.erase = UINT64_MAX, .kept = true},
                                     {.erase = UINT64_MAX, .last = true},
                                     {.erase = UINT64_MAX, .drop_last = true}};
    for (size_t i = 0; i < 3; i++) {
        struct kit kit;
        struct kept kept;
        struct buf note = {0};
        bool found = false;
        uint64_t size = i == 0 ? 0 : 8; /* behind all that are kept */
        changed_kit(&kit, &changes[i], &note);
        buf_clear(&note);
        assert_int_equal(kept_after(kit.ledger, size, &kept, &found, &kit.why), ERR_DAMAGED);
        assert_int_equal(kept_note(kit.ledger, size + 1, &note, &kit.why), ERR_DAMAGED);
        buf_free(&note);
        kit_end(&kit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prove_entry_all),      cmocka_unit_test(test_prove_entry_refused),
        cmocka_unit_test(test_prove_entry_erased),   cmocka_unit_test(test_prove_entry_damaged),
        cmocka_unit_test(test_kept_note_sizes),      cmocka_unit_test(test_kept_damaged),
        cmocka_unit_test(test_kept_chosen_as_named), cmocka_unit_test(test_kept_choose_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
