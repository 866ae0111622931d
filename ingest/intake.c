#include "ingest/intake.h"

#include <stdlib.h>
#include <string.h>

#define RUN 64 /* messages that a thread admits at a time */

/* A message, or a line that is none. */
struct slot {
    uint64_t line;
    size_t at, bytes;          /* in the block's text */
    bool rejected;             /* it was no message to begin with */
    uint64_t known;            /* registry_size when it was admitted */
    struct admitted *admitted; /* owned; NULL: it was not let in */
    enum err err;
    struct err_text why;
};

/* Messages that are admitted together, and appended in one commit or a few. */
struct block {
    struct buf text;
    struct slot *slots; /* owned */
    size_t count, cap;
};

struct intake {
    struct intake_config config;
    struct pool *pool;
    struct block blocks[2];
    struct block *coming; /* collects */
    struct block *ready;  /* the other one: admitted, to be appended */
    struct err_text *why; /* of the call under way */
};

struct intake *intake_new(const struct intake_config *config)
{
    struct intake *intake = mem_zero(1, sizeof(*intake));
    intake->config = *config;
    intake->pool = pool_new(0);
    intake->coming = &intake->blocks[0];
    intake->ready = &intake->blocks[1];
    return intake;
}

static void block_clear(struct block *block)
{
    for (size_t i = 0; i < block->count; i++)
        admit_free(block->slots[i].admitted);
    block->count = 0;
    buf_clear(&block->text);
}

void intake_free(struct intake *intake)
{
    if (intake == NULL)
        return;
    for (size_t i = 0; i < 2; i++) {
        block_clear(&intake->blocks[i]);
        free(intake->blocks[i].slots);
        buf_free(&intake->blocks[i].text);
    }
    pool_free(intake->pool);
    free(intake);
}

bool intake_is_envelope(const struct piece *message)
{
    static const char name[] = "payloadType"; /* could be written with escapes, but by nobody */
    json_t *json = NULL;
    if (memmem(message->data, message->bytes, name, strlen(name)) == NULL ||
        ijson_parse(message->data, message->bytes, &json, NULL) != ERR_OK)
        return false;
    bool has = ijson_get(json, name) != NULL;
    json_decref(json);
    return has;
}

/* Authenticate and admit one message: an envelope by its signatures, a bare event by the token. */
static void slot_admit(const struct intake *intake, const struct block *block, struct slot *slot)
{
    struct ledger *ledger = intake->config.ledger;
    struct courier courier = {0};
    const struct piece text = {block->text.data + slot->at, slot->bytes};
    bool envelope = intake_is_envelope(&text);
    const struct admit_message message = {.media = envelope ? DSSE_MEDIA_TYPE : EVENT_MEDIA_TYPE,
                                          .data = text.data,
                                          .bytes = text.bytes};
    const char *token = envelope ? NULL : intake->config.token;
    int64_t now_us = ledger_now(ledger);
    admit_free(slot->admitted);
    slot->admitted = NULL;
    slot->err = ERR_OK;
    ledger_lock(ledger, false);
    const struct registry *registry = ledger_registry(ledger);
    slot->known = registry_size(registry);
    if (token != NULL)
        slot->err = admit_token(registry, token, slot->known, now_us, &courier);
    courier.origin = ORIGIN_CLI;
    if (slot->err != ERR_OK)
        (void)err_say(&slot->why, slot->err,
                      "the token in COUNTERSIGN_TOKEN is unknown here, revoked or expired");
    else
        slot->err = admit_event(ledger_admission(ledger), registry, &courier, &message,
                                &slot->admitted, &slot->why);
    ledger_unlock(ledger);
}

/* Admit again what the registry has moved under. */
static void slot_renew(const struct intake *intake, const struct block *block, struct slot *slot)
{
    ledger_lock(intake->config.ledger, false);
    bool moved = slot->known != registry_size(ledger_registry(intake->config.ledger));
    ledger_unlock(intake->config.ledger);
    if (moved && !slot->rejected)
        slot_admit(intake, block, slot);
}

/* Tell of slots that were appended; `receipts` are in order of the admitted ones. */
static void slots_tell(const struct intake *intake, const struct slot *slots, size_t count,
                       const struct receipt *receipts)
{
    const struct intake_config *config = &intake->config;
    for (size_t i = 0; i < count; i++) {
        const struct slot *slot = &slots[i];
        const struct receipt *receipt = slot->admitted != NULL ? receipts++ : NULL;
        config->done(config->ctx, slot->line, slot->err, &slot->why,
                     slot->err == ERR_OK ? receipt : NULL);
    }
}

/* Append slots in one commit, and tell of them. */
static enum err slots_append(const struct intake *intake, struct slot *slots, size_t count)
{
    struct admitted **admitted = mem_zero(count + 1, sizeof(struct admitted *));
    struct receipt *receipts = mem_zero(count + 1, sizeof(*receipts));
    struct err_text why = {""};
    enum err err = ERR_OK;
    size_t admitted_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (slots[i].admitted != NULL)
            admitted[admitted_count++] = slots[i].admitted;
    }
    if (admitted_count > 0)
        err = ledger_append(intake->config.ledger, admitted, admitted_count, intake->config.judge,
                            receipts, &why);
    for (size_t i = 0; err == ERR_DISK_LOW && i < count; i++) {
        if (slots[i].admitted != NULL) {
            slots[i].err = err;
            slots[i].why = why;
        }
    }
    if (err == ERR_OK || err == ERR_DISK_LOW) {
        slots_tell(intake, slots, count, receipts);
        err = ERR_OK;
    } else {
        *intake->why = why;
    }
    ledger_receipts_free(receipts, admitted_count);
    free(receipts);
    free(admitted);
    return err;
}

/* Append the block that is ready.  What waits in the commit may be the very key or token that a
 * message lacks: then that is committed first. */
static enum err ready_append(const struct intake *intake)
{
    struct block *block = intake->ready;
    size_t from = 0;
    bool acts = false; /* from `from` on, one of the stream `ledger` waits */
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < block->count; i++) {
        struct slot *slot = &block->slots[i];
        slot_renew(intake, block, slot);
        if (slot->err == ERR_UNAUTHENTICATED && acts) {
            err = slots_append(intake, block->slots + from, i - from);
            from = i;
            acts = false;
            slot_renew(intake, block, slot);
        }
        acts =
            acts || (slot->admitted != NULL && strcmp(slot->admitted->part.stream, "ledger") == 0);
    }
    if (err == ERR_OK && block->count > from)
        err = slots_append(intake, block->slots + from, block->count - from);
    return err;
}

/* Piece 0 appends the block that is ready; each other piece admits a run of the coming one. */
static enum err do_piece(void *ctx, uint64_t index)
{
    const struct intake *intake = ctx;
    if (index == 0)
        return ready_append(intake);
    struct block *block = intake->coming;
    for (size_t i = (index - 1) * RUN; i < index * RUN && i < block->count; i++) {
        if (!block->slots[i].rejected)
            slot_admit(intake, block, &block->slots[i]);
    }
    return ERR_OK;
}

/* Append the block that is ready while the coming one is admitted and becomes the ready one. */
static enum err turn(struct intake *intake, struct err_text *ret_why)
{
    struct block *appended = intake->ready;
    intake->why = ret_why;
    enum err err = pool_each(intake->pool, 1 + (intake->coming->count + RUN - 1) / RUN, do_piece,
                             NULL, intake);
    block_clear(appended);
    intake->ready = intake->coming;
    intake->coming = appended;
    return err;
}

enum err intake_add(struct intake *intake, uint64_t line, const struct piece *message,
                    struct err_text *ret_why)
{
    struct block *block = intake->coming;
    if (block->count > 0 && block->text.bytes + message->bytes > BATCH_BYTES_MAX) {
        enum err err = turn(intake, ret_why);
        if (err != ERR_OK)
            return err;
        block = intake->coming;
    }
    struct slot *slot = MEM_PUSH(block->slots, block->count, block->cap);
    slot->line = line;
    slot->at = block->text.bytes;
    slot->bytes = message->bytes;
    buf_add(&block->text, message->data, message->bytes);
    return block->count < BATCH_EVENTS_MAX ? ERR_OK : turn(intake, ret_why);
}

void intake_reject(struct intake *intake, uint64_t line, enum err err, const struct err_text *why)
{
    struct slot *slot = MEM_PUSH(intake->coming->slots, intake->coming->count, intake->coming->cap);
    slot->line = line;
    slot->rejected = true;
    slot->err = err;
    slot->why = *why;
}

enum err intake_flush(struct intake *intake, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    while (err == ERR_OK && (intake->coming->count > 0 || intake->ready->count > 0))
        err = turn(intake, ret_why);
    return err;
}
