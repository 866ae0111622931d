#include "ledger/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ledger/files.h"
#include "ledger/ijson.h"
#include "ledger/limits.h"
#include "ledger/mem.h"
#include "ledger/post.h"

#define ADDRESS_BYTES_MAX 65536
#define FIND_TRIES 30 /* of a tenth of a second each */
#define PIN "sha256//"

enum lock_state { LOCK_FREE, LOCK_HELD, LOCK_ABSENT };

static enum lock_state look_at_lock(const char *dir)
{
    char *path = files_path(dir, "serve.lock");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum lock_state state = fd < 0 ? LOCK_ABSENT
                            : flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK ? LOCK_HELD
                                                                                        : LOCK_FREE;
    if (fd >= 0)
        close(fd);
    free(path);
    return state;
}

/* Read serve.json; ret_daemon->url stays NULL if there is none, or if its process is gone. */
static enum err read_address(const char *dir, struct daemon *ret_daemon, struct err_text *ret_why)
{
    struct buf text = {0};
    json_t *json = NULL;
    enum err err = files_read(dir, "serve.json", ADDRESS_BYTES_MAX, &text, ret_why);
    if (err == ERR_NOT_FOUND) {
        err = ERR_OK;
        goto out;
    }
    if (err == ERR_OK)
        err = ijson_parse(text.data, text.bytes, &json, NULL);
    const char *url = ijson_string(json, "url"), *pin = ijson_string(json, "pin");
    json_int_t pid = json_integer_value(ijson_get(json, "pid"));
    if (err != ERR_OK || url == NULL || (pin != NULL && strncmp(pin, PIN, strlen(PIN)) != 0) ||
        pid <= 0 || pid > INT32_MAX) {
        err = err_say(ret_why, ERR_IO, "%s/serve.json is malformed; remove it if no daemon runs",
                      dir);
        goto out;
    }
    if (kill((pid_t)pid, 0) == 0 || errno == EPERM)
        *ret_daemon = (struct daemon){.url = mem_text(url), .pin = mem_text(pin)};
out:
    json_decref(json);
    buf_free(&text);
    return err;
}

enum err daemon_find(const char *dir, struct daemon *ret_daemon, struct err_text *ret_why)
{
    const struct timespec pause = {.tv_nsec = 100000000};
    for (int tries = 0; tries < FIND_TRIES; tries++) {
        struct daemon daemon = {0};
        enum lock_state lock = look_at_lock(dir);
        enum err err = lock == LOCK_FREE ? ERR_OK : read_address(dir, &daemon, ret_why);
        if (err != ERR_OK || daemon.url != NULL || lock != LOCK_HELD) {
            *ret_daemon = daemon;
            return err;
        }
        nanosleep(&pause, NULL);
    }
    return err_say(ret_why, ERR_BUSY, "the daemon of %s starts or ends; try again", dir);
}

void daemon_free(struct daemon *daemon)
{
    free(daemon->url);
    free(daemon->pin);
    *daemon = (struct daemon){0};
}

enum err daemon_post(const struct daemon *daemon, const char *media, const char *token,
                     const struct buf *message, json_t **ret_receipt, struct err_text *ret_why)
{
    const char *url = daemon->url;
    const struct post_config config = {
        .url = url, .token = token, .pin = daemon->pin, .direct = true};
    struct post *post = NULL;
    struct post_answer answer = {0};
    if (!post_url_ok(url))
        return err_say(ret_why, ERR_IO, "'%.200s' is no URL of a daemon", url);
    enum err err = post_new(&config, &post, ret_why);
    if (err == ERR_OK)
        err = post_send(post, media, true, message, &answer, ret_why);
    if (err == ERR_OK && answer.status != 200 && answer.status != 201)
        err = post_error(&answer, url, ret_why);
    else if (err == ERR_OK && ijson_string(answer.json, "verdict") == NULL)
        err = err_say(ret_why, ERR_IO, "%s answered with %ld and no receipt", url, answer.status);
    if (err == ERR_OK)
        *ret_receipt = json_incref(answer.json);
    post_answer_free(&answer);
    post_free(post);
    return err;
}
