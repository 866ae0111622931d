#include "ledger/conflict.h"

#include "ledger/hash.h"
#include "ledger/ijson.h"

/* The same pair gives the same id: the first's salted digest, the second's digest and its keys. */
static json_t *pair_id(const struct row *first, const struct admitted *second)
{
    struct piece pieces[2 + ENTRY_SIGS_MAX];
    uint8_t digest[HASH_BYTES], id[HASH_BYTES];
    size_t count = 0;
    hash_bytes(second->event.data, second->event.bytes, digest);
    pieces[count++] = (struct piece){first->entry.part.event_digest, HASH_BYTES};
    pieces[count++] = (struct piece){digest, sizeof(digest)};
    for (size_t i = 0; i < second->part.sig_count; i++)
        pieces[count++] = (struct piece){second->part.sigs[i].key_id, KEY_ID_BYTES};
    hash_pieces(pieces, count, id);
    return ijson_hex(id, sizeof(id));
}

static json_t *digest_json(const void *event, size_t bytes)
{
    uint8_t digest[HASH_BYTES];
    if (bytes == 0)
        return json_null();
    hash_bytes(event, bytes, digest);
    return ijson_hex(digest, sizeof(digest));
}

enum err conflict_admit(const struct admission *admission, const struct row *first,
                        const struct admitted *second, struct admitted **ret_admitted,
                        struct err_text *ret_why)
{
    struct event *event = NULL;
    struct buf text = {0};
    enum err err = event_parse(second->event.data, second->event.bytes, &event, ret_why);
    if (err != ERR_OK)
        return err;
    json_t *both = json_array(), *data = json_object(), *object = json_object();
    json_array_append_new(both, digest_json(first->event.data, first->event.bytes));
    json_array_append_new(both, digest_json(second->event.data, second->event.bytes));
    json_object_set_new(data, "actor", json_string(second->part.principal));
    json_object_set_new(data, "source", json_string(event->source));
    json_object_set_new(data, "id", json_string(event->id));
    json_object_set_new(data, "seq", json_integer((json_int_t)first->entry.seq));
    json_object_set_new(data, "sha256", both);
    json_object_set_new(object, "specversion", json_string("1.0"));
    json_object_set_new(object, "id", pair_id(first, second));
    json_object_set_new(object, "source", json_string("/ledger"));
    json_object_set_new(object, "type", json_string("dev.countersign.ingest.conflicted.v1"));
    json_object_set_new(object, "data", data);
    ijson_print(object, &text);
    err = admit_own(admission, &text, "inbox", second->part.admitted_us, ret_admitted);
    if (err != ERR_OK)
        err_say(ret_why, err, "the conflict of \"%.100s\" cannot be recorded", event->id);
    json_decref(object);
    event_free(event);
    buf_free(&text);
    return err;
}
