#include "reports/keeping.h"

#include "reports/retention.h"

static void add_stream(struct tables *tables, const struct retention_at *at, size_t row)
{
    const struct sheet *population = tables->sheets[FORM_POPULATION];
    struct sheet *sheet = tables->sheets[FORM_RETENTION];
    const struct retention_stream stream = {
        .id = sheet_text(population, row, POP_DEPLOYMENT),
        .environment = sheet_text(population, row, POP_ENVIRONMENT),
        .opened_seq = sheet_has(population, row, POP_OPENED_SEQ)
                          ? sheet_number(population, row, POP_OPENED_SEQ)
                          : SEQ_NONE,
        .last_us = (int64_t)sheet_number(population, row, POP_LAST_TIME)};
    struct retention found;
    retention_of(at, &stream, &found);
    sheet_add(sheet);
    sheet_put_text(sheet, RET_DEPLOYMENT, stream.id);
    sheet_put_text(sheet, RET_STATE, retention_state_name(found.state));
    sheet_put_text(sheet, RET_CLASS, found.class_name);
    sheet_put_number(sheet, RET_DAYS, found.days);
    sheet_put_number(sheet, RET_LAST, (uint64_t)stream.last_us);
    sheet_put_number(sheet, RET_UNTIL, (uint64_t)found.until_us);
    if (found.hold != NULL)
        sheet_put_number(sheet, RET_HOLD, found.hold->placed_seq);
}

static void add_hold(struct tables *tables, const struct registry_hold *hold)
{
    const struct row_place place = {hold->placed_seq, 0,   hold->placed_us, "ledger",
                                    hold->placed_by,  NULL};
    struct sheet *sheet = tables_place(tables, FORM_HOLDS, &place);
    sheet_put_text(sheet, HOL_HELD, hold->deployment);
    sheet_put_text(sheet, HOL_REASON, hold->reason);
    if (hold->released_seq >= tables->params->size)
        return;
    sheet_put_number(sheet, HOL_RELEASED, (uint64_t)hold->released_us);
    sheet_put_number(sheet, HOL_RELEASED_SEQ, hold->released_seq);
    sheet_put_text(sheet, HOL_RELEASED_BY, hold->released_by);
    sheet_put_text(sheet, HOL_RELEASE_REASON, hold->release_reason);
}

void keeping_fill(struct tables *tables, const struct registry *registry, int64_t as_of_us)
{
    const struct retention_at at = {registry, tables->params->size, as_of_us};
    size_t count = 0;
    const struct registry_hold *const *holds = registry_hold_list(registry, &count);
    for (size_t row = 0; row < sheet_rows(tables->sheets[FORM_POPULATION]); row++)
        add_stream(tables, &at, row);
    for (size_t i = 0; i < count && holds[i]->placed_seq < tables->params->size; i++)
        add_hold(tables, holds[i]);
}
