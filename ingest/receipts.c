#include "ingest/receipts.h"

#include <string.h>

/* Append one receipt, with what proves it if ${note} is not NULL. */
static enum err add_receipt(struct ledger *ledger, const struct receipt *receipt,
                            const struct buf *note, struct buf *buf, struct err_text *ret_why)
{
    if (note == NULL) {
        ledger_receipt_text(receipt, buf);
        return ERR_OK;
    }
    struct buf proof = {0};
    enum err err = prove_entry(ledger, receipt->seq, note, false, &proof, ret_why);
    if (err != ERR_OK)
        return err;
    json_t *json = ledger_receipt_json(receipt);
    json_object_set_new(json, "checkpoint", ijson_text((const char *)note->data));
    json_object_set_new(json, "proof", ijson_text((const char *)proof.data));
    ijson_print(json, buf);
    json_decref(json);
    buf_free(&proof);
    return ERR_OK;
}

static enum err add_all(struct ledger *ledger, const struct job *job, const struct buf *note,
                        struct buf *buf, struct err_text *ret_why)
{
    bool batch = job_is_batch(job);
    enum err err = ERR_OK;
    if (batch)
        buf_text(buf, "[");
    for (size_t i = 0; err == ERR_OK && i < job->count; i++) {
        if (i > 0)
            buf_text(buf, ",\n ");
        err = add_receipt(ledger, &job->receipts[i], note, buf, ret_why);
    }
    buf_text(buf, batch ? "]\n" : "\n");
    return err;
}

void receipts_print(const struct job *job, struct buf *buf)
{
    ASSERT(add_all(NULL, job, NULL, buf, NULL) == ERR_OK);
}

enum err receipts_prove(struct ledger *ledger, const struct job *job, struct buf *buf,
                        struct err_text *ret_why)
{
    struct buf note = {0};
    size_t before = buf->bytes;
    enum err err = ledger_checkpoint(ledger, &note, ret_why);
    if (err == ERR_OK)
        err = add_all(ledger, job, &note, buf, ret_why);
    if (err != ERR_OK)
        buf->bytes = before;
    buf_free(&note);
    return err;
}

bool receipts_duplicate(const struct job *job)
{
    bool all = true;
    for (size_t i = 0; i < job->count; i++)
        all = all && job->receipts[i].duplicate;
    return all;
}
