#include "tests/unit/ledger_kit.h"

#include <sys/wait.h>

#include "ingest/presence.h"

/* What serve.json of the kit's ledger holds; NULL if it is not there. */
static json_t *read_announcement(const struct kit *kit)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/serve.json", kit->path);
    return json_load_file(path, 0, NULL);
}

static void test_presence_announce_and_withdraw(void **state)
{
    (void)state;
    struct kit kit;
    struct presence *presence = NULL;
    kit_new(&kit);
    assert_false(presence_running(kit.path));
    assert_int_equal(presence_claim(kit.path, &presence, NULL), ERR_OK);
    assert_true(presence_running(kit.path));
    assert_null(read_announcement(&kit));
    assert_int_equal(presence_announce(presence, "http://127.0.0.1:1", NULL, NULL), ERR_OK);
    json_t *json = read_announcement(&kit);
    assert_int_equal(json_integer_value(json_object_get(json, "pid")), getpid());
    assert_string_equal(ijson_string(json, "url"), "http://127.0.0.1:1");
    json_decref(json);
    presence_withdraw(presence);
    presence_withdraw(presence);
    assert_null(read_announcement(&kit));
    presence_free(presence);
    assert_false(presence_running(kit.path));
    kit_end(&kit);
}

static void test_presence_free_withdraws(void **state)
{
    (void)state;
    struct kit kit;
    struct presence *presence = NULL;
    kit_new(&kit);
    assert_int_equal(presence_claim(kit.path, &presence, NULL), ERR_OK);
    assert_int_equal(presence_announce(presence, "http://127.0.0.1:1", NULL, NULL), ERR_OK);
    presence_free(presence);
    presence_free(NULL);
    assert_null(read_announcement(&kit));
    kit_end(&kit);
}

static void test_presence_claim_busy(void **state)
{
    (void)state;
    struct kit kit;
    struct presence *first = NULL, *second = NULL;
    struct err_text why = {""};
    char pid[32];
    kit_new(&kit);
    snprintf(pid, sizeof(pid), "pid %ld", (long)getpid());
    assert_int_equal(presence_claim(kit.path, &first, NULL), ERR_OK);
    assert_int_equal(presence_claim(kit.path, &second, &why), ERR_BUSY);
    assert_non_null(strstr(why.s, pid));
    presence_free(first);
    assert_int_equal(presence_claim(kit.path, &second, NULL), ERR_OK);
    presence_free(second);
    kit_end(&kit);
}

/* The system gives up the lock with the process, however it ends. */
static void test_presence_claim_after_a_kill(void **state)
{
    (void)state;
    struct kit kit;
    struct presence *presence = NULL;
    kit_new(&kit);
    pid_t child = fork();
    if (child == 0)
        _exit(presence_claim(kit.path, &presence, NULL) == ERR_OK &&
                      presence_announce(presence, "http://127.0.0.1:1", NULL, NULL) == ERR_OK
                  ? 0
                  : 1);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(presence_claim(kit.path, &presence, NULL), ERR_OK);
    assert_null(read_announcement(&kit)); /* what the dead one said is gone */
    presence_free(presence);
    kit_end(&kit);
}

static void test_presence_claim_not_found(void **state)
{
    (void)state;
    struct kit kit;
    struct presence *presence = NULL;
    struct err_text why = {""};
    kit_dir(&kit);
    assert_int_equal(presence_claim(kit.dir, &presence, &why), ERR_NOT_FOUND);
    assert_int_equal(presence_claim(kit.path, &presence, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.s, kit.path));
    assert_int_equal(rmdir(kit.dir), 0); /* nothing was left in it */
}

static void test_presence_announce_io(void **state)
{
    (void)state;
    struct kit kit;
    struct presence *presence = NULL;
    struct err_text why = {""};
    char path[128];
    kit_new(&kit);
    snprintf(path, sizeof(path), "%s/serve.json.new", kit.path);
    assert_int_equal(mkdir(path, 0700), 0); /* stands where the file is to be written */
    assert_int_equal(presence_claim(kit.path, &presence, NULL), ERR_OK);
    assert_int_equal(presence_announce(presence, "http://127.0.0.1:1", NULL, &why), ERR_IO);
    assert_non_null(strstr(why.s, "serve.json"));
    presence_free(presence);
    kit_end(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presence_announce_and_withdraw),
        cmocka_unit_test(test_presence_free_withdraws),
        cmocka_unit_test(test_presence_claim_busy),
        cmocka_unit_test(test_presence_claim_after_a_kill),
        cmocka_unit_test(test_presence_claim_not_found),
        cmocka_unit_test(test_presence_announce_io),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
