#include "reports/demo_chain.h"

#include <string.h>

enum err demo_chain_read(struct demo_chain *chain, struct ledger *ledger, struct err_text *ret_why)
{
    struct record *last = NULL;
    enum err err = ledger_size(ledger, &chain->size, ret_why);
    if (err == ERR_OK)
        err = ledger_read(ledger, chain->size - 1, &last, ret_why);
    if (err != ERR_OK)
        return err;
    chain->time_us = last->entry.time_us;
    memcpy(chain->leaf, last->leaf, HASH_BYTES);
    ledger_record_free(last);
    return ERR_OK;
}

void demo_chain_add(struct demo_chain *chain, struct demo_place *place,
                    const struct admitted *admitted)
{
    struct entry entry = {
        .seq = chain->size++, .stream_pos = place->count++, .part = admitted->part};
    struct buf bytes = {0};
    if (admitted->part.admitted_us > chain->time_us)
        chain->time_us = admitted->part.admitted_us;
    entry.time_us = chain->time_us;
    memcpy(entry.prev, chain->leaf, HASH_BYTES);
    if (entry.stream_pos > 0)
        memcpy(entry.stream_prev, place->leaf, HASH_BYTES);
    memcpy(entry.admission, admitted->admission, sizeof(entry.admission));
    entry_encode(&entry, &bytes);
    entry_leaf(bytes.data, bytes.bytes, chain->leaf);
    memcpy(place->leaf, chain->leaf, HASH_BYTES);
    buf_free(&bytes);
}
