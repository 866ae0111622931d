#include <inttypes.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"
#include "replay/timeline.h"

/* A text in a line or a cell: made harmless, on one line, nothing in it Markdown. */
static void add_text(struct buf *buf, const char *text)
{
    struct buf fair = {0};
    printable_add(&fair, text);
    for (size_t i = 0; i < fair.bytes; i++) {
        char byte = (char)fair.data[i];
        if (strchr("\\`*_{}[]<>()#|~&!", byte) != NULL)
            buf_text(buf, "\\");
        buf_add(buf, &byte, 1);
    }
    buf_free(&fair);
}

static void add_head(const struct timeline *timeline, struct buf *buf)
{
    const struct deployment *deployment = timeline->deployment;
    char time[INSTANT_TEXT_BYTES];
    buf_text(buf, "# ");
    add_text(buf, deployment->id);
    if (deployment->release != NULL) {
        buf_text(buf, ", release ");
        add_text(buf, deployment->release);
    }
    if (deployment->title != NULL) {
        buf_text(buf, ": ");
        add_text(buf, deployment->title);
    }
    buf_text(buf, "\n\n");
    if (timeline->simulated)
        buf_text(buf, "**Simulated:** this ledger is for trying and testing; its times are "
                      "claimed.\n\n");
    buf_printf(buf, "- State: %s", deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL) {
        buf_text(buf, " as ");
        add_text(buf, deployment->outcome);
    }
    buf_printf(buf, "\n- Entries: %zu, of them %zu refused and %zu flagged\n", timeline->row_count,
               deployment->refused, deployment->flagged);
    if (deployment->has_t0) {
        instant_short(deployment->t0_us, time);
        buf_printf(buf, "- T+0: %s UTC%s\n", time,
                   deployment->clock_started.set ? "" : ", as planned");
    }
    buf_text(buf, "- Ledger: ");
    add_text(buf, timeline->origin);
    buf_text(buf, "\n\n");
}

static void add_what(const struct timeline *timeline, const struct timeline_row *row,
                     struct buf *buf)
{
    const char *label = timeline_label(timeline, row);
    add_text(buf, row->said.kind);
    if (row->said.node != NULL) {
        buf_text(buf, " ");
        add_text(buf, row->said.node);
    }
    if (label != NULL) {
        buf_text(buf, " ");
        add_text(buf, label);
    }
    if (row->said.value != NULL) {
        buf_text(buf, ": **");
        add_text(buf, row->said.value);
        buf_text(buf, "**");
    }
    if (row->said.text != NULL) {
        buf_text(buf, " “");
        add_text(buf, row->said.text);
        buf_text(buf, "”");
    }
}

static void add_row(const struct timeline *timeline, const struct timeline_row *row,
                    struct buf *buf)
{
    char time[INSTANT_TEXT_BYTES];
    const struct node *outside = timeline_outside(timeline, row);
    struct buf why = {0};
    instant_short(row->time_us, time);
    buf_printf(buf, "| %s | ", time);
    timeline_offset(timeline, row->time_us, buf);
    buf_text(buf, " | ");
    add_text(buf, row->principal);
    buf_text(buf, " | ");
    add_what(timeline, row, buf);
    if (row->verdict.rule != RULE_NONE)
        buf_printf(&why, "refused, %s: ", rule_name(row->verdict.rule));
    layout_explained(&why, row->verdict.flags, row->verdict.reason);
    if (why.bytes > 0) {
        buf_text(buf, " — *");
        add_text(buf, (const char *)why.data);
        buf_text(buf, "*");
    }
    if (outside != NULL) {
        buf_printf(buf, " — *outside %s ", outside->id);
        add_text(buf, outside->label);
        buf_text(buf, "*");
    }
    if (timeline_claims(row)) {
        instant_short(row->claimed_us, time);
        buf_printf(buf, " (claimed %s)", time);
    }
    buf_printf(buf, " | %" PRIu64 " |\n", row->seq);
    buf_free(&why);
}

static void add_rows(const struct timeline *timeline, struct buf *buf)
{
    size_t quiet = 0;
    buf_text(buf, "## Timeline\n\n| UTC | from T+0 | who | what | seq |\n|---|---|---|---|---|\n");
    for (size_t i = 0; i <= timeline->row_count; i++) {
        bool end = i == timeline->row_count;
        if (!end && !timeline_notable(timeline, &timeline->rows[i])) {
            quiet++;
            continue;
        }
        if (quiet > 0)
            buf_printf(buf, "| | | | %zu more that passed or were recorded | |\n", quiet);
        quiet = 0;
        if (!end)
            add_row(timeline, &timeline->rows[i], buf);
    }
}

static void add_sections(const struct timeline *timeline, struct buf *buf)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    buf_text(buf, "\n## Late\n\n");
    size_t count = 0;
    for (size_t i = 0; checklist != NULL && i < checklist->section_count; i++) {
        const struct timeline_section *sum = &timeline->sections[i];
        if (sum->late == 0 && sum->late_us == 0)
            continue;
        count++;
        buf_printf(buf, "- %s ", checklist->sections[i].id);
        add_text(buf, checklist->sections[i].title);
        buf_text(buf, ": ");
        timeline_lateness(sum, buf);
        buf_text(buf, "\n");
    }
    if (count == 0)
        buf_text(buf, "Nothing.\n");
}

static void add_thresholds(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf, "\n## Thresholds\n\n");
    size_t count = 0;
    for (size_t i = 0; i < timeline->threshold_count; i++) {
        const struct timeline_threshold *sum = &timeline->thresholds[i];
        const struct node *item = &timeline->deployment->checklist->nodes[sum->item];
        if (sum->readings == 0)
            continue;
        count++;
        buf_printf(buf, "- %s ", item->id);
        add_text(buf, item->label);
        buf_printf(buf, ": %zu of %zu reading%s outside; worst ", sum->outside, sum->readings,
                   sum->readings == 1 ? "" : "s");
        add_text(buf, timeline_reading(&timeline->rows[sum->worst]));
        buf_text(buf, ", last ");
        add_text(buf, timeline_reading(&timeline->rows[sum->last]));
        buf_text(buf, "\n");
    }
    if (count == 0)
        buf_text(buf, "Nothing was measured.\n");
}

static void add_who(const struct timeline *timeline, struct buf *buf)
{
    buf_text(buf, "\n## Who acted\n\n");
    for (size_t i = 0; i < timeline->lane_count; i++) {
        const struct timeline_lane *lane = &timeline->lanes[i];
        buf_text(buf, "- ");
        add_text(buf, lane->name);
        if (lane->who != NULL) {
            buf_text(buf, " (");
            add_text(buf, lane->who);
            buf_text(buf, ")");
        }
        buf_printf(buf, ": %zu entr%s, %zu refused, %zu flagged\n", lane->acts,
                   lane->acts == 1 ? "y" : "ies", lane->refused, lane->flagged);
    }
    buf_text(buf, "\n## Longest silences\n\n");
    for (size_t i = 0; i < timeline->silence_count; i++) {
        buf_text(buf, "- ");
        timeline_silence(&timeline->silences[i], buf);
        buf_text(buf, "\n");
    }
    if (timeline->silence_count == 0)
        buf_text(buf, "None.\n");
}

void timeline_md(const struct timeline *timeline, struct buf *buf)
{
    add_head(timeline, buf);
    add_rows(timeline, buf);
    add_sections(timeline, buf);
    add_thresholds(timeline, buf);
    add_who(timeline, buf);
}
