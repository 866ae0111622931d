/* Messages of a broker, and its URLs: whatever properties, headers and body come, the message is an
 * event for admission or has a name in quarantine, the same when it is delivered again. */
#include <stdlib.h>
#include <string.h>

#include "ingest/amqp_delivery.h"
#include "ingest/amqp_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_quarantine(const struct amqp_delivery *delivery, const struct courier *courier)
{
    const struct err_text why = {"why"};
    struct buf text = {0}, properties = {0};
    struct event *event = NULL;
    uint8_t id[HASH_BYTES], again[HASH_BYTES];
    amqp_delivery_quarantine(delivery, courier, &why, &text);
    ASSERT(event_parse(text.data, text.bytes, &event, NULL) == ERR_OK);
    amqp_delivery_dead(delivery, &why, &properties);
    amqp_delivery_id(delivery, id);
    amqp_delivery_id(delivery, again);
    ASSERT(memcmp(id, again, HASH_BYTES) == 0);
    event_free(event);
    buf_free(&text);
    buf_free(&properties);
}

static void check_message(const uint8_t *data, size_t bytes)
{
    struct amqp_delivery delivery = {0};
    struct amqp_mail mail = {0};
    struct courier courier = {0};
    struct err_text why = {""};
    bool named = false;
    size_t head = bytes >= 2 ? (size_t)data[0] * 256 + data[1] : 0;
    size_t rest = bytes >= 2 ? bytes - 2 : 0;
    head = head < rest ? head : rest;
    buf_add(&delivery.key, data, bytes < 8 ? bytes : 8);
    amqp_delivery_begin(&delivery, data + (bytes - rest), head, rest - head);
    if (rest > head)
        amqp_delivery_add(&delivery, data + (bytes - rest) + head, rest - head);
    ASSERT(amqp_delivery_whole(&delivery));
    enum err err = amqp_delivery_courier(&delivery, &courier, &named, &why);
    ASSERT(event_principal_ok(courier.principal));
    ASSERT(err == ERR_OK || why.s[0] != '\0');
    if (amqp_delivery_map(&delivery, &mail, &why) == ERR_OK)
        ASSERT(mail.media != NULL);
    else
        ASSERT(why.s[0] != '\0');
    check_quarantine(&delivery, &courier);
    amqp_delivery_mail_free(&mail);
    amqp_delivery_free(&delivery);
}

static void check_url(const uint8_t *data, size_t bytes)
{
    char *text = mem_text_n((const char *)data, bytes);
    struct amqp_url url, again;
    if (amqp_url_parse(text, &url, NULL) == ERR_OK) {
        ASSERT(url.port > 0 && url.host[0] != '\0' && url.vhost[0] != '\0');
        if (strpbrk(url.shown, "%") == NULL && amqp_url_parse(url.shown, &again, NULL) == ERR_OK)
            amqp_url_free(&again);
        amqp_url_free(&url);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    check_message(data, bytes);
    check_url(data, bytes);
    return 0;
}
