/* evhttp - what libevent does by itself and has no hook for in 2.1: its own error replies, as
 * problem details, and how it reads lines.
 * What it refuses by itself (a body over the limit, a malformed head, an unknown method) it answers
 * through evhttp_send_error, with a page of HTML; heads and sizes of chunks it reads with
 * evbuffer_readln, and then takes a NUL for the end of a line.  These definitions stand before the
 * library's, whose own calls come here through the dynamic linker.  Where they did not, the page
 * would be HTML, malformed chunks answered 413, and what is behind a NUL not seen.
 */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/guard.h"
#include "ingest/problem.h"

/* The last line was no chunk's size; libevent fails the request before it reads another. */
static _Thread_local bool bad_chunk;

/* The line that ends behind ${bytes} bytes and that libevent frees: a NUL becomes another control
 * character, which a header may not have either. */
static char *take_line(struct evbuffer *buffer, size_t bytes, size_t eol_bytes)
{
    char *line = mem_zero(bytes + 1, 1);
    ASSERT(evbuffer_remove(buffer, line, bytes) == (int)bytes);
    ASSERT(evbuffer_drain(buffer, eol_bytes) == 0);
    for (char *nul = line; (nul = memchr(nul, '\0', bytes - (size_t)(nul - line))) != NULL;)
        *nul = '\1';
    return line;
}

/* Leave of a chunk's line its size, or nothing that is one: RFC 9112 7.1.  Extensions are ignored,
 * as they ask to be; an empty line is the end of the chunk before. */
static void keep_size(char *line, bool whole)
{
    size_t digits = strspn(line, "0123456789abcdefABCDEF");
    size_t blanks = strspn(line + digits, " \t");
    char after = line[digits + blanks];
    bad_chunk = !whole || (line[0] != '\0' && (digits == 0 || (after != ';' && after != '\0')));
    line[digits] = '\0';
    if (bad_chunk) /* there is at least one character; libevent reads no number from this one */
        memcpy(line, "-", sizeof("-"));
}

/* A line without an end that is too long for a head is given as it is, so that nothing waits for
 * more: libevent refuses it for its length, or as a chunk's size. */
__attribute__((visibility("default"))) char *evbuffer_readln(struct evbuffer *buffer,
                                                             size_t *ret_bytes,
                                                             enum evbuffer_eol_style style)
{
    size_t eol_bytes = 0, bytes = evbuffer_get_length(buffer);
    struct evbuffer_ptr end = evbuffer_search_eol(buffer, NULL, &eol_bytes, style);
    if (end.pos < 0 && bytes <= HTTP_HEAD_BYTES_MAX)
        return NULL;
    if (end.pos >= 0)
        bytes = (size_t)end.pos;
    char *line = take_line(buffer, bytes, eol_bytes);
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    else /* only sizes of chunks are read so */
        keep_size(line, end.pos >= 0);
    return line;
}

/* What libevent found, in our words; 0 and 501 are methods that it does not know. */
static enum err describe(int error, const char *reason, struct err_text *ret_why)
{
    if (error == HTTP_ENTITYTOOLARGE && bad_chunk)
        return err_say(ret_why, ERR_INVALID, "the body's chunks are malformed");
    if (error == HTTP_ENTITYTOOLARGE)
        return err_say(ret_why, ERR_TOO_BIG,
                       "the body is too long: an event may have %d bytes, a batch %d",
                       EVENT_BYTES_MAX, HTTP_BODY_BYTES_MAX);
    if (error == err_http(ERR_SLOW) || error == HTTP_SERVUNAVAIL)
        return err_say(ret_why, error == HTTP_SERVUNAVAIL ? ERR_BUSY : ERR_SLOW, "%s", reason);
    if (error == 0 || error == HTTP_NOTIMPLEMENTED)
        return err_say(ret_why, ERR_METHOD, "this method is not known here");
    return err_say(ret_why, ERR_INVALID, "no HTTP request that can be read: %s",
                   reason != NULL ? reason : "the head is malformed or too long");
}

__attribute__((visibility("default"))) void evhttp_send_error(struct evhttp_request *request,
                                                              int error, const char *reason)
{
    struct err_text why;
    struct buf body = {0};
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    enum err err = describe(error, reason, &why);
    guard_refused(request, err);
    problem_text(err, &why, &body);
    buf_text(&body, "\n");
    /* Whatever version it names, if one was read at all, the reply is of ours. */
    if (request->major != 1 || request->minor < 0 || request->minor > 1) {
        request->major = 1;
        request->minor = 1;
    }
    evhttp_clear_headers(headers);
    (void)evhttp_add_header(headers, "Content-Type", PROBLEM_MEDIA_TYPE);
    (void)evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    (void)evhttp_add_header(headers, "Connection", "close");
    if (err == ERR_BUSY)
        (void)evhttp_add_header(headers, "Retry-After", "1");
    if (err == ERR_METHOD)
        (void)evhttp_add_header(headers, "Allow", "GET, HEAD, POST");
    ASSERT(evbuffer_add(evhttp_request_get_output_buffer(request), body.data, body.bytes) == 0);
    evhttp_send_reply(request, err_http(err), NULL, NULL);
    buf_free(&body);
}
