#include "replay/timeline.h"

#include <inttypes.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"

#define INDENT 41 /* where what happened begins */

static void add_line(struct buf *buf, const char *before, const char *text)
{
    struct buf line = {0};
    if (text == NULL)
        return;
    buf_printf(&line, "%s%s", before, text);
    buf_printf(buf, "%*s", INDENT, "");
    layout_wrap(buf, INDENT, INDENT, (const char *)line.data);
    buf_free(&line);
}

static void add_claimed(const struct timeline *timeline, const struct timeline_row *row,
                        struct buf *buf)
{
    struct buf line = {0};
    char time[INSTANT_TEXT_BYTES];
    if (!timeline_claims(row))
        return;
    instant_short(row->claimed_us, time);
    buf_text(&line, time);
    if (timeline->deployment->has_t0) {
        buf_text(&line, " (");
        timeline_offset(timeline, row->claimed_us, &line);
        buf_text(&line, ")");
    }
    add_line(buf, "claimed: ", (const char *)line.data);
    buf_free(&line);
}

static void add_row(const struct timeline *timeline, const struct timeline_row *row,
                    struct buf *buf)
{
    const char *label = timeline_label(timeline, row);
    const struct node *outside = timeline_outside(timeline, row);
    struct buf cell = {0};
    char time[INSTANT_TEXT_BYTES];
    instant_short(row->time_us, time);
    timeline_offset(timeline, row->time_us, &cell);
    buf_printf(buf, "%6" PRIu64 "  %s  ", row->seq, time);
    layout_pad(buf, cell.bytes > 0 ? (const char *)cell.data : "", INDENT - 30);
    buf_clear(&cell);
    buf_printf(&cell, "%s  %s", row->principal, row->said.kind);
    if (row->said.node != NULL)
        buf_printf(&cell, " %s", row->said.node);
    if (row->said.value != NULL)
        buf_printf(&cell, ": %s", row->said.value);
    layout_wrap(buf, INDENT, INDENT, (const char *)cell.data);
    buf_free(&cell);
    if (row->said.value == NULL || label == NULL || strcmp(row->said.value, label) != 0)
        add_line(buf, "", label);
    add_line(buf, "| ", row->said.text);
    if (row->verdict.rule != RULE_NONE) {
        buf_printf(&cell, "REFUSED, %s", rule_name(row->verdict.rule));
        if (row->verdict.reason != NULL)
            buf_printf(&cell, ": %s", row->verdict.reason);
        add_line(buf, "", (const char *)cell.data);
    } else if (row->verdict.flags != 0) {
        layout_explained(&cell, row->verdict.flags, row->verdict.reason);
        add_line(buf, "flags: ", (const char *)cell.data);
    }
    if (outside != NULL) {
        buf_clear(&cell);
        buf_printf(&cell, "%s %s", outside->id, outside->label);
        add_line(buf, "OUTSIDE ", (const char *)cell.data);
    }
    buf_free(&cell);
    add_claimed(timeline, row, buf);
}

static void add_head(const struct timeline *timeline, struct buf *buf)
{
    const struct deployment *deployment = timeline->deployment;
    struct buf line = {0};
    char time[INSTANT_TEXT_BYTES];
    buf_printf(&line, "%s", deployment->id);
    if (deployment->release != NULL)
        buf_printf(&line, ", release %s", deployment->release);
    if (deployment->title != NULL)
        buf_printf(&line, ": %s", deployment->title);
    layout_wrap(buf, 0, 0, (const char *)line.data);
    buf_clear(&line);
    buf_printf(&line, "%s", deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(&line, " as %s", deployment->outcome);
    buf_printf(&line, "; %zu entries, %zu refused, %zu flagged", timeline->row_count,
               deployment->refused, deployment->flagged);
    if (deployment->newer > 0)
        buf_printf(&line, ", %zu not judged", deployment->newer);
    buf_printf(&line, "; ledger %s", timeline->origin);
    layout_wrap(buf, 0, 0, (const char *)line.data);
    buf_free(&line);
    if (timeline->simulated)
        buf_text(buf, "SIMULATED: this ledger is for trying and testing; its times are claimed\n");
    if (!deployment->has_t0)
        return;
    instant_short(deployment->t0_us, time);
    buf_printf(buf, "T+0 is %s UTC%s; distances are from there\n", time,
               deployment->clock_started.set ? "" : ", as planned");
}

static void add_sections(const struct timeline *timeline, struct buf *buf)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    size_t begun = buf->bytes + strlen("\nSections\n");
    buf_text(buf, "\nSections\n");
    for (size_t i = 0; checklist != NULL && i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        const struct timeline_section *sum = &timeline->sections[i];
        struct buf line = {0};
        if (sum->acts == 0)
            continue;
        buf_printf(buf, "  %-5s ", section->id);
        layout_wrap(buf, 8, 8, section->title[0] != '\0' ? section->title : "(the document's own)");
        timeline_took(timeline, sum, &line);
        if (section->window.set) {
            buf_text(&line, "; window ");
            offset_window(&line, &section->window);
        }
        buf_printf(&line, "; %zu %s, ", sum->acts, sum->acts == 1 ? "act" : "acts");
        timeline_lateness(sum, &line);
        buf_text(buf, "        ");
        layout_wrap(buf, 8, 8, (const char *)line.data);
        buf_free(&line);
    }
    if (buf->bytes == begun)
        buf_text(buf, "  none\n");
}

static void add_lanes(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf, "\nWho acted\n");
    for (size_t i = 0; i < timeline->lane_count; i++) {
        const struct timeline_lane *lane = &timeline->lanes[i];
        struct buf line = {0};
        buf_printf(&line, "%s%s%s%s: %zu %s, %zu refused, %zu flagged", lane->name,
                   lane->who != NULL ? " (" : "", lane->who != NULL ? lane->who : "",
                   lane->who != NULL ? ")" : "", lane->acts, lane->acts == 1 ? "entry" : "entries",
                   lane->refused, lane->flagged);
        if (timeline->deployment->has_t0) {
            buf_text(&line, ", ");
            timeline_offset(timeline, lane->first_us, &line);
            buf_text(&line, " to ");
            timeline_offset(timeline, lane->last_us, &line);
        }
        buf_text(buf, "  ");
        layout_wrap(buf, 2, 6, (const char *)line.data);
        buf_free(&line);
    }
}

static void add_silences(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf, "\nLongest silences\n");
    for (size_t i = 0; i < timeline->silence_count; i++) {
        buf_text(buf, "  ");
        timeline_silence(&timeline->silences[i], buf);
        buf_text(buf, "\n");
    }
    if (timeline->silence_count == 0)
        buf_text(buf, "  none\n");
}

static void add_threshold(const struct timeline *timeline, const struct timeline_threshold *sum,
                          struct buf *buf)
{
    const struct node *item = &timeline->deployment->checklist->nodes[sum->item];
    const struct threshold *threshold = item->threshold;
    struct buf line = {0};
    bool apart = threshold->unit[0] != '\0' && strcmp(threshold->unit, "%") != 0;
    buf_printf(&line, "%s %s %s%s%s: ", threshold->metric, threshold_op_text(threshold->op),
               threshold->value_text, apart ? " " : "", threshold->unit);
    if (sum->readings == 0)
        buf_text(&line, "not measured");
    else
        buf_printf(&line,
                   "%zu %s, %zu outside; worst %s (seq %" PRIu64 "), last %s (seq %" PRIu64 ")",
                   sum->readings, sum->readings == 1 ? "reading" : "readings", sum->outside,
                   timeline_reading(&timeline->rows[sum->worst]), timeline->rows[sum->worst].seq,
                   timeline_reading(&timeline->rows[sum->last]), timeline->rows[sum->last].seq);
    buf_printf(buf, "  %-9s ", item->id);
    layout_wrap(buf, 12, 12, (const char *)line.data);
    buf_free(&line);
}

void timeline_text(const struct timeline *timeline, struct buf *buf)
{
    add_head(timeline, buf);
    buf_text(buf, "\n   seq  UTC                  distance   who  what\n");
    for (size_t i = 0; i < timeline->row_count; i++)
        add_row(timeline, &timeline->rows[i], buf);
    add_sections(timeline, buf);
    add_lanes(timeline, buf);
    add_silences(timeline, buf);
    if (timeline->threshold_count > 0)
        buf_text(buf, "\nThresholds\n");
    for (size_t i = 0; i < timeline->threshold_count; i++)
        add_threshold(timeline, &timeline->thresholds[i], buf);
}
