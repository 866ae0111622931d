#include "replay/timeline.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/errand.h"
#include "replay/offset.h"
#include "replay/timeline_lanes.h"
#include "replay/timeline_sum.h"

#define TIMELINE_MAGIC MAGIC('T', 'M', 'L', 'N')

struct timeline *timeline_new(const struct ledger_info *info)
{
    struct timeline *timeline = mem_zero(1, sizeof(*timeline));
    timeline->magic = TIMELINE_MAGIC;
    timeline->simulated = info->simulated;
    timeline->origin = info->origin;
    return timeline;
}

static void read_number(const struct event *event, struct timeline_row *row)
{
    bool sample = strcmp(row->said.kind, "metric.sampled") == 0;
    if (!sample && strcmp(row->said.kind, "field.recorded") != 0)
        return;
    const json_t *value = ijson_get(event->data, "value");
    const char *unit = ijson_string(event->data, "unit");
    row->unit = mem_text(unit != NULL ? unit : "");
    row->has_number = json_is_number(value);
    row->number = json_number_value(value);
    if (sample)
        row->metric = mem_text(ijson_string(event->data, "metric"));
}

void timeline_add(void *ctx, const struct replay_step *step)
{
    struct timeline *timeline = NULL;
    CAST_OBJ(timeline, ctx, TIMELINE_MAGIC);
    const struct entry *entry = &step->record->entry;
    struct timeline_row *row = MEM_PUSH(timeline->rows, timeline->row_count, timeline->row_cap);
    row->seq = entry->seq;
    row->pos = entry->stream_pos;
    row->time_us = entry->time_us;
    row->has_claimed = step->event != NULL && step->event->has_time;
    row->claimed_us = row->has_claimed ? step->event->time_us : 0;
    row->principal = mem_text(entry->part.principal);
    row->origin = entry->part.origin;
    row->has_key = entry->part.sig_count > 0;
    if (row->has_key)
        memcpy(row->key_id, entry->part.sigs[0].key_id, KEY_ID_BYTES);
    narrative_of(step->record, step->event, &row->said);
    row->node = CHECKLIST_NONE;
    row->verdict = *step->verdict;
    row->verdict.reason = mem_text(step->verdict->reason);
    if (step->event != NULL)
        read_number(step->event, row);
}

void timeline_end(struct timeline *timeline, struct deployment *deployment)
{
    const struct checklist *checklist = deployment->checklist;
    timeline->deployment = deployment;
    for (size_t i = 0; checklist != NULL && i < timeline->row_count; i++) {
        struct timeline_row *row = &timeline->rows[i];
        if (row->said.node != NULL)
            row->node = checklist_node(checklist, row->said.node);
    }
    timeline_lanes_make(timeline);
    timeline_sum_up(timeline);
}

enum err timeline_make(struct errand *errand, const char *id, struct timeline **ret_timeline,
                       struct err_text *ret_why)
{
    struct timeline *timeline = timeline_new(ledger_info(errand->ledger));
    struct deployment *deployment = NULL;
    struct replay_view view = {.fn = timeline_add, .ctx = timeline};
    enum err err = errand_id(id, ret_why);
    if (err == ERR_OK)
        err = replay_fold(errand->replay, id, UINT64_MAX, &view, &deployment, ret_why);
    if (err == ERR_OK && deployment->entries == 0) {
        deployment_free(deployment);
        err = err_say(ret_why, ERR_NOT_FOUND, ERRAND_NO_SUCH, id);
    }
    if (err != ERR_OK) {
        timeline_free(timeline);
        return err;
    }
    timeline_end(timeline, deployment);
    *ret_timeline = timeline;
    return ERR_OK;
}

void timeline_free(struct timeline *timeline)
{
    if (timeline == NULL)
        return;
    for (size_t i = 0; i < timeline->row_count; i++) {
        struct timeline_row *row = &timeline->rows[i];
        free(row->principal);
        narrative_free(&row->said);
        verdict_clear(&row->verdict);
        free(row->metric);
        free(row->unit);
    }
    free(timeline->rows);
    timeline_lanes_free(timeline);
    free(timeline->sections);
    free(timeline->thresholds);
    deployment_free(timeline->deployment);
    timeline->magic = 0;
    free(timeline);
}

const char *timeline_label(const struct timeline *timeline, const struct timeline_row *row)
{
    if (row->node == CHECKLIST_NONE)
        return NULL;
    return timeline->deployment->checklist->nodes[row->node].label;
}

const struct node *timeline_outside(const struct timeline *timeline, const struct timeline_row *row)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    for (size_t i = 0; row->has_number && i < timeline->threshold_count; i++) {
        const struct timeline_threshold *sum = &timeline->thresholds[i];
        const struct node *item = &checklist->nodes[sum->item];
        if (sum->outside > 0 && timeline_sum_measures(timeline, row, sum->item) &&
            !checklist_threshold_holds(item->threshold, row->number))
            return item;
    }
    return NULL;
}

bool timeline_notable(const struct timeline *timeline, const struct timeline_row *row)
{
    static const char *const quiet[] = {"field.recorded", "metric.sampled", "command.finished",
                                        "evidence.attached"};
    const char *kind = row->said.kind;
    if (row->verdict.rule != RULE_NONE || row->verdict.flags != 0)
        return true;
    if (strcmp(kind, "item.checked") == 0)
        return row->said.value == NULL || strcmp(row->said.value, "pass") != 0;
    for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++) {
        if (strcmp(kind, quiet[i]) == 0)
            return timeline_outside(timeline, row) != NULL;
    }
    return true;
}

const char *timeline_reading(const struct timeline_row *row)
{
    size_t metric = row->metric != NULL ? strlen(row->metric) : 0;
    const char *value = row->said.value != NULL ? row->said.value : "";
    bool sample = metric > 0 && strncmp(value, row->metric, metric) == 0 && value[metric] == ' ';
    return sample ? value + metric + 1 : value;
}

bool timeline_claims(const struct timeline_row *row)
{
    int64_t apart_us = row->claimed_us - row->time_us;
    return row->has_claimed && (apart_us >= INSTANT_SECOND_US || apart_us <= -INSTANT_SECOND_US);
}

void timeline_took(const struct timeline *timeline, const struct timeline_section *section,
                   struct buf *buf)
{
    buf_text(buf, "took ");
    offset_length(buf, section->last_us - section->first_us);
    if (!timeline->deployment->has_t0)
        return;
    buf_text(buf, ", ");
    timeline_offset(timeline, section->first_us, buf);
    buf_text(buf, " to ");
    timeline_offset(timeline, section->last_us, buf);
}

void timeline_lateness(const struct timeline_section *section, struct buf *buf)
{
    buf_printf(buf, "%zu late", section->late);
    if (section->late_us == 0)
        return;
    buf_text(buf, "; the last ");
    offset_length(buf, section->late_us);
    buf_text(buf, " after the window's end");
}

void timeline_silence(const struct timeline_silence *silence, struct buf *buf)
{
    offset_length(buf, silence->length_us);
    buf_printf(buf, " between seq %" PRIu64 " and %" PRIu64, silence->from_seq, silence->to_seq);
}

void timeline_offset(const struct timeline *timeline, int64_t time_us, struct buf *buf)
{
    if (timeline->deployment->has_t0)
        offset_add(buf, time_us - timeline->deployment->t0_us);
}

timeline_format_fn *timeline_format(const char *name)
{
    static const struct {
        const char *name;
        timeline_format_fn *format;
    } formats[] = {{"text", timeline_text}, {"json", timeline_json}, {"csv", timeline_csv},
                   {"html", timeline_html}, {"md", timeline_md},     {"grafana", timeline_grafana}};
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (strcmp(formats[i].name, name) == 0)
            return formats[i].format;
    }
    return NULL;
}
