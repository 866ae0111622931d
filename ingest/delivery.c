#include "ingest/delivery.h"

#include <string.h>

#include "ingest/intake.h"
#include "ingest/late.h"

#define OWN_PROBLEM "urn:countersign:problem:"

/* One message as it is sent. */
struct message {
    struct post *post;
    const char *media;
    struct buf text;
    size_t batch; /* events of a batch; 0: it is none */
};

static bool is_envelope(const struct message *message)
{
    return strcmp(message->media, DSSE_MEDIA_TYPE) == 0;
}

/* Whether this very ledger says no to the sender whatever is sent: an event that it never takes,
 * for it says that it belongs to another ledger, is refused for the same reason. */
static bool is_barred(const struct message *message)
{
    struct post_answer answer = {0};
    struct buf probe = {0};
    if (is_envelope(message))
        return false;
    buf_text(&probe, "{\"specversion\":\"1.0\",\"id\":\"probe\",\"source\":\"/push\","
                     "\"type\":\"" EVENT_OWN_PREFIX "note.added.v1\",\"ledger\":\"none\"}");
    enum err err = post_send(message->post, EVENT_MEDIA_TYPE, true, &probe, &answer, NULL);
    bool barred = err != ERR_OK || answer.status == 401 || answer.status == 403;
    post_answer_free(&answer);
    buf_free(&probe);
    return barred;
}

static enum delivery_fate fate_of(const struct message *message, long status)
{
    if (status == 401 || status == 403)
        return is_barred(message) ? DELIVERY_BARRED : DELIVERY_REFUSED;
    if (status == 404 || status == 405 || status < 400)
        return DELIVERY_BARRED;
    if (status == 408 || status == 425 || status == 429 || status >= 500)
        return DELIVERY_LATER;
    return DELIVERY_REFUSED;
}

static bool is_receipt(const json_t *json)
{
    return ijson_string(json, "verdict") != NULL;
}

static bool are_receipts(const struct message *message, const json_t *json)
{
    if (message->batch == 0)
        return is_receipt(json);
    for (size_t i = 0; i < message->batch; i++) {
        if (!is_receipt(json_array_get(json, i)))
            return false;
    }
    return json_array_size(json) == message->batch;
}

static void judge(const struct message *message, const struct post_answer *answer,
                  struct delivery *ret)
{
    const char *type = ijson_string(answer->json, "type");
    bool own = type != NULL && strncmp(type, OWN_PROBLEM, sizeof(OWN_PROBLEM) - 1) == 0;
    bool taken = answer->status == 200 || answer->status == 201;
    if (taken && are_receipts(message, answer->json)) {
        ret->fate = DELIVERY_DONE;
        ret->receipt = json_incref(answer->json);
        return;
    }
    ret->err = post_error(answer, "the server", &ret->why);
    ret->fate = taken ? DELIVERY_BARRED : fate_of(message, answer->status);
    ret->unsent = answer->status == 429 || (answer->status == 503 && own) ||
                  (answer->status >= 401 && answer->status <= 405);
    ret->retry_after_s = answer->retry_after_s;
    if (ret->fate == DELIVERY_BARRED && answer->status < 400)
        ret->err = err_say(&ret->why, ERR_IO, "what answers there is no ledger: status %ld%s",
                           answer->status, taken ? " and no receipt" : "");
}

static void send_message(const struct message *message, struct delivery *ret)
{
    struct post_answer answer = {0};
    *ret = (struct delivery){.fate = DELIVERY_LATER, .retry_after_s = -1};
    ret->err = post_send(message->post, message->media, !is_envelope(message), &message->text,
                         &answer, &ret->why);
    if (ret->err == ERR_OK)
        judge(message, &answer, ret);
    else
        ret->unsent = answer.unsent;
    post_answer_free(&answer);
}

/* The line's bytes in one of its two forms; false if it has but the plain one. */
static bool form(const struct piece *line, bool late, struct buf *text)
{
    if (late && late_mark(line, text))
        return true;
    buf_add(text, line->data, line->bytes);
    return !late;
}

/* The event's name is taken: by itself in its other form? */
static void try_other(struct message *message, const struct piece *line, bool late,
                      struct delivery *delivery)
{
    struct delivery other;
    buf_clear(&message->text);
    if (is_envelope(message) || !form(line, late, &message->text))
        return;
    send_message(message, &other);
    if (other.fate != DELIVERY_DONE) {
        delivery_free(&other);
        return;
    }
    delivery_free(delivery);
    *delivery = other;
}

void delivery_send(struct post *post, const struct piece *line, bool late, struct delivery *ret)
{
    struct message message = {
        .post = post,
        .media = dsse_is_envelope(line->data, line->bytes) ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE};
    bool marked = form(line, late, &message.text) && late;
    send_message(&message, ret);
    if (ret->fate == DELIVERY_REFUSED && ret->err == ERR_CONFLICT)
        try_other(&message, line, !marked, ret);
    buf_free(&message.text);
}

void delivery_send_batch(struct post *post, const struct piece *lines, size_t count, bool late,
                         struct delivery *ret)
{
    struct message message = {.post = post, .media = BATCH_MEDIA_TYPE, .batch = count};
    ASSERT(count > 0 && count <= BATCH_EVENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        buf_text(&message.text, i == 0 ? "[" : ",");
        (void)form(&lines[i], late, &message.text);
    }
    buf_text(&message.text, "]");
    send_message(&message, ret);
    buf_free(&message.text);
}

bool delivery_fits_batch(const struct piece *line)
{
    struct piece bare = late_event(line);
    struct event *event = NULL;
    bool fits = event_read(bare.data, bare.bytes, &event, NULL) == ERR_OK;
    event_free(event);
    return fits;
}

void delivery_free(struct delivery *delivery)
{
    json_decref(delivery->receipt);
    delivery->receipt = NULL;
}
