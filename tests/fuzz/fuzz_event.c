#include <string.h>

#include "ledger/event.h"
#include "ledger/event_scan.h"
#include "ledger/ijson.h"

/* Every attribute that was read has source text in the event, which parses to the same value; and
 * what the scan takes is what the parser finds. */
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

static void check_same(const char *scanned, const char *parsed)
{
    ASSERT((scanned == NULL) == (parsed == NULL));
    ASSERT(scanned == NULL || strcmp(scanned, parsed) == 0);
}

/* ${event} is NULL if event_parse refused it. */
static void check_scan(const uint8_t *data, size_t bytes, const struct event *event)
{
    struct event_scan scan, built;
    bool taken = event_scan_read(data, bytes, &scan);
    ASSERT(event_scan_build(data, bytes, &built) == taken);
    if (!taken)
        return;
    ASSERT(event != NULL);
    check_same(scan.event.id, event->id);
    check_same(scan.event.source, event->source);
    check_same(scan.event.type, event->type);
    check_same(scan.event.deployment, event->deployment);
    check_same(scan.event.ledger, event->ledger);
    ASSERT(scan.event.has_time == event->has_time && scan.event.time_us == event->time_us);
    ASSERT(event_take_data(&scan.event) && (scan.event.data == NULL) == (event->data == NULL));
    ASSERT(event->data == NULL || json_equal(scan.event.data, event->data));
    ASSERT(built.event.data == NULL || json_equal(built.event.data, event->data));
    json_decref(scan.event.data_json);
    json_decref(built.event.data_json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct event *event = NULL;
    struct err_text why;
    const char *name;
    json_t *value;
    enum err err = event_parse(data, bytes, &event, &why);
    check_scan(data, bytes, event);
    if (err != ERR_OK)
        return 0;
    json_object_foreach (event->json, name, value)
        check_source(data, bytes, name, value);
    ASSERT(event_subject_verb(event) == NULL || event_is_own(event));
    event_free(event);
    return 0;
}
