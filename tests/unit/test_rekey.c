/* The change of the ledger's own keys: what signs what, and what a crash leaves on disk. */
#include "rekey_kit.h"

/* Closes the ledger, opens it once more, and appends to it. */
static void reopen(struct kit *kit, const char *id, int64_t time_us)
{
    ledger_close(kit->ledger);
    kit->ledger = NULL;
    kit_open(kit, true);
    append_other(kit, id, time_us);
}

static void test_rekey_prepare_again_gives_the_same_keys(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    struct registry_pair first = prepare(&kit), again = prepare(&kit);
    assert_memory_equal(&first, &again, sizeof(first));
    file_write(&kit, SECRET_ADMISSION_NEXT, "0123"); /* what a crash left half written */
    again = prepare(&kit);
    assert_memory_equal(&first.checkpoint, &again.checkpoint, sizeof(first.checkpoint));
    assert_memory_not_equal(first.admission_key, again.admission_key, ED25519_KEY_BYTES);
    ledger_close(kit.ledger);
    kit_open(&kit, true);
    append_other(&kit, "a", 0);
    assert_int_equal(signatures(&kit), 1);
    assert_true(files_there(kit.path, SECRET_CHECKPOINT_NEXT));
    kit_end(&kit);
}

static void test_rekey_prepare_during_overlap(void **state)
{
    (void)state;
    struct kit kit;
    struct registry_pair pair;
    kit_new(&kit);
    rotate(&kit, "r", KIT_TIME_US + DAY_US);
    assert_int_equal(rekey_prepare(kit.ledger, false, &pair, &kit.why), ERR_CONFLICT);
    assert_non_null(strstr(kit.why.s, "2026-01-02T00:00:00"));
    kit_end(&kit);
}

/* Keys that were made to end an overlap, and that no event named before it ended by itself. */
static void test_rekey_prepare_for_an_overlap_that_ends(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    rotate(&kit, "r", KIT_TIME_US + DAY_US);
    struct registry_pair first = prepare(&kit), again = prepare(&kit);
    assert_memory_equal(&first, &again, sizeof(first));
    append_other(&kit, "a", KIT_TIME_US + DAY_US + 1);
    assert_int_equal(signatures(&kit), 1);
    assert_false(files_there(kit.path, SECRET_CHECKPOINT_AFTER));
    assert_false(files_there(kit.path, SECRET_ADMISSION_AFTER));
    again = prepare(&kit);
    assert_memory_equal(&first, &again, sizeof(first));
    reopen(&kit, "b", KIT_TIME_US + 2 * DAY_US);
    rotate(&kit, "s", -1);
    assert_int_equal(signatures(&kit), 2);
    kit_end(&kit);
}

static void test_rekey_prepare_refused_by_disk(void **state)
{
    (void)state;
    struct kit kit;
    struct registry_pair pair;
    kit_new(&kit);
    char *path = files_path(kit.path, SECRET_ADMISSION_NEXT);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(rekey_prepare(kit.ledger, false, &pair, &kit.why), ERR_IO);
    free(path);
    kit_end(&kit);
}

static void test_ledger_append_change_with_overlap(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    struct registry_pair pair = prepare(&kit);
    struct admitted *batch[] = {admit_other(&kit, "a", 0),
                                admit_change(&kit, "r", &pair, KIT_TIME_US + DAY_US),
                                admit_other(&kit, "b", 0), admit_other(&kit, "c", 0)};
    append(&kit, batch, 4, (const enum err[]){ERR_OK, ERR_OK, ERR_OK, ERR_OK});
    assert_int_equal(signatures(&kit), 2);
    append_other(&kit, "d", KIT_TIME_US + DAY_US);
    assert_int_equal(signatures(&kit), 2);
    assert_true(files_there(kit.path, SECRET_CHECKPOINT_NEXT));
    reopen(&kit, "e", KIT_TIME_US + DAY_US);
    assert_int_equal(signatures(&kit), 2);
    append_other(&kit, "f", KIT_TIME_US + DAY_US + 1);
    assert_int_equal(signatures(&kit), 1);
    assert_false(files_there(kit.path, SECRET_CHECKPOINT_NEXT));
    assert_false(files_there(kit.path, SECRET_ADMISSION_NEXT));
    reopen(&kit, "g", KIT_TIME_US + 2 * DAY_US);
    assert_int_equal(signatures(&kit), 1);
    kit_end(&kit);
}

static void test_ledger_append_change_at_once(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    struct registry_pair pair = prepare(&kit);
    struct admitted *batch[] = {admit_other(&kit, "a", 0), admit_change(&kit, "r", &pair, -1),
                                admit_other(&kit, "b", 0)};
    append(&kit, batch, 3, (const enum err[]){ERR_OK, ERR_OK, ERR_BUSY});
    assert_int_equal(signatures(&kit), 2);
    assert_false(files_there(kit.path, SECRET_CHECKPOINT_NEXT));
    append_other(&kit, "b", 0);
    assert_int_equal(signatures(&kit), 1);
    rotate(&kit, "s", -1);
    rotate(&kit, "t", KIT_TIME_US + DAY_US);
    reopen(&kit, "c", 0);
    assert_int_equal(signatures(&kit), 2);
    kit_end(&kit);
}

/* No file of the ledger has the text of any of the secrets. */
static void want_gone(const struct kit *kit, const struct buf *secrets, size_t count)
{
    for (size_t i = 0; i < sizeof(key_files) / sizeof(key_files[0]); i++) {
        struct buf now = {0};
        if (!files_there(kit->path, key_files[i]))
            continue;
        assert_true(i < 2);
        file_read(kit, key_files[i], &now);
        for (size_t k = 0; k < count; k++)
            assert_null(strstr((const char *)now.data, (const char *)secrets[k].data));
        buf_free(&now);
    }
}

/* A second change, of keys that leaked, while the first one's overlap is not over. */
static void test_ledger_append_change_that_ends_an_overlap(void **state)
{
    (void)state;
    struct kit kit;
    struct buf old[4] = {{0}};
    kit_new(&kit);
    rotate(&kit, "r", KIT_TIME_US + DAY_US);
    append_other(&kit, "a", 0);
    assert_int_equal(signatures(&kit), 2);
    for (size_t i = 0; i < 4; i++)
        file_read(&kit, key_files[i], &old[i]);
    struct registry_pair pair = prepare(&kit);
    append_other(&kit, "b", 0); /* what is prepared changes nothing */
    struct admitted *batch[] = {admit_change(&kit, "s", &pair, -1), admit_other(&kit, "c", 0)};
    append(&kit, batch, 2, (const enum err[]){ERR_OK, ERR_BUSY});
    assert_int_equal(signatures(&kit), 2);
    want_gone(&kit, old, 4);
    append_other(&kit, "c", 0);
    assert_int_equal(signatures(&kit), 1);
    reopen(&kit, "d", 0);
    assert_int_equal(signatures(&kit), 1);
    const struct verify_options all = {0};
    struct verify_result *result = kit_check(&kit, &all);
    if (!result->ok)
        fail_msg("%s", result->first_bad.what);
    verify_result_free(result);
    for (size_t i = 0; i < 4; i++)
        buf_free(&old[i]);
    kit_end(&kit);
}

/* Every state of the three files of a key between the commit of such a change and its end. */
static void test_ledger_open_where_the_end_of_an_overlap_broke_off(void **state)
{
    (void)state;
    static const char torn[] = "00000000000000000000000000000000000000000000000000000000000000";
    struct kit kit;
    struct buf old[6] = {{0}};
    kit_new(&kit);
    rotate(&kit, "r", KIT_TIME_US + DAY_US);
    prepare(&kit);
    for (size_t i = 0; i < 6; i++)
        file_read(&kit, key_files[i], &old[i]);
    rotate(&kit, "s", -1);
    /* By kind: in use: the first, half written, the last; next: the second, half written, the last,
     * gone; after: the last, or gone once it is in use and nothing is next. */
    for (unsigned kind = 0; kind < 3 * 4 + 1; kind++) {
        char id[8];
        ledger_close(kit.ledger);
        for (unsigned i = 0; i < 2; i++) {
            const char *const texts[] = {(const char *)old[i].data, torn,
                                         (const char *)old[i + 4].data,
                                         (const char *)old[i + 2].data};
            char *path = files_path(kit.path, key_files[i + 2]);
            file_write(&kit, key_files[i], texts[kind / 4 < 2 ? kind / 4 : 2]);
            if (kind < 12)
                file_write(&kit, key_files[i + 4], texts[2]);
            if (kind % 4 < 3 && kind < 12)
                file_write(&kit, key_files[i + 2], texts[kind % 4 == 0 ? 3 : kind % 4]);
            else
                unlink(path);
            free(path);
        }
        kit_open(&kit, true);
        snprintf(id, sizeof(id), "k%u", kind);
        append_other(&kit, id, 0);
        assert_int_equal(signatures(&kit), 1);
        want_gone(&kit, old, 4);
    }
    for (size_t i = 0; i < 6; i++)
        buf_free(&old[i]);
    kit_end(&kit);
}

/* Admitted by the old key, but appended only when it holds no longer. */
static void test_ledger_append_after_the_overlap(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    struct registry_pair pair = prepare(&kit);
    struct admitted *late = admit_other(&kit, "late", KIT_TIME_US + DAY_US + 1);
    struct admitted *change = admit_change(&kit, "r", &pair, KIT_TIME_US + DAY_US);
    append(&kit, &change, 1, (const enum err[]){ERR_OK});
    append(&kit, &late, 1, (const enum err[]){ERR_BUSY});
    kit_end(&kit);
}

static void test_ledger_append_change_to_keys_elsewhere(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    struct registry_pair pair = prepare(&kit);
    struct admitted *change = admit_change(&kit, "r", &pair, -1);
    for (size_t i = 2; i < 4; i++) {
        char *path = files_path(kit.path, key_files[i]);
        unlink(path);
        free(path);
    }
    append(&kit, &change, 1, (const enum err[]){ERR_FORBIDDEN});
    append_other(&kit, "a", 0);
    assert_int_equal(signatures(&kit), 1);
    kit_end(&kit);
}

static void test_ledger_append_change_refused(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    struct registry_pair pair = prepare(&kit);
    char *data = pair_data(&pair, -1);
    struct kit_event event = {.id = "r", .type = REKEYED, .data = data};
    struct receipt receipt = kit_append(&kit, &event);
    assert_int_equal(receipt.err, ERR_OK);
    assert_int_equal(receipt.verdict.rule, RULE_UNSIGNED);
    assert_int_equal(signatures(&kit), 1);
    ledger_receipts_free(&receipt, 1);
    free(data);
    rotate(&kit, "s", -1);
    assert_int_equal(signatures(&kit), 2);
    kit_end(&kit);
}

/* Another process that had the ledger open before the change. */
static void test_ledger_append_beside_a_change(void **state)
{
    (void)state;
    struct kit kit, other;
    kit_new(&kit);
    other = kit;
    kit_open(&other, true);
    append_other(&other, "a", 0);
    struct admitted *old = admit_other(&other, "old", 0);
    rotate(&kit, "r", -1);
    append(&other, &old, 1, (const enum err[]){ERR_BUSY});
    append_other(&other, "b", 0);
    assert_int_equal(signatures(&other), 1);
    append_other(&kit, "c", 0);
    assert_int_equal(signatures(&kit), 1);
    ledger_close(other.ledger);
    kit_end(&kit);
}

/* Every state of the four files between the commit of a change and its end. */
static void test_ledger_open_where_a_change_broke_off(void **state)
{
    (void)state;
    static const char torn[] = "00000000000000000000000000000000000000000000000000000000000000";
    struct kit kit;
    struct buf old[4] = {{0}};
    kit_new(&kit);
    prepare(&kit);
    for (size_t i = 0; i < 4; i++)
        file_read(&kit, key_files[i], &old[i]);
    rotate(&kit, "r", -1);
    /* By kind: the old, half written, or the new one in place, with or without the new one beside.
     */
    for (unsigned kind = 0; kind < 4 * 4; kind++) {
        char id[8];
        ledger_close(kit.ledger);
        for (unsigned i = 0; i < 2; i++) {
            unsigned of_this = i == 0 ? kind / 4 : kind % 4;
            const struct buf *now = of_this == 0 ? &old[i] : &old[i + 2];
            file_write(&kit, key_files[i], of_this == 1 ? torn : (const char *)now->data);
            if (of_this < 3)
                file_write(&kit, key_files[i + 2], (const char *)old[i + 2].data);
        }
        kit_open(&kit, true);
        snprintf(id, sizeof(id), "k%u", kind);
        append_other(&kit, id, 0);
        assert_int_equal(signatures(&kit), 1);
        assert_false(files_there(kit.path, SECRET_CHECKPOINT_NEXT));
        assert_false(files_there(kit.path, SECRET_ADMISSION_NEXT));
    }
    for (size_t i = 0; i < 4; i++)
        buf_free(&old[i]);
    kit_end(&kit);
}

/* The old secrets are nowhere in the directory once the change is over. */
static void test_rekey_load_wipes_the_old(void **state)
{
    (void)state;
    struct kit kit;
    struct buf old = {0}, now = {0};
    kit_new(&kit);
    file_read(&kit, SECRET_CHECKPOINT, &old);
    rotate(&kit, "r", KIT_TIME_US + DAY_US);
    file_read(&kit, SECRET_CHECKPOINT, &now);
    assert_memory_equal(old.data, now.data, old.bytes);
    append_other(&kit, "a", KIT_TIME_US + 2 * DAY_US);
    buf_clear(&now);
    file_read(&kit, SECRET_CHECKPOINT, &now);
    assert_int_equal(now.bytes, old.bytes);
    assert_memory_not_equal(old.data, now.data, old.bytes);
    buf_free(&old);
    buf_free(&now);
    kit_end(&kit);
}

static void test_rekey_load_keys_gone(void **state)
{
    (void)state;
    struct kit kit;
    struct ledger *ledger = NULL;
    struct buf old = {0};
    kit_new(&kit);
    file_read(&kit, SECRET_CHECKPOINT, &old);
    rotate(&kit, "r", -1);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    file_write(&kit, SECRET_CHECKPOINT, (const char *)old.data);
    assert_int_equal(ledger_open(kit.path, true, &ledger, &kit.why), ERR_DAMAGED);
    char *path = files_path(kit.path, SECRET_CHECKPOINT);
    unlink(path);
    free(path);
    assert_int_equal(ledger_open(kit.path, true, &ledger, &kit.why), ERR_NOT_FOUND);
    buf_free(&old);
    kit_end(&kit);
}

/* The checkpoint outside the environment is checked by the keys that its size has. */
static void test_copy_check_across_a_change(void **state)
{
    (void)state;
    struct kit kit;
    struct buf before = {0}, after = {0};
    struct ledger *ledger = NULL;
    kit_new(&kit);
    assert_int_equal(copy_write(kit.ledger, NULL), ERR_OK);
    file_read(&kit, COPY_NAME, &before);
    rotate(&kit, "r", -1);
    reopen(&kit, "a", 0);
    assert_int_equal(ledger_checkpoint(kit.ledger, &after, NULL), ERR_OK);
    ledger_close(kit.ledger);
    file_write(&kit, COPY_NAME, (const char *)before.data);
    kit_open(&kit, true);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    /* The old key's signature under a checkpoint of after the change. */
    char *body = mem_text_n(
        (const char *)after.data,
        (size_t)(strstr((const char *)after.data, "\n\n") - (const char *)after.data) + 2);
    struct buf mixed = {0};
    buf_printf(&mixed, "%s%s", body, strstr((const char *)before.data, "\n\n") + 2);
    file_write(&kit, COPY_NAME, (const char *)mixed.data);
    assert_int_equal(ledger_open(kit.path, true, &ledger, &kit.why), ERR_DAMAGED);
    free(body);
    buf_free(&mixed);
    buf_free(&before);
    buf_free(&after);
    kit_end(&kit);
}

static void test_ledger_receipt_why_texts(void **state)
{
    (void)state;
    static const enum err errs[] = {ERR_CONFLICT, ERR_BUSY, ERR_FORBIDDEN, ERR_DISK_LOW};
    for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++) {
        struct receipt receipt = {.err = errs[i]};
        struct err_text why = {""};
        assert_int_equal(ledger_receipt_why(&receipt, &why), errs[i]);
        assert_true(why.s[0] != '\0');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rekey_prepare_again_gives_the_same_keys),
        cmocka_unit_test(test_rekey_prepare_during_overlap),
        cmocka_unit_test(test_rekey_prepare_for_an_overlap_that_ends),
        cmocka_unit_test(test_rekey_prepare_refused_by_disk),
        cmocka_unit_test(test_ledger_append_change_with_overlap),
        cmocka_unit_test(test_ledger_append_change_at_once),
        cmocka_unit_test(test_ledger_append_change_that_ends_an_overlap),
        cmocka_unit_test(test_ledger_open_where_the_end_of_an_overlap_broke_off),
        cmocka_unit_test(test_ledger_append_after_the_overlap),
        cmocka_unit_test(test_ledger_append_change_to_keys_elsewhere),
        cmocka_unit_test(test_ledger_append_change_refused),
        cmocka_unit_test(test_ledger_append_beside_a_change),
        cmocka_unit_test(test_ledger_open_where_a_change_broke_off),
        cmocka_unit_test(test_rekey_load_wipes_the_old),
        cmocka_unit_test(test_rekey_load_keys_gone),
        cmocka_unit_test(test_copy_check_across_a_change),
        cmocka_unit_test(test_ledger_receipt_why_texts),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
