#include "tests/unit/ledger_kit.h"

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/secret.h"

static void assert_ok(enum err err, const struct kit *kit)
{
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), kit->why.s);
}

static void assert_open_fails(struct kit *kit, bool write, enum err err)
{
    struct ledger *ledger = NULL;
    kit->why.s[0] = '\0';
    assert_int_equal(ledger_open(kit->path, write, &ledger, &kit->why), err);
    assert_null(ledger);
    assert_true(kit->why.s[0] != '\0');
}

static void close_now(struct kit *kit)
{
    ledger_close(kit->ledger);
    kit->ledger = NULL;
}

static void file_copy(const struct kit *kit, const char *from, const char *to)
{
    struct buf data = {0};
    assert_int_equal(files_read(kit->path, from, 1 << 24, &data, NULL), ERR_OK);
    assert_int_equal(files_replace(kit->path, to, data.data, data.bytes, NULL), ERR_OK);
    buf_free(&data);
}

static void test_ledger_create_then_open(void **state)
{
    (void)state;
    static const char *const names[] = {"data.mdb", SECRET_CHECKPOINT, SECRET_ADMISSION, COPY_NAME};
    struct kit kit;
    struct record *record = NULL;
    struct checkpoint checkpoint;
    struct buf note = {0}, copy = {0};
    kit_new(&kit);
    const struct ledger_info *info = ledger_info(kit.ledger);
    assert_string_equal(info->origin, "test.example/simulated");
    assert_true(info->simulated);
    assert_string_equal(ledger_dir(kit.ledger), kit.path);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct stat file;
        char *path = files_path(kit.path, names[i]);
        assert_int_equal(stat(path, &file), 0);
        assert_int_equal(file.st_mode & 0777, 0600);
        free(path);
    }
    assert_ok(ledger_read(kit.ledger, 0, &record, &kit.why), &kit);
    assert_int_equal(record->entry.part.origin, ORIGIN_LEDGER);
    assert_string_equal(record->entry.part.stream, "ledger");
    assert_int_equal(record->entry.time_us, KIT_TIME_US);
    ledger_record_free(record);
    ledger_record_free(NULL);
    assert_ok(ledger_checkpoint(kit.ledger, &note, &kit.why), &kit);
    assert_int_equal(note_check((char *)note.data, note.bytes, &info->key, 1, NULL), ERR_OK);
    assert_int_equal(checkpoint_parse((char *)note.data, note.bytes, &checkpoint), ERR_OK);
    assert_int_equal(checkpoint.size, 1);
    assert_ok(files_read(kit.path, COPY_NAME, 10000, &copy, &kit.why), &kit);
    assert_int_equal(copy.bytes, note.bytes);
    assert_memory_equal(copy.data, note.data, note.bytes);
    assert_true(registry_holds(ledger_registry(kit.ledger), "root", "admin", 1));
    const struct verdict *verdict = ledger_verdict(kit.ledger, 0);
    assert_non_null(verdict);
    assert_int_equal(verdict->rule, RULE_NONE);
    assert_null(ledger_verdict(kit.ledger, 1));
    buf_free(&note);
    buf_free(&copy);
    kit_end(&kit);
}

static void test_ledger_create_where_something_is(void **state)
{
    (void)state;
    struct kit kit;
    kit_dir(&kit);
    assert_int_equal(mkdir(kit.path, 0700), 0);
    assert_ok(files_make(kit.path, "note", "x", 1, &kit.why), &kit);
    assert_int_equal(kit_create(&kit, "test.example"), ERR_CONFLICT);
    assert_true(files_there(kit.path, "note"));
    assert_false(files_there(kit.path, SECRET_CHECKPOINT));
    char *path = files_path(kit.path, "note");
    unlink(path);
    free(path);
    assert_ok(kit_create(&kit, "test.example"), &kit);
    assert_int_equal(kit_create(&kit, "test.example"), ERR_CONFLICT);
    kit_open(&kit, false);
    assert_false(ledger_info(kit.ledger)->simulated);
    kit_end(&kit);
}

static void test_ledger_create_what_cannot_be(void **state)
{
    (void)state;
    static const char *const principals[] = {"a b"};
    struct kit kit;
    struct sshkey key;
    uint8_t secret[64];
    kit_dir(&kit);
    kit_key(1, &key, secret);
    assert_int_equal(kit_create(&kit, "has space"), ERR_INVALID);
    assert_int_equal(kit_create(&kit, ""), ERR_INVALID);
    struct ledger_create create = {.origin = "o", .admin_principals = principals};
    create.admin_keys = &key;
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_INVALID);
    create.admin_count = 1;
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_INVALID);
    static const char *const good[] = {"ann"};
    create.admin_principals = good;
    create.simulated = true;
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_INVALID);
    create.simulated = false;
    create.origin = "o/simulated";
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_INVALID);
    create.origin = "o";
    create.time_us = -1;
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_INVALID);
    create.time_us = 0;
    create.seed = key.id;
    assert_int_equal(ledger_create(kit.path, &create, &kit.why), ERR_INVALID);
    create.seed = NULL;
    assert_int_equal(access(kit.path, F_OK), -1);
    assert_int_equal(ledger_create("/nonexistent/ledger", &create, &kit.why), ERR_IO);
    assert_ok(ledger_create(kit.path, &create, &kit.why), &kit);
    kit_end(&kit);
}

static void test_ledger_open_what_is_not_there(void **state)
{
    (void)state;
    struct kit kit;
    kit_dir(&kit);
    assert_open_fails(&kit, false, ERR_NOT_FOUND);
    assert_int_equal(mkdir(kit.path, 0700), 0);
    assert_open_fails(&kit, true, ERR_NOT_FOUND);
    ledger_close(NULL);
    kit_end(&kit);
}

static void test_ledger_open_with_wrong_keys(void **state)
{
    (void)state;
    struct kit kit;
    char *path;
    kit_new(&kit);
    close_now(&kit);
    file_copy(&kit, SECRET_ADMISSION, "kept");
    file_copy(&kit, SECRET_CHECKPOINT, SECRET_ADMISSION);
    assert_open_fails(&kit, true, ERR_DAMAGED);
    file_copy(&kit, "kept", SECRET_ADMISSION);
    path = files_path(kit.path, SECRET_CHECKPOINT);
    assert_int_equal(chmod(path, 0644), 0);
    assert_open_fails(&kit, true, ERR_IO);
    unlink(path);
    free(path);
    assert_open_fails(&kit, true, ERR_NOT_FOUND);
    kit_open(&kit, false);
    kit_end(&kit);
}

/* An older environment put back would sign a second root for a size. */
static void test_ledger_open_older_than_its_checkpoint(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill(&kit, 5);
    close_now(&kit);
    file_copy(&kit, "data.mdb", "older");
    kit_open(&kit, true);
    kit_fill(&kit, 20);
    close_now(&kit);
    kit_open(&kit, true);
    close_now(&kit);
    file_copy(&kit, "older", "data.mdb");
    assert_open_fails(&kit, true, ERR_DAMAGED);
    assert_non_null(strstr(kit.why.s, "no longer has"));
    kit_open(&kit, false);
    kit_end(&kit);
}

static void test_ledger_open_with_checkpoint_outside(void **state)
{
    (void)state;
    struct kit kit;
    struct buf note = {0};
    kit_new(&kit);
    kit_fill(&kit, 5);
    close_now(&kit);
    char *path = files_path(kit.path, COPY_NAME);
    unlink(path);
    free(path);
    kit_open(&kit, true);
    assert_true(files_there(kit.path, COPY_NAME));
    close_now(&kit);
    assert_ok(files_read(kit.path, COPY_NAME, 10000, &note, &kit.why), &kit);
    note.data[note.bytes - 10] = note.data[note.bytes - 10] == 'A' ? 'B' : 'A';
    assert_ok(files_replace(kit.path, COPY_NAME, note.data, note.bytes, &kit.why), &kit);
    assert_open_fails(&kit, true, ERR_DAMAGED);
    buf_free(&note);
    kit_end(&kit);
}

static void test_ledger_numbers(void **state)
{
    (void)state;
    struct kit kit;
    uint64_t size = 0, seq = 0;
    int64_t us = 0;
    uint8_t root[HASH_BYTES], empty[HASH_BYTES];
    kit_new(&kit);
    kit_fill(&kit, 12);
    assert_ok(ledger_size(kit.ledger, &size, &kit.why), &kit);
    assert_int_equal(size, 12);
    assert_ok(ledger_last_us(kit.ledger, &us, &kit.why), &kit);
    assert_true(us > KIT_TIME_US);
    assert_int_equal(ledger_now(kit.ledger), us);
    assert_int_equal(ledger_admission(kit.ledger)->last_us, us);
    assert_ok(ledger_root(kit.ledger, 0, root, &kit.why), &kit);
    hash_bytes("", 0, empty);
    assert_memory_equal(root, empty, HASH_BYTES);
    assert_ok(ledger_root(kit.ledger, 12, root, &kit.why), &kit);
    assert_int_equal(ledger_root(kit.ledger, 13, root, &kit.why), ERR_NOT_FOUND);
    assert_ok(ledger_seq_at(kit.ledger, 0, &seq, &kit.why), &kit);
    assert_int_equal(seq, 0);
    assert_ok(ledger_seq_at(kit.ledger, us, &seq, &kit.why), &kit);
    assert_int_equal(seq, 11);
    assert_ok(ledger_seq_at(kit.ledger, us + 1, &seq, &kit.why), &kit);
    assert_int_equal(seq, 12);
    assert_ok(ledger_seq_at(kit.ledger, KIT_TIME_US + 3 * INSTANT_SECOND_US, &seq, &kit.why), &kit);
    assert_int_equal(seq, 2);
    kit_end(&kit);
}

static void test_ledger_now_of_a_real_ledger(void **state)
{
    (void)state;
    struct kit kit;
    kit_dir(&kit);
    assert_ok(kit_create(&kit, "test.example"), &kit);
    kit_open(&kit, true);
    int64_t now = ledger_now(kit.ledger);
    assert_true(now > KIT_TIME_US);
    assert_true(ledger_now(kit.ledger) >= now);
    kit_end(&kit);
}

static void test_ledger_root_of_every_size(void **state)
{
    (void)state;
    struct kit kit;
    struct tree_edge edge = {0};
    kit_new(&kit);
    kit_fill(&kit, 40);
    for (uint64_t seq = 0; seq < 40; seq++) {
        uint8_t due[HASH_BYTES], root[HASH_BYTES];
        struct record *record = NULL;
        assert_ok(ledger_read(kit.ledger, seq, &record, &kit.why), &kit);
        assert_int_equal(tree_edge_push(&edge, record->leaf, NULL, NULL), ERR_OK);
        tree_edge_root(&edge, due);
        assert_ok(ledger_root(kit.ledger, seq + 1, root, &kit.why), &kit);
        assert_memory_equal(root, due, HASH_BYTES);
        ledger_record_free(record);
    }
    kit_end(&kit);
}

static void test_ledger_read_beyond_the_head(void **state)
{
    (void)state;
    struct kit kit;
    struct record *record = NULL;
    kit_new(&kit);
    assert_int_equal(ledger_read(kit.ledger, 1, &record, &kit.why), ERR_NOT_FOUND);
    assert_int_equal(ledger_read(kit.ledger, UINT64_MAX, &record, &kit.why), ERR_NOT_FOUND);
    assert_null(record);
    kit_end(&kit);
}

static void test_ledger_tile_of_each_kind(void **state)
{
    (void)state;
    struct kit kit;
    struct buf tile = {0};
    struct record *record = NULL;
    kit_new(&kit);
    kit_fill(&kit, 300);
    struct tile wanted = {.kind = TILE_HASHES, .level = 0, .index = 1, .width = 44};
    assert_ok(ledger_tile(kit.ledger, &wanted, &tile, &kit.why), &kit);
    assert_int_equal(tile.bytes, 44 * HASH_BYTES);
    assert_ok(ledger_read(kit.ledger, 256, &record, &kit.why), &kit);
    assert_memory_equal(tile.data, record->leaf, HASH_BYTES);
    wanted.width = 45;
    assert_int_equal(ledger_tile(kit.ledger, &wanted, &tile, &kit.why), ERR_NOT_FOUND);
    buf_clear(&tile);
    wanted = (struct tile){.kind = TILE_HASHES, .level = 1, .index = 0, .width = 1};
    assert_ok(ledger_tile(kit.ledger, &wanted, &tile, &kit.why), &kit);
    assert_int_equal(tile.bytes, HASH_BYTES);
    uint8_t root[HASH_BYTES];
    assert_ok(ledger_root(kit.ledger, 256, root, &kit.why), &kit);
    assert_memory_equal(tile.data, root, HASH_BYTES);
    buf_clear(&tile);
    wanted = (struct tile){.kind = TILE_ENTRIES, .index = 1, .width = 1};
    assert_ok(ledger_tile(kit.ledger, &wanted, &tile, &kit.why), &kit);
    assert_int_equal(tile.bytes, 2 + record->entry_bytes.bytes);
    assert_memory_equal(tile.data + 2, record->entry_bytes.data, record->entry_bytes.bytes);
    buf_clear(&tile);
    wanted.kind = TILE_EVENTS;
    assert_ok(ledger_tile(kit.ledger, &wanted, &tile, &kit.why), &kit);
    assert_int_equal(tile.bytes, 4 + SALT_BYTES + record->event.bytes);
    assert_memory_equal(tile.data + 4 + SALT_BYTES, record->event.data, record->event.bytes);
    ledger_record_free(record);
    buf_free(&tile);
    kit_end(&kit);
}

static void test_ledger_record_text_has_the_event(void **state)
{
    (void)state;
    struct kit kit;
    struct record *record = NULL;
    struct buf text = {0};
    kit_new(&kit);
    struct kit_event event = {
        .id = "n", .deployment = "d", .data = "{\"x\":\n1.10}", .signers = {1}};
    struct receipt receipt = kit_append(&kit, &event);
    json_t *json = ledger_receipt_json(&receipt);
    assert_int_equal(json_integer_value(ijson_get(json, "seq")), 1);
    assert_string_equal(ijson_string(json, "verdict"), "accepted");
    assert_string_equal(ijson_string(json, "stream"), "d");
    json_decref(json);
    static const char *const reasons[] = {NULL, NULL, "late: 3 s", "a \"quote\"", "caf\xc3\xa9"};
    for (int i = 0; i < 6; i++) { /* plain, flagged, with reasons, refused */
        struct buf wanted = {0}, found = {0};
        if (i == 1)
            verdict_flag(&receipt.verdict, FLAG_SPOOLED);
        else if (i == 2)
            verdict_flag(&receipt.verdict, FLAG_LATE);
        if (i < 5) {
            free(receipt.verdict.reason);
            receipt.verdict.reason = mem_text(reasons[i]);
        } else {
            verdict_refuse(&receipt.verdict, RULE_BAD_VALUE, "\"%s\"", "it");
        }
        json = ledger_receipt_json(&receipt);
        ijson_print(json, &wanted);
        json_decref(json);
        ledger_receipt_text(&receipt, &found);
        assert_string_equal((char *)found.data, (char *)wanted.data);
        buf_free(&wanted);
        buf_free(&found);
    }
    ledger_receipts_free(&receipt, 1);
    assert_ok(ledger_read(kit.ledger, 1, &record, &kit.why), &kit);
    ledger_record_text(record, &text);
    assert_non_null(strstr((char *)text.data, "1.10"));
    assert_null(strchr((char *)text.data, '\n'));
    assert_ok(ijson_parse(text.data, text.bytes, &json, &kit.why), &kit);
    assert_int_equal(json_integer_value(ijson_get(json, "seq")), 1);
    assert_string_equal(ijson_string(json, "principal"), "root");
    assert_string_equal(ijson_string(json, "origin"), "http");
    assert_string_equal(ijson_string(json, "time"), "2026-01-01T00:00:00.000000Z");
    assert_int_equal(json_array_size(ijson_get(json, "keys")), 1);
    assert_string_equal(ijson_string(ijson_get(json, "event"), "id"), "n");
    json_decref(json);
    buf_free(&text);
    ledger_record_free(record);
    kit_end(&kit);
}

static void test_ledger_refresh_after_another_handle(void **state)
{
    (void)state;
    struct kit kit;
    struct ledger *reader = NULL;
    struct sshkey key;
    uint8_t secret[64];
    struct buf text = {0}, data = {0};
    kit_new(&kit);
    assert_ok(ledger_open(kit.path, false, &reader, &kit.why), &kit);
    kit_key(5, &key, secret);
    sshkey_format(&key, &text);
    buf_printf(&data, "{\"principal\":\"eve\",\"public_key\":\"%s\"}", (char *)text.data);
    struct kit_event event = {.id = "k",
                              .type = "dev.countersign.key.enrolled.v1",
                              .data = (char *)data.data,
                              .signers = {1}};
    struct receipt receipt = kit_append(&kit, &event);
    assert_int_equal(receipt.verdict.rule, RULE_NONE);
    ledger_receipts_free(&receipt, 1);
    assert_non_null(registry_key(ledger_registry(kit.ledger), key.id));
    assert_null(registry_key(ledger_registry(reader), key.id));
    assert_ok(ledger_refresh(reader, &kit.why), &kit);
    assert_non_null(registry_key(ledger_registry(reader), key.id));
    assert_non_null(ledger_verdict(reader, 1));
    ledger_close(reader);
    buf_free(&text);
    buf_free(&data);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_create_then_open),
        cmocka_unit_test(test_ledger_create_where_something_is),
        cmocka_unit_test(test_ledger_create_what_cannot_be),
        cmocka_unit_test(test_ledger_open_what_is_not_there),
        cmocka_unit_test(test_ledger_open_with_wrong_keys),
        cmocka_unit_test(test_ledger_open_older_than_its_checkpoint),
        cmocka_unit_test(test_ledger_open_with_checkpoint_outside),
        cmocka_unit_test(test_ledger_numbers),
        cmocka_unit_test(test_ledger_now_of_a_real_ledger),
        cmocka_unit_test(test_ledger_root_of_every_size),
        cmocka_unit_test(test_ledger_read_beyond_the_head),
        cmocka_unit_test(test_ledger_tile_of_each_kind),
        cmocka_unit_test(test_ledger_record_text_has_the_event),
        cmocka_unit_test(test_ledger_refresh_after_another_handle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
