#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/daemon.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/signer.h"

#define T0 "2026-03-01T10:00:00Z"

/* A temporary directory with an admin's key pair `admin`, a stranger's `other`, and a simulated
 * ledger `L` opened for reading. */
struct place {
    char dir[64];
    char *admin, *other, *ledger_dir;
    struct ledger *ledger;
    struct submit_options options;
    struct err_text why;
};

static char *path_in(const struct place *place, const char *name)
{
    return files_path(place->dir, name);
}

static void key_of(const char *path, struct sshkey *ret)
{
    struct buf name = {0}, text = {0};
    buf_printf(&name, "%s.pub", path);
    assert_int_equal(files_input((const char *)name.data, 4096, &text, NULL), ERR_OK);
    assert_int_equal(sshkey_from_text((const char *)text.data, ret, NULL), ERR_OK);
    buf_free(&name);
    buf_free(&text);
}

static int setup(void **state)
{
    struct place *place = mem_zero(1, sizeof(*place));
    struct sshkey key;
    const char *principal = "root";
    snprintf(place->dir, sizeof(place->dir), "/tmp/countersign-submit-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    place->admin = path_in(place, "admin");
    place->other = path_in(place, "other");
    place->ledger_dir = path_in(place, "L");
    assert_int_equal(signer_make(place->admin, "root", &place->why), ERR_OK);
    assert_int_equal(signer_make(place->other, "other", &place->why), ERR_OK);
    key_of(place->admin, &key);
    const struct ledger_create create = {.origin = "test/simulated",
                                         .simulated = true,
                                         .admin_count = 1,
                                         .admin_principals = &principal,
                                         .admin_keys = &key};
    assert_int_equal(ledger_create(place->ledger_dir, &create, &place->why), ERR_OK);
    assert_int_equal(ledger_open(place->ledger_dir, false, &place->ledger, &place->why), ERR_OK);
    place->options.time_us = -1;
    *state = place;
    return 0;
}

static void remove_file(const struct place *place, const char *name)
{
    char *path = path_in(place, name);
    unlink(path);
    free(path);
}

static int teardown(void **state)
{
    static const char *const names[] = {
        "admin",        "admin.pub",        "other",           "other.pub",
        "L/data.mdb",   "L/lock.mdb",       "L/checkpoint",    "L/serve.json",
        "L/serve.lock", "L/checkpoint.key", "L/admission.key", "L/checkpoint.new"};
    struct place *place = *state;
    ledger_close(place->ledger);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove_file(place, names[i]);
    assert_int_equal(rmdir(place->ledger_dir), 0);
    assert_int_equal(rmdir(place->dir), 0);
    free(place->admin);
    free(place->other);
    free(place->ledger_dir);
    free(place);
    return 0;
}

static enum err act(struct place *place, const char *type, const char *deployment, const char *data,
                    json_t **ret_receipt)
{
    const struct submitter submitter = {.ledger = place->ledger, .options = &place->options};
    json_t *json = NULL;
    place->why.s[0] = '\0';
    *ret_receipt = NULL;
    assert_int_equal(ijson_parse(data, strlen(data), &json, NULL), ERR_OK);
    enum err err = submit_act(&submitter, type, deployment, json, ret_receipt, &place->why);
    assert_true((err == ERR_OK) == (*ret_receipt != NULL));
    assert_true(err == ERR_OK || place->why.s[0] != '\0');
    return err;
}

static void expect(struct place *place, enum err err, enum err expected)
{
    if (err != expected)
        fail_msg("%s, not %s: %s", err_name(err), err_name(expected), place->why.s);
}

static void test_submit_defaults_environment(void **state)
{
    (void)state;
    struct submit_options options;
    setenv("COUNTERSIGN_KEY", "/k", 1);
    setenv("COUNTERSIGN_TOKEN", "", 1);
    submit_defaults(&options);
    assert_string_equal(options.key, "/k");
    assert_null(options.token);
    assert_true(options.time_us == -1);
    unsetenv("COUNTERSIGN_KEY");
    unsetenv("COUNTERSIGN_TOKEN");
    submit_defaults(&options);
    assert_null(options.key);
}

static void test_submit_option_each(void **state)
{
    (void)state;
    struct submit_options options = {0};
    struct err_text why = {"old"};
    assert_true(submit_option(&options, SUBMIT_KEY, "k", &why));
    assert_true(submit_option(&options, SUBMIT_TIME, "1970-01-01T00:00:01Z", &why));
    assert_true(submit_option(&options, SUBMIT_EVENT_ID, "e", &why));
    assert_true(submit_option(&options, SUBMIT_SPOOLED, NULL, &why));
    assert_true(submit_option(&options, SUBMIT_JSON, NULL, &why));
    assert_string_equal(options.key, "k");
    assert_true(options.time_us == INSTANT_SECOND_US);
    assert_string_equal(options.id, "e");
    assert_true(options.spooled && options.json);
    assert_false(submit_option(&options, 'x', NULL, &why));
    assert_string_equal(why.s, "");
}

static void test_submit_option_malformed(void **state)
{
    (void)state;
    struct submit_options options = {0};
    struct err_text why = {""};
    assert_false(submit_option(&options, SUBMIT_TIME, "yesterday", &why));
    assert_string_not_equal(why.s, "");
    assert_false(submit_option(&options, SUBMIT_EVENT_ID, "", &why));
    assert_string_not_equal(why.s, "");
}

static void test_submit_build_event(void **state)
{
    struct place *place = *state;
    struct buf text = {0}, again = {0};
    struct event *event = NULL;
    place->options.spooled = true;
    assert_true(instant_parse(T0, &place->options.time_us));
    submit_build(place->ledger, &place->options, "note.added", "d-1", json_object(), &text);
    assert_int_equal(event_parse(text.data, text.bytes, &event, &place->why), ERR_OK);
    assert_string_equal(event->source, "/cli");
    assert_string_equal(event->type, "dev.countersign.note.added.v1");
    assert_string_equal(event->deployment, "d-1");
    assert_string_equal(event->ledger, ledger_info(place->ledger)->id_hex);
    assert_true(event->time_us == place->options.time_us && event->spooled);
    assert_int_equal(strlen(event->id), 36);
    assert_memory_equal(event->id, "019ca8d7-2d00-7", 15);
    assert_non_null(strchr("89ab", event->id[19]));
    submit_build(place->ledger, &place->options, "note.added", "d-1", json_object(), &again);
    assert_int_equal(text.bytes, again.bytes);
    assert_memory_not_equal(text.data, again.data, text.bytes);
    event_free(event);
    buf_free(&text);
    buf_free(&again);
}

static void test_submit_build_defaults(void **state)
{
    struct place *place = *state;
    struct buf text = {0};
    struct event *event = NULL;
    place->options.id = "mine";
    submit_build(place->ledger, &place->options, "policy.set", NULL, json_object(), &text);
    assert_int_equal(event_parse(text.data, text.bytes, &event, &place->why), ERR_OK);
    assert_null(event->deployment);
    assert_string_equal(event->id, "mine");
    assert_true(event->has_time && event->time_us == 0);
    assert_false(event->spooled);
    event_free(event);
    buf_free(&text);
}

static void test_submit_sign_envelope(void **state)
{
    struct place *place = *state;
    struct buf event = {0}, envelope = {0};
    struct dsse *dsse = NULL;
    struct sshsig sig;
    struct sshkey key;
    buf_text(&event, "{\"any\": \"bytes\"}");
    assert_int_equal(submit_sign(place->admin, &event, &envelope, &place->why), ERR_OK);
    assert_int_equal(dsse_parse(envelope.data, envelope.bytes, &dsse, &place->why), ERR_OK);
    assert_int_equal(dsse->sig_count, 1);
    assert_memory_equal(dsse->payload.data, event.data, event.bytes);
    key_of(place->admin, &key);
    assert_memory_equal(dsse->sigs[0].key_id, key.id, KEY_ID_BYTES);
    assert_int_equal(sshsig_parse(dsse->sigs[0].data, dsse->sigs[0].bytes, &sig, NULL), ERR_OK);
    assert_int_equal(sshsig_check(&sig, event.data, event.bytes), ERR_OK);
    dsse_free(dsse);
    buf_free(&event);
    buf_free(&envelope);
}

/* More than a pipe holds, in both of two signatures. */
static void test_submit_sign_all_big(void **state)
{
    struct place *place = *state;
    struct buf event = {0}, envelope = {0};
    struct dsse *dsse = NULL;
    const char *const keys[] = {place->other, place->admin};
    for (size_t i = 0; i < 300000; i++)
        buf_text(&event, "xyz");
    assert_int_equal(submit_sign_all(keys, 2, &event, &envelope, &place->why), ERR_OK);
    assert_int_equal(dsse_parse(envelope.data, envelope.bytes, &dsse, &place->why), ERR_OK);
    assert_int_equal(dsse->sig_count, 2);
    dsse_free(dsse);
    buf_free(&event);
    buf_free(&envelope);
}

static void test_submit_sign_no_key(void **state)
{
    struct place *place = *state;
    struct buf event = {0}, envelope = {0};
    buf_text(&event, "{}");
    assert_int_equal(submit_sign("/nonexistent/key", &event, &envelope, &place->why), ERR_IO);
    assert_non_null(strstr(place->why.s, "/nonexistent/key"));
    assert_int_equal(envelope.bytes, 0);
    buf_free(&event);
}

static void test_submit_sign_other_type(void **state)
{
    struct place *place = *state;
    struct buf event = {0}, envelope = {0};
    char *path = path_in(place, "ecdsa");
    pid_t pid = fork();
    if (pid == 0) {
        execlp("ssh-keygen", "ssh-keygen", "-q", "-t", "ecdsa", "-b", "384", "-N", "", "-f", path,
               (char *)NULL);
        _exit(127);
    }
    int status = -1;
    assert_true(waitpid(pid, &status, 0) == pid && status == 0);
    buf_text(&event, "{}");
    assert_int_equal(submit_sign(path, &event, &envelope, &place->why), ERR_UNAUTHENTICATED);
    buf_free(&event);
    free(path);
    remove_file(place, "ecdsa");
    remove_file(place, "ecdsa.pub");
}

static void test_signer_make_overwrites_nothing(void **state)
{
    struct place *place = *state;
    assert_int_equal(signer_make(place->admin, "again", &place->why), ERR_CONFLICT);
    unlink(place->admin);
    assert_int_equal(signer_make(place->admin, "again", &place->why), ERR_CONFLICT);
    assert_int_equal(signer_make("/nonexistent/key", "c", &place->why), ERR_IO);
}

static void test_submit_act_alone(void **state)
{
    struct place *place = *state;
    json_t *receipt = NULL;
    place->options.key = place->admin;
    expect(place,
           act(place, "role.granted", NULL, "{\"principal\":\"a\",\"role\":\"cto\"}", &receipt),
           ERR_OK);
    assert_string_equal(ijson_string(receipt, "verdict"), "accepted");
    assert_string_equal(ijson_string(receipt, "stream"), "ledger");
    assert_int_equal(json_integer_value(ijson_get(receipt, "seq")), 1);
    assert_true(registry_holds(ledger_registry(place->ledger), "a", "cto", 2));
    json_decref(receipt);
    expect(place, act(place, "role.granted", NULL, "{\"principal\":\"a\"}", &receipt), ERR_OK);
    assert_string_equal(ijson_string(receipt, "rule"), "bad-value");
    json_decref(receipt);
}

static void test_submit_act_same_again(void **state)
{
    struct place *place = *state;
    json_t *first = NULL, *again = NULL, *other = NULL;
    place->options.key = place->admin;
    place->options.id = "once";
    place->options.time_us = 0;
    expect(place, act(place, "clock.leapt", NULL, "{}", &first), ERR_OK);
    expect(place, act(place, "clock.leapt", NULL, "{}", &again), ERR_OK);
    assert_int_equal(json_equal(first, again), 1);
    expect(place, act(place, "clock.leapt", NULL, "{\"x\":1}", &other), ERR_CONFLICT);
    json_decref(first);
    json_decref(again);
}

static void test_submit_act_refused_admission(void **state)
{
    struct place *place = *state;
    json_t *receipt = NULL;
    expect(place, act(place, "clock.leapt", NULL, "{}", &receipt), ERR_USAGE);
    place->options.key = place->other;
    expect(place, act(place, "clock.leapt", NULL, "{}", &receipt), ERR_UNAUTHENTICATED);
    place->options.key = NULL;
    place->options.token = "not-a-token";
    expect(place, act(place, "clock.leapt", NULL, "{}", &receipt), ERR_UNAUTHENTICATED);
    place->options.token = "x\r\nX-Header: y";
    expect(place, act(place, "clock.leapt", NULL, "{}", &receipt), ERR_UNAUTHENTICATED);
    place->options.key = place->admin;
    expect(place, act(place, "item.checked", NULL, "{}", &receipt), ERR_NOT_EVENT);
}

static void test_submit_act_by_token(void **state)
{
    struct place *place = *state;
    json_t *receipt = NULL;
    uint8_t secret[TOKEN_BYTES], sha256[HASH_BYTES];
    char token[64];
    struct buf data = {0};
    randombytes_buf(secret, sizeof(secret));
    hash_bytes(secret, sizeof(secret), sha256);
    sodium_bin2base64(token, sizeof(token), secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    buf_text(&data, "{\"principal\":\"ci\",\"scopes\":[\"write\"],\"sha256\":\"");
    buf_hex(&data, sha256, sizeof(sha256));
    buf_text(&data, "\"}");
    place->options.key = place->admin;
    expect(place, act(place, "token.issued", NULL, (const char *)data.data, &receipt), ERR_OK);
    json_decref(receipt);
    buf_free(&data);
    place->options.key = NULL;
    place->options.token = token;
    expect(place, act(place, "note.added", "d-1", "{\"text\":\"x\"}", &receipt), ERR_OK);
    assert_string_equal(ijson_string(receipt, "stream"), "d-1");
    json_decref(receipt);
}

/* Say in serve.json that a daemon of process ${pid} runs at ${port}. */
static void announce(const struct place *place, long pid, unsigned port)
{
    struct buf text = {0};
    buf_printf(&text, "{\"pid\":%ld,\"url\":\"http://127.0.0.1:%u/base/\"}\n", pid, port);
    assert_int_equal(files_replace(place->ledger_dir, "serve.json", text.data, text.bytes, NULL),
                     ERR_OK);
    buf_free(&text);
}

static int hold_lock(const struct place *place)
{
    char *path = path_in(place, "L/serve.lock");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0);
    free(path);
    return fd;
}

static void found(struct place *place, const char *expected)
{
    struct daemon daemon = {0};
    expect(place, daemon_find(place->ledger_dir, &daemon, &place->why), ERR_OK);
    if (expected == NULL)
        assert_null(daemon.url);
    else
        assert_string_equal(daemon.url, expected);
    daemon_free(&daemon);
}

static void test_daemon_find_states(void **state)
{
    struct place *place = *state;
    found(place, NULL);
    announce(place, (long)getpid(), 8);
    found(place, "http://127.0.0.1:8/base/");
    int fd = hold_lock(place);
    found(place, "http://127.0.0.1:8/base/");
    close(fd);
    found(place, NULL); /* its lock is free: what it left behind is stale */
    remove_file(place, "L/serve.lock");
    pid_t gone = fork();
    if (gone == 0)
        _exit(0);
    assert_true(waitpid(gone, NULL, 0) == gone);
    announce(place, (long)gone, 8);
    found(place, NULL);
}

static void test_daemon_find_malformed(void **state)
{
    struct place *place = *state;
    struct daemon daemon = {0};
    assert_int_equal(files_replace(place->ledger_dir, "serve.json", "{}", 2, NULL), ERR_OK);
    assert_int_equal(daemon_find(place->ledger_dir, &daemon, &place->why), ERR_IO);
}

static void test_daemon_find_not_up(void **state)
{
    struct place *place = *state;
    struct daemon daemon = {0};
    int fd = hold_lock(place);
    assert_int_equal(daemon_find(place->ledger_dir, &daemon, &place->why), ERR_BUSY);
    close(fd);
}

/* A daemon for one request: answers with ${answer}, and leaves what was asked in ${ret_asked}. */
static pid_t serve_once(struct place *place, const char *answer, int *ret_asked)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t bytes = sizeof(address);
    int asked[2], listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0 && pipe2(asked, O_CLOEXEC) == 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &bytes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char request[8192] = "";
        size_t total = 0;
        int client = accept(listener, NULL, NULL);
        while (total < sizeof(request) - 1 && strstr(request, "\"data\":{}}") == NULL) {
            ssize_t got = recv(client, request + total, sizeof(request) - 1 - total, 0);
            if (got <= 0)
                break;
            total += (size_t)got;
        }
        bool told = write(asked[1], request, total) == (ssize_t)total &&
                    send(client, answer, strlen(answer), MSG_NOSIGNAL) > 0;
        _exit(told ? 0 : 1);
    }
    close(listener);
    close(asked[1]);
    announce(place, (long)pid, ntohs(address.sin_port));
    *ret_asked = asked[0];
    return pid;
}

static enum err ask(struct place *place, const char *answer, const char *must_have,
                    json_t **ret_receipt)
{
    char request[8192] = "";
    int asked = -1;
    pid_t pid = serve_once(place, answer, &asked);
    enum err err = act(place, "clock.leapt", NULL, "{}", ret_receipt);
    assert_true(read(asked, request, sizeof(request) - 1) > 0);
    assert_non_null(strstr(request, must_have));
    assert_non_null(strstr(request, "POST /base/v1/events HTTP/1.1\r\n"));
    close(asked);
    assert_true(waitpid(pid, NULL, 0) == pid);
    return err;
}

static void test_submit_act_to_daemon(void **state)
{
    struct place *place = *state;
    json_t *receipt = NULL;
    uint64_t size = 0;
    place->options.token = "the-token";
    expect(place,
           ask(place,
               "HTTP/1.1 201 Created\r\nContent-Length: 33\r\n\r\n"
               "{\"seq\":77,\"verdict\":\"accepted\"}  ",
               "Authorization: Bearer the-token\r\n", &receipt),
           ERR_OK);
    assert_int_equal(json_integer_value(ijson_get(receipt, "seq")), 77);
    json_decref(receipt);
    assert_int_equal(ledger_size(place->ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 1);
}

static void test_submit_act_daemon_problem(void **state)
{
    struct place *place = *state;
    json_t *receipt = NULL;
    place->options.token = "the-token";
    const char *media = "Content-Type: application/cloudevents+json\r\n";
    expect(place,
           ask(place,
               "HTTP/1.1 403 Forbidden\r\nContent-Length: 22\r\n\r\n"
               "{\"detail\":\"no, never\"}",
               media, &receipt),
           ERR_FORBIDDEN);
    assert_string_equal(place->why.s, "no, never");
    expect(place, ask(place, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", media, &receipt),
           ERR_BUSY);
    expect(place, ask(place, "HTTP/1.1 409 No\r\nContent-Length: 2\r\n\r\n{}", media, &receipt),
           ERR_CONFLICT);
    expect(place, ask(place, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", media, &receipt),
           ERR_IO);
    expect(place, ask(place, "HTTP/1.1 418 Tea\r\nContent-Length: 2\r\n\r\n{}", media, &receipt),
           ERR_IO);
    expect(place, ask(place, "what?\r\n", media, &receipt), ERR_IO);
}

static void test_submit_act_daemon_unreachable(void **state)
{
    struct place *place = *state;
    json_t *receipt = NULL;
    uint64_t size = 0;
    announce(place, (long)getpid(), 1);
    place->options.key = place->admin;
    expect(place, act(place, "clock.leapt", NULL, "{}", &receipt), ERR_IO);
    assert_int_equal(ledger_size(place->ledger, &size, NULL), ERR_OK);
    assert_int_equal(size, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_submit_defaults_environment),
        cmocka_unit_test(test_submit_option_each),
        cmocka_unit_test(test_submit_option_malformed),
        TEST(test_submit_build_event),
        TEST(test_submit_build_defaults),
        TEST(test_submit_sign_envelope),
        TEST(test_submit_sign_all_big),
        TEST(test_submit_sign_no_key),
        TEST(test_submit_sign_other_type),
        TEST(test_signer_make_overwrites_nothing),
        TEST(test_submit_act_alone),
        TEST(test_submit_act_same_again),
        TEST(test_submit_act_refused_admission),
        TEST(test_submit_act_by_token),
        TEST(test_daemon_find_states),
        TEST(test_daemon_find_malformed),
        TEST(test_daemon_find_not_up),
        TEST(test_submit_act_to_daemon),
        TEST(test_submit_act_daemon_problem),
        TEST(test_submit_act_daemon_unreachable),
    };
    unsetenv("SSH_AUTH_SOCK");
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
