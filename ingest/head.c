#include "ingest/head.h"

#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#define DIGITS "0123456789"
#define TOKEN                                                                                      \
    "!#$%&'*+-.^_`|~" DIGITS "abcdefghijklmnopqrstuvwxyz"                                          \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A second one of these could be the one that somebody else goes by. */
static const char *const singles[] = {"Authorization",  "Content-Encoding",
                                      "Content-Length", "Content-Type",
                                      "Host",           "Transfer-Encoding"};

#define SINGLES_COUNT (sizeof(singles) / sizeof(singles[0]))

static enum err check_text(const struct evkeyval *header, struct err_text *ret_why)
{
    if (header->key[0] == '\0' || header->key[strspn(header->key, TOKEN)] != '\0')
        return err_say(ret_why, ERR_INVALID, "'%.64s' is no name of a header", header->key);
    for (const char *c = header->value; *c != '\0'; c++)
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
            return err_say(ret_why, ERR_INVALID, "the header %.64s has a control character",
                           header->key);
    return ERR_OK;
}

/* Check each header by itself, and that no single one comes twice. */
static enum err check_each(const struct evkeyvalq *headers, struct err_text *ret_why)
{
    unsigned seen = 0;
    const struct evkeyval *header;
    TAILQ_FOREACH(header, headers, next)
    {
        enum err err = check_text(header, ret_why);
        if (err != ERR_OK)
            return err;
        size_t i = 0;
        while (i < SINGLES_COUNT && strcasecmp(header->key, singles[i]) != 0)
            i++;
        unsigned bit = i < SINGLES_COUNT ? 1u << i : 0;
        if ((seen & bit) != 0)
            return err_say(ret_why, ERR_INVALID, "there is more than one header %s", singles[i]);
        seen |= bit;
    }
    return ERR_OK;
}

static enum err check_framing(const struct evhttp_request *request, struct err_text *ret_why)
{
    const struct evkeyvalq *headers = request->input_headers;
    const char *length = evhttp_find_header(headers, "Content-Length");
    const char *coding = evhttp_find_header(headers, "Transfer-Encoding");
    bool bodiless = request->type == EVHTTP_REQ_HEAD || request->type == EVHTTP_REQ_TRACE;
    if (coding != NULL && length != NULL)
        return err_say(ret_why, ERR_INVALID, "there is a Transfer-Encoding and a Content-Length");
    if (coding != NULL && strcasecmp(coding, "chunked") != 0)
        return err_say(ret_why, ERR_INVALID, "the Transfer-Encoding is not chunked, alone");
    if (length != NULL && (length[0] == '\0' || length[strspn(length, DIGITS)] != '\0'))
        return err_say(ret_why, ERR_INVALID, "the Content-Length is not decimal digits");
    if (bodiless && (coding != NULL || (length != NULL && length[strspn(length, "0")] != '\0')))
        return err_say(ret_why, ERR_INVALID, "a request of this method has no body");
    return ERR_OK;
}

enum err head_check(struct evhttp_request *request, struct err_text *ret_why)
{
    const struct evkeyvalq *headers = request->input_headers;
    bool known = request->major == 1 && request->minor >= 0;
    if (!known || request->minor > 1)
        request->major = request->minor = 1; /* the reply says what we speak */
    if (!known)
        return err_say(ret_why, ERR_INVALID, "HTTP 1.1 is spoken here");
    enum err err = check_each(headers, ret_why);
    if (err == ERR_OK)
        err = check_framing(request, ret_why);
    if (err != ERR_OK)
        return err;
    if (request->minor > 0 && evhttp_find_header(headers, "Host") == NULL)
        return err_say(ret_why, ERR_INVALID, "there is no header Host");
    const char *encoding = evhttp_find_header(headers, "Content-Encoding");
    if (encoding != NULL && strcasecmp(encoding, "identity") != 0)
        return err_say(ret_why, ERR_MEDIA_TYPE, "no Content-Encoding is taken here");
    return ERR_OK;
}
