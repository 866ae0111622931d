#include "reports/change.h"

#include <string.h>

/* A walk over one of the two streams. */
struct change {
    struct tables *tables;
    struct ledger *ledger;
};

/* Of a report that was issued: its period and size, and its files but those within directories,
 * which are many. */
static void put_issued(struct buf *text, const json_t *data)
{
    static const char *const names[] = {"from", "to"};
    const json_t *parameters = ijson_get(data, "parameters"), *files = ijson_get(data, "files");
    const json_t *size = ijson_get(parameters, "size");
    size_t within = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *moment = ijson_string(parameters, names[i]);
        if (moment != NULL)
            buf_printf(text, "%s%s: %s", text->bytes > 0 ? "; " : "", names[i], moment);
    }
    if (json_is_integer(size))
        buf_printf(text, "%ssize: %lld", text->bytes > 0 ? "; " : "", json_integer_value(size));
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        const char *name = ijson_string(file, "name"), *sha256 = ijson_string(file, "sha256");
        if (name != NULL && strchr(name, '/') != NULL)
            within++;
        else if (name != NULL && sha256 != NULL)
            buf_printf(text, "%s%s: %s", text->bytes > 0 ? "; " : "", name, sha256);
    }
    if (within > 0)
        buf_printf(text, "%sfiles in directories: %zu", text->bytes > 0 ? "; " : "", within);
}

/* The members of an act's data that have no column of their own, in words. */
static void put_detail(struct sheet *sheet, const json_t *data)
{
    static const char *const names[] = {
        "reason", "scopes",    "since",        "expires",      "separation",        "quorum",
        "touch",  "pin",       "late_refuses", "skew_seconds", "retroactive_hours", "size",
        "counts", "retention", "hold"};
    struct buf text = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const json_t *value = ijson_get(data, names[i]);
        if (value == NULL || json_is_null(value))
            continue;
        buf_printf(&text, "%s%s: ", text.bytes > 0 ? "; " : "", names[i]);
        if (json_is_string(value))
            buf_text(&text, json_string_value(value));
        else
            ijson_print(value, &text);
    }
    put_issued(&text, data);
    if (text.bytes > 0)
        sheet_put_text(sheet, CHA_DETAIL, (const char *)text.data);
    buf_free(&text);
}

/* The key that an act enrols or revokes, as a fingerprint. */
static void put_key(struct sheet *sheet, const json_t *data)
{
    const char *text = ijson_string(data, "public_key");
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    struct sshkey key;
    if (text == NULL || sshkey_from_text(text, &key, NULL) != ERR_OK) {
        const char *id = ijson_string(data, "key_id");
        sheet_put_text(sheet, CHA_KEY, id != NULL ? id : ijson_string(data, "vkey"));
        return;
    }
    sshkey_fingerprint(key.id, fingerprint);
    sheet_put_text(sheet, CHA_KEY, fingerprint);
}

/* The digest that an act names, or that of the checklist which it publishes. */
static void put_sha256(struct sheet *sheet, const json_t *data)
{
    const char *markdown = ijson_string(data, "markdown");
    uint8_t sha256[HASH_BYTES];
    if (markdown == NULL) {
        sheet_put_text(sheet, CHA_SHA256, ijson_string(data, "sha256"));
        return;
    }
    hash_bytes(markdown, strlen(markdown), sha256);
    sheet_put_hex(sheet, CHA_SHA256, sha256, sizeof(sha256));
}

static void add_change(struct tables *tables, const struct row_place *place,
                       const struct event *event, const struct verdict *verdict)
{
    static const char *const subjects[] = {"principal", "deployment", "name"};
    const char *act = event_subject_verb(event), *subject = NULL;
    struct sheet *sheet = tables_place(tables, FORM_CHANGES, place);
    sheet_put_text(sheet, CHA_ACT, act != NULL ? act : event->type);
    for (size_t i = 0; subject == NULL && i < sizeof(subjects) / sizeof(subjects[0]); i++)
        subject = ijson_string(event->data, subjects[i]);
    sheet_put_text(sheet, CHA_SUBJECT, subject);
    sheet_put_text(sheet, CHA_ROLE, ijson_string(event->data, "role"));
    put_key(sheet, event->data);
    put_sha256(sheet, event->data);
    put_detail(sheet, event->data);
    tables_judged(sheet, CHA_VERDICT, verdict);
}

/* What an act is an exception for, beside its verdict. */
static void add_exceptions(struct tables *tables, const struct row_place *place,
                           const struct event *event, bool accepted)
{
    const char *act = event_subject_verb(event);
    struct registry_policy policy;
    if (act == NULL)
        return;
    if (strcmp(act, "ingest.denied") == 0)
        tables_exception(tables, place, "denied", NULL, "attempts to get in were refused");
    if (strcmp(act, "ledger.restored") == 0)
        tables_exception(tables, place, "restored", NULL,
                         "an older copy was put in the ledger's place: what came after is lost");
    if (strcmp(act, "clock.leapt") == 0)
        tables_exception(tables, place, "clock", NULL, "the clock leapt, and an admin accepted it");
    if (accepted && strcmp(act, "policy.set") == 0 &&
        registry_policy_read(event->data, &policy, NULL) == ERR_OK &&
        registry_policy_weaker(&policy))
        tables_exception(tables, place, "policy", NULL, "weaker than the default");
}

static enum err ledger_step(void *ctx, const struct record *record, bool *ret_more)
{
    struct change *change = ctx;
    struct event *event = NULL;
    const struct row_place place = tables_at(record);
    const struct verdict accepted = {.rule = RULE_NONE};
    const struct verdict *verdict = ledger_verdict(change->ledger, record->entry.stream_pos);
    (void)ret_more;
    tables_count(change->tables, record);
    change->tables->ledger_us = place.time_us;
    if (record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_OK;
    verdict = verdict != NULL ? verdict : &accepted;
    if (tables_in(change->tables, place.time_us)) {
        add_change(change->tables, &place, event, verdict);
        tables_verdict(change->tables, &place, verdict, NULL);
        add_exceptions(change->tables, &place, event, verdict->rule == RULE_NONE);
        tables_suspect(change->tables, record, ledger_registry(change->ledger));
    }
    event_free(event);
    return ERR_OK;
}

static enum err inbox_step(void *ctx, const struct record *record, bool *ret_more)
{
    struct change *change = ctx;
    struct tables *tables = change->tables;
    struct event *event = NULL;
    const struct row_place place = tables_at(record);
    (void)ret_more;
    tables_count(tables, record);
    tables->inbox_us = place.time_us;
    if (record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return ERR_OK;
    if (platform_is(event))
        platform_add(&tables->platform, record, event);
    const char *act = event_subject_verb(event);
    if (tables_in(tables, place.time_us)) {
        tables_suspect(tables, record, ledger_registry(change->ledger));
        if (act != NULL && strcmp(act, "ingest.quarantined") == 0)
            tables_exception(tables, &place, "quarantined", NULL,
                             ijson_string(event->data, "reason"));
        if (act != NULL && strcmp(act, "ingest.conflicted") == 0)
            tables_exception(tables, &place, "conflict", NULL, ijson_string(event->data, "id"));
        if (strcmp(place.principal, "amqp:anonymous") == 0)
            tables_exception(tables, &place, "anonymous", NULL, "the broker named no user");
    }
    event_free(event);
    return ERR_OK;
}

enum err change_add_ledger(struct tables *tables, struct ledger *ledger, struct err_text *ret_why)
{
    struct change change = {tables, ledger};
    struct ledger_walk walk = {.stream = "ledger", .to_seq = tables->params->size};
    return ledger_each(ledger, &walk, ledger_step, &change, ret_why);
}

enum err change_add_inbox(struct tables *tables, struct ledger *ledger, struct err_text *ret_why)
{
    struct change change = {tables, ledger};
    struct ledger_walk walk = {.stream = "inbox", .to_seq = tables->params->size};
    return ledger_each(ledger, &walk, inbox_step, &change, ret_why);
}
