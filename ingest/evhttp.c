/* evhttp - libevent's own error replies as problem details.
 * What libevent refuses by itself (a body over the limit, a malformed head, an unknown method) it
 * answers through evhttp_send_error, with a page of HTML; 2.1 has no hook for that.  This
 * definition stands before the library's, whose own calls come here through the dynamic linker.
 * Where they did not, the status would be the same and the page HTML.
 */
#include <event2/buffer.h>
#include <event2/http.h>
#include <event2/http_struct.h>

#include "ingest/problem.h"

/* What libevent found, in our words; 0 and 501 are methods that it does not know. */
static enum err describe(int error, const char *reason, struct err_text *ret_why)
{
    if (error == HTTP_ENTITYTOOLARGE)
        return err_say(
            ret_why, ERR_TOO_BIG,
            "the body is over %d bytes, or its chunks are malformed; an event may have %d",
            HTTP_BODY_BYTES_MAX, EVENT_BYTES_MAX);
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
    json_t *problem = problem_json(err, &why);
    ijson_print(problem, &body);
    json_decref(problem);
    buf_text(&body, "\n");
    if (request->major == 0) { /* nothing was read that says what it speaks */
        request->major = 1;
        request->minor = 1;
    }
    evhttp_clear_headers(headers);
    (void)evhttp_add_header(headers, "Content-Type", PROBLEM_MEDIA_TYPE);
    (void)evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    (void)evhttp_add_header(headers, "Connection", "close");
    if (err == ERR_METHOD)
        (void)evhttp_add_header(headers, "Allow", "GET, HEAD, POST");
    ASSERT(evbuffer_add(evhttp_request_get_output_buffer(request), body.data, body.bytes) == 0);
    evhttp_send_reply(request, err_http(err), NULL, NULL);
    buf_free(&body);
}
