#include "tests/unit/disk_kit.h"
#include "tests/unit/ledger_kit.h"

#include <errno.h>
#include <sys/wait.h>
#include <time.h>

#include "ledger/clock.h"
#include "ledger/files.h"
#include "ledger/recover.h"
#include "ledger/store.h"

#define BATCH 6

static struct record *read_seq(const struct kit *kit, uint64_t seq)
{
    struct record *record = NULL;
    struct err_text why;
    if (ledger_read(kit->ledger, seq, &record, &why) != ERR_OK)
        fail_msg("%s", why.s);
    return record;
}

static struct receipt append(struct kit *kit, struct kit_event event)
{
    return kit_append(kit, &event);
}

static void test_append_links_both_chains(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    append(&kit, (struct kit_event){.id = "1", .deployment = "d"});
    append(&kit, (struct kit_event){.id = "2", .deployment = "e"});
    struct receipt receipt = append(&kit, (struct kit_event){.id = "3", .deployment = "d"});
    assert_int_equal(receipt.err, ERR_OK);
    assert_false(receipt.duplicate);
    assert_int_equal(receipt.seq, 3);
    assert_int_equal(receipt.stream_pos, 1);
    struct record *first = read_seq(&kit, 1), *second = read_seq(&kit, 2),
                  *third = read_seq(&kit, 3);
    uint8_t zeros[HASH_BYTES] = {0};
    assert_memory_equal(third->entry.prev, second->leaf, HASH_BYTES);
    assert_memory_equal(third->entry.stream_prev, first->leaf, HASH_BYTES);
    assert_memory_equal(second->entry.stream_prev, zeros, HASH_BYTES);
    assert_memory_equal(third->leaf, receipt.leaf, HASH_BYTES);
    ledger_record_free(first);
    ledger_record_free(second);
    ledger_record_free(third);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_time_never_falls(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    append(&kit, (struct kit_event){.id = "1", .time_us = KIT_TIME_US + 5000000});
    append(&kit, (struct kit_event){.id = "2", .time_us = KIT_TIME_US + 1000000});
    struct record *record = read_seq(&kit, 2);
    assert_int_equal(record->entry.part.admitted_us, KIT_TIME_US + 1000000);
    assert_int_equal(record->entry.time_us, KIT_TIME_US + 5000000);
    ledger_record_free(record);
    kit_good(&kit);
    kit_end(&kit);
}

static void assert_same_place(const struct receipt *a, const struct receipt *b)
{
    assert_int_equal(a->seq, b->seq);
    assert_string_equal(a->stream, b->stream);
    assert_int_equal(a->stream_pos, b->stream_pos);
    assert_memory_equal(a->leaf, b->leaf, HASH_BYTES);
}

static void test_append_same_event_again(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    const struct kit_event event = {.id = "1", .deployment = "d", .signers = {1}};
    struct receipt first = append(&kit, event), second = append(&kit, event);
    assert_int_equal(second.err, ERR_OK);
    assert_true(second.duplicate);
    assert_same_place(&first, &second);
    assert_int_equal(kit_size(&kit), 2);
    /* The same name by another actor, or from another source, is another event. */
    struct receipt other = append(&kit, (struct kit_event){.id = "1", .deployment = "d"});
    assert_int_equal(other.seq, 2);
    other = append(&kit, (struct kit_event){.id = "1", .source = "/else", .deployment = "d"});
    assert_int_equal(other.seq, 3);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_other_event_of_that_name(void **state)
{
    (void)state;
    struct kit kit;
    struct event *event = NULL;
    kit_new(&kit);
    struct receipt first = append(&kit, (struct kit_event){.id = "1", .deployment = "d"});
    const struct kit_event changed = {.id = "1", .deployment = "d", .data = "{\"n\":1}"};
    struct receipt second = append(&kit, changed);
    assert_int_equal(second.err, ERR_CONFLICT);
    assert_int_equal(second.seq, first.seq);
    assert_int_equal(kit_size(&kit), 3);
    struct record *record = read_seq(&kit, 2), *stored = read_seq(&kit, 1);
    assert_string_equal(record->entry.part.stream, "inbox");
    assert_int_equal(record->entry.part.origin, ORIGIN_LEDGER);
    assert_int_equal(event_parse(record->event.data, record->event.bytes, &event, NULL), ERR_OK);
    assert_string_equal(event_subject_verb(event), "ingest.conflicted");
    assert_string_equal(ijson_string(event->data, "actor"), "robot");
    assert_string_equal(ijson_string(event->data, "source"), "/test");
    assert_string_equal(ijson_string(event->data, "id"), "1");
    const json_t *both = ijson_get(event->data, "sha256");
    uint8_t due[HASH_BYTES];
    hash_bytes(stored->event.data, stored->event.bytes, due);
    json_t *hex = ijson_hex(due, sizeof(due));
    assert_true(json_equal(json_array_get(both, 0), hex));
    assert_false(json_equal(json_array_get(both, 1), hex));
    json_decref(hex);
    /* Once a pair. */
    second = append(&kit, changed);
    assert_int_equal(second.err, ERR_CONFLICT);
    assert_int_equal(kit_size(&kit), 3);
    second = append(&kit, (struct kit_event){.id = "1", .deployment = "e"});
    assert_int_equal(second.err, ERR_CONFLICT);
    assert_int_equal(kit_size(&kit), 4);
    event_free(event);
    ledger_record_free(stored);
    ledger_record_free(record);
    kit_good(&kit);
    kit_end(&kit);
}

static void enroll(struct kit *kit, uint8_t seed, const char *principal)
{
    struct sshkey key;
    uint8_t secret[64];
    struct buf text = {0}, data = {0};
    char id[16];
    kit_key(seed, &key, secret);
    sshkey_format(&key, &text);
    snprintf(id, sizeof(id), "key-%u", seed);
    buf_printf(&data, "{\"principal\":\"%s\",\"public_key\":\"%s\"}", principal, (char *)text.data);
    struct receipt receipt =
        append(kit, (struct kit_event){.id = id,
                                       .type = "dev.countersign.key.enrolled.v1",
                                       .data = (char *)data.data,
                                       .signers = {1}});
    assert_int_equal(receipt.verdict.rule, RULE_NONE);
    ledger_receipts_free(&receipt, 1);
    buf_free(&text);
    buf_free(&data);
}

static void test_append_same_bytes_by_other_keys(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    enroll(&kit, 2, "root");
    enroll(&kit, 3, "ann");
    struct kit_event event = {.id = "1", .deployment = "d", .signers = {2, 3}};
    struct receipt first = append(&kit, event);
    assert_int_equal(first.err, ERR_OK);
    event.signers[1] = 0;
    assert_int_equal(append(&kit, event).err, ERR_CONFLICT);
    memcpy(event.signers, (uint8_t[]){2, 1, 0, 0}, 4);
    assert_int_equal(append(&kit, event).err, ERR_CONFLICT);
    memcpy(event.signers, (uint8_t[]){1, 3, 0, 0}, 4);
    assert_int_equal(append(&kit, event).err, ERR_CONFLICT);
    memcpy(event.signers, (uint8_t[]){2, 3, 0, 0}, 4);
    assert_true(append(&kit, event).duplicate);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_ids_of_all_lengths(void **state)
{
    (void)state;
    struct kit kit;
    char id[ID_BYTES_MAX + 1], hashed[ID_BYTES_MAX + 1];
    kit_new(&kit);
    uint64_t seq = 1;
    for (size_t bytes = ID_KEY_BYTES_MAX - 1; bytes <= ID_KEY_BYTES_MAX + 1; bytes++, seq++) {
        memset(id, 'i', bytes);
        id[bytes] = '\0';
        assert_int_equal(append(&kit, (struct kit_event){.id = id}).seq, seq);
        assert_true(append(&kit, (struct kit_event){.id = id}).duplicate);
    }
    memset(hashed, 'i', ID_BYTES_MAX);
    hashed[ID_BYTES_MAX] = '\0';
    assert_int_equal(append(&kit, (struct kit_event){.id = hashed}).seq, seq);
    assert_true(append(&kit, (struct kit_event){.id = hashed}).duplicate);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_batch_sees_itself(void **state)
{
    (void)state;
    struct kit kit;
    struct admitted *admitted[BATCH];
    struct receipt receipts[BATCH];
    const struct kit_event events[BATCH] = {
        {.id = "1", .deployment = "d"}, {.id = "2", .deployment = "d"},
        {.id = "1", .deployment = "d"}, {.id = "2", .deployment = "d", .data = "[]"},
        {.id = "3", .deployment = "d"}, {.id = "2", .deployment = "d", .data = "[]"},
    };
    kit_new(&kit);
    for (size_t i = 0; i < BATCH; i++)
        admitted[i] = kit_admit(&kit, &events[i]);
    assert_int_equal(ledger_append(kit.ledger, admitted, BATCH, NULL, receipts, &kit.why), ERR_OK);
    assert_int_equal(receipts[0].seq, 1);
    assert_int_equal(receipts[1].stream_pos, 1);
    assert_true(receipts[2].duplicate && receipts[2].seq == 1);
    assert_int_equal(receipts[3].err, ERR_CONFLICT);
    assert_int_equal(receipts[4].seq, 3);
    assert_int_equal(receipts[4].stream_pos, 2);
    assert_int_equal(receipts[5].err, ERR_CONFLICT);
    assert_int_equal(kit_size(&kit), 5);
    for (size_t i = 0; i < BATCH; i++)
        admit_free(admitted[i]);
    ledger_receipts_free(receipts, BATCH);
    kit_good(&kit);
    kit_end(&kit);
}

/* Counts what it is asked, and says it. */
static enum err count_judge(void *ctx, struct ledger *ledger, const struct record *record,
                            struct verdict *ret_verdict)
{
    unsigned *count = ctx;
    uint64_t size = 0;
    assert_int_equal(ledger_size(ledger, &size, NULL), ERR_OK);
    assert_true(record->entry.seq < size);
    assert_int_equal(ret_verdict->rule, RULE_NONE);
    verdict_refuse(ret_verdict, RULE_WRONG_STREAM, "number %u", ++*count);
    return ERR_OK;
}

static void test_append_judges_after_the_commit(void **state)
{
    (void)state;
    struct kit kit;
    unsigned count = 0;
    struct judge judge = {&count, count_judge};
    struct admitted *admitted[4];
    struct receipt receipts[4];
    const struct kit_event events[] = {
        {.id = "1", .deployment = "d"},
        {.id = "2", .type = "dev.countersign.role.granted.v1", .signers = {1}},
        {.id = "3"},
        {.id = "1", .deployment = "d"},
    };
    kit_new(&kit);
    for (size_t i = 0; i < 4; i++)
        admitted[i] = kit_admit(&kit, &events[i]);
    assert_int_equal(ledger_append(kit.ledger, admitted, 4, &judge, receipts, &kit.why), ERR_OK);
    assert_int_equal(count, 2);
    assert_string_equal(receipts[0].verdict.reason, "number 1");
    assert_int_equal(receipts[1].verdict.rule, RULE_BAD_VALUE);
    assert_int_equal(receipts[2].verdict.rule, RULE_NONE);
    assert_string_equal(receipts[2].stream, "inbox");
    assert_true(receipts[3].duplicate);
    assert_string_equal(receipts[3].verdict.reason, "number 2");
    ledger_receipts_free(receipts, 4);
    /* A duplicate in the stream `ledger` has the first verdict. */
    assert_int_equal(ledger_append(kit.ledger, admitted + 1, 1, &judge, receipts, NULL), ERR_OK);
    assert_true(receipts[0].duplicate);
    assert_int_equal(receipts[0].verdict.rule, RULE_BAD_VALUE);
    assert_int_equal(count, 2);
    ledger_receipts_free(receipts, 1);
    for (size_t i = 0; i < 4; i++)
        admit_free(admitted[i]);
    kit_end(&kit);
}

static void test_append_disk_low_appends_nothing(void **state)
{
    (void)state;
    struct kit kit;
    struct receipt receipt;
    kit_new(&kit);
    struct admitted *admitted = kit_admit(&kit, &(struct kit_event){.id = "1"});
    disk_full = true;
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, NULL, &receipt, &kit.why),
                     ERR_DISK_LOW);
    disk_full = false;
    assert_int_equal(kit_size(&kit), 1);
    assert_false(recover_marked(kit.path));
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, NULL, &receipt, &kit.why), ERR_OK);
    assert_int_equal(receipt.seq, 1);
    admit_free(admitted);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_failed_commit_is_recovered(void **state)
{
    (void)state;
    struct kit kit;
    struct receipt receipt;
    struct ledger *reader = NULL;
    kit_new(&kit);
    kit_fill(&kit, 20);
    struct admitted *admitted = kit_admit(&kit, &(struct kit_event){.id = "1"});
    sync_fails = true;
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, NULL, &receipt, &kit.why), ERR_IO);
    sync_fails = false;
    assert_true(recover_marked(kit.path));
    /* Nothing is appended before the ledger was recovered, and nobody may hold it then. */
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, NULL, &receipt, &kit.why), ERR_IO);
    assert_int_equal(ledger_open(kit.path, true, &reader, &kit.why), ERR_BUSY);
    ledger_close(kit.ledger);
    kit_open(&kit, true);
    assert_false(recover_marked(kit.path));
    assert_false(files_there(kit.path, "recovery"));
    assert_int_equal(kit_size(&kit), 20);
    assert_int_equal(ledger_append(kit.ledger, &admitted, 1, NULL, &receipt, &kit.why), ERR_OK);
    assert_int_equal(receipt.seq, 20);
    admit_free(admitted);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_recovery_refuses_damage(void **state)
{
    (void)state;
    struct kit kit;
    struct buf data = {0}, event = {0};
    struct ledger *ledger = NULL;
    kit_new(&kit);
    kit_fill(&kit, 20);
    struct record *record = read_seq(&kit, 7);
    buf_add(&event, record->event.data, record->event.bytes);
    ledger_record_free(record);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    recover_mark(kit.path);
    assert_int_equal(files_read(kit.path, "data.mdb", 1 << 24, &data, NULL), ERR_OK);
    for (uint8_t *at = data.data; at != NULL; at++) {
        at = memmem(at, (size_t)(data.data + data.bytes - at), event.data, event.bytes);
        if (at == NULL)
            break;
        at[5] ^= 1;
    }
    assert_int_equal(files_replace(kit.path, "data.mdb", data.data, data.bytes, NULL), ERR_OK);
    assert_int_equal(ledger_open(kit.path, true, &ledger, &kit.why), ERR_DAMAGED);
    assert_non_null(strstr(kit.why.s, "entry 7"));
    assert_true(recover_marked(kit.path));
    assert_false(files_there(kit.path, "recovery"));
    buf_free(&data);
    buf_free(&event);
    kit_end(&kit);
}

/* Appends events ${from}, ${from} + 2, ... in a process of its own, or here. */
static void append_some(struct kit *kit, unsigned from, unsigned count)
{
    for (unsigned i = from; i < 2 * count; i += 2) {
        char id[16];
        snprintf(id, sizeof(id), "e%u", i);
        struct receipt receipt = append(kit, (struct kit_event){.id = id, .deployment = "d"});
        ledger_receipts_free(&receipt, 1);
    }
}

static void test_append_two_processes_at_once(void **state)
{
    (void)state;
    struct kit kit;
    int status = 0;
    kit_new(&kit);
    pid_t child = kit_fork(&kit);
    if (child == 0) {
        kit_open(&kit, true);
        append_some(&kit, 0, 60);
        ledger_close(kit.ledger);
        _exit(0);
    }
    kit_open(&kit, true);
    append_some(&kit, 1, 60);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(kit_size(&kit), 121);
    kit_good(&kit);
    kit_end(&kit);
}

/* The machine's clocks; the one that is never set is at the test's word. */
static int64_t clock_ahead_us;

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    assert_int_equal(clock_gettime(id, &now), 0);
    return (int64_t)now.tv_sec * INSTANT_SECOND_US + now.tv_nsec / 1000;
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC) + clock_ahead_us;
}

int64_t clock_boot_us(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_real_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

static uint64_t kept_count(const struct kit *kit)
{
    struct store *store = NULL;
    struct store_txn *txn = NULL;
    uint64_t count = 0;
    assert_int_equal(store_open(kit->path, STORE_SHARED, &store, NULL), ERR_OK);
    assert_int_equal(store_begin(store, false, &txn, NULL), ERR_OK);
    assert_int_equal(store_count(txn, STORE_CHECKPOINTS, &count), ERR_OK);
    store_abort(txn);
    store_close(store);
    return count;
}

static uint64_t outside_size(const struct kit *kit)
{
    struct buf note = {0};
    struct checkpoint checkpoint;
    assert_int_equal(files_read(kit->path, "checkpoint", 10000, &note, NULL), ERR_OK);
    assert_int_equal(checkpoint_parse((char *)note.data, note.bytes, &checkpoint), ERR_OK);
    buf_free(&note);
    return checkpoint.size;
}

static void test_append_keeps_a_checkpoint_each_ten_seconds(void **state)
{
    (void)state;
    struct kit kit;
    kit_new(&kit);
    append(&kit, (struct kit_event){.id = "1", .time_us = KIT_TIME_US + CHECKPOINT_KEEP_US - 1});
    assert_int_equal(kept_count(&kit), 1);
    assert_int_equal(outside_size(&kit), 2);
    append(&kit, (struct kit_event){.id = "2", .time_us = KIT_TIME_US + CHECKPOINT_KEEP_US});
    assert_int_equal(kept_count(&kit), 2);
    append(&kit, (struct kit_event){.id = "3", .time_us = KIT_TIME_US + CHECKPOINT_KEEP_US + 1});
    assert_int_equal(kept_count(&kit), 2);
    append(&kit, (struct kit_event){.id = "4", .time_us = KIT_TIME_US + 3 * CHECKPOINT_KEEP_US});
    assert_int_equal(kept_count(&kit), 3);
    /* The copy outside goes by the time that has passed here, and is made up for at the end. */
    assert_int_equal(outside_size(&kit), 2);
    clock_ahead_us = CHECKPOINT_KEEP_US;
    append(&kit, (struct kit_event){.id = "5", .time_us = KIT_TIME_US + 3 * CHECKPOINT_KEEP_US});
    assert_int_equal(kept_count(&kit), 3);
    assert_int_equal(outside_size(&kit), 6);
    append(&kit, (struct kit_event){.id = "6", .time_us = KIT_TIME_US + 4 * CHECKPOINT_KEEP_US});
    assert_int_equal(outside_size(&kit), 6);
    ledger_close(kit.ledger);
    assert_int_equal(outside_size(&kit), 7);
    kit_open(&kit, false);
    kit_good(&kit);
    kit_end(&kit);
}

static void test_append_same_events_same_root(void **state)
{
    (void)state;
    struct kit kit, copy;
    struct admitted *admitted[3];
    struct receipt receipts[3];
    struct buf data = {0};
    static const char *const names[] = {"data.mdb", "checkpoint", "checkpoint.key",
                                        "admission.key"};
    uint8_t root[HASH_BYTES], again[HASH_BYTES];
    const struct kit_event events[] = {{.id = "1"}, {.id = "2"}, {.id = "1"}};
    kit_new(&kit);
    kit_dir(&copy);
    assert_int_equal(mkdir(copy.path, 0700), 0);
    for (size_t i = 0; i < 4; i++) {
        buf_clear(&data);
        assert_int_equal(files_read(kit.path, names[i], 1 << 24, &data, NULL), ERR_OK);
        assert_int_equal(files_replace(copy.path, names[i], data.data, data.bytes, NULL), ERR_OK);
    }
    kit_open(&copy, true);
    for (size_t i = 0; i < 3; i++)
        admitted[i] = kit_admit(&kit, &events[i]);
    assert_int_equal(ledger_append(kit.ledger, admitted, 3, NULL, receipts, &kit.why), ERR_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(ledger_append(copy.ledger, admitted + i, 1, NULL, receipts, &copy.why),
                         ERR_OK);
    assert_int_equal(ledger_root(kit.ledger, 3, root, NULL), ERR_OK);
    assert_int_equal(ledger_root(copy.ledger, 3, again, NULL), ERR_OK);
    assert_memory_equal(root, again, HASH_BYTES);
    for (size_t i = 0; i < 3; i++)
        admit_free(admitted[i]);
    buf_free(&data);
    kit_end(&copy);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append_links_both_chains),
        cmocka_unit_test(test_append_time_never_falls),
        cmocka_unit_test(test_append_same_event_again),
        cmocka_unit_test(test_append_other_event_of_that_name),
        cmocka_unit_test(test_append_same_bytes_by_other_keys),
        cmocka_unit_test(test_append_ids_of_all_lengths),
        cmocka_unit_test(test_append_batch_sees_itself),
        cmocka_unit_test(test_append_judges_after_the_commit),
        cmocka_unit_test(test_append_disk_low_appends_nothing),
        cmocka_unit_test(test_append_failed_commit_is_recovered),
        cmocka_unit_test(test_append_recovery_refuses_damage),
        cmocka_unit_test(test_append_two_processes_at_once),
        cmocka_unit_test(test_append_keeps_a_checkpoint_each_ten_seconds),
        cmocka_unit_test(test_append_same_events_same_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
