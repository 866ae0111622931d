/* Batches: what is taken apart into JSON is a JSON array of the same values, and the reverse. */
#include "ledger/batch.h"
#include "ledger/ijson.h"
#include "ledger/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    const char *text = (const char *)data;
    struct batch_reader reader = {.at = text, .end = text + bytes};
    json_t *whole = NULL, *parts = json_array();
    struct piece event = {0};
    bool found = true, good = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && found && good) {
        json_t *part = NULL;
        err = batch_next(&reader, &event, &found, NULL);
        if (err != ERR_OK || !found)
            break;
        ASSERT(((const char *)event.data)[0] == '{');
        good = ijson_parse(event.data, event.bytes, &part, NULL) == ERR_OK;
        if (good)
            ASSERT(json_array_append_new(parts, part) == 0);
    }
    bool split = err == ERR_OK && good;
    bool parsed = ijson_parse(data, bytes, &whole, NULL) == ERR_OK;
    if (split && parsed)
        ASSERT(json_equal(whole, parts));
    if (parsed && json_is_array(whole) && !split)
        ASSERT(err == ERR_NOT_EVENT); /* of other things than objects */
    if (parsed && !json_is_array(whole))
        ASSERT(!split);
    json_decref(whole);
    json_decref(parts);
    return 0;
}
