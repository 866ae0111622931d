#include "ledger/rollback.h"

#include <string.h>

#include "ledger/copy.h"
#include "ledger/inside.h"

static void event_make(const struct ledger *ledger, const struct buf *note,
                       const struct checkpoint *given_up, struct buf *text)
{
    uint8_t id[HASH_BYTES];
    json_t *data = json_object(), *event = json_object();
    hash_bytes(note->data, note->bytes, id);
    json_object_set_new(data, "size", json_integer((json_int_t)given_up->size));
    json_object_set_new(data, "root", ijson_hex(given_up->root, HASH_BYTES));
    json_object_set_new(data, "note", ijson_text((const char *)note->data));
    json_object_set_new(event, "specversion", json_string("1.0"));
    json_object_set_new(event, "id", ijson_hex(id, sizeof(id)));
    json_object_set_new(event, "source", json_string("/ledger"));
    json_object_set_new(event, "type", json_string(EVENT_OWN_PREFIX "ledger.restored.v1"));
    json_object_set_new(event, "ledger", json_string(ledger->info.id_hex));
    json_object_set_new(event, "data", data);
    ijson_print(event, text);
    json_decref(event);
}

enum err rollback_record(struct ledger *ledger, const struct buf *note, uint64_t *ret_seq,
                         struct err_text *ret_why)
{
    struct checkpoint given_up;
    struct admitted *admitted = NULL;
    struct receipt receipt = {0};
    struct buf text = {0};
    if (checkpoint_parse((const char *)note->data, note->bytes, &given_up) != ERR_OK)
        return err_say(ret_why, ERR_DAMAGED, "the checkpoint outside is malformed");
    event_make(ledger, note, &given_up, &text);
    enum err err = admit_own(ledger->admission, &text, "ledger", ledger_now(ledger), &admitted);
    if (err != ERR_OK)
        err_say(ret_why, err, "the restoring cannot be recorded: %s", err_text(err));
    else
        err = ledger_append(ledger, &admitted, 1, NULL, &receipt, ret_why);
    if (err == ERR_OK && (receipt.err != ERR_OK || receipt.verdict.rule != RULE_NONE))
        err = err_say(ret_why, ERR_DAMAGED, "the restoring cannot be recorded: %s",
                      receipt.verdict.reason != NULL ? receipt.verdict.reason
                                                     : err_text(receipt.err));
    if (err == ERR_OK)
        err = copy_write(ledger, ret_why);
    if (err == ERR_OK)
        *ret_seq = receipt.seq;
    ledger_receipts_free(&receipt, 1);
    admit_free(admitted);
    buf_free(&text);
    return err;
}
