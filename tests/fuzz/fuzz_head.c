/* Heads of requests: lines are read whole, and of what is accepted nobody can take two views. */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Read headers up to an empty line as libevent does; false if it would refuse them by itself. */
static bool read_headers(struct evbuffer *buffer, struct evkeyvalq *headers)
{
    char *line;
    size_t bytes;
    while ((line = evbuffer_readln(buffer, &bytes, EVBUFFER_EOL_CRLF)) != NULL) {
        ASSERT(strlen(line) == bytes);
        char *colon = strchr(line, ':');
        bool good = colon != NULL;
        if (good) {
            *colon = '\0';
            colon += 1 + strspn(colon + 1, " ");
            good = evhttp_add_header(headers, line, colon) == 0;
        }
        free(line);
        if (!good)
            return bytes == 0;
    }
    return false;
}

/* What is left are chunks: each size is hex digits, or none at all. */
static void read_sizes(struct evbuffer *buffer)
{
    char *line;
    while ((line = evbuffer_readln(buffer, NULL, EVBUFFER_EOL_CRLF)) != NULL) {
        size_t digits = strspn(line, "0123456789abcdefABCDEF");
        ASSERT(line[digits] == '\0' || strcmp(line, "-") == 0);
        free(line);
    }
}

static void check_accepted(const struct evkeyvalq *headers)
{
    const char *length = evhttp_find_header(headers, "Content-Length");
    const char *coding = evhttp_find_header(headers, "Transfer-Encoding");
    ASSERT(length == NULL || coding == NULL);
    ASSERT(length == NULL || length[strspn(length, "0123456789")] == '\0');
    ASSERT(coding == NULL || strlen(coding) == strlen("chunked"));
    ASSERT(evhttp_find_header(headers, "Host") != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct evhttp_request *request = evhttp_request_new(NULL, NULL);
    struct evbuffer *buffer = evbuffer_new();
    struct err_text why;
    ASSERT(request != NULL && buffer != NULL && evbuffer_add(buffer, data, bytes) == 0);
    request->type = EVHTTP_REQ_POST;
    request->major = request->minor = 1;
    if (read_headers(buffer, request->input_headers)) {
        if (head_check(request, &why) == ERR_OK)
            check_accepted(request->input_headers);
        read_sizes(buffer);
    }
    evbuffer_free(buffer);
    evhttp_request_free(request);
    return 0;
}
