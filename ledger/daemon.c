#include "ledger/daemon.h"

#include <curl/curl.h>
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

#define ADDRESS_BYTES_MAX 65536
#define FIND_TRIES 30 /* of a tenth of a second each */
#define CONNECT_TIMEOUT_MS 10000L
#define ANSWER_TIMEOUT_MS 120000L /* a commit may wait for a slow disk */
#define PIN "sha256//"
#define ANSWER_BYTES_MAX 4194304 /* a receipt with checkpoint and proof has a few kilobytes */

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

static size_t take_answer(char *data, size_t one, size_t bytes, void *ctx)
{
    struct buf *answer = ctx;
    if (answer->bytes + one * bytes > ANSWER_BYTES_MAX)
        return 0;
    buf_add(answer, data, one * bytes);
    return one * bytes;
}

/* What a problem's HTTP status stands for: the first error of that status. */
static enum err err_of(long status)
{
    static const enum err all[] = {
#define X(name, http, exit_code, text) ERR_##name,
        ERR_TABLE(X)
#undef X
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i] != ERR_OK && err_http(all[i]) == status)
            return all[i];
    }
    return ERR_IO;
}

/* The receipt, or what the problem says. */
static enum err read_answer(const char *url, long status, const struct buf *answer,
                            json_t **ret_receipt, struct err_text *ret_why)
{
    json_t *json = NULL;
    enum err err = ijson_parse(answer->data, answer->bytes, &json, NULL);
    if (status == 200 || status == 201) {
        if (err == ERR_OK && ijson_string(json, "verdict") != NULL) {
            *ret_receipt = json;
            return ERR_OK;
        }
        json_decref(json);
        return err_say(ret_why, ERR_IO, "%s answered with %ld and no receipt", url, status);
    }
    const char *detail = ijson_string(json, "detail");
    const char *title = ijson_string(json, "title");
    err = err_of(status);
    if (detail != NULL || title != NULL)
        err_say(ret_why, err, "%s", detail != NULL ? detail : title);
    else
        err_say(ret_why, err, "%s answered with %ld", url, status);
    json_decref(json);
    return err;
}

static struct curl_slist *make_headers(const char *media, const char *token)
{
    struct buf line = {0};
    struct curl_slist *headers = NULL, *more;
    buf_printf(&line, "Content-Type: %s", media);
    headers = curl_slist_append(NULL, (const char *)line.data);
    ASSERT(headers != NULL);
    more = curl_slist_append(headers, "Expect:");
    ASSERT(more != NULL);
    if (token != NULL) {
        buf_clear(&line);
        buf_printf(&line, "Authorization: Bearer %s", token);
        more = curl_slist_append(headers, (const char *)line.data);
        ASSERT(more != NULL);
    }
    buf_free(&line);
    return headers;
}

/* Know the daemon by its key: the name and the CA of its certificate are for other machines. */
static CURLcode set_pin(CURL *curl, const char *pin)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (code == CURLE_OK && pin != NULL)
        code = curl_easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, pin);
    if (code == CURLE_OK && pin != NULL)
        code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    if (code == CURLE_OK && pin != NULL)
        code = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    return code;
}

static CURLcode post(CURL *curl, const struct daemon *daemon, const struct curl_slist *headers,
                     const struct buf *message, struct buf *answer)
{
    struct buf target = {0};
    const char *url = daemon->url;
    size_t bytes = strlen(url);
    while (bytes > 0 && url[bytes - 1] == '/')
        bytes--;
    buf_printf(&target, "%.*s/v1/events", (int)bytes, url);
    bool set = curl_easy_setopt(curl, CURLOPT_URL, target.data) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_TIMEOUT_MS) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->bytes) ==
                   CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_POSTFIELDS, message->data) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_answer) == CURLE_OK &&
               curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
    ASSERT(set);
    CURLcode code = set_pin(curl, daemon->pin);
    if (code == CURLE_OK)
        code = curl_easy_perform(curl);
    buf_free(&target);
    return code;
}

enum err daemon_post(const struct daemon *daemon, const char *media, const char *token,
                     const struct buf *message, json_t **ret_receipt, struct err_text *ret_why)
{
    const char *url = daemon->url;
    struct buf answer = {0};
    long status = 0;
    enum err err;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_say(ret_why, ERR_IO, "libcurl cannot be set up");
    CURL *curl = curl_easy_init();
    ASSERT(curl != NULL);
    struct curl_slist *headers = make_headers(media, token);
    CURLcode code = post(curl, daemon, headers, message, &answer);
    buf_add(&answer, "", 0);
    if (code != CURLE_OK) {
        err = err_say(ret_why, ERR_IO, "the daemon at %s was not reached: %s", url,
                      curl_easy_strerror(code));
        goto out;
    }
    ASSERT(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
    err = read_answer(url, status, &answer, ret_receipt, ret_why);
out:
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    buf_free(&answer);
    return err;
}
