#include "ledger/heads_make.h"

#include <stdio.h>
#include <string.h>

#include "ledger/inside.h"

#define PAGE_STREAMS 1024 /* streams read in one transaction */

/* The last entry of a stream below ${size}; *${ret_found} is false if there is none. */
static enum err last_below(struct store_txn *txn, const char *stream, uint64_t size,
                           struct heads_record *ret, bool *ret_found)
{
    uint64_t low = 0, high = 0, last = 0, seq = 0;
    bool found = false;
    enum err err = rows_stream_count(txn, stream, &high, &last);
    /* Positions below `low` are below `size`, those from `high` on are not. */
    if (last < size)
        low = high;
    while (err == ERR_OK && low < high) {
        uint64_t middle = low + (high - low) / 2;
        err = rows_stream_find(txn, stream, middle, &seq, &found);
        if (err == ERR_OK && !found)
            err = ERR_DAMAGED;
        if (err != ERR_OK)
            break;
        if (seq >= size) {
            high = middle;
            continue;
        }
        low = middle + 1;
        last = seq;
    }
    *ret_found = err == ERR_OK && low > 0;
    if (!*ret_found)
        return err;
    memcpy(ret->stream, stream, strlen(stream) + 1);
    ret->pos = low - 1;
    return rows_node_read(txn, 0, last, ret->leaf);
}

/* Adds the next streams after ${after}, which is then the last of them. */
static enum err add_page(struct store_txn *txn, uint64_t size, char after[STREAM_BYTES_MAX + 1],
                         struct heads *heads, bool *ret_more)
{
    enum err err = ERR_OK;
    *ret_more = true;
    for (size_t i = 0; err == ERR_OK && *ret_more && i < PAGE_STREAMS; i++) {
        struct heads_record record = {.pos = 0};
        bool found = false;
        err = rows_stream_after(txn, after, after, ret_more);
        if (err == ERR_OK && *ret_more)
            err = last_below(txn, after, size, &record, &found);
        if (err == ERR_OK && found)
            heads_add(heads, &record);
    }
    return err;
}

enum err heads_make_at(struct ledger *ledger, uint64_t size, struct heads **ret_heads,
                       struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    char after[STREAM_BYTES_MAX + 1] = "";
    struct heads *heads = heads_new();
    uint64_t now = 0;
    bool more = true;
    enum err err = ledger_size(ledger, &now, ret_why);
    if (err == ERR_OK && size > now)
        err = err_say(ret_why, ERR_NOT_FOUND, "the ledger has %llu entries, not %llu",
                      (unsigned long long)now, (unsigned long long)size);
    while (err == ERR_OK && more) {
        struct store_txn *txn = NULL;
        err = store_begin(ledger->store, false, &txn, ret_why);
        if (err == ERR_OK)
            err = inside_say(add_page(txn, size, after, heads, &more), "the index of streams",
                             ret_why);
        store_abort(txn);
    }
    if (err == ERR_OK) {
        *ret_heads = heads;
        heads = NULL;
    }
    heads_free(heads);
    return err;
}

/* The last ledger.heads; false if there is none. */
static bool last_said(struct ledger *ledger, struct registry_heads *ret)
{
    size_t count = 0;
    ledger_lock(ledger, false);
    const struct registry_heads *said = registry_heads(ledger->registry, &count);
    if (count > 0)
        *ret = said[count - 1];
    ledger_unlock(ledger);
    return count > 0;
}

enum err heads_make_due(struct ledger *ledger, int64_t now_us, bool *ret_due,
                        struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct registry_heads last = {.seq = 0};
    struct record *first = NULL;
    uint64_t size = 0;
    *ret_due = false;
    if (ledger->info.simulated)
        return ERR_OK;
    enum err err = ledger_size(ledger, &size, ret_why);
    if (err == ERR_OK && !last_said(ledger, &last)) {
        err = ledger_read(ledger, 0, &first, ret_why);
        last.time_us = err == ERR_OK ? first->entry.time_us : 0;
    }
    if (err == ERR_OK)
        *ret_due = size > last.seq + 1 && now_us - last.time_us >= HEADS_US;
    ledger_record_free(first);
    return err;
}

/* The same size gives the same bytes: what is said twice is a duplicate. */
static void event_make(const struct ledger *ledger, const struct registry_heads *said,
                       size_t streams, struct buf *text)
{
    char id[32];
    json_t *data = json_object(), *event = json_object();
    snprintf(id, sizeof(id), "heads-%llu", (unsigned long long)said->size);
    json_object_set_new(data, "size", json_integer((json_int_t)said->size));
    json_object_set_new(data, "root", ijson_hex(said->root, HASH_BYTES));
    json_object_set_new(data, "streams", json_integer((json_int_t)streams));
    json_object_set_new(event, "specversion", json_string("1.0"));
    json_object_set_new(event, "id", json_string(id));
    json_object_set_new(event, "source", json_string("/ledger"));
    json_object_set_new(event, "type", json_string(EVENT_OWN_PREFIX "ledger.heads.v1"));
    json_object_set_new(event, "ledger", json_string(ledger->info.id_hex));
    json_object_set_new(event, "data", data);
    ijson_print(event, text);
    json_decref(event);
}

/* Whether the last of ${size} entries is a ledger.heads; then it is given. */
static bool is_last(struct ledger *ledger, uint64_t size, struct registry_heads *ret)
{
    struct registry_heads said;
    if (!last_said(ledger, &said) || said.seq + 1 != size)
        return false;
    *ret = said;
    return true;
}

enum err heads_make_admit(struct ledger *ledger, struct admitted **ret_admitted,
                          struct err_text *ret_why)
{
    CHECK_OBJ(ledger, LEDGER_MAGIC);
    struct registry_heads said = {.seq = 0};
    struct heads *heads = NULL;
    struct buf text = {0};
    *ret_admitted = NULL;
    enum err err = ledger_refresh(ledger, ret_why);
    if (err == ERR_OK)
        err = ledger_size(ledger, &said.size, ret_why);
    if (err != ERR_OK || is_last(ledger, said.size, &said))
        return err;
    err = heads_make_at(ledger, said.size, &heads, ret_why);
    if (err != ERR_OK)
        return err;
    heads_root(heads, said.root);
    event_make(ledger, &said, heads_count(heads), &text);
    int64_t now_us = ledger_now(ledger);
    ledger_lock(ledger, false);
    ASSERT(admit_own(ledger->admission, &text, "ledger", now_us, ret_admitted) == ERR_OK);
    ledger_unlock(ledger);
    heads_free(heads);
    buf_free(&text);
    return ERR_OK;
}

enum err heads_make_append(struct ledger *ledger, struct registry_heads *ret_heads, bool *ret_new,
                           struct err_text *ret_why)
{
    struct admitted *admitted = NULL;
    struct receipt receipt = {0};
    enum err err = heads_make_admit(ledger, &admitted, ret_why);
    bool new = admitted != NULL;
    if (err == ERR_OK && new)
        err = ledger_append(ledger, &admitted, 1, NULL, &receipt, ret_why);
    if (err == ERR_OK && new &&receipt.err != ERR_OK)
        err = ledger_receipt_why(&receipt, ret_why);
    if (err == ERR_OK && !last_said(ledger, ret_heads))
        err = err_say(ret_why, ERR_DAMAGED, "the heads at %llu were not recorded as they were said",
                      (unsigned long long)receipt.seq);
    if (err == ERR_OK)
        *ret_new = new;
    ledger_receipts_free(&receipt, 1);
    admit_free(admitted);
    return err;
}
