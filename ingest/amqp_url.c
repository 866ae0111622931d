#include "ingest/amqp_url.h"

#include <stdlib.h>
#include <string.h>

#define FORM "write amqp://USER@HOST:PORT/VHOST or amqps://…"
#define NAME_BYTES_MAX 255 /* of a user, a host or a vhost: AMQP's short strings */

/* Percent-decode a part of the URL; NULL if it is not well-formed, empty, too long, or would hold
 * a control character. */
static char *decode(const char *text, size_t bytes)
{
    char *decoded = mem_text_n(text, bytes);
    size_t length = 0;
    bool good =
        bytes_from_percent(decoded, bytes, &length) && length > 0 && length <= NAME_BYTES_MAX;
    for (size_t i = 0; good && i < length; i++)
        good = (unsigned char)decoded[i] > 0x20 && decoded[i] != 0x7f;
    if (!good) {
        free(decoded);
        return NULL;
    }
    decoded[length] = '\0';
    return decoded;
}

/* Read "HOST", "HOST:PORT", "[ADDRESS]" or "[ADDRESS]:PORT". */
static enum err read_host(const char *text, size_t bytes, struct amqp_url *url,
                          struct err_text *ret_why)
{
    bool bracket = bytes > 0 && text[0] == '[';
    const char *end = bracket ? memchr(text, ']', bytes) : memchr(text, ':', bytes);
    size_t name_bytes = end != NULL ? (size_t)(end - text) : bytes;
    if (bracket && end == NULL)
        return err_say(ret_why, ERR_USAGE, "the broker's address lacks its `]`; " FORM);
    url->host = bracket ? decode(text + 1, name_bytes - 1) : decode(text, name_bytes);
    if (url->host == NULL)
        return err_say(ret_why, ERR_USAGE, "the URL names no broker; " FORM);
    size_t at = name_bytes + bracket;
    url->port = url->tls ? AMQP_URL_TLS_PORT : AMQP_URL_PORT;
    if (at == bytes)
        return ERR_OK;
    char *digits = mem_text_n(text + at + 1, bytes - at - 1);
    uint64_t port = 0;
    bool good = text[at] == ':' && args_number(digits, &port) && port > 0 && port <= UINT16_MAX;
    free(digits);
    if (!good)
        return err_say(ret_why, ERR_USAGE, "the broker's port is no number up to 65535; " FORM);
    url->port = (uint16_t)port;
    return ERR_OK;
}

/* What the journal and messages name the broker by. */
static void show(struct amqp_url *url)
{
    struct buf shown = {0};
    bool bracket = url->host != NULL && strchr(url->host, ':') != NULL;
    buf_printf(&shown, "amqp%s://%s@%s%s%s:%u", url->tls ? "s" : "", url->user, bracket ? "[" : "",
               url->host, bracket ? "]" : "", (unsigned)url->port);
    if (url->vhost != NULL && strcmp(url->vhost, "/") != 0)
        buf_printf(&shown, "/%s", url->vhost);
    url->shown = buf_take_text(&shown);
}

static enum err parse(const char *text, struct amqp_url *url, struct err_text *ret_why)
{
    url->tls = strncmp(text, "amqps://", 8) == 0;
    if (!url->tls && strncmp(text, "amqp://", 7) != 0)
        return err_say(ret_why, ERR_USAGE, "a broker's URL begins with amqp:// or amqps://");
    text += url->tls ? 8 : 7;
    size_t authority = strcspn(text, "/?#");
    if (text[authority] == '?' || text[authority] == '#')
        return err_say(ret_why, ERR_USAGE, "a broker's URL has no parameters; " FORM);
    const char *at = memrchr(text, '@', authority);
    size_t user_bytes = at != NULL ? (size_t)(at - text) : 0;
    if (memchr(text, ':', user_bytes) != NULL)
        return err_say(ret_why, ERR_USAGE,
                       "a password on a command line is seen by all users of the machine: leave "
                       "it out, and give --amqp-password-file or COUNTERSIGN_AMQP_PASSWORD");
    url->user = at != NULL ? decode(text, user_bytes) : mem_text("guest");
    if (url->user == NULL)
        return err_say(ret_why, ERR_USAGE, "the URL's user is not well-formed; " FORM);
    const char *path = text + authority;
    url->vhost =
        path[0] == '/' && path[1] != '\0' ? decode(path + 1, strlen(path + 1)) : mem_text("/");
    if (url->vhost == NULL || strpbrk(path + (path[0] == '/'), "/?#") != NULL)
        return err_say(ret_why, ERR_USAGE,
                       "the URL's vhost is not well-formed (a `/` in it is %%2f); " FORM);
    size_t host_at = at != NULL ? user_bytes + 1 : 0;
    return read_host(text + host_at, authority - host_at, url, ret_why);
}

enum err amqp_url_parse(const char *text, struct amqp_url *ret_url, struct err_text *ret_why)
{
    struct amqp_url url = {0};
    enum err err = parse(text, &url, ret_why);
    if (err != ERR_OK) {
        amqp_url_free(&url);
        return err;
    }
    show(&url);
    *ret_url = url;
    return ERR_OK;
}

void amqp_url_free(struct amqp_url *url)
{
    free(url->host);
    free(url->user);
    free(url->vhost);
    free(url->shown);
    *url = (struct amqp_url){0};
}
