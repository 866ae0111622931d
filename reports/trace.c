#include "reports/trace.h"

#include <stdlib.h>

#include "reports/act_rows.h"

/* An entry that a page has something to say of. */
struct trace {
    uint64_t seq;
    bool shown; /* with the sample */
};

struct traces {
    struct trace *list;
    size_t count, cap;
};

/* By seq; what is shown before what is not. */
static int trace_order(const void *left, const void *right)
{
    const struct trace *a = left, *b = right;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    return (int)b->shown - (int)a->shown;
}

/* The entries of a sheet's rows that a page shows. */
static void collect(const struct tables *tables, enum form form, bool shown, struct traces *traces)
{
    const struct sheet *sheet = tables->sheets[form];
    for (size_t row = 0; row < sheet_rows(sheet) && row < tables->params->rows; row++) {
        if (sheet_has(sheet, row, PLACE_SEQ))
            *(struct trace *)MEM_PUSH(traces->list, traces->count, traces->cap) =
                (struct trace){sheet_number(sheet, row, PLACE_SEQ), shown};
    }
}

static void add_event(struct sheet *sheet, const struct record *record)
{
    struct event *event = NULL;
    if (record->event.bytes == 0 ||
        event_parse(record->event.data, record->event.bytes, &event, NULL) != ERR_OK)
        return;
    const char *act = event_subject_verb(event);
    sheet_put_text(sheet, SIG_ACT, act != NULL ? act : event->type);
    sheet_put_text(sheet, SIG_NODE, act == NULL ? NULL : ijson_string(event->data, "node"));
    if (record->event.bytes <= REPORT_EVENT_BYTES_MAX)
        sheet_put_text(sheet, SIG_EVENT, (const char *)record->event.data);
    event_free(event);
}

static enum err read_one(struct tables *tables, struct ledger *ledger, uint64_t seq,
                         struct err_text *ret_why)
{
    char key[SSHKEY_FINGERPRINT_BYTES];
    struct record *record = NULL;
    enum err err = ledger_read(ledger, seq, &record, ret_why);
    if (err != ERR_OK)
        return err;
    const struct row_place place = tables_at(record);
    struct sheet *sheet = tables_place(tables, FORM_TRACES, &place);
    sheet_put_text(sheet, SIG_KEY, act_rows_key(record, ledger_registry(ledger), key));
    add_event(sheet, record);
    ledger_record_free(record);
    return ERR_OK;
}

enum err trace_read(struct tables *tables, struct ledger *ledger, struct err_text *ret_why)
{
    struct traces traces = {0};
    enum err err = ERR_OK;
    collect(tables, FORM_SIGNED, true, &traces);
    collect(tables, FORM_EXCEPTIONS, false, &traces);
    if (traces.count > 0)
        qsort(traces.list, traces.count, sizeof(*traces.list), trace_order);
    for (size_t i = 0; err == ERR_OK && i < traces.count; i++) {
        bool first = i == 0 || traces.list[i].seq != traces.list[i - 1].seq;
        if (first && !traces.list[i].shown)
            err = read_one(tables, ledger, traces.list[i].seq, ret_why);
    }
    free(traces.list);
    return err;
}
