#include "tests/unit/ledger_kit.h"

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/rollback.h"

static void close_now(struct kit *kit)
{
    ledger_close(kit->ledger);
    kit->ledger = NULL;
}

static void read_name(const struct kit *kit, const char *name, struct buf *ret)
{
    assert_int_equal(files_read(kit->path, name, 1 << 26, ret, NULL), ERR_OK);
}

static void put_name(const struct kit *kit, const char *name, const struct buf *data)
{
    assert_int_equal(files_replace(kit->path, name, data->data, data->bytes, NULL), ERR_OK);
}

/* A closed ledger of ${older} entries that has a checkpoint of ${newer} outside, which is in
 * ${lost}, too. */
static void make(struct kit *kit, unsigned older, unsigned newer, struct buf *lost)
{
    struct buf data = {0};
    kit_new(kit);
    kit_fill(kit, older);
    close_now(kit);
    read_name(kit, "data.mdb", &data);
    kit_open(kit, true);
    kit_fill(kit, newer);
    close_now(kit);
    read_name(kit, COPY_NAME, lost);
    put_name(kit, "data.mdb", &data);
    buf_free(&data);
}

static void open_older(struct kit *kit, uint64_t *ret_seq)
{
    if (ledger_open_older(kit->path, &kit->ledger, ret_seq, &kit->why) != ERR_OK)
        fail_msg("%s", kit->why.s);
}

static uint64_t outside_size(const struct kit *kit)
{
    struct buf note = {0};
    struct checkpoint checkpoint = {0};
    read_name(kit, COPY_NAME, &note);
    assert_int_equal(checkpoint_parse((char *)note.data, note.bytes, &checkpoint), ERR_OK);
    buf_free(&note);
    return checkpoint.size;
}

static void test_rollback_record_says_what_is_given_up(void **state)
{
    (void)state;
    struct kit kit;
    struct buf lost = {0};
    struct record *record = NULL;
    struct event *event = NULL;
    struct checkpoint given_up;
    uint64_t seq = 0;
    make(&kit, 5, 20, &lost);
    assert_int_equal(ledger_open(kit.path, true, &kit.ledger, &kit.why), ERR_DAMAGED);
    assert_non_null(strstr(kit.why.s, "--accept-rollback"));
    assert_int_equal(outside_size(&kit), 20);
    open_older(&kit, &seq);
    assert_int_equal(seq, 5);
    assert_int_equal(outside_size(&kit), 6);
    assert_int_equal(ledger_read(kit.ledger, 5, &record, NULL), ERR_OK);
    assert_string_equal(record->entry.part.stream, "ledger");
    assert_int_equal(record->entry.part.origin, ORIGIN_LEDGER);
    assert_int_equal(event_parse(record->event.data, record->event.bytes, &event, NULL), ERR_OK);
    assert_string_equal(event->type, "dev.countersign.ledger.restored.v1");
    assert_int_equal(json_integer_value(ijson_get(event->data, "size")), 20);
    assert_string_equal(ijson_string(event->data, "note"), (char *)lost.data);
    assert_int_equal(checkpoint_parse((char *)lost.data, lost.bytes, &given_up), ERR_OK);
    assert_true(registry_gave_up(ledger_registry(kit.ledger), 20, given_up.root));
    kit_fill(&kit, 25);
    close_now(&kit);
    open_older(&kit, &seq);
    assert_int_equal(seq, 0); /* there is nothing to give up any more */
    kit_good(&kit);
    event_free(event);
    ledger_record_free(record);
    buf_free(&lost);
    kit_end(&kit);
}

/* Killed behind the commit, before the checkpoint outside was replaced. */
static void test_rollback_record_is_taken_up_again(void **state)
{
    (void)state;
    struct kit kit;
    struct buf lost = {0};
    uint64_t seq = 0;
    make(&kit, 5, 20, &lost);
    open_older(&kit, &seq);
    close_now(&kit);
    put_name(&kit, COPY_NAME, &lost);
    kit_open(&kit, true);
    assert_int_equal(outside_size(&kit), 6);
    kit_good(&kit);
    buf_free(&lost);
    kit_end(&kit);
}

/* Another history of the same length, as two that went on from one copy have. */
static void test_rollback_record_of_a_fork(void **state)
{
    (void)state;
    struct kit kit;
    struct buf lost = {0};
    uint64_t seq = 0;
    make(&kit, 5, 20, &lost);
    char *outside = files_path(kit.path, COPY_NAME);
    assert_int_equal(unlink(outside), 0);
    kit_open(&kit, true);
    kit_fill(&kit, 20);
    close_now(&kit);
    put_name(&kit, COPY_NAME, &lost);
    assert_int_equal(ledger_open(kit.path, true, &kit.ledger, &kit.why), ERR_DAMAGED);
    assert_non_null(strstr(kit.why.s, "another root"));
    open_older(&kit, &seq);
    assert_int_equal(seq, 20);
    kit_good(&kit);
    free(outside);
    buf_free(&lost);
    kit_end(&kit);
}

static void test_rollback_record_refuses_what_is_no_checkpoint(void **state)
{
    (void)state;
    struct kit kit;
    struct buf note = {0};
    uint64_t seq = 0, size = 0;
    kit_new(&kit);
    buf_text(&note, "nothing of the kind\n");
    assert_int_equal(rollback_record(kit.ledger, &note, &seq, &kit.why), ERR_DAMAGED);
    assert_int_equal(ledger_size(kit.ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 1);
    buf_free(&note);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rollback_record_says_what_is_given_up),
        cmocka_unit_test(test_rollback_record_is_taken_up_again),
        cmocka_unit_test(test_rollback_record_of_a_fork),
        cmocka_unit_test(test_rollback_record_refuses_what_is_no_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
