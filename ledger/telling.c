#include "ledger/telling.h"

#include "ledger/ijson.h"
#include "ledger/printable.h"

#define NAME "%-13s" /* of a line */

void telling_line(struct buf *text, const char *name, const char *value)
{
    if (value == NULL)
        return;
    buf_printf(text, NAME, name);
    printable_add(text, value);
    buf_text(text, "\n");
}

void telling_hash(struct buf *text, const char *name, const uint8_t hash[HASH_BYTES])
{
    buf_printf(text, NAME, name);
    buf_hex(text, hash, HASH_BYTES);
    buf_text(text, "\n");
}

void telling_text(void *ctx, const char *what)
{
    struct buf *text = ctx;
    buf_text(text, "not checked: ");
    printable_add(text, what);
    buf_text(text, "\n");
}

void telling_json(void *ctx, const char *what)
{
    json_array_append_new(ctx, ijson_text(what));
}

void telling_own_key(const struct note_key *key, telling_fn *tell, void *ctx)
{
    struct buf text = {0};
    buf_text(&text, "whose key that is: ");
    note_key_format(key, &text);
    buf_text(&text, " was taken from the bundle itself; compare it, or give --vkey");
    tell(ctx, (const char *)text.data);
    buf_free(&text);
}
