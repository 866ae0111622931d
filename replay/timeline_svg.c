/* timeline_svg - the chart of a timeline: a lane for each phase with its window, each role, and
 * each threshold that was measured, over time; long silences are cut short, and marked.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/offset.h"
#include "replay/timeline.h"
#include "replay/timeline_sum.h"

#define WIDTH 1120
#define LEFT 230 /* of the lanes; their names stand before it */
#define RIGHT 20
#define LANE 22
#define TOP 26
#define BOTTOM 20 /* below the lanes, for the times */
#define TICKS 8
#define CUT_US (20 * INSTANT_MINUTE_US)       /* a silence is drawn no longer than that... */
#define CUT_FROM_US (360 * INSTANT_MINUTE_US) /* ...in a deployment longer than this */
#define NAME_COLUMNS 30

/* Where the rows stand. */
struct axis {
    const struct timeline *timeline;
    int64_t cut_us;
    int64_t *drawn; /* [row_count] drawn length from the first row */
    int64_t total;  /* at least 1 */
};

static struct axis axis_of(const struct timeline *timeline)
{
    const struct timeline_row *rows = timeline->rows;
    size_t count = timeline->row_count;
    bool is_long = count > 0 && rows[count - 1].time_us - rows[0].time_us > CUT_FROM_US;
    struct axis axis = {.timeline = timeline, .cut_us = is_long ? CUT_US : INT64_MAX};
    axis.drawn = mem_zero(count + 1, sizeof(*axis.drawn));
    for (size_t i = 1; i < count; i++) {
        int64_t gap_us = rows[i].time_us - rows[i - 1].time_us;
        axis.drawn[i] = axis.drawn[i - 1] + (gap_us < axis.cut_us ? gap_us : axis.cut_us);
    }
    axis.total = count > 0 && axis.drawn[count - 1] > 0 ? axis.drawn[count - 1] : 1;
    return axis;
}

/* The place of a drawn length, in tenths of a pixel. */
static int64_t place(const struct axis *axis, int64_t drawn)
{
    const double part = (double)drawn / (double)axis->total;
    return (int64_t)(10 * (LEFT + part * (WIDTH - LEFT - RIGHT)));
}

/* The place of any time: within a silence that is cut short, as far as it is drawn. */
static int64_t place_of(const struct axis *axis, int64_t time_us)
{
    const struct timeline_row *rows = axis->timeline->rows;
    size_t from = 0, to = axis->timeline->row_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (rows[middle].time_us <= time_us)
            from = middle + 1;
        else
            to = middle;
    }
    if (from == 0)
        return place(axis, 0);
    int64_t since_us = time_us - rows[from - 1].time_us;
    int64_t drawn = axis->drawn[from - 1] + (since_us < axis->cut_us ? since_us : axis->cut_us);
    return place(axis, drawn < axis->total ? drawn : axis->total);
}

static void add_x(struct buf *buf, int64_t tenths)
{
    buf_printf(buf, "%" PRId64 ".%d", tenths / 10, (int)(tenths % 10));
}

static const char *class_of(const struct timeline_row *row)
{
    return row->verdict.rule != RULE_NONE ? "r" : row->verdict.flags != 0 ? "f" : "a";
}

/* A mark that tells itself when it is pointed at, and leads to its row: a ring if it was flagged,
 * larger if it was refused, so that no colour is needed to see that. */
static void add_mark(const struct axis *axis, size_t at, size_t lane, const char *class,
                     struct buf *buf)
{
    const struct timeline_row *row = &axis->timeline->rows[at];
    char time[INSTANT_TEXT_BYTES];
    instant_short(row->time_us, time);
    buf_printf(buf, "<a href=\"#s%" PRIu64 "\"><title>%s ", row->seq, time);
    printable_html(buf, row->principal);
    buf_text(buf, ": ");
    printable_html(buf, row->said.kind);
    if (row->said.node != NULL) {
        buf_text(buf, " ");
        printable_html(buf, row->said.node);
    }
    if (row->said.value != NULL) {
        buf_text(buf, ": ");
        printable_html(buf, row->said.value);
    }
    buf_printf(buf, "</title><circle class=\"%s\" cx=\"", class);
    add_x(buf, place(axis, axis->drawn[at]));
    buf_printf(buf, "\" cy=\"%zu\" r=\"%s\"/></a>\n", TOP + lane * LANE + LANE / 2,
               strcmp(class, "r") == 0 ? "5.5" : "3.5");
}

static void add_name(const char *name, size_t lane, struct buf *buf)
{
    struct buf cut = {0};
    size_t columns = 0, at = 0;
    for (; name[at] != '\0'; at++) {
        bool begins = ((unsigned char)name[at] & 0xc0) != 0x80;
        if (begins && columns++ == NAME_COLUMNS)
            break;
    }
    buf_add(&cut, name, at);
    if (name[at] != '\0')
        buf_text(&cut, "…");
    buf_printf(buf, "<line class=\"l\" x1=\"0\" x2=\"%d\" y1=\"%zu\" y2=\"%zu\"/>", WIDTH,
               TOP + (lane + 1) * LANE, TOP + (lane + 1) * LANE);
    buf_printf(buf, "<text x=\"4\" y=\"%zu\">", TOP + lane * LANE + LANE - 7);
    printable_html(buf, cut.bytes > 0 ? (const char *)cut.data : "");
    buf_text(buf, "<title>");
    printable_html(buf, name);
    buf_text(buf, "</title></text>\n");
    buf_free(&cut);
}

/* The ## that a row belongs to, or CHECKLIST_NONE. */
static size_t phase_of(const struct timeline *timeline, const struct timeline_row *row)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    size_t at = row->node == CHECKLIST_NONE ? CHECKLIST_NONE : checklist->nodes[row->node].section;
    while (at != CHECKLIST_NONE && checklist->sections[at].parent != CHECKLIST_NONE)
        at = checklist->sections[at].parent;
    return at;
}

static void add_window(const struct axis *axis, const struct window *window, size_t lane,
                       struct buf *buf)
{
    const struct deployment *deployment = axis->timeline->deployment;
    if (!window->set || !deployment->has_t0)
        return;
    int64_t from = place_of(axis, deployment->t0_us + window->from_min * INSTANT_MINUTE_US);
    int64_t to = place_of(axis, deployment->t0_us + window->to_min * INSTANT_MINUTE_US);
    buf_text(buf, "<rect class=\"w\" x=\"");
    add_x(buf, from);
    buf_text(buf, "\" width=\"");
    add_x(buf, to > from ? to - from : 1);
    buf_printf(buf, "\" y=\"%zu\" height=\"%d\"><title>window ", TOP + lane * LANE + 3, LANE - 6);
    offset_window(buf, window);
    buf_text(buf, "</title></rect>\n");
}

static size_t add_phases(const struct axis *axis, size_t lane, struct buf *buf)
{
    const struct timeline *timeline = axis->timeline;
    const struct checklist *checklist = timeline->deployment->checklist;
    for (size_t i = 0; checklist != NULL && i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        if (section->parent != CHECKLIST_NONE || timeline->sections[i].acts == 0)
            continue;
        add_name(section->title[0] != '\0' ? section->title : "(the document's own)", lane, buf);
        add_window(axis, &section->window, lane, buf);
        for (size_t j = 0; j < timeline->row_count; j++) {
            if (phase_of(timeline, &timeline->rows[j]) == i)
                add_mark(axis, j, lane, class_of(&timeline->rows[j]), buf);
        }
        lane++;
    }
    return lane;
}

static size_t add_roles(const struct axis *axis, size_t lane, struct buf *buf)
{
    const struct timeline *timeline = axis->timeline;
    for (size_t i = 0; i < timeline->lane_count; i++, lane++) {
        add_name(timeline->lanes[i].name, lane, buf);
        for (size_t j = 0; j < timeline->row_count; j++) {
            if (timeline->rows[j].lane == i)
                add_mark(axis, j, lane, class_of(&timeline->rows[j]), buf);
        }
    }
    return lane;
}

static size_t add_thresholds(const struct axis *axis, size_t lane, struct buf *buf)
{
    const struct timeline *timeline = axis->timeline;
    for (size_t i = 0; i < timeline->threshold_count; i++) {
        const struct timeline_threshold *sum = &timeline->thresholds[i];
        const struct node *item = &timeline->deployment->checklist->nodes[sum->item];
        if (sum->readings == 0)
            continue;
        add_name(item->label, lane, buf);
        for (size_t j = 0; j < timeline->row_count; j++) {
            const struct timeline_row *row = &timeline->rows[j];
            if (timeline_sum_measures(timeline, row, sum->item))
                add_mark(axis, j, lane,
                         checklist_threshold_holds(item->threshold, row->number) ? "a" : "r", buf);
        }
        lane++;
    }
    return lane;
}

/* T+0, and the silences that are cut short. */
static void add_lines(const struct axis *axis, size_t lanes, struct buf *buf)
{
    const struct timeline *timeline = axis->timeline;
    const struct timeline_row *rows = timeline->rows;
    size_t bottom = TOP + lanes * LANE;
    for (size_t i = 1; i < timeline->row_count; i++) {
        int64_t gap_us = rows[i].time_us - rows[i - 1].time_us;
        if (gap_us <= axis->cut_us)
            continue;
        int64_t x = (place(axis, axis->drawn[i - 1]) + place(axis, axis->drawn[i])) / 2;
        buf_text(buf, "<line class=\"c\" x1=\"");
        add_x(buf, x);
        buf_text(buf, "\" x2=\"");
        add_x(buf, x);
        buf_printf(buf, "\" y1=\"%d\" y2=\"%zu\"><title>", TOP, bottom);
        offset_length(buf, gap_us);
        buf_text(buf, " without an entry</title></line>\n");
    }
    if (!timeline->deployment->has_t0 || timeline->row_count == 0)
        return;
    int64_t x = place_of(axis, timeline->deployment->t0_us);
    buf_text(buf, "<line class=\"t\" x1=\"");
    add_x(buf, x);
    buf_text(buf, "\" x2=\"");
    add_x(buf, x);
    buf_printf(buf, "\" y1=\"%d\" y2=\"%zu\"/><text class=\"t\" x=\"", TOP - 6, bottom);
    add_x(buf, x);
    buf_printf(buf, "\" y=\"%d\">T+0</text>\n", TOP - 10);
}

/* Below the lanes the times of entries that stand apart: against T+0, or by the clock. */
static void add_ticks(const struct axis *axis, size_t lanes, struct buf *buf)
{
    const struct timeline *timeline = axis->timeline;
    int64_t next = 0;
    for (size_t i = 0; i < timeline->row_count; i++) {
        char time[INSTANT_TEXT_BYTES];
        if (axis->drawn[i] < next)
            continue;
        next = axis->drawn[i] + axis->total / TICKS;
        buf_text(buf, "<text class=\"t\" x=\"");
        add_x(buf, place(axis, axis->drawn[i]));
        buf_printf(buf, "\" y=\"%zu\">", TOP + lanes * LANE + BOTTOM - 5);
        instant_short(timeline->rows[i].time_us, time);
        if (timeline->deployment->has_t0)
            timeline_offset(timeline, timeline->rows[i].time_us, buf);
        else
            buf_text(buf, time + strlen("2026-03-03 "));
        buf_text(buf, "</text>\n");
    }
}

void timeline_svg(const struct timeline *timeline, struct buf *buf)
{
    struct buf body = {0};
    struct axis axis = axis_of(timeline);
    size_t lanes = add_phases(&axis, 0, &body);
    lanes = add_roles(&axis, lanes, &body);
    lanes = add_thresholds(&axis, lanes, &body);
    add_lines(&axis, lanes, &body);
    add_ticks(&axis, lanes, &body);
    buf_printf(buf,
               "<figure><svg viewBox=\"0 0 %d %zu\" role=\"group\" aria-label=\"Phases, roles and "
               "thresholds over time; the table below says the same\">\n",
               WIDTH, TOP + lanes * LANE + BOTTOM);
    buf_add(buf, body.data, body.bytes);
    buf_text(
        buf,
        "</svg><figcaption class=\"quiet\">One mark an entry: accepted, "
        "<span class=\"flag\">flagged (a ring)</span>, <span class=\"refused\">refused or "
        "outside its threshold (larger)</span>; windows in grey; dashed where a silence is cut "
        "short.</figcaption></figure>\n");
    buf_free(&body);
    free(axis.drawn);
}
