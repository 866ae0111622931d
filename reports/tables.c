#include "reports/tables.h"

#include <stdio.h>
#include <string.h>

#include "reports/kinds.h"

void tables_new(const struct params *params, struct tables *ret)
{
    *ret = (struct tables){.params = params};
    for (enum form form = 0; form < FORM_COUNT; form++)
        ret->sheets[form] = sheet_new(forms_of(form));
}

void tables_free(struct tables *tables)
{
    for (enum form form = 0; form < FORM_COUNT; form++)
        sheet_free(tables->sheets[form]);
    platform_free(&tables->platform);
    repair_free(&tables->repairs);
    timing_free(&tables->timing);
    *tables = (struct tables){0};
}

static int64_t length(const struct clock_step *step)
{
    return step->time_us - step->admitted_us;
}

static bool longer(const struct clock_step *a, const struct clock_step *b)
{
    return length(a) != length(b) ? length(a) > length(b) : a->seq < b->seq;
}

static void note_step(struct tables *tables, const struct clock_step *step)
{
    size_t at = tables->step_count;
    while (at > 0 && longer(step, &tables->steps[at - 1]))
        at--;
    if (at == TABLES_STEPS_MAX)
        return;
    tables->step_count += tables->step_count < TABLES_STEPS_MAX;
    for (size_t i = tables->step_count - 1; i > at; i--)
        tables->steps[i] = tables->steps[i - 1];
    tables->steps[at] = *step;
}

void tables_move_sums(struct tables *from, struct tables *to)
{
    to->entries += from->entries;
    to->signatures += from->signatures;
    for (size_t i = 0; i < from->step_count; i++)
        note_step(to, &from->steps[i]);
    from->entries = from->signatures = 0;
    from->step_count = 0;
    retention_ledger_move(&from->kept, &to->kept);
    platform_move(&from->platform, &to->platform);
    repair_move(&from->repairs, &to->repairs);
}

void tables_move(struct tables *from, struct tables *to)
{
    tables_move_sums(from, to);
    for (enum form form = 0; form < FORM_COUNT; form++)
        sheet_move(from->sheets[form], to->sheets[form]);
    timing_move(&from->timing, &to->timing);
}

void tables_sort(struct tables *tables)
{
    static const enum form by_seq[] = {FORM_EXCEPTIONS, FORM_DECISIONS, FORM_METRICS,
                                       FORM_ROLLBACKS,  FORM_CHANGES,   FORM_WAITING,
                                       FORM_EVIDENCE};
    for (size_t i = 0; i < sizeof(by_seq) / sizeof(by_seq[0]); i++)
        sheet_sort(tables->sheets[by_seq[i]], PLACE_SEQ);
    sheet_sort(tables->sheets[FORM_EXCEPTIONS], EXC_GRAVITY);
    sheet_sort(tables->sheets[FORM_METRICS], MET_HOLDS);
}

bool tables_in(const struct tables *tables, int64_t time_us)
{
    const struct period *period = &tables->params->period;
    return time_us >= period->from_us && time_us < period->to_us;
}

void tables_count(struct tables *tables, const struct record *record)
{
    const struct entry *entry = &record->entry;
    tables->entries++;
    tables->signatures += 1u + entry->part.sig_count;
    if (entry->time_us > entry->part.admitted_us)
        note_step(tables,
                  &(struct clock_step){entry->seq, entry->time_us, entry->part.admitted_us});
}

struct row_place tables_at(const struct record *record)
{
    const struct entry *entry = &record->entry;
    return (struct row_place){entry->seq,         entry->stream_pos,     entry->time_us,
                              entry->part.stream, entry->part.principal, record->leaf};
}

struct sheet *tables_place(struct tables *tables, enum form form, const struct row_place *place)
{
    struct sheet *sheet = tables->sheets[form];
    bool whole = strcmp(sheet_form(sheet)->columns[PLACE_POS].name, "pos") == 0;
    sheet_add(sheet);
    sheet_put_number(sheet, PLACE_TIME, (uint64_t)place->time_us);
    sheet_put_text(sheet, PLACE_DEPLOYMENT, place->stream);
    sheet_put_text(sheet, PLACE_PRINCIPAL, place->principal);
    if (place->seq == SEQ_NONE)
        return sheet;
    sheet_put_number(sheet, PLACE_SEQ, place->seq);
    if (whole) {
        if (place->pos != SEQ_NONE)
            sheet_put_number(sheet, PLACE_POS, place->pos);
        sheet_put_hex(sheet, PLACE_LEAF, place->leaf, HASH_BYTES);
    }
    return sheet;
}

void tables_flags(struct sheet *sheet, size_t column, const struct verdict *verdict)
{
    struct buf flags = {0};
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        if (verdict_has(verdict, flag))
            buf_printf(&flags, "%s%s", flags.bytes > 0 ? " " : "", flag_name(flag));
    }
    if (flags.bytes > 0)
        sheet_put_text(sheet, column, (const char *)flags.data);
    buf_free(&flags);
}

void tables_judged(struct sheet *sheet, size_t column, const struct verdict *verdict)
{
    bool refused = verdict->rule != RULE_NONE;
    sheet_put_text(sheet, column, refused ? "refused" : "accepted");
    sheet_put_text(sheet, column + 1, refused ? rule_name(verdict->rule) : NULL);
    if (verdict->flags != 0)
        tables_flags(sheet, column + 2, verdict);
    sheet_put_text(sheet, column + 3, verdict->reason);
}

void tables_exception(struct tables *tables, const struct row_place *place, const char *kind,
                      const char *node, const char *text)
{
    struct sheet *sheet = tables_place(tables, FORM_EXCEPTIONS, place);
    sheet_put_text(sheet, EXC_KIND, kind);
    sheet_put_number(sheet, EXC_GRAVITY, kinds_gravity(kind));
    sheet_put_text(sheet, EXC_NODE, node);
    sheet_put_text(sheet, EXC_TEXT, text);
}

void tables_verdict(struct tables *tables, const struct row_place *place,
                    const struct verdict *verdict, const char *node)
{
    char kind[64];
    if (verdict->rule != RULE_NONE) {
        snprintf(kind, sizeof(kind), "refusal:%s", rule_name(verdict->rule));
        tables_exception(tables, place, kind, node, verdict->reason);
    }
    for (enum flag flag = 0; verdict->flags != 0 && flag < FLAG_COUNT; flag++) {
        if (!verdict_has(verdict, flag))
            continue;
        snprintf(kind, sizeof(kind), "flag:%s", flag_name(flag));
        tables_exception(tables, place, kind, node, verdict->reason);
    }
}

void tables_suspect(struct tables *tables, const struct record *record,
                    const struct registry *registry)
{
    const struct entry *entry = &record->entry;
    char fingerprint[SSHKEY_FINGERPRINT_BYTES], text[128];
    const struct row_place place = tables_at(record);
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        const struct registry_key *key = registry_key(registry, entry->part.sigs[i].key_id);
        if (key == NULL || !registry_key_suspect(key, entry->seq, tables->params->size))
            continue;
        sshkey_fingerprint(entry->part.sigs[i].key_id, fingerprint);
        snprintf(text, sizeof(text), "signed by %s, revoked at seq %llu", fingerprint,
                 (unsigned long long)key->suspected_seq);
        tables_exception(tables, &place, "suspect", NULL, text);
    }
}
