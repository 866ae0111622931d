#include "ingest/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG_HASH_BYTES 16 /* of SHA-256, which is enough to tell two answers apart */

struct answer *answer_new(struct exchange *exchange, answer_fn *make)
{
    struct answer *answer = mem_zero(1, sizeof(*answer));
    answer->magic = ANSWER_MAGIC;
    answer->exchange = exchange;
    answer->make = make;
    return answer;
}

static void answer_free(struct answer *answer)
{
    query_free(&answer->query);
    buf_free(&answer->body);
    answer->magic = 0;
    free(answer);
}

void answer_refuse(struct answer *answer, enum err err, const struct err_text *why)
{
    exchange_problem(answer->exchange, err, why);
    answer_free(answer);
}

static void make_tag(struct answer *answer)
{
    uint8_t hash[HASH_BYTES];
    struct buf tag = {0};
    const void *data = answer->body.bytes > 0 ? (const void *)answer->body.data : "";
    hash_bytes(data, answer->body.bytes, hash);
    buf_hex(&tag, hash, TAG_HASH_BYTES);
    snprintf(answer->tag, sizeof(answer->tag), "\"%s\"", (const char *)tag.data);
    buf_free(&tag);
}

/* In a reading thread. */
static void run(void *ctx)
{
    struct answer *answer;
    CAST_OBJ(answer, ctx, ANSWER_MAGIC);
    answer->err = answer->make(answer, &answer->why);
    if (answer->err == ERR_OK && answer->cache != NULL)
        make_tag(answer);
}

/* Whether If-None-Match has the answer's tag (RFC 9110 13.1.2): a list of tags, or a star. */
static bool known_already(const struct answer *answer)
{
    const char *header = exchange_header(answer->exchange, "If-None-Match");
    if (header == NULL || answer->tag[0] == '\0')
        return false;
    return strcmp(header, "*") == 0 || strstr(header, answer->tag) != NULL;
}

static void send(struct answer *answer)
{
    struct exchange *exchange = answer->exchange;
    struct buf none = {0};
    bool known = known_already(answer);
    if (answer->cache != NULL) {
        exchange_set(exchange, "Cache-Control", answer->cache);
        exchange_set(exchange, "ETag", answer->tag);
    }
    exchange_send(exchange, known ? 304 : 200, answer->media, known ? &none : &answer->body);
}

static void end(void *ctx)
{
    struct answer *answer;
    CAST_OBJ(answer, ctx, ANSWER_MAGIC);
    if (answer->err != ERR_OK)
        exchange_problem(answer->exchange, answer->err, &answer->why);
    else
        send(answer);
    answer_free(answer);
}

void answer_hand(struct answer *answer, struct reading *reading)
{
    struct err_text why;
    struct service *service = answer->exchange->service;
    if (service->unsent_bytes > REPLIES_BYTES_MAX) {
        enum err err = err_say(&why, ERR_BUSY, "too many replies wait for slow readers; try again");
        answer_refuse(answer, err, &why);
        return;
    }
    /* As it is ended if the daemon stops before it has run. */
    answer->err = err_say(&answer->why, ERR_BUSY, "the daemon is stopping");
    answer->work = (struct reading_work){.run = run, .end = end, .ctx = answer};
    if (reading_push(reading, &answer->work))
        return;
    enum err err = err_say(&why, ERR_BUSY, "too many requests wait to be read; try again");
    answer_refuse(answer, err, &why);
}

void answer_settle(struct answer *answer, struct reading *reading, enum err err,
                   const struct err_text *why)
{
    if (err != ERR_OK)
        answer_refuse(answer, err, why);
    else
        answer_hand(answer, reading);
}
