#include "tests/unit/damage_kit.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "ledger/reindex.h"
#include "ledger/rows.h"
#include "tests/unit/disk_kit.h"

#define ENTRIES 60
#define VICTIM 21 /* the row of a table that is damaged, counted from 0 */

enum kind { KIND_NONE, KIND_MISSING, KIND_ADDED, KIND_WRONG, KIND_SWAPPED, KIND_ERASED };

/* What is done to a table. */
struct wound {
    enum store_table table;
    enum kind kind;
    unsigned row;      /* rows of the table seen so far */
    struct buf before; /* value of the row before */
};

/* A closed ledger, and what it said of itself. */
struct patient {
    struct kit kit;
    struct buf note;
    uint8_t root[HASH_BYTES];
};

static void patient_make(struct patient *patient)
{
    memset(patient, 0, sizeof(*patient));
    kit_new(&patient->kit);
    kit_fill(&patient->kit, ENTRIES);
    assert_int_equal(ledger_checkpoint(patient->kit.ledger, &patient->note, NULL), ERR_OK);
    assert_int_equal(ledger_root(patient->kit.ledger, ENTRIES, patient->root, NULL), ERR_OK);
    ledger_close(patient->kit.ledger);
    patient->kit.ledger = NULL;
}

static void patient_end(struct patient *patient)
{
    kit_end(&patient->kit);
    buf_free(&patient->note);
}

static bool wound_row(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    struct wound *wound = ctx;
    (void)key;
    if (table != wound->table || wound->kind == KIND_NONE)
        return true;
    unsigned row = wound->row++;
    if (row == VICTIM - 1)
        buf_add(&wound->before, value->data, value->bytes);
    if (wound->kind == KIND_SWAPPED && row == VICTIM) {
        buf_clear(value);
        buf_add(value, wound->before.data, wound->before.bytes);
    }
    if (wound->kind == KIND_WRONG && row == VICTIM)
        value->data[value->bytes - 1] ^= 1;
    if (wound->kind == KIND_ERASED && row == VICTIM)
        value->bytes = SALT_BYTES;
    return wound->kind != KIND_MISSING || row != VICTIM;
}

static void wound_add(void *ctx, struct store_txn *txn)
{
    const struct wound *wound = ctx;
    uint8_t key[8] = {0}, value[HASH_BYTES] = {0};
    if (wound->kind != KIND_ADDED)
        return;
    memset(key, 'z', sizeof(key));
    assert_int_equal(store_put(txn, wound->table, key, sizeof(key), value,
                               wound->table == STORE_NODES ? HASH_BYTES : 8),
                     ERR_OK);
}

static void patient_wound(struct patient *patient, enum store_table table, enum kind kind)
{
    struct wound wound = {.table = table, .kind = kind};
    damage_rewrite(&patient->kit, wound_row, wound_add, &wound);
    buf_free(&wound.before);
}

static void want_bad(struct patient *patient, const char *where)
{
    const struct verify_options options = {0};
    struct verify_result *result = kit_check(&patient->kit, &options);
    if (result->ok)
        fail_msg("%s: not seen", where);
    verify_result_free(result);
}

/* Whole, with the root it had, in the history of its old checkpoint, and taking events in. */
static void want_good(struct patient *patient, const char *where)
{
    struct kit *kit = &patient->kit;
    const struct verify_note note = {"a file", (const char *)patient->note.data,
                                     patient->note.bytes};
    const struct verify_options options = {.against = &note, .against_count = 1};
    struct verify_result *result = kit_check(kit, &options);
    if (!result->ok)
        fail_msg("%s: %s", where, result->first_bad.what);
    assert_memory_equal(result->root, patient->root, HASH_BYTES);
    verify_result_free(result);
    assert_false(files_there(kit->path, "recovery"));
    kit_open(kit, true);
    struct receipt receipt = kit_append(kit, &(struct kit_event){.id = "new", .deployment = "a"});
    assert_int_equal(receipt.seq, ENTRIES);
    ledger_receipts_free(&receipt, 1);
    ledger_close(kit->ledger);
    kit->ledger = NULL;
}

static struct reindex_result reindex(struct patient *patient, const char *where)
{
    const struct reindex_options options = {0};
    struct reindex_result result;
    enum err err = reindex_ledger(patient->kit.path, &options, &result, &patient->kit.why);
    if (err != ERR_OK)
        fail_msg("%s: %s: %s", where, err_name(err), patient->kit.why.s);
    assert_int_equal(result.size, ENTRIES);
    assert_memory_equal(result.root, patient->root, HASH_BYTES);
    return result;
}

/* data.mdb is refused, and stays as it is to the byte. */
static void want_refused(struct patient *patient, const struct reindex_options *options,
                         enum err wanted, const char *word)
{
    struct buf before = {0}, after = {0};
    struct reindex_result result;
    struct kit *kit = &patient->kit;
    assert_int_equal(files_read(kit->path, "data.mdb", 1 << 26, &before, NULL), ERR_OK);
    enum err err = reindex_ledger(kit->path, options, &result, &kit->why);
    if (err != wanted || strstr(kit->why.s, word) == NULL)
        fail_msg("%s: %s (wanted %s: %s)", err_name(err), kit->why.s, err_name(wanted), word);
    assert_int_equal(files_read(kit->path, "data.mdb", 1 << 26, &after, NULL), ERR_OK);
    assert_int_equal(before.bytes, after.bytes);
    assert_memory_equal(before.data, after.data, after.bytes);
    assert_false(files_there(kit->path, "recovery"));
    assert_false(files_there(kit->path, "data.mdb.before-repair"));
    buf_free(&before);
    buf_free(&after);
}

static void test_reindex_mends_each_kind_of_damage(void **state)
{
    static const char *const tables[] = {"nodes", "ids", "streams"};
    static const char *const kinds[] = {"none", "missing", "added", "wrong", "swapped"};
    static const enum store_table derived[] = {STORE_NODES, STORE_IDS, STORE_STREAMS};
    (void)state;
    for (int table = 0; table < REINDEX_TABLES; table++) {
        for (int kind = KIND_MISSING; kind <= KIND_SWAPPED; kind++) {
            struct patient patient;
            char where[64];
            snprintf(where, sizeof(where), "%s, a row %s", tables[table], kinds[kind]);
            patient_make(&patient);
            patient_wound(&patient, derived[table], (enum kind)kind);
            want_bad(&patient, where);
            struct reindex_result result = reindex(&patient, where);
            assert_true(result.changed);
            for (int i = 0; i < REINDEX_TABLES; i++) {
                assert_string_equal(result.found[i].name, tables[i]);
                assert_false(result.found[i].unreadable);
                assert_int_equal(result.found[i].missing, i == table && kind == KIND_MISSING);
                assert_int_equal(result.found[i].added, i == table && kind == KIND_ADDED);
                assert_int_equal(result.found[i].wrong, i == table && kind >= KIND_WRONG);
            }
            want_good(&patient, where);
            patient_end(&patient);
        }
    }
}

static void test_reindex_leaves_what_is_good(void **state)
{
    (void)state;
    struct patient patient;
    struct stat before, after;
    patient_make(&patient);
    char *data = files_path(patient.kit.path, "data.mdb");
    assert_int_equal(stat(data, &before), 0);
    struct reindex_result result = reindex(&patient, "nothing");
    assert_false(result.changed);
    assert_string_equal(result.kept, "");
    assert_int_equal(stat(data, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    want_good(&patient, "nothing");
    free(data);
    patient_end(&patient);
}

static void test_reindex_keeps_the_old(void **state)
{
    (void)state;
    struct patient patient;
    struct reindex_result result;
    const struct reindex_options discard = {.discard_old = true};
    patient_make(&patient);
    patient_wound(&patient, STORE_IDS, KIND_WRONG);
    result = reindex(&patient, "once");
    assert_string_equal(result.kept, "data.mdb.before-repair");
    patient_wound(&patient, STORE_IDS, KIND_WRONG);
    result = reindex(&patient, "twice");
    assert_string_equal(result.kept, "data.mdb.before-repair.2");
    patient_wound(&patient, STORE_IDS, KIND_WRONG);
    assert_int_equal(reindex_ledger(patient.kit.path, &discard, &result, NULL), ERR_OK);
    assert_string_equal(result.kept, "");
    assert_true(result.changed);
    assert_true(files_there(patient.kit.path, "data.mdb.before-repair"));
    assert_true(files_there(patient.kit.path, "data.mdb.before-repair.2"));
    assert_false(files_there(patient.kit.path, "data.mdb.before-repair.3"));
    want_good(&patient, "discarded");
    patient_end(&patient);
}

/* Finds the table's description in the list of tables, at the end of its newest page, and gives the
 * file's map. */
static uint8_t *file_map(const struct kit *kit, size_t *ret_bytes)
{
    struct stat info;
    char *path = files_path(kit->path, "data.mdb");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &info) == 0);
    *ret_bytes = (size_t)info.st_size;
    uint8_t *map = mmap(NULL, *ret_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    assert_true(map != MAP_FAILED);
    close(fd);
    free(path);
    return map;
}

/* Changes one byte behind each place where ${text} stands in the file. */
static void file_spoil(const struct kit *kit, const char *text, size_t behind, uint8_t bits)
{
    size_t bytes = 0, spoiled = 0, text_bytes = strlen(text);
    uint8_t *map = file_map(kit, &bytes), *at = map;
    while ((at = memmem(at, bytes - (size_t)(at - map), text, text_bytes)) != NULL) {
        at[behind] ^= bits;
        at += text_bytes;
        spoiled++;
    }
    assert_true(spoiled > 0);
    munmap(map, bytes);
}

/* A table that LMDB cannot read: its name gone, its kind, depth, or root page wrong. */
static void test_reindex_mends_unreadable_tables(void **state)
{
    static const struct {
        const char *table;
        size_t behind;
        uint8_t bits;
    } cases[] = {
        {"nodes", 0, 1},      {"ids", 3 + 4, 4},          {"streams", 7 + 6, 7},
        {"nodes", 5 + 40, 3}, {"streams", 7 + 40 + 7, 1}, {"ids", 3 + 32, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct patient patient;
        struct reindex_result result;
        struct err_text why = {""};
        const struct reindex_options options = {0};
        char where[64];
        snprintf(where, sizeof(where), "table %s, byte %zu", cases[i].table, cases[i].behind);
        patient_make(&patient);
        patient_wound(&patient, STORE_META, KIND_NONE); /* a file with no old copies in it */
        file_spoil(&patient.kit, cases[i].table, cases[i].behind, cases[i].bits);
        want_bad(&patient, where);
        enum err err = reindex_ledger(patient.kit.path, &options, &result, &why);
        if (err != ERR_OK)
            fail_msg("%s: %s", where, why.s);
        for (int table = 0; table < REINDEX_TABLES; table++)
            assert_int_equal(result.found[table].unreadable,
                             strcmp(result.found[table].name, cases[i].table) == 0);
        want_good(&patient, where);
        patient_end(&patient);
    }
}

static void test_reindex_takes_over_names_of_erased_events(void **state)
{
    (void)state;
    struct patient patient;
    const struct reindex_options options = {0};
    patient_make(&patient);
    patient_wound(&patient, STORE_EVENTS, KIND_ERASED);
    patient_wound(&patient, STORE_STREAMS, KIND_SWAPPED);
    assert_true(reindex(&patient, "erased").changed);
    want_good(&patient, "erased");
    patient_end(&patient);
    patient_make(&patient);
    patient_wound(&patient, STORE_EVENTS, KIND_ERASED);
    file_spoil(&patient.kit, "ids", 0, 1);
    want_refused(&patient, &options, ERR_DAMAGED, "erased");
    patient_end(&patient);
}

static void test_reindex_refuses_damaged_entries(void **state)
{
    static const struct {
        enum store_table table;
        enum kind kind;
        const char *word;
    } cases[] = {
        {STORE_ENTRIES, KIND_MISSING, "entry 21"},     {STORE_ENTRIES, KIND_WRONG, "entry 22"},
        {STORE_ENTRIES, KIND_SWAPPED, "entry 21"},     {STORE_ENTRIES, KIND_ADDED, "entry 60"},
        {STORE_EVENTS, KIND_MISSING, "entry 21"},      {STORE_EVENTS, KIND_WRONG, "entry 21"},
        {STORE_EVENTS, KIND_SWAPPED, "entry 21"},      {STORE_EVENTS, KIND_ADDED, "entry 60"},
        {STORE_CHECKPOINTS, KIND_ADDED, "checkpoint"},
    };
    const struct reindex_options options = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct patient patient;
        patient_make(&patient);
        patient_wound(&patient, cases[i].table, cases[i].kind);
        want_refused(&patient, &options, ERR_DAMAGED, cases[i].word);
        patient_end(&patient);
    }
}

static bool drop_tail(void *ctx, enum store_table table, struct buf *key, struct buf *value)
{
    (void)ctx;
    (void)value;
    bool by_seq = table == STORE_ENTRIES || table == STORE_EVENTS;
    return !by_seq || key->data[7] < ENTRIES - 5;
}

static void test_reindex_refuses_a_contradicted_checkpoint(void **state)
{
    (void)state;
    struct patient patient;
    const struct reindex_options options = {0};
    patient_make(&patient);
    damage_rewrite(&patient.kit, drop_tail, NULL, NULL);
    want_refused(&patient, &options, ERR_DAMAGED, "checkpoint");
    patient_end(&patient);
    patient_make(&patient);
    patient_wound(&patient, STORE_NODES, KIND_WRONG);
    assert_int_equal(files_replace(patient.kit.path, "checkpoint", "x\n", 2, NULL), ERR_OK);
    want_refused(&patient, &options, ERR_INVALID, "checkpoint");
    patient_end(&patient);
}

static void test_reindex_refuses_what_is_open(void **state)
{
    (void)state;
    struct patient patient;
    const struct reindex_options options = {0};
    struct reindex_result result;
    int pipes[2];
    char byte;
    patient_make(&patient);
    patient_wound(&patient, STORE_NODES, KIND_WRONG);
    kit_open(&patient.kit, false);
    want_refused(&patient, &options, ERR_BUSY, "open in this process");
    ledger_close(patient.kit.ledger);
    patient.kit.ledger = NULL;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = NULL;
        enum err err = store_open(patient.kit.path, STORE_SHARED, &store, NULL);
        ssize_t told = write(pipes[1], "x", 1);
        pause();
        _exit(err == ERR_OK && told == 1 ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(read(pipes[0], &byte, 1), 1);
    want_refused(&patient, &options, ERR_BUSY, "end them first");
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    close(pipes[0]);
    close(pipes[1]);
    assert_true(reindex(&patient, "closed").changed);
    assert_int_equal(reindex_ledger(patient.kit.dir, &options, &result, NULL), ERR_NOT_FOUND);
    patient_end(&patient);
}

/* Stops when it is asked for the so manieth time. */
static bool stop_after(void *ctx)
{
    unsigned *times = ctx;
    return (*times)-- == 0;
}

static void test_reindex_stops(void **state)
{
    (void)state;
    struct patient patient;
    unsigned times = 0;
    const struct reindex_options options = {.stop = stop_after, .ctx = &times};
    patient_make(&patient);
    patient_wound(&patient, STORE_NODES, KIND_WRONG);
    want_refused(&patient, &options, ERR_BUSY, "stopped");
    patient_end(&patient);
}

static void test_reindex_needs_room(void **state)
{
    (void)state;
    struct patient patient;
    const struct reindex_options options = {0};
    patient_make(&patient);
    patient_wound(&patient, STORE_NODES, KIND_WRONG);
    disk_full = true;
    want_refused(&patient, &options, ERR_DISK_LOW, "make room");
    disk_full = false;
    patient_end(&patient);
}

static void test_reindex_fails_on_a_failing_disk(void **state)
{
    (void)state;
    struct patient patient;
    const struct reindex_options options = {0};
    patient_make(&patient);
    patient_wound(&patient, STORE_NODES, KIND_WRONG);
    sync_fails = true;
    want_refused(&patient, &options, ERR_IO, "");
    sync_fails = false;
    patient_end(&patient);
}

struct heard {
    unsigned rebuilt, checked;
};

static void hear(void *ctx, const char *what, uint64_t done, uint64_t total)
{
    struct heard *heard = ctx;
    assert_true(done <= total);
    assert_int_equal(total, ENTRIES);
    *(strcmp(what, "rebuilt") == 0 ? &heard->rebuilt : &heard->checked) += 1;
}

static void test_reindex_tells_progress(void **state)
{
    (void)state;
    struct patient patient;
    struct heard heard = {0};
    struct reindex_result result;
    const struct reindex_options options = {.progress = hear, .ctx = &heard};
    patient_make(&patient);
    assert_int_equal(reindex_ledger(patient.kit.path, &options, &result, NULL), ERR_OK);
    assert_true(heard.rebuilt > 0 && heard.checked > 0);
    patient_end(&patient);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reindex_mends_each_kind_of_damage),
        cmocka_unit_test(test_reindex_leaves_what_is_good),
        cmocka_unit_test(test_reindex_keeps_the_old),
        cmocka_unit_test(test_reindex_mends_unreadable_tables),
        cmocka_unit_test(test_reindex_takes_over_names_of_erased_events),
        cmocka_unit_test(test_reindex_refuses_damaged_entries),
        cmocka_unit_test(test_reindex_refuses_a_contradicted_checkpoint),
        cmocka_unit_test(test_reindex_refuses_what_is_open),
        cmocka_unit_test(test_reindex_stops),
        cmocka_unit_test(test_reindex_needs_room),
        cmocka_unit_test(test_reindex_fails_on_a_failing_disk),
        cmocka_unit_test(test_reindex_tells_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
