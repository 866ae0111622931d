#include "reports/report.h"

#include <stdlib.h>

#include "reports/control.h"
#include "reports/delivery.h"
#include "reports/gather.h"
#include "reports/keeping.h"
#include "reports/number.h"
#include "reports/reconciliation.h"
#include "reports/sample.h"
#include "reports/tally.h"
#include "reports/trace.h"

/* That not all was verified is itself an exception, at the last entry that counts. */
static void add_gap(struct tables *tables, const struct record *last)
{
    const struct row_place place = tables_at(last);
    enum params_verify verify = tables->params->verify;
    if (verify != VERIFY_ALL)
        tables_exception(tables, &place, "verification-gap", NULL,
                         verify == VERIFY_NONE
                             ? "the ledger was not verified before this report was made"
                             : "signatures were not verified before this report was made");
}

static void fill_steps(struct tables *tables)
{
    struct sheet *sheet = tables->sheets[FORM_CLOCK_STEPS];
    char text[NUMBER_TEXT_BYTES];
    for (size_t i = 0; i < tables->step_count; i++) {
        const struct clock_step *step = &tables->steps[i];
        number_quotient(step->time_us - step->admitted_us, INSTANT_SECOND_US, 6, text);
        sheet_add(sheet);
        sheet_put_number(sheet, CLOCK_SEQ, step->seq);
        sheet_put_number(sheet, CLOCK_TIME, (uint64_t)step->time_us);
        sheet_put_number(sheet, CLOCK_ADMITTED, (uint64_t)step->admitted_us);
        sheet_put_text(sheet, CLOCK_STEP, text);
    }
}

/* The keys of the ledger below the size; gives the vkey of the last. */
static char *fill_keys(struct tables *tables, const struct registry *registry)
{
    struct sheet *sheet = tables->sheets[FORM_LEDGER_KEYS];
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(registry, &count);
    struct buf vkey = {0};
    for (size_t i = 0; i < count && pairs[i]->seq < tables->params->size; i++) {
        buf_clear(&vkey);
        note_key_format(&pairs[i]->checkpoint, &vkey);
        sheet_add(sheet);
        sheet_put_text(sheet, KEY_VKEY, (const char *)vkey.data);
        sheet_put_number(sheet, KEY_FROM, pairs[i]->seq);
        if (i + 1 < count && pairs[i + 1]->seq < tables->params->size)
            sheet_put_number(sheet, KEY_UNTIL, pairs[i + 1]->seq);
    }
    return buf_take_text(&vkey);
}

static uint64_t count_counted(const struct sheet *population)
{
    uint64_t counted = 0;
    for (size_t row = 0; row < sheet_rows(population); row++)
        counted += sheet_yes(population, row, POP_COUNTED);
    return counted;
}

static enum err fill_cover(struct ledger *ledger, struct tables *tables, struct report_cover *cover,
                           struct err_text *ret_why)
{
    const struct ledger_info *info = ledger_info(ledger);
    enum err err = ledger_root(ledger, tables->params->size, cover->root, ret_why);
    if (err != ERR_OK)
        return err;
    cover->origin = mem_text(info->origin);
    cover->ledger = mem_text(info->id_hex);
    cover->key = fill_keys(tables, ledger_registry(ledger));
    cover->simulated = info->simulated;
    cover->entries = tables->entries;
    cover->signatures = tables->signatures;
    cover->deployments = sheet_rows(tables->sheets[FORM_POPULATION]);
    cover->counted = count_counted(tables->sheets[FORM_POPULATION]);
    cover->exceptions = sheet_rows(tables->sheets[FORM_EXCEPTIONS]);
    cover->verified = control_verified(tables->params->verify);
    cover->outside = "None: no time of an outside authority brackets the gates. Times are those of "
                     "the ledger's admission, which never fall.";
    cover->complete =
        "The positions below the size are gapless, and each is a leaf of the tree under the root, "
        "which the key signs with the size as a checkpoint: who has kept one finds whatever was "
        "taken out or changed since. Each deployment's own positions are gapless and chained; the "
        "population names the first and last entry of each, so that none of it can be missing, and "
        "the entries of all streams together are as many as the size.";
    cover->disposal = "Nothing is ever disposed of in this release.";
    return ERR_OK;
}

/* What follows from the rows that were gathered. */
static void derive(struct tables *tables, struct report_cover *cover)
{
    struct sheet **sheets = tables->sheets;
    cover->platform = reconciliation_fill(tables);
    tables_sort(tables);
    tally_kinds(sheets[FORM_EXCEPTIONS], sheets[FORM_KINDS]);
    tally_thresholds(sheets[FORM_METRICS], sheets[FORM_THRESHOLDS]);
    delivery_fill(tables, cover->as_of_us);
    timing_fill(&tables->timing, sheets[FORM_LATENESS]);
    control_fill(sheets[FORM_CONTROLS]);
    control_coverage(tables->params->verify, sheets[FORM_COVERAGE]);
    fill_steps(tables);
    sample_draw(tables);
}

/* Give the sheets away. */
static void take_sheets(struct tables *tables, struct report *report)
{
    for (enum form form = 0; form < FORM_COUNT; form++) {
        report->sheets[form] = tables->sheets[form];
        tables->sheets[form] = NULL;
    }
}

enum err report_make(struct ledger *ledger, const struct params *params,
                     const struct report_watch *watch, struct report **ret_report,
                     struct err_text *ret_why)
{
    static const struct report_watch nobody = {.threads = 0};
    struct record *last = NULL;
    struct tables tables;
    enum err err = ledger_read(ledger, params->size > 0 ? params->size - 1 : 0, &last, ret_why);
    if (err != ERR_OK)
        return err;
    struct report *report = mem_zero(1, sizeof(*report));
    int64_t last_us = last->entry.time_us;
    report->params = *params;
    report->cover.as_of_us = params->period.to_us < last_us ? params->period.to_us : last_us;
    tables_new(&report->params, &tables);
    if (params->has_platform)
        err = platform_read(&tables.platform, params->platform, params->platform_bytes, ret_why);
    if (err == ERR_OK)
        err = gather_all(ledger, watch != NULL ? watch : &nobody, report->cover.as_of_us, &tables,
                         ret_why);
    if (err == ERR_OK) {
        add_gap(&tables, last);
        derive(&tables, &report->cover);
        keeping_fill(&tables, ledger_registry(ledger), report->cover.as_of_us);
        err = sample_read(&tables, ledger, ret_why);
    }
    if (err == ERR_OK)
        err = trace_read(&tables, ledger, ret_why);
    if (err == ERR_OK)
        err = fill_cover(ledger, &tables, &report->cover, ret_why);
    take_sheets(&tables, report);
    tables_free(&tables);
    ledger_record_free(last);
    if (err == ERR_OK)
        *ret_report = report;
    else
        report_free(report);
    return err;
}

void report_free(struct report *report)
{
    if (report == NULL)
        return;
    for (enum form form = 0; form < FORM_COUNT; form++)
        sheet_free(report->sheets[form]);
    free(report->cover.origin);
    free(report->cover.ledger);
    free(report->cover.key);
    free(report);
}
