#include "tests/unit/ledger_kit.h"

#include <sys/wait.h>

#include "ledger/files.h"
#include "ledger/secret.h"

#define ENTRIES 50

static void make(struct kit *kit)
{
    kit_new(kit);
    kit_fill(kit, ENTRIES);
}

static void replace_outside(const struct kit *kit, const struct buf *note)
{
    assert_int_equal(files_replace(kit->path, "checkpoint", note->data, note->bytes, NULL), ERR_OK);
}

static void test_verify_checkpoint_outside(void **state)
{
    (void)state;
    struct kit kit;
    const struct verify_options options = {0};
    struct buf note = {0};
    make(&kit);
    char *path = files_path(kit.path, "checkpoint");
    assert_int_equal(files_read(kit.path, "checkpoint", 10000, &note, NULL), ERR_OK);
    note.data[note.bytes - 20] = note.data[note.bytes - 20] == 'A' ? 'B' : 'A';
    replace_outside(&kit, &note);
    kit_bad(&kit, &options, ENTRIES - 1, "its signature");
    note.data[0] = 'X';
    replace_outside(&kit, &note);
    kit_bad(&kit, &options, ENTRIES - 1, "its text");
    unlink(path);
    struct verify_result *result = kit_check(&kit, &options);
    assert_true(result->ok);
    assert_int_equal(result->skipped_count, 2); /* the other: custody */
    assert_non_null(strstr(result->skipped[0], "outside"));
    verify_result_free(result);
    free(path);
    buf_free(&note);
    kit_end(&kit);
}

/* The ledger put back to a state of before: the copy outside knows more. */
static void test_verify_lost_entries(void **state)
{
    (void)state;
    struct kit kit;
    const struct verify_options options = {0};
    struct buf older = {0};
    kit_new(&kit);
    kit_fill(&kit, 20);
    ledger_close(kit.ledger);
    assert_int_equal(files_read(kit.path, "data.mdb", 1 << 24, &older, NULL), ERR_OK);
    kit_open(&kit, true);
    kit_fill(&kit, ENTRIES);
    ledger_close(kit.ledger);
    kit.ledger = NULL;
    assert_int_equal(files_replace(kit.path, "data.mdb", older.data, older.bytes, NULL), ERR_OK);
    kit_bad(&kit, &options, 20, "the copy outside");
    buf_free(&older);
    kit_end(&kit);
}

/* A note by the ledger's own key over whatever is said. */
static void sign(const struct kit *kit, const struct checkpoint *checkpoint, struct buf *note)
{
    struct secret *secret = NULL;
    struct buf body = {0};
    assert_int_equal(secret_load(kit->path, SECRET_CHECKPOINT, &secret, NULL), ERR_OK);
    checkpoint_format(checkpoint, &body);
    buf_clear(note);
    note_sign((char *)body.data, &ledger_info(kit->ledger)->key, secret->secret_key, note);
    secret_free(secret);
    buf_free(&body);
}

/* Wants ${note} to be refused with ${seq}, by a whole check and by one of checkpoints alone. */
static void assert_against(struct kit *kit, const struct buf *note, uint64_t seq, const char *what)
{
    const struct verify_note against = {"a file", (char *)note->data, note->bytes};
    struct verify_options options = {.against = &against, .against_count = 1};
    kit_bad(kit, &options, seq, what);
    options.only_checkpoints = true;
    kit_bad(kit, &options, seq, what);
}

static void test_verify_against_a_checkpoint(void **state)
{
    (void)state;
    struct kit kit, other;
    struct buf early = {0}, late = {0};
    kit_new(&kit);
    kit_fill(&kit, 10);
    assert_int_equal(ledger_checkpoint(kit.ledger, &early, NULL), ERR_OK);
    kit_fill(&kit, 30);
    assert_int_equal(ledger_checkpoint(kit.ledger, &late, NULL), ERR_OK);
    const struct verify_note notes[] = {{"late", (char *)late.data, late.bytes},
                                        {"early", (char *)early.data, early.bytes},
                                        {"late", (char *)late.data, late.bytes}};
    struct verify_options options = {.against = notes, .against_count = 3};
    struct verify_result *result = kit_check(&kit, &options);
    assert_true(result->ok);
    assert_int_equal(result->entries, 30);
    verify_result_free(result);
    options.only_checkpoints = true;
    result = kit_check(&kit, &options);
    assert_true(result->ok);
    assert_int_equal(result->entries, 0);
    assert_int_equal(result->signatures, 5); /* with the last one, inside and outside */
    assert_non_null(strstr(result->skipped[1], "only checkpoints"));
    verify_result_free(result);
    late.data[late.bytes - 20] = late.data[late.bytes - 20] == 'A' ? 'B' : 'A';
    assert_against(&kit, &late, 0, "a bad signature");
    /* Another ledger's, and one that this ledger's key signed over another root. */
    kit_new(&other);
    buf_clear(&late);
    assert_int_equal(ledger_checkpoint(other.ledger, &late, NULL), ERR_OK);
    assert_against(&kit, &late, 0, "another ledger's checkpoint");
    struct checkpoint fork = {.size = 12, .root = {1}};
    memcpy(fork.origin, ledger_info(kit.ledger)->origin, sizeof(fork.origin));
    sign(&kit, &fork, &late);
    assert_against(&kit, &late, 11, "another history");
    fork.size = 31;
    sign(&kit, &fork, &late);
    assert_against(&kit, &late, 30, "entries that are gone");
    buf_free(&early);
    buf_free(&late);
    kit_end(&other);
    kit_end(&kit);
}

static void test_verify_beside_a_writer(void **state)
{
    (void)state;
    struct kit kit;
    const struct verify_options options = {0};
    int status = 0;
    unsigned runs = 0;
    kit_new(&kit);
    pid_t child = kit_fork(&kit);
    if (child == 0) {
        kit_open(&kit, true);
        kit_fill(&kit, 300);
        ledger_close(kit.ledger);
        _exit(0);
    }
    while (waitpid(child, &status, WNOHANG) == 0) {
        struct verify_result *result = kit_check(&kit, &options);
        if (!result->ok)
            fail_msg("%s", result->first_bad.what);
        verify_result_free(result);
        runs++;
    }
    assert_int_equal(status, 0);
    assert_true(runs > 1);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_checkpoint_outside),
        cmocka_unit_test(test_verify_lost_entries),
        cmocka_unit_test(test_verify_against_a_checkpoint),
        cmocka_unit_test(test_verify_beside_a_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
