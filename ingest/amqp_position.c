#include "ingest/amqp_position.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define NAME "amqp-position"
#define FILE_BYTES_MAX 256

/* Parse "SEQ LEAF\n"; false if it is anything else. */
static bool parse(char *text, struct amqp_position *ret)
{
    char *space = strchr(text, ' ');
    size_t bytes = strlen(text);
    if (space == NULL || text[bytes - 1] != '\n')
        return false;
    text[bytes - 1] = '\0';
    *space = '\0';
    return args_number(text, &ret->next) && bytes_from_hex(space + 1, ret->leaf, HASH_BYTES);
}

/* Whether the ledger has the entry before the position. */
static enum err belongs(struct ledger *ledger, const struct amqp_position *position, bool *ret,
                        struct err_text *ret_why)
{
    struct record *record = NULL;
    *ret = position->next == 0;
    if (*ret)
        return ERR_OK;
    enum err err = ledger_read(ledger, position->next - 1, &record, ret_why);
    if (err == ERR_OK)
        *ret = memcmp(record->leaf, position->leaf, HASH_BYTES) == 0;
    ledger_record_free(record);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err amqp_position_read(struct ledger *ledger, struct amqp_position *ret_position,
                            struct err_text *ret_why)
{
    struct amqp_position position = {0};
    struct buf text = {0};
    bool good = false;
    enum err err = files_read(ledger_dir(ledger), NAME, FILE_BYTES_MAX, &text, ret_why);
    if (err == ERR_OK && text.bytes > 0 && parse((char *)text.data, &position))
        err = belongs(ledger, &position, &good, ret_why);
    buf_free(&text);
    if (err != ERR_OK && err != ERR_NOT_FOUND && err != ERR_TOO_BIG)
        return err;
    *ret_position = good ? position : (struct amqp_position){0};
    return ERR_OK;
}

enum err amqp_position_write(struct ledger *ledger, const struct amqp_position *position,
                             struct err_text *ret_why)
{
    struct buf text = {0};
    buf_printf(&text, "%" PRIu64 " ", position->next);
    buf_hex(&text, position->leaf, HASH_BYTES);
    buf_text(&text, "\n");
    enum err err = files_replace(ledger_dir(ledger), NAME, text.data, text.bytes, ret_why);
    buf_free(&text);
    return err;
}
