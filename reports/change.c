#include "reports/change.h"

#include <string.h>

/* A walk over one of the two streams. */
struct change {
    struct tables *tables;
    struct registry *registry;    /* folded along; NULL in the inbox */
    const struct registry *known; /* all that is known */
    uint64_t size;
};

/* What a change was about: the members of its data that say so, in words. */
static json_t *subject_of(const json_t *data)
{
    static const char *const names[] = {"principal",  "role",   "key_id", "public_key",
                                        "name",       "sha256", "scopes", "expires",
                                        "deployment", "reason", "vkey",   "until"};
    json_t *subject = json_object();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        json_t *value = ijson_get(data, names[i]);
        if (value != NULL)
            json_object_set(subject, names[i], value);
    }
    return subject;
}

static void add_change(struct tables *tables, const struct record *record,
                       const struct event *event, const struct verdict *verdict)
{
    if (!tables_in(tables, record->entry.time_us))
        return;
    const char *act = event_subject_verb(event);
    json_t *row = tables_place(record);
    json_object_set_new(row, "act", ijson_text(act != NULL ? act : event->type));
    json_object_set_new(row, "subject", subject_of(event->data));
    verdict_json(verdict, row);
    json_array_append_new(tables->changes, row);
    tables_verdict(tables, record, verdict, NULL);
    if (act != NULL && strcmp(act, "ingest.denied") == 0)
        tables_exception(tables, record, "denied", NULL, "attempts to get in were refused");
    if (act != NULL && strcmp(act, "ledger.restored") == 0)
        tables_exception(tables, record, "restored", NULL,
                         "an older copy was put in the ledger's place: what came after is lost");
    if (act != NULL && strcmp(act, "clock.leapt") == 0)
        tables_exception(tables, record, "clock", NULL,
                         "the clock leapt, and an admin accepted it");
}

static enum err ledger_step(void *ctx, const struct record *record, bool *ret_more)
{
    struct change *change = ctx;
    struct event *event = NULL;
    struct verdict verdict = {0};
    (void)ret_more;
    tables_count(change->tables, record);
    if (record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_OK;
    registry_apply(change->registry, &record->entry, event, &verdict);
    add_change(change->tables, record, event, &verdict);
    if (tables_in(change->tables, record->entry.time_us))
        tables_suspect(change->tables, record, change->known, change->size);
    verdict_clear(&verdict);
    event_free(event);
    return ERR_OK;
}

static enum err inbox_step(void *ctx, const struct record *record, bool *ret_more)
{
    struct change *change = ctx;
    struct event *event = NULL;
    (void)ret_more;
    tables_count(change->tables, record);
    if (!tables_in(change->tables, record->entry.time_us) || record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_OK;
    tables_platform(change->tables, record, event);
    tables_suspect(change->tables, record, change->known, change->size);
    const char *act = event_subject_verb(event);
    if (act != NULL && strcmp(act, "ingest.quarantined") == 0)
        tables_exception(change->tables, record, "quarantined", NULL,
                         ijson_string(event->data, "reason"));
    if (act != NULL && strcmp(act, "ingest.conflicted") == 0)
        tables_exception(change->tables, record, "conflict", NULL, ijson_string(event->data, "id"));
    event_free(event);
    return ERR_OK;
}

enum err change_add_ledger(struct tables *tables, struct ledger *ledger, uint64_t size,
                           struct err_text *ret_why)
{
    struct change change = {tables, registry_new(), ledger_registry(ledger), size};
    struct ledger_walk walk = {.stream = "ledger", .to_seq = size};
    enum err err = ledger_each(ledger, &walk, ledger_step, &change, ret_why);
    registry_free(change.registry);
    return err;
}

enum err change_add_inbox(struct tables *tables, struct ledger *ledger, uint64_t size,
                          struct err_text *ret_why)
{
    struct change change = {tables, NULL, ledger_registry(ledger), size};
    struct ledger_walk walk = {.stream = "inbox", .to_seq = size};
    return ledger_each(ledger, &walk, inbox_step, &change, ret_why);
}
