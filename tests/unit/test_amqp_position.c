/* Where publishing goes on, and what an entry is called on the way. */
#include "tests/unit/ledger_kit.h"

#include "ingest/amqp_entry.h"
#include "ingest/amqp_position.h"

static void expect_next(struct kit *kit, uint64_t next)
{
    struct amqp_position position = {.next = 99};
    assert_int_equal(amqp_position_read(kit->ledger, &position, &kit->why), ERR_OK);
    assert_int_equal(position.next, next);
}

static void write_file(struct kit *kit, const char *text)
{
    assert_int_equal(files_replace(kit->path, "amqp-position", text, strlen(text), &kit->why),
                     ERR_OK);
}

static void test_amqp_position_read_written(void **state)
{
    (void)state;
    struct kit kit;
    struct record *record = NULL;
    kit_new(&kit);
    kit_fill(&kit, 5);
    expect_next(&kit, 0);
    assert_int_equal(ledger_read(kit.ledger, 2, &record, &kit.why), ERR_OK);
    struct amqp_position position = {.next = 3};
    memcpy(position.leaf, record->leaf, HASH_BYTES);
    assert_int_equal(amqp_position_write(kit.ledger, &position, &kit.why), ERR_OK);
    expect_next(&kit, 3);
    ledger_record_free(record);
    kit_end(&kit);
}

static void test_amqp_position_read_other_history(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    kit_fill(&kit, 5);
    struct amqp_position position = {.next = 3, .leaf = {1}};
    assert_int_equal(amqp_position_write(kit.ledger, &position, &kit.why), ERR_OK);
    expect_next(&kit, 0);
    position.next = 1000;
    assert_int_equal(amqp_position_write(kit.ledger, &position, &kit.why), ERR_OK);
    expect_next(&kit, 0);
    kit_end(&kit);
}

static void test_amqp_position_read_nonsense(void **state)
{
    (void)state;
    static const char *const nonsense[] = {"", "\n", "3", "3\n", "3 00\n", "x 00", " \n"};
    struct kit kit;
    char longer[400];
    kit_new(&kit);
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        write_file(&kit, nonsense[i]);
        expect_next(&kit, 0);
    }
    memset(longer, '1', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    write_file(&kit, longer);
    expect_next(&kit, 0);
    kit_end(&kit);
}

static void test_amqp_position_write_io(void **state)
{
    (void)state;
    struct kit kit;
    char path[160];
    struct amqp_position position = {0};
    kit_new(&kit);
    snprintf(path, sizeof(path), "%s/amqp-position/x", kit.path);
    *strrchr(path, '/') = '\0';
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(amqp_position_write(kit.ledger, &position, &kit.why), ERR_IO);
    assert_int_equal(amqp_position_read(kit.ledger, &position, &kit.why), ERR_IO);
    kit_end(&kit);
}

static void test_amqp_entry_key_type(void **state)
{
    (void)state;
    struct record record = {0};
    char key[AMQP_ENTRY_KEY_BYTES_MAX + 1], type[300];
    memcpy(record.entry.part.stream, "web-1", 6);
    buf_text(&record.event,
             "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/ci\",\"type\":\"x.y\"}");
    amqp_entry_key(&record, key);
    assert_string_equal(key, "web-1.x.y");
    buf_clear(&record.event);
    memset(type, 't', sizeof(type));
    buf_printf(&record.event,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/ci\",\"type\":\"%.*s\"}",
               AMQP_ENTRY_KEY_BYTES_MAX - 6, type);
    amqp_entry_key(&record, key);
    assert_int_equal(strlen(key), AMQP_ENTRY_KEY_BYTES_MAX);
    buf_clear(&record.event);
    buf_printf(&record.event,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/ci\",\"type\":\"%.*s\"}",
               AMQP_ENTRY_KEY_BYTES_MAX - 5, type);
    amqp_entry_key(&record, key);
    assert_string_equal(key, "web-1");
    buf_clear(&record.event); /* erased */
    amqp_entry_key(&record, key);
    assert_string_equal(key, "web-1");
    buf_free(&record.event);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_amqp_position_read_written),
        cmocka_unit_test(test_amqp_position_read_other_history),
        cmocka_unit_test(test_amqp_position_read_nonsense),
        cmocka_unit_test(test_amqp_position_write_io),
        cmocka_unit_test(test_amqp_entry_key_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
