#include "ingest/ce_headers.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

static struct evkeyval *first_header(const struct exchange *exchange)
{
    return TAILQ_FIRST(evhttp_request_get_input_headers(exchange->request));
}

bool ce_headers_there(const struct exchange *exchange)
{
    struct binary_attribute attribute;
    for (struct evkeyval *header = first_header(exchange); header != NULL;
         header = TAILQ_NEXT(header, next)) {
        if (binary_header(header->key, strlen(header->key), &attribute) &&
            strcasecmp(attribute.name, "deployment") != 0)
            return true;
    }
    return false;
}

enum err ce_headers_event(struct exchange *exchange, struct buf *buf, struct err_text *ret_why)
{
    struct binary_attribute *attributes = NULL, attribute;
    struct buf body = {0};
    struct binary_message message = {.media = exchange_header(exchange, "Content-Type")};
    size_t cap = 0;
    for (struct evkeyval *header = first_header(exchange); header != NULL;
         header = TAILQ_NEXT(header, next)) {
        if (!binary_header(header->key, strlen(header->key), &attribute))
            continue;
        attribute.value = header->value + strspn(header->value, " \t"); /* libevent leaves tabs */
        attribute.value_bytes = strlen(attribute.value);
        *(struct binary_attribute *)MEM_PUSH(attributes, message.count, cap) = attribute;
    }
    message.attributes = attributes;
    exchange_body(exchange, &body);
    message.body = body.data;
    message.body_bytes = body.bytes;
    enum err err = binary_event(&message, buf, ret_why);
    buf_free(&body);
    free(attributes);
    return err;
}
