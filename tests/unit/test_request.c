#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/ledger.h"
#include "ledger/openssh.h"

#define EVENT "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":\"t\"}"

/* A directory of its own to work in, with a key. */
struct place {
    char dir[64];
    struct buf event;
    struct err_text why;
};

static int setup(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    snprintf(place->dir, sizeof(place->dir), "/tmp/countersign-request-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    assert_int_equal(chdir(place->dir), 0);
    buf_text(&place->event, EVENT);
    assert_int_equal(signer_make("key", "c", &place->why), ERR_OK);
    unsetenv("SSH_AUTH_SOCK");
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"key",   "key.pub", "r",    "r.txt",   "r.sig",
                                        "other", "x.sig",   "it's", "it's.txt"};
    struct place *place = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(names[i]);
    assert_int_equal(rmdir(place->dir), 0);
    buf_free(&place->event);
    free(place);
    return 0;
}

static void write_file(const char *path, const void *data, size_t bytes)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static enum err write_request(struct place *place, const char *file, json_t **ret_answer)
{
    const struct request request = {
        .file = file, .dir = "L", .summary = "What it is.\n", .event = &place->event};
    return request_write(&request, ret_answer, &place->why);
}

static void test_request_write_both(void **state)
{
    struct place *place = *state;
    struct buf text = {0};
    json_t *answer = NULL;
    assert_int_equal(write_request(place, "r", &answer), ERR_OK);
    assert_int_equal(files_input("r", 4096, &text, &place->why), ERR_OK);
    assert_string_equal((const char *)text.data, EVENT);
    buf_clear(&text);
    assert_int_equal(files_input("r.txt", 4096, &text, &place->why), ERR_OK);
    assert_non_null(strstr((const char *)text.data, "What it is.\n"));
    assert_non_null(strstr((const char *)text.data, EVENT));
    assert_non_null(strstr((const char *)text.data, ijson_string(answer, "event_sha256")));
    assert_string_equal(ijson_string(answer, "sign"),
                        "ssh-keygen -Y sign -n event@countersign -f KEY r");
    assert_string_equal(ijson_string(answer, "submit"), "countersign submit L r");
    buf_clear(&text);
    request_describe(answer, &text);
    assert_non_null(strstr((const char *)text.data, "hand it back:  countersign submit L r"));
    json_decref(answer);
    answer = NULL;
    assert_int_equal(write_request(place, "it's", &answer), ERR_OK);
    assert_string_equal(ijson_string(answer, "submit"), "countersign submit L 'it'\\''s'");
    json_decref(answer);
    buf_free(&text);
}

static void test_request_write_refused(void **state)
{
    struct place *place = *state;
    json_t *answer = NULL;
    write_file("r.txt", "", 0);
    assert_int_equal(write_request(place, "r", &answer), ERR_CONFLICT);
    assert_int_equal(access("r", F_OK), -1);
    unlink("r.txt");
    write_file("r", "", 0);
    assert_int_equal(write_request(place, "r", &answer), ERR_CONFLICT);
    assert_int_equal(access("r.txt", F_OK), -1);
    assert_int_equal(write_request(place, "/nonexistent/r", &answer), ERR_IO);
    assert_null(answer);
}

static void test_request_event_trimmed(void **state)
{
    struct place *place = *state;
    struct buf event = {0};
    write_file("r", " \n" EVENT "\r\n\n", strlen(EVENT) + 5);
    assert_int_equal(request_event("r", &event, &place->why), ERR_OK);
    assert_int_equal(event.bytes, strlen(EVENT));
    buf_clear(&event);
    assert_int_equal(request_event("none", &event, &place->why), ERR_NOT_FOUND);
    assert_int_equal(request_event(place->dir, &event, &place->why), ERR_IO);
    write_file("r", "{", 1);
    assert_int_equal(request_event("r", &event, &place->why), ERR_INVALID);
    buf_clear(&event);
    write_file("r", "{}", 2);
    assert_int_equal(request_event("r", &event, &place->why), ERR_NOT_EVENT);
    buf_clear(&event);
    char *big = mem_zero(EVENT_BYTES_MAX + 8192, 1);
    write_file("r", big, EVENT_BYTES_MAX + 8192);
    assert_int_equal(request_event("r", &event, &place->why), ERR_TOO_BIG);
    free(big);
    buf_free(&event);
}

static void sign_to(struct place *place, const char *path)
{
    struct buf blob = {0}, text = {0};
    struct sshsig sig;
    assert_int_equal(signer_sign("key", &place->event, &blob, &sig, &place->why), ERR_OK);
    sshsig_armor(blob.data, blob.bytes, &text);
    write_file(path, text.data, text.bytes);
    buf_free(&blob);
    buf_free(&text);
}

static void test_request_read_envelope(void **state)
{
    struct place *place = *state;
    struct buf envelope = {0};
    struct dsse *dsse = NULL;
    const char *const signature = "r.sig", *const none = "none";
    write_file("r", EVENT "\n", strlen(EVENT) + 1);
    sign_to(place, "r.sig");
    assert_int_equal(request_read("r", &signature, 1, &envelope, &place->why), ERR_OK);
    assert_int_equal(dsse_parse(envelope.data, envelope.bytes, &dsse, &place->why), ERR_OK);
    assert_memory_equal(dsse->payload.data, EVENT, strlen(EVENT));
    assert_int_equal(dsse->sig_count, 1);
    dsse_free(dsse);
    buf_clear(&envelope);
    assert_int_equal(request_read("r", &none, 1, &envelope, &place->why), ERR_NOT_FOUND);
    assert_int_equal(request_read("none", &signature, 1, &envelope, &place->why), ERR_NOT_FOUND);
    write_file("r", "{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/t\",\"type\":\"t\"}",
               strlen(EVENT));
    assert_int_equal(request_read("r", &signature, 1, &envelope, &place->why), ERR_UNAUTHENTICATED);
    assert_non_null(strstr(place->why.s, "does not sign the bytes"));
    write_file("x.sig", "no signature", 12);
    const char *const broken = "x.sig";
    assert_int_equal(request_read("r", &broken, 1, &envelope, &place->why), ERR_INVALID);
    assert_int_equal(envelope.bytes, 0);
    buf_free(&envelope);
}

static void test_signer_find_file(void **state)
{
    struct place *place = *state;
    struct signer_key key = {0};
    struct buf text = {0};
    struct sshkey parsed;
    assert_int_equal(files_input("key.pub", 4096, &text, &place->why), ERR_OK);
    assert_int_equal(sshkey_from_text((const char *)text.data, &parsed, NULL), ERR_OK);
    const char *const names[] = {"key", "key.pub"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(signer_find(names[i], NULL, &key, &place->why), ERR_OK);
        assert_memory_equal(key.id, parsed.id, KEY_ID_BYTES);
        assert_string_equal(key.name, names[i]);
        assert_false(key.touched);
        signer_key_free(&key);
    }
    assert_int_equal(signer_find("none", NULL, &key, &place->why), ERR_IO);
    write_file("other", "no key", 6);
    assert_int_equal(signer_find("other", NULL, &key, &place->why), ERR_IO);
    assert_non_null(strstr(place->why.s, "is it a key?"));
    buf_free(&text);
}

static void test_signer_find_agent(void **state)
{
    struct place *place = *state;
    struct signer_key key = {0};
    assert_int_equal(signer_find(SIGNER_AGENT, NULL, &key, &place->why), ERR_IO);
    assert_non_null(strstr(place->why.s, "SSH_AUTH_SOCK is not set"));
    assert_int_equal(signer_find(SIGNER_AGENT "ssh-rsa", NULL, &key, &place->why), ERR_IO);
    assert_int_equal(
        signer_find(SIGNER_AGENT "sk-ssh-ed25519@openssh.com AAAA c", NULL, &key, &place->why),
        ERR_OK);
    assert_true(key.touched);
    assert_string_equal(key.name, SIGNER_AGENT "sk-ssh-ed25519@openssh.com AAAA");
    struct registry *registry = registry_new();
    assert_int_equal(signer_known(&key, registry, "L", &place->why), ERR_UNAUTHENTICATED);
    assert_non_null(strstr(place->why.s, "countersign key enroll L PRINCIPAL KEY.pub"));
    registry_free(registry);
    signer_key_free(&key);
}

static void test_openssh_run_errors(void **state)
{
    struct place *place = *state;
    struct buf output = {0};
    const char *const none[] = {"countersign-no-such-program", NULL};
    const char *const silent[] = {"false", NULL};
    const char *const wordy[] = {"sh", "-c", "echo one >&2; echo two >&2; exit 1", NULL};
    assert_int_equal(openssh_run(&(struct openssh_call){.argv = none}, &output, &place->why),
                     ERR_IO);
    assert_non_null(strstr(place->why.s, "install openssh-client"));
    assert_int_equal(openssh_run(&(struct openssh_call){.argv = silent}, &output, &place->why),
                     ERR_IO);
    assert_string_equal(place->why.s, "false: it failed without a word");
    assert_int_equal(openssh_run(&(struct openssh_call){.argv = wordy}, &output, &place->why),
                     ERR_IO);
    assert_string_equal(place->why.s, "sh: one;two");
    assert_int_equal(output.bytes, 0);
}

/* The child reads its input and the key in memory, has no token, and may leave no core dump. */
static void test_openssh_run_child(void **state)
{
    struct place *place = *state;
    struct buf output = {0};
    struct rlimit limit;
    const char *const argv[] = {
        "sh", "-c", "cat - " OPENSSH_KEY_FILE "; echo ${COUNTERSIGN_TOKEN-none}; ulimit -c", NULL};
    const struct openssh_call call = {
        .argv = argv, .input = &place->event, .public_key = " and the key "};
    assert_int_equal(setenv("COUNTERSIGN_TOKEN", "secret", 1), 0);
    assert_int_equal(openssh_run(&call, &output, &place->why), ERR_OK);
    assert_string_equal((const char *)output.data, EVENT " and the key none\n0\n");
    assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
    assert_true(limit.rlim_cur <= 1);
    unsetenv("COUNTERSIGN_TOKEN");
    buf_free(&output);
}

/* A signal to us ends the child, and then us by the same signal. */
static void test_openssh_run_interrupted(void **state)
{
    struct place *place = *state;
    int started[2], status = 0;
    char byte;
    assert_int_equal(pipe(started), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct buf output = {0}, script = {0};
        buf_printf(&script, "echo >&%d; exec sleep 600", started[1]);
        const char *const argv[] = {"sh", "-c", (const char *)script.data, NULL};
        _exit((int)openssh_run(&(struct openssh_call){.argv = argv}, &output, &place->why));
    }
    assert_int_equal(read(started[0], &byte, 1), 1);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    close(started[1]);
    assert_int_equal(read(started[0], &byte, 1), 0); /* the child is gone, too */
    close(started[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request_write_both),      TEST(test_request_write_refused),
        TEST(test_request_event_trimmed),   TEST(test_request_read_envelope),
        TEST(test_signer_find_file),        TEST(test_signer_find_agent),
        TEST(test_openssh_run_errors),      TEST(test_openssh_run_child),
        TEST(test_openssh_run_interrupted),
    };
    assert_true(sodium_init() >= 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
