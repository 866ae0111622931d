#include "ledger/post.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/check.h"
#include "ledger/ijson.h"
#include "ledger/library.h"
#include "ledger/limits.h"
#include "ledger/mem.h"

#define CONNECT_TIMEOUT_MS 10000L
#define ANSWER_TIMEOUT_MS 120000L /* a commit may wait for a slow disk */
#define KEEPALIVE_S 30L

#define POST_MAGIC 0x504f5354u

/* Of base64url: what goes into a header must not end it. */
#define TOKEN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* What is called of libcurl, and where it stands once that is loaded. */
#define FUNCTIONS(X)                                                                               \
    X(global_init)                                                                                 \
    X(global_cleanup)                                                                              \
    X(easy_init)                                                                                   \
    X(easy_setopt)                                                                                 \
    X(easy_perform)                                                                                \
    X(easy_getinfo)                                                                                \
    X(easy_strerror)                                                                               \
    X(easy_cleanup)                                                                                \
    X(slist_append)                                                                                \
    X(slist_free_all)

static struct {
#define X(name) __typeof__(curl_##name) *(name);
    FUNCTIONS(X)
#undef X
} lib;

static const struct library_function functions[] = {
#define X(name) {"curl_" #name, &lib.name},
    FUNCTIONS(X)
#undef X
};

static struct library library = {"libcurl.so.4", "libcurl4", functions,
                                 sizeof(functions) / sizeof(functions[0]), false};

struct post {
    uint32_t magic;
    CURL *curl;      /* owned */
    char *url;       /* base */
    char *bearer;    /* the header Authorization, or NULL */
    struct buf got;  /* the answer's body */
    bool head_whole; /* the answer's head came to its end */
    bool (*stopped)(void);
};

bool post_url_ok(const char *url)
{
    const char *host = strncmp(url, "http://", 7) == 0    ? url + 7
                       : strncmp(url, "https://", 8) == 0 ? url + 8
                                                          : "";
    for (const char *at = url; *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~' || *at == '?' || *at == '#' || *at == '@')
            return false;
    }
    return host[0] != '\0' && host[0] != '/' && host[0] != ':' && strlen(url) <= URL_BYTES_MAX;
}

bool post_token_ok(const char *token)
{
    return token[0] != '\0' && token[strspn(token, TOKEN_CHARACTERS)] == '\0';
}

static size_t take(char *data, size_t one, size_t bytes, void *ctx)
{
    struct post *post;
    CAST_OBJ(post, ctx, POST_MAGIC);
    if (post->got.bytes + one * bytes > ANSWER_BYTES_MAX)
        return 0;
    buf_add(&post->got, data, one * bytes);
    return one * bytes;
}

/* libcurl gives lines of the head, and those behind a chunked body; a head that the end of the
 * connection cut short is an answer to it like any other. */
static size_t take_head(char *line, size_t one, size_t bytes, void *ctx)
{
    struct post *post;
    CAST_OBJ(post, ctx, POST_MAGIC);
    bytes *= one;
    if (bytes > 5 && memcmp(line, "HTTP/", 5) == 0)
        post->head_whole = false;
    else if (bytes > 0 && (line[0] == '\r' || line[0] == '\n'))
        post->head_whole = true;
    return bytes;
}

/* libcurl's progress function; not 0 ends the transfer. */
static int look_up(void *ctx, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                   curl_off_t up)
{
    struct post *post;
    CAST_OBJ(post, ctx, POST_MAGIC);
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return post->stopped != NULL && post->stopped() ? 1 : 0;
}

static char *target_of(const struct post_config *config)
{
    const char *url = config->url;
    struct buf target = {0};
    size_t bytes = strlen(url);
    if (config->whole_url)
        return mem_text(url);
    while (bytes > 0 && url[bytes - 1] == '/')
        bytes--;
    buf_printf(&target, "%.*s/v1/events", (int)bytes, url);
    return buf_take_text(&target);
}

/* Know the server by its key: the name and the CA of its certificate are for other machines. */
static CURLcode set_pin(CURL *curl, const char *pin)
{
    CURLcode code = lib.easy_setopt(curl, CURLOPT_PINNEDPUBLICKEY, pin);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    if (code == CURLE_OK)
        code = lib.easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    return code;
}

/* What is the same for all messages. */
static CURLcode set_up(struct post *post, const struct post_config *config)
{
    CURL *curl = post->curl;
    char *target = target_of(config);
    bool set = lib.easy_setopt(curl, CURLOPT_URL, target) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
               (!config->direct || lib.easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK) &&
               lib.easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_TIMEOUT_MS, ANSWER_TIMEOUT_MS) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_TCP_KEEPIDLE, KEEPALIVE_S) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_XFERINFODATA, post) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_HEADERDATA, post) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_WRITEDATA, post) == CURLE_OK;
    free(target);
    ASSERT(set);
    CURLcode code = lib.easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (code == CURLE_OK && config->pin != NULL)
        code = set_pin(curl, config->pin);
    if (code == CURLE_OK && config->ca_file != NULL)
        code = lib.easy_setopt(curl, CURLOPT_CAINFO, config->ca_file);
    if (code == CURLE_OK && config->cert_file != NULL)
        code = lib.easy_setopt(curl, CURLOPT_SSLCERT, config->cert_file);
    if (code == CURLE_OK && config->cert_key_file != NULL)
        code = lib.easy_setopt(curl, CURLOPT_SSLKEY, config->cert_key_file);
    return code;
}

enum err post_new(const struct post_config *config, struct post **ret_post,
                  struct err_text *ret_why)
{
    ASSERT(post_url_ok(config->url) && (config->token == NULL || post_token_ok(config->token)));
    enum err err = library_load(&library, ret_why);
    if (err != ERR_OK)
        return err;
    if (lib.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return err_say(ret_why, ERR_IO, "libcurl cannot be set up");
    struct post *post = mem_zero(1, sizeof(*post));
    post->magic = POST_MAGIC;
    post->curl = lib.easy_init();
    ASSERT(post->curl != NULL);
    post->url = mem_text(config->url);
    post->stopped = config->stopped;
    post_set_token(post, config->token);
    CURLcode code = set_up(post, config);
    if (code != CURLE_OK) {
        post_free(post);
        return err_say(ret_why, ERR_IO, "libcurl cannot be set up: %s", lib.easy_strerror(code));
    }
    *ret_post = post;
    return ERR_OK;
}

void post_free(struct post *post)
{
    if (post == NULL)
        return;
    lib.easy_cleanup(post->curl);
    lib.global_cleanup();
    post_set_token(post, NULL);
    free(post->url);
    buf_free(&post->got);
    post->magic = 0;
    free(post);
}

void post_set_token(struct post *post, const char *token)
{
    struct buf line = {0};
    if (post->bearer != NULL)
        explicit_bzero(post->bearer, strlen(post->bearer));
    free(post->bearer);
    post->bearer = NULL;
    if (token == NULL)
        return;
    ASSERT(post_token_ok(token));
    buf_printf(&line, "Authorization: Bearer %s", token);
    post->bearer = buf_take_text(&line);
}

static void add_header(struct curl_slist **headers, const char *line)
{
    struct curl_slist *more = lib.slist_append(*headers, line);
    ASSERT(more != NULL);
    *headers = more;
}

static struct curl_slist *make_headers(const char *media, const char *bearer)
{
    struct buf line = {0};
    struct curl_slist *headers = NULL;
    buf_printf(&line, "Content-Type: %s", media);
    add_header(&headers, (const char *)line.data);
    add_header(&headers, "Expect:");
    if (bearer != NULL)
        add_header(&headers, bearer);
    buf_free(&line);
    return headers;
}

/* Whether an exchange that failed so cannot have brought the message to the ledger. */
static bool is_unsent(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        return true;
    default:
        return false;
    }
}

/* Where nothing was connected when time was up or a signal came, nothing was sent either. */
static bool was_connected(CURL *curl)
{
    curl_off_t connected_us = 0;
    return lib.easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected_us) != CURLE_OK ||
           connected_us > 0;
}

static void read_answer(struct post *post, struct post_answer *answer)
{
    curl_off_t retry_s = 0;
    json_t *json = NULL;
    ASSERT(lib.easy_getinfo(post->curl, CURLINFO_RESPONSE_CODE, &answer->status) == CURLE_OK);
    if (lib.easy_getinfo(post->curl, CURLINFO_RETRY_AFTER, &retry_s) == CURLE_OK && retry_s > 0)
        answer->retry_after_s = retry_s;
    buf_add(&post->got, "", 0);
    if (ijson_parse(post->got.data, post->got.bytes, &json, NULL) == ERR_OK)
        answer->json = json;
}

enum err post_send(struct post *post, const char *media, bool bearer, const struct buf *message,
                   struct post_answer *ret_answer, struct err_text *ret_why)
{
    CURL *curl = post->curl;
    struct curl_slist *headers = make_headers(media, bearer ? post->bearer : NULL);
    enum err err = ERR_OK;
    bool set = lib.easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)message->bytes) ==
                   CURLE_OK &&
               lib.easy_setopt(curl, CURLOPT_POSTFIELDS, message->data) == CURLE_OK;
    ASSERT(set);
    *ret_answer = (struct post_answer){.retry_after_s = -1};
    buf_clear(&post->got);
    post->head_whole = false;
    CURLcode code = lib.easy_perform(curl);
    if (code == CURLE_OK && !post->head_whole)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK) {
        read_answer(post, ret_answer);
    } else {
        ret_answer->unsent = is_unsent(code) || !was_connected(curl);
        err = err_say(ret_why, ERR_IO, "the daemon at %s was not reached: %s", post->url,
                      code == CURLE_ABORTED_BY_CALLBACK ? "stopped" : lib.easy_strerror(code));
    }
    ASSERT(lib.easy_setopt(curl, CURLOPT_HTTPHEADER, NULL) == CURLE_OK);
    lib.slist_free_all(headers);
    return err;
}

void post_answer_free(struct post_answer *answer)
{
    json_decref(answer->json);
    *answer = (struct post_answer){.retry_after_s = -1};
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

enum err post_error(const struct post_answer *answer, const char *url, struct err_text *ret_why)
{
    const char *detail = ijson_string(answer->json, "detail");
    const char *title = ijson_string(answer->json, "title");
    enum err err = err_of(answer->status);
    if (detail != NULL || title != NULL)
        return err_say(ret_why, err, "%s", detail != NULL ? detail : title);
    return err_say(ret_why, err, "%s answered with %ld", url, answer->status);
}
