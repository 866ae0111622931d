#include "ledger/dossier_make.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/dossier_check.h"
#include "ledger/dossier_readme.h"
#include "ledger/ledger.h"

/* A bundle in the making. */
struct making {
    struct ledger *ledger;
    const struct buf *note;
    struct dossier *dossier;
    struct err_text *why;
};

static enum err prove(const struct making *making, uint64_t seq, bool with_event,
                      struct dossier_entry *ret)
{
    struct buf text = {0};
    enum err err = prove_entry(making->ledger, seq, making->note, with_event, &text, making->why);
    if (err == ERR_OK)
        err = dossier_take(&text, "the proof", ret, making->why);
    buf_free(&text);
    return err;
}

static enum err add_key(void *ctx, const struct record *record, bool *ret_more)
{
    const struct making *making = ctx;
    struct dossier *dossier = making->dossier;
    if (dossier->key_count + 16 > TAR_MEMBERS_MAX)
        return err_say(making->why, ERR_TOO_BIG,
                       "the stream `ledger` has too many entries for a bundle, over %d",
                       TAR_MEMBERS_MAX - 16);
    if (record->event.bytes == 0)
        return err_say(making->why, ERR_NOT_FOUND,
                       "the event of entry %" PRIu64
                       " of the stream `ledger` is erased: without it "
                       "no bundle shows whose keys held",
                       record->entry.seq);
    *ret_more = true;
    struct dossier_entry *key = MEM_PUSH(dossier->keys, dossier->key_count, dossier->key_cap);
    return prove(making, record->entry.seq, true, key);
}

static enum err add_tail(void *ctx, const struct record *record, bool *ret_more)
{
    struct buf *tail = ctx;
    *ret_more = true;
    buf_u16(tail, (uint16_t)record->entry_bytes.bytes);
    buf_add(tail, record->entry_bytes.data, record->entry_bytes.bytes);
    return ERR_OK;
}

/* The stream `ledger` below ${size}, and what stands behind its last entry. */
static enum err take_keys(struct making *making, uint64_t size)
{
    struct dossier *dossier = making->dossier;
    struct ledger_walk walk = {.stream = "ledger", .to_seq = size};
    enum err err = ledger_each(making->ledger, &walk, add_key, making, making->why);
    if (err != ERR_OK)
        return err;
    ASSERT(dossier->key_count > 0);
    walk = (struct ledger_walk){.from = dossier->keys[dossier->key_count - 1].entry.seq + 1,
                                .to_seq = dossier_tail_end(dossier, size)};
    if (walk.from == walk.to_seq)
        return ERR_OK;
    dossier->has_tail = true;
    return ledger_each(making->ledger, &walk, add_tail, &dossier->tail, making->why);
}

static enum err take_act(struct making *making, uint64_t seq)
{
    struct record *record = NULL;
    struct dossier *dossier = making->dossier;
    enum err err = ledger_read(making->ledger, seq, &record, making->why);
    if (err != ERR_OK)
        return err;
    const struct admitted_part *part = &record->entry.part;
    if (record->event.bytes == 0)
        err = err_say(making->why, ERR_NOT_FOUND, "the event of entry %" PRIu64 " is erased", seq);
    else if (strcmp(part->stream, "ledger") == 0 || strcmp(part->stream, "inbox") == 0)
        err = err_say(making->why, ERR_INVALID,
                      "entry %" PRIu64 " is of the stream `%s`, not of a deployment", seq,
                      part->stream);
    else if (part->sig_count == 0)
        err = err_say(making->why, ERR_INVALID,
                      "entry %" PRIu64 " was brought by a token: nobody signed it", seq);
    for (size_t i = 0; err == ERR_OK && i < part->sig_count; i++) {
        if (part->sigs[i].alg == SIG_WEBAUTHN)
            err =
                err_say(making->why, ERR_INVALID,
                        "entry %" PRIu64 " is signed by WebAuthn, which bundles do not know", seq);
    }
    if (err == ERR_OK)
        err = prove(making, seq, false, &dossier->act);
    if (err == ERR_OK) {
        buf_add(&dossier->event, record->event.data, record->event.bytes);
        memcpy(dossier->salt, record->salt, SALT_BYTES);
    }
    ledger_record_free(record);
    return err;
}

enum err dossier_make_act(struct ledger *ledger, uint64_t seq, const struct buf *note,
                          struct buf *buf, char **ret_against, struct err_text *ret_why)
{
    struct making making = {.ledger = ledger, .note = note, .why = ret_why};
    struct dossier_finding finding = {0};
    struct checkpoint checkpoint;
    struct buf made = {0};
    const char *text = note->bytes > 0 ? (const char *)note->data : "";
    if (checkpoint_parse(text, note->bytes, &checkpoint) != ERR_OK || checkpoint.size == 0)
        return err_say(ret_why, ERR_INVALID, "the checkpoint is malformed");
    making.dossier = mem_zero(1, sizeof(*making.dossier));
    enum err err = take_act(&making, seq);
    if (err == ERR_OK)
        err = prove(&making, checkpoint.size - 1, false, &making.dossier->last);
    if (err == ERR_OK)
        err = take_keys(&making, checkpoint.size);
    if (err == ERR_OK) {
        err = dossier_check_whole(making.dossier, NULL, &finding, ret_why);
        err = err == ERR_PROOF || err == ERR_INVALID ? ERR_DAMAGED : err;
    }
    if (err == ERR_OK) {
        dossier_readme_add(making.dossier, finding.registry, &making.dossier->readme);
        err = dossier_format(making.dossier, finding.registry, &made, ret_why);
        if (err == ERR_OK && made.bytes > TAR_BYTES_MAX)
            err =
                err_say(ret_why, ERR_TOO_BIG, "the bundle would have over %d bytes", TAR_BYTES_MAX);
    }
    if (err == ERR_OK) {
        buf_add(buf, made.data, made.bytes);
        *ret_against = finding.against;
        finding.against = NULL;
    }
    if (finding.registry != NULL)
        dossier_check_free(&finding);
    dossier_free(making.dossier);
    buf_free(&made);
    return err;
}
