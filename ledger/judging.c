#include "ledger/judging.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/inside.h"

/* What appending adds to an event, but for what its receipt says. */
struct judging_place {
    int64_t time_us;
    uint8_t prev[HASH_BYTES];
    uint8_t stream_prev[HASH_BYTES];
};

void judging_note(struct judging *judging, const struct entry *entry)
{
    if (judging->count == 0 || entry->seq < judging->first)
        judging->first = entry->seq;
    ASSERT(entry->seq - judging->first <= judging->count);
    judging->count = (size_t)(entry->seq - judging->first);
    struct judging_place *place = MEM_PUSH(judging->places, judging->count, judging->cap);
    place->time_us = entry->time_us;
    memcpy(place->prev, entry->prev, HASH_BYTES);
    memcpy(place->stream_prev, entry->stream_prev, HASH_BYTES);
}

void judging_end(struct judging *judging)
{
    free(judging->places);
    *judging = (struct judging){0};
}

static void verdict_copy(const struct verdict *from, struct verdict *ret)
{
    *ret = *from;
    ret->reason = mem_text(from->reason);
}

/* The record that was appended; all of it but its entry's bytes, which are its own, is borrowed. */
static void record_make(const struct judging *judging, const struct admitted *admitted,
                        const struct receipt *receipt, struct record *ret)
{
    ASSERT(receipt->seq - judging->first < judging->count);
    const struct judging_place *place = &judging->places[receipt->seq - judging->first];
    *ret = (struct record){.event = admitted->event};
    ret->entry.seq = receipt->seq;
    ret->entry.time_us = place->time_us;
    memcpy(ret->entry.prev, place->prev, HASH_BYTES);
    ret->entry.stream_pos = receipt->stream_pos;
    memcpy(ret->entry.stream_prev, place->stream_prev, HASH_BYTES);
    ret->entry.part = admitted->part;
    memcpy(ret->entry.admission, admitted->admission, sizeof(ret->entry.admission));
    entry_encode(&ret->entry, &ret->entry_bytes);
    memcpy(ret->leaf, receipt->leaf, HASH_BYTES);
    memcpy(ret->salt, admitted->salt, SALT_BYTES);
}

static enum err judge_new(const struct judging *judging, struct ledger *ledger,
                          const struct judge *judge, const struct admitted *admitted,
                          struct receipt *receipt)
{
    struct record record;
    record_make(judging, admitted, receipt, &record);
    enum err err = judge->judge(judge->ctx, ledger, &record, &receipt->verdict);
    buf_free(&record.entry_bytes);
    return err;
}

enum err judging_verdict(const struct judging *judging, struct ledger *ledger,
                         const struct judge *judge, const struct admitted *admitted,
                         struct receipt *receipt, struct err_text *ret_why)
{
    struct record *record = NULL;
    enum err err = ERR_OK;
    if (strcmp(receipt->stream, "ledger") == 0) {
        ledger_lock(ledger, false);
        const struct verdict *verdict = ledger_verdict(ledger, receipt->stream_pos);
        ASSERT(verdict != NULL);
        verdict_copy(verdict, &receipt->verdict);
        ledger_unlock(ledger);
        return ERR_OK;
    }
    if (judge == NULL || strcmp(receipt->stream, "inbox") == 0)
        return ERR_OK;
    if (receipt->duplicate) {
        err = ledger_read(ledger, receipt->seq, &record, ret_why);
        if (err != ERR_OK)
            return err == ERR_NOT_FOUND ? ERR_DAMAGED : err;
        err = judge->judge(judge->ctx, ledger, record, &receipt->verdict);
        ledger_record_free(record);
    } else {
        err = judge_new(judging, ledger, judge, admitted, receipt);
    }
    return err == ERR_OK ? err
                         : err_say(ret_why, err, "entry %llu could not be judged: %s",
                                   (unsigned long long)receipt->seq, err_text(err));
}
