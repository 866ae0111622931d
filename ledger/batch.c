#include "ledger/batch.h"

#include <string.h>

#include "ledger/ijson.h"
#include "ledger/limits.h"

static void pass_space(struct batch_reader *reader)
{
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t' ||
                                        *reader->at == '\r' || *reader->at == '\n'))
        reader->at++;
}

/* Take the byte that must come next. */
static bool take(struct batch_reader *reader, char byte)
{
    pass_space(reader);
    if (reader->at == reader->end || *reader->at != byte)
        return false;
    reader->at++;
    return true;
}

/* The byte behind the object that begins at ${at}; NULL if it does not end.  Which bracket closes
 * which is for the parser to see. */
static const char *behind_object(const char *at, const char *end)
{
    size_t open = 0;
    while (at != NULL && at < end) {
        const char byte = *at;
        if (byte == '"') {
            at = ijson_behind_string(at, end);
            continue;
        }
        at++;
        if (byte == '{' || byte == '[')
            open++;
        else if ((byte == '}' || byte == ']') && --open == 0)
            return at;
    }
    return NULL;
}

/* Nothing may follow. */
static enum err finish(struct batch_reader *reader, bool *ret_found, struct err_text *ret_why)
{
    pass_space(reader);
    if (reader->at != reader->end)
        return err_say(ret_why, ERR_INVALID, "something stands behind the batch");
    reader->over = true;
    *ret_found = false;
    return ERR_OK;
}

enum err batch_next(struct batch_reader *reader, struct piece *ret_event, bool *ret_found,
                    struct err_text *ret_why)
{
    *ret_found = false;
    if (reader->over)
        return ERR_OK;
    bool first = reader->count == 0;
    if (first && !take(reader, '['))
        return err_say(ret_why, ERR_INVALID, "a batch is a JSON array of events");
    if (take(reader, ']'))
        return finish(reader, ret_found, ret_why);
    if (!first && !take(reader, ','))
        return err_say(ret_why, ERR_INVALID, "neither a comma nor the batch's end follows");
    if (reader->count == BATCH_EVENTS_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "a batch has at most %d events", BATCH_EVENTS_MAX);
    pass_space(reader);
    bool begins = reader->at < reader->end && *reader->at == '{';
    bool other = reader->at < reader->end && *reader->at != '\0';
    if (!begins && other && strchr("[\"-0123456789tfn", *reader->at) != NULL)
        return err_say(ret_why, ERR_NOT_EVENT, "it is no JSON object");
    const char *behind = begins ? behind_object(reader->at, reader->end) : NULL;
    if (behind == NULL)
        return err_say(ret_why, ERR_INVALID, "it is no JSON, or the batch ends within it");
    *ret_event = (struct piece){reader->at, (size_t)(behind - reader->at)};
    *ret_found = true;
    reader->at = behind;
    reader->count++;
    return ERR_OK;
}
