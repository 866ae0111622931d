#include "tests/unit/ledger_kit.h"

#include <fcntl.h>

#include "ledger/docket_heads.h"
#include "ledger/heads_make.h"
#include "ledger/tar.h"
#include "ledger/verify_docket.h"

#define DAY_US (24 * 60 * INSTANT_MINUTE_US)

/* A ledger with some streams, and a bundle of it. */
struct made {
    struct kit kit;
    struct buf note, bundle;
};

static void act(struct kit *kit, const char *stream, unsigned number, int64_t time_us)
{
    char id[48];
    snprintf(id, sizeof(id), "%s-%u", stream, number);
    const struct kit_event event = {
        .id = id, .deployment = stream, .time_us = time_us, .signers = {number % 3 == 0 ? 1 : 0}};
    struct receipt receipt = kit_append(kit, &event);
    ledger_receipts_free(&receipt, 1);
}

/* Three days: `early` and `late` each on one of them, `a` on the first two, `b` in the middle. */
static void fill(struct kit *kit)
{
    for (unsigned i = 0; i < 4; i++) {
        act(kit, "early", i, KIT_TIME_US + i);
        act(kit, "a", i, KIT_TIME_US + i);
    }
    for (unsigned i = 0; i < 5; i++) {
        act(kit, "b", i, KIT_TIME_US + DAY_US + i);
        act(kit, "a", i + 4, KIT_TIME_US + DAY_US + i);
    }
    for (unsigned i = 0; i < 3; i++)
        act(kit, "late", i, KIT_TIME_US + 2 * DAY_US + i);
}

static void say_heads(struct kit *kit)
{
    struct registry_heads said;
    bool new = false;
    assert_int_equal(heads_make_append(kit->ledger, &said, &new, &kit->why), ERR_OK);
    assert_true(new);
}

static enum err write_bundle(struct made *made, const struct docket_order *order)
{
    struct outfile *file = NULL;
    struct docket_made counts;
    struct err_text *why = &made->kit.why;
    char path[100];
    snprintf(path, sizeof(path), "%s/bundle.tar", made->kit.dir);
    buf_clear(&made->note);
    buf_clear(&made->bundle);
    assert_int_equal(ledger_checkpoint(made->kit.ledger, &made->note, why), ERR_OK);
    struct docket_order noted = *order;
    noted.note = &made->note;
    assert_int_equal(outfile_open(path, &file, why), ERR_OK);
    enum err err = docket_make_write(made->kit.ledger, &noted, file, &counts, why);
    if (err != ERR_OK) {
        outfile_drop(file);
        assert_int_equal(access(path, F_OK), -1);
        return err;
    }
    assert_int_equal(outfile_end(file, why), ERR_OK);
    assert_int_equal(files_input(path, 1 << 26, &made->bundle, why), ERR_OK);
    assert_int_equal(unlink(path), 0);
    return ERR_OK;
}

static void make(struct made *made, const struct docket_order *order)
{
    enum err err = write_bundle(made, order);
    if (err != ERR_OK)
        fail_msg("%s: %s", err_name(err), made->kit.why.s);
}

static void make_deployment(struct made *made, const char *stream)
{
    struct docket_order order = {.plan = {.kind = DOCKET_DEPLOYMENT}};
    snprintf(order.plan.deployment, sizeof(order.plan.deployment), "%s", stream);
    make(made, &order);
}

/* The second of the three days. */
static void make_period(struct made *made)
{
    static const char *const deployments[] = {"a", "b"};
    char names[][16] = {"notes.txt", "report.html"};
    static const char report[] = "a report\n";
    const struct docket_file files[] = {{names[0], 0, sizeof(report) - 1},
                                        {names[1], 2, sizeof(report) - 3}};
    const struct docket_order order = {
        .plan = {.kind = DOCKET_PERIOD,
                 .from_us = KIT_TIME_US + DAY_US,
                 .to_us = KIT_TIME_US + 2 * DAY_US},
        .deployments = deployments,
        .deployment_count = 2,
        .files = files,
        .file_count = 2,
        .source = {.data = (const uint8_t *)report, .fd = -1, .bytes = sizeof(report) - 1}};
    make(made, &order);
}

static void begin(struct made *made)
{
    memset(made, 0, sizeof(*made));
    kit_new(&made->kit);
    fill(&made->kit);
}

static void end(struct made *made)
{
    buf_free(&made->note);
    buf_free(&made->bundle);
    kit_end(&made->kit);
}

static enum err check(const void *bytes, size_t count, const struct note_key *key,
                      struct docket_finding *ret, struct err_text *why)
{
    const struct tar_source source = {.data = bytes, .fd = -1, .bytes = count};
    const struct docket_options options = {.key = key, .threads = 1};
    struct tar_index index = {0};
    enum err err = tar_index_find(&source, DOCKET_MEMBERS_MAX, &index, why);
    if (err == ERR_OK)
        err = docket_check_whole(&source, &index, &options, ret, why);
    tar_index_free(&index);
    return err;
}

static enum err tell(const void *bytes, size_t count, struct err_text *why)
{
    struct docket_finding finding = {0};
    enum err err = check(bytes, count, NULL, &finding, why);
    docket_check_free(&finding);
    return err;
}

static struct docket_finding found(struct made *made)
{
    struct docket_finding finding = {0};
    struct err_text why = {""};
    const struct note_key *key = &ledger_info(made->kit.ledger)->key;
    if (check(made->bundle.data, made->bundle.bytes, key, &finding, &why) != ERR_OK)
        fail_msg("%s", why.s);
    return finding;
}

static void test_docket_deployment(void **state)
{
    (void)state;
    struct made made;
    begin(&made);
    make_deployment(&made, "b");
    struct docket_finding finding = found(&made);
    assert_int_equal(finding.front.plan.kind, DOCKET_DEPLOYMENT);
    assert_int_equal(finding.parts.stream_count, 2);
    assert_int_equal(finding.found[1].entries, 5);
    assert_int_equal(finding.found[1].whole_at, finding.front.checkpoint.size);
    assert_int_equal(finding.heads_size, 0);
    assert_true(finding.own_readme);
    assert_int_equal(finding.hidden, 0);
    docket_check_free(&finding);
    end(&made);
}

/* With heads between its entries, as of which it is whole; or behind them all. */
static void test_docket_deployment_heads(void **state)
{
    (void)state;
    struct made made;
    begin(&made);
    say_heads(&made.kit);
    act(&made.kit, "b", 5, KIT_TIME_US + 3 * DAY_US);
    make_deployment(&made, "b");
    struct docket_finding finding = found(&made);
    const uint64_t size = finding.front.checkpoint.size;
    assert_int_equal(finding.heads_size, size - 2);
    assert_int_equal(finding.found[1].whole_at, size);
    docket_check_free(&finding);
    /* An entry between the heads and a later one of the stream `ledger` is not shown. */
    act(&made.kit, "a", 9, KIT_TIME_US + 3 * DAY_US);
    const struct kit_event grant = {.id = "g",
                                    .type = "dev.countersign.role.granted.v1",
                                    .data = "{\"principal\":\"root\",\"role\":\"x\"}",
                                    .time_us = KIT_TIME_US + 3 * DAY_US,
                                    .signers = {1}};
    struct receipt receipt = kit_append(&made.kit, &grant);
    ledger_receipts_free(&receipt, 1);
    make_deployment(&made, "b");
    finding = found(&made);
    assert_int_equal(finding.heads_size, size - 2);
    assert_int_equal(finding.found[1].whole_at, size - 2);
    docket_check_free(&finding);
    make_deployment(&made, "late");
    finding = found(&made);
    assert_int_equal(finding.found[1].entries, 3);
    assert_int_equal(finding.found[1].whole_at, size - 2);
    docket_check_free(&finding);
    end(&made);
}

static void test_docket_period(void **state)
{
    (void)state;
    struct made made;
    struct buf first = {0};
    begin(&made);
    say_heads(&made.kit);
    make_period(&made);
    struct docket_finding finding = found(&made);
    assert_int_equal(finding.parts.stream_count, 3);
    assert_int_equal(finding.parts.reports_end - finding.parts.reports, 2);
    assert_int_equal(finding.others, 2);
    assert_true(finding.complete);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(finding.found[i].whole_at, finding.front.checkpoint.size);
    docket_check_free(&finding);
    buf_add(&first, made.bundle.data, made.bundle.bytes);
    make_period(&made);
    assert_int_equal(first.bytes, made.bundle.bytes);
    assert_memory_equal(first.data, made.bundle.data, first.bytes);
    buf_free(&first);
    end(&made);
}

/* More entries than a piece has, more tiles than one, and events that end a piece by their size. */
static void test_docket_pieces(void **state)
{
    (void)state;
    struct made made;
    memset(&made, 0, sizeof(made));
    kit_new(&made.kit);
    kit_fill_fast(&made.kit, 300);
    struct buf data = {0};
    buf_text(&data, "{\"x\":\"");
    for (size_t i = 0; i < 60000; i++)
        buf_text(&data, "0123456789");
    buf_text(&data, "\"}");
    for (unsigned i = 0; i < 260; i++) {
        char id[16];
        snprintf(id, sizeof(id), "big%u", i);
        const struct kit_event event = {
            .id = id, .deployment = "s-3", .data = i % 64 == 0 ? (const char *)data.data : NULL};
        struct receipt receipt = kit_append(&made.kit, &event);
        ledger_receipts_free(&receipt, 1);
    }
    make_deployment(&made, "s-3");
    struct docket_finding finding = found(&made);
    assert_true(finding.parts.streams[1].count >= 3);
    assert_true(finding.found[1].entries > 260);
    docket_check_free(&finding);
    buf_free(&data);
    end(&made);
}

/* One bit of every byte; the lines for people are sampled, for they are one case. */
static void test_docket_every_byte(void **state)
{
    (void)state;
    struct made made;
    struct tar tar = {0};
    begin(&made);
    say_heads(&made.kit);
    make_period(&made);
    assert_int_equal(tar_read(made.bundle.data, made.bundle.bytes, &tar, NULL), ERR_OK);
    const size_t people = 512 + tar_find(&tar, "README.txt")->bytes;
    tar_free(&tar);
    for (size_t i = 0; i<made.bundle.bytes; i += i> 512 && i < people ? 512 : 5) {
        made.bundle.data[i] ^= (uint8_t)(1u << i % 8);
        if (tell(made.bundle.data, made.bundle.bytes, NULL) == ERR_OK)
            fail_msg("byte %zu can be changed", i);
        made.bundle.data[i] ^= (uint8_t)(1u << i % 8);
    }
    for (size_t bytes = 0; bytes < made.bundle.bytes; bytes += 509)
        assert_int_not_equal(tell(made.bundle.data, bytes, NULL), ERR_OK);
    end(&made);
}

/* What is done to a bundle, with sums that are right. */
struct change {
    const char *name; /* of the member */
    const struct buf *data;
    const char *to;   /* it has that name; NULL: its own, or if there are no data none */
    const char *what; /* is said */
};

static void changed(const struct made *made, const struct change *change)
{
    struct tar tar = {0}, other = {0};
    struct buf bytes = {0};
    struct err_text why = {""};
    assert_int_equal(tar_read(made->bundle.data, made->bundle.bytes, &tar, NULL), ERR_OK);
    assert_non_null(tar_find(&tar, change->name));
    for (size_t i = 0; i + 1 < tar.count; i++) {
        const struct tar_member *member = &tar.members[i];
        const bool is = strcmp(member->name, change->name) == 0;
        const struct buf *data = is && change->data != NULL ? change->data : &member->data;
        if (!is || change->data != NULL || change->to != NULL)
            tar_add(&other, is && change->to != NULL ? change->to : member->name, data->data,
                    data->bytes);
    }
    tar_add_sums(&other);
    assert_int_equal(tar_write(&other, &bytes, NULL), ERR_OK);
    if (tell(bytes.data, bytes.bytes, &why) == ERR_OK)
        fail_msg("%s: wanted '%s'", change->name, change->what);
    if (strstr(why.s, change->what) == NULL)
        fail_msg("%s: no '%s' in '%s'", change->name, change->what, why.s);
    tar_free(&tar);
    tar_free(&other);
    buf_free(&bytes);
}

static void test_docket_without(void **state)
{
    (void)state;
    static const struct change changes[] = {
        {"README.txt", NULL, NULL, "it has bundle.json in the place of README.txt"},
        {"bundle.json", NULL, NULL, "in the place of bundle.json"},
        {"checkpoint", NULL, NULL, "in the place of checkpoint"},
        {"streams/ledger/000000.records", NULL, NULL, "in the place of streams/ledger/000000.rec"},
        {"streams/a/000000.index", NULL, NULL, "in the place of streams/a/000000.index"},
        {"heads", NULL, NULL, "heads is missing, or has not the stream ledger"},
        {"others", NULL, NULL, "others has no entry of the stream early"},
        {"last", NULL, NULL, "in the place of last"},
        {"allowed_signers", NULL, NULL, "in the place of allowed_signers"},
        {"tile/0/000.p/23", NULL, NULL, "tile/0/000.p/23 is missing"},
        {"checkpoint", NULL, "x", "it has x in the place of checkpoint"},
        {"report/notes.txt", NULL, "report/z.txt", "report/report.html is not in its place"},
        {"report/notes.txt", NULL, "notes.txt", "it has notes.txt in the place of SHA256SUMS"},
        {"report/report.html", NULL, "report/a/b", "report/a/b is not in its place"},
        {"streams/b/000000.records", NULL, "streams/B/000000.records", "in the place of last"},
        {"streams/b/000000.records", NULL, "streams/b/000001.records",
         "in the place of streams/b/000000.records"},
    };
    struct made made;
    begin(&made);
    say_heads(&made.kit);
    make_period(&made);
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        changed(&made, &changes[i]);
    end(&made);
}

static void copy_member(const struct made *made, const char *name, struct buf *data)
{
    struct tar tar = {0};
    assert_int_equal(tar_read(made->bundle.data, made->bundle.bytes, &tar, NULL), ERR_OK);
    const struct buf *found = tar_find(&tar, name);
    assert_non_null(found);
    buf_clear(data);
    buf_add(data, found->data, found->bytes);
    tar_free(&tar);
}

static void test_docket_replaced(void **state)
{
    (void)state;
    static const char *const junk_said[][2] = {
        {"bundle.json", "bundle.json is not as this version"},
        {"checkpoint", "the checkpoint is malformed"},
        {"streams/ledger/000000.records", "streams/ledger/000000.records"},
        {"streams/b/000000.records", "streams/b/000000.records is cut short"},
        {"streams/b/000000.index", "000000.index is not what follows from the records"},
        {"heads", "heads does not make the root"},
        {"others", "others has no entry of the stream early"},
        {"last", "last is not entry"},
        {"allowed_signers", "allowed_signers is not what follows"},
        {"tile/0/000.p/23", "does not have 23 hashes"},
    };
    struct made made, other;
    struct buf data = {0};
    begin(&made);
    begin(&other);
    say_heads(&made.kit);
    say_heads(&other.kit);
    make_period(&made);
    make_period(&other);
    buf_text(&data, "junk");
    for (size_t i = 0; i < sizeof(junk_said) / sizeof(junk_said[0]); i++)
        changed(&made, &(struct change){junk_said[i][0], &data, NULL, junk_said[i][1]});
    /* Members of another ledger's bundle. */
    copy_member(&other, "streams/b/000000.records", &data);
    changed(&made, &(struct change){"streams/b/000000.records", &data, NULL,
                                    "the signature of admission does not verify"});
    copy_member(&other, "checkpoint", &data);
    changed(&made,
            &(struct change){"checkpoint", &data, NULL, "do not make the checkpoint's root"});
    copy_member(&other, "tile/0/000.p/23", &data);
    changed(&made,
            &(struct change){"tile/0/000.p/23", &data, NULL, "do not make the checkpoint's root"});
    copy_member(&other, "streams/ledger/000000.records", &data);
    changed(&made, &(struct change){"streams/ledger/000000.records", &data, NULL,
                                    "000000.index is not what follows"});
    copy_member(&other, "heads", &data);
    changed(&made, &(struct change){"heads", &data, NULL, "heads does not make the root"});
    copy_member(&other, "last", &data);
    changed(&made, &(struct change){"last", &data, NULL, "is not the one that the tree has"});
    struct docket_finding finding = {0};
    assert_int_equal(check(made.bundle.data, made.bundle.bytes, &ledger_info(other.kit.ledger)->key,
                           &finding, &made.kit.why),
                     ERR_PROOF);
    buf_free(&data);
    end(&made);
    end(&other);
}

/* The stream's last entries held back, with index and sums made to fit. */
static void hold_back(const struct made *made, const char *stream, size_t keep, struct buf *ret)
{
    struct tar tar = {0}, other = {0};
    struct buf name = {0}, index_name = {0}, index = {0}, records = {0};
    assert_int_equal(tar_read(made->bundle.data, made->bundle.bytes, &tar, NULL), ERR_OK);
    docket_piece_name(stream, 0, false, &name);
    docket_piece_name(stream, 0, true, &index_name);
    const struct buf *from = tar_find(&tar, (const char *)name.data);
    struct reader reader = {from->data, from->bytes, false};
    struct docket_record record;
    for (size_t i = 0; i < keep; i++)
        assert_true(docket_record_read(&reader, &record));
    buf_add(&records, from->data, from->bytes - reader.bytes);
    reader = (struct reader){records.data, records.bytes, false};
    while (reader.bytes > 0) {
        struct entry entry;
        uint8_t leaf[HASH_BYTES];
        assert_true(docket_record_read(&reader, &record));
        assert_int_equal(entry_decode(record.entry, record.entry_bytes, &entry, NULL), ERR_OK);
        entry_leaf(record.entry, record.entry_bytes, leaf);
        docket_index_add(&entry, leaf, records.data, &record, &index);
    }
    for (size_t i = 0; i + 1 < tar.count; i++) {
        const struct tar_member *member = &tar.members[i];
        const struct buf *data = strcmp(member->name, (const char *)name.data) == 0 ? &records
                                 : strcmp(member->name, (const char *)index_name.data) == 0
                                     ? &index
                                     : &member->data;
        tar_add(&other, member->name, data->data, data->bytes);
    }
    tar_add_sums(&other);
    buf_clear(ret);
    assert_int_equal(tar_write(&other, ret, NULL), ERR_OK);
    tar_free(&tar);
    tar_free(&other);
    buf_free(&name);
    buf_free(&index_name);
    buf_free(&index);
    buf_free(&records);
}

static void refused(const struct buf *bundle, const char *what)
{
    struct err_text why = {""};
    assert_int_equal(tell(bundle->data, bundle->bytes, &why), ERR_PROOF);
    if (strstr(why.s, what) == NULL)
        fail_msg("no '%s' in '%s'", what, why.s);
}

static void test_docket_held_back(void **state)
{
    (void)state;
    struct made made;
    struct buf bundle = {0};
    begin(&made);
    make_deployment(&made, "b");
    hold_back(&made, "b", 3, &bundle);
    refused(&bundle, "is of the stream b, and is not in it here: it is held back");
    say_heads(&made.kit);
    make_deployment(&made, "b");
    hold_back(&made, "b", 3, &bundle);
    refused(&bundle, "b has 3 entries here, and had 5 when ledger.heads was said");
    make_period(&made);
    hold_back(&made, "a", 8, &bundle);
    refused(&bundle, "a has 8 entries here, and had 9");
    hold_back(&made, "ledger", 1, &bundle);
    refused(&bundle, "heads has no place in it: there is no ledger.heads");
    buf_free(&bundle);
    end(&made);
}

/* A period without a deployment that has an entry in it is not made. */
static void test_docket_left_out(void **state)
{
    (void)state;
    static const char *const deployments[] = {"a"};
    struct made made;
    begin(&made);
    const struct docket_order order = {.plan = {.kind = DOCKET_PERIOD,
                                                .from_us = KIT_TIME_US + DAY_US,
                                                .to_us = KIT_TIME_US + 2 * DAY_US},
                                       .deployments = deployments,
                                       .deployment_count = 1};
    make(&made, &order);
    refused(&made.bundle, "is in the period, and its stream b is not here");
    say_heads(&made.kit);
    make(&made, &order);
    refused(&made.bundle, "does not show that the stream b has none in the period");
    end(&made);
}

static void test_docket_make_refused(void **state)
{
    (void)state;
    struct made made;
    begin(&made);
    struct docket_order order = {.plan = {.kind = DOCKET_DEPLOYMENT, .deployment = "none"}};
    assert_int_equal(write_bundle(&made, &order), ERR_NOT_FOUND);
    assert_non_null(strstr(made.kit.why.s, "there is no such deployment"));
    end(&made);
}

static bool stop(void *ctx, uint64_t done)
{
    (void)ctx;
    (void)done;
    return true;
}

static bool stop_check(void *ctx, uint64_t done, uint64_t total)
{
    (void)ctx;
    assert_true(done <= total);
    return true;
}

static void test_docket_stopped(void **state)
{
    (void)state;
    struct made made;
    struct tar_index index = {0};
    struct docket_finding finding = {0};
    begin(&made);
    struct docket_order order = {.plan = {.kind = DOCKET_DEPLOYMENT, .deployment = "a"},
                                 .progress = stop};
    assert_int_equal(write_bundle(&made, &order), ERR_BUSY);
    make_deployment(&made, "a");
    const struct tar_source source = {
        .data = made.bundle.data, .fd = -1, .bytes = made.bundle.bytes};
    const struct docket_options options = {.progress = stop_check};
    assert_int_equal(tar_index_find(&source, DOCKET_MEMBERS_MAX, &index, NULL), ERR_OK);
    assert_int_equal(docket_check_whole(&source, &index, &options, &finding, NULL), ERR_BUSY);
    tar_index_free(&index);
    end(&made);
}

static void test_docket_plan_parse(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "{}\n",
        "{\"bundle\":\"deployment\",\"version\":1,\"deployment\":\"web-1\"}",
        "{\"bundle\":\"deployment\",\"version\":2,\"deployment\":\"web-1\"}\n",
        "{\"bundle\":\"deployment\",\"version\":1,\"deployment\":\"ledger\"}\n",
        "{\"bundle\":\"deployment\",\"version\":1,\"deployment\":\"Web\"}\n",
        "{\"bundle\":\"deployment\",\"version\":1,\"deployment\":\"web-1\",\"x\":1}\n",
        "{\"bundle\":\"period\",\"version\":1,\"from\":\"2026-01-01T00:00:00.000000Z\"}\n",
        "{\"bundle\":\"period\",\"version\":1,\"from\":\"2026-01-01T00:00:00.000000Z\","
        "\"to\":\"2026-01-01T00:00:00.000000Z\"}\n",
        "{\"bundle\":\"year\",\"version\":1}\n",
    };
    struct docket_plan plan;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(docket_plan_parse(bad[i], strlen(bad[i]), &plan, NULL), ERR_INVALID);
    const char *good = "{\"bundle\":\"deployment\",\"version\":1,\"deployment\":\"web-1\"}\n";
    assert_int_equal(docket_plan_parse(good, strlen(good), &plan, NULL), ERR_OK);
    assert_string_equal(plan.deployment, "web-1");
}

int main(void)
{
    assert_true(sodium_init() >= 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_docket_deployment), cmocka_unit_test(test_docket_deployment_heads),
        cmocka_unit_test(test_docket_period),     cmocka_unit_test(test_docket_pieces),
        cmocka_unit_test(test_docket_every_byte), cmocka_unit_test(test_docket_without),
        cmocka_unit_test(test_docket_replaced),   cmocka_unit_test(test_docket_held_back),
        cmocka_unit_test(test_docket_left_out),   cmocka_unit_test(test_docket_make_refused),
        cmocka_unit_test(test_docket_stopped),    cmocka_unit_test(test_docket_plan_parse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
