#include "ledger/event.h"
#include "ledger/ijson.h"

/* Every attribute that was read has source text in the event, which parses to the same value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void check_source(const uint8_t *data, size_t bytes, const char *name, json_t *expected)
{
    const char *source;
    size_t source_bytes;
    json_t *json = NULL;
    ASSERT(ijson_source(data, bytes, name, &source, &source_bytes));
    ASSERT(ijson_parse(source, source_bytes, &json, NULL) == ERR_OK);
    ASSERT(json_equal(json, expected));
    json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct event *event = NULL;
    struct err_text why;
    const char *name;
    json_t *value;
    if (event_parse(data, bytes, &event, &why) != ERR_OK)
        return 0;
    json_object_foreach (event->json, name, value)
        check_source(data, bytes, name, value);
    ASSERT(event_subject_verb(event) == NULL || event_is_own(event));
    event_free(event);
    return 0;
}
