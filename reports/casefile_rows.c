#include "reports/casefile_rows.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS(columns) columns, sizeof(columns) / sizeof((columns)[0])

/* What is in a buffer, as a cell; it is emptied. */
static void put_buf(struct sheet *sheet, size_t column, struct buf *buf)
{
    if (buf->bytes > 0)
        sheet_put_text(sheet, column, (const char *)buf->data);
    buf_free(buf);
}

static void put_mark(struct sheet *sheet, size_t who, const struct mark *mark)
{
    if (!mark->set)
        return;
    sheet_put_text(sheet, who, mark->principal);
    sheet_put_number(sheet, who + 1, (uint64_t)mark->time_us);
    sheet_put_number(sheet, who + 2, mark->seq);
}

enum { NODE_STANDS, NODE_ID, NODE_WHAT, NODE_VALUE, NODE_WHO, NODE_WHEN, NODE_SEQ, NODE_NOTED };
static const struct column node_columns[] = {
    {"stands", "stands", CELL_CODE, true, "Where it stands"},
    {"node", "node", CELL_CODE, true, "Its id"},
    {"what", "what", CELL_TEXT, true, "Its label, as deep as it is nested"},
    {"value", "value", CELL_TEXT, true, "What was recorded, decided or declared"},
    {"who", "who", CELL_TEXT, true, "By whom"},
    {"when", "when", CELL_TIME, true, "The entry's time"},
    {"seq", "seq", CELL_EVENT, true, "The entry"},
    {"noted", "noted", CELL_TEXT, true, "Note, comment, reason and flags"},
};
static const struct sheet_form nodes_form = {"checklist", "Checklist", NULL, "Nothing.",
                                             COLUMNS(node_columns)};

static const char *waived_for(const struct node_state *state)
{
    return state->waived.set ? state->waive_reason : NULL;
}

static void put_noted(struct sheet *sheet, const struct node_state *state)
{
    const char *texts[] = {state->note, waived_for(state), state->undo_reason};
    struct buf noted = {0};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i] != NULL)
            buf_printf(&noted, "%s%s", noted.bytes > 0 ? "; " : "", texts[i]);
    }
    if (state->suspect)
        buf_printf(&noted, "%ssuspect signature", noted.bytes > 0 ? "; " : "");
    if (state->mark.set && state->mark.flags != 0) {
        buf_text(&noted, noted.bytes > 0 ? "; " : "");
        layout_flags(&noted, state->mark.flags);
    }
    put_buf(sheet, NODE_NOTED, &noted);
}

/* What was recorded for it, or what last judged its threshold; NULL: nothing. */
static const char *value_of(const struct timeline *timeline, size_t index, const char **ret_unit)
{
    const struct node_state *state = &timeline->deployment->nodes[index];
    *ret_unit = state->unit;
    if (state->value != NULL)
        return state->value;
    *ret_unit = NULL;
    for (size_t i = 0; i < timeline->threshold_count; i++) {
        const struct timeline_threshold *sum = &timeline->thresholds[i];
        if (sum->item == index && sum->readings > 0)
            return timeline_reading(&timeline->rows[sum->last]);
    }
    return NULL;
}

static void add_node(struct sheet *sheet, const struct timeline *timeline, size_t index)
{
    const struct deployment *d = timeline->deployment;
    const struct node *node = &d->checklist->nodes[index];
    const struct node_state *state = &d->nodes[index];
    struct buf what = {0}, value = {0};
    enum standing standing = standing_of(d, index);
    const char *unit, *text = value_of(timeline, index, &unit);
    sheet_add(sheet);
    sheet_put_text(sheet, NODE_STANDS, standing_name(standing));
    sheet_put_text(sheet, NODE_ID, node->id);
    for (size_t at = node->parent; at != CHECKLIST_NONE; at = d->checklist->nodes[at].parent)
        buf_text(&what, "› ");
    buf_printf(&what, "%s%s", node->label, node->optional ? " (optional)" : "");
    put_buf(sheet, NODE_WHAT, &what);
    if (text != NULL)
        buf_printf(&value, "%s%s%s", text, unit != NULL ? " " : "", unit != NULL ? unit : "");
    put_buf(sheet, NODE_VALUE, &value);
    const struct mark *mark = standing == STANDING_WAIVED   ? &state->waived
                              : standing == STANDING_UNDONE ? &state->undone
                                                            : &state->mark;
    put_mark(sheet, NODE_WHO, mark);
    put_noted(sheet, state);
}

struct sheet *casefile_rows_nodes(const struct timeline *timeline)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    struct sheet *sheet = sheet_new(&nodes_form);
    for (size_t section = 0; section < checklist->section_count; section++) {
        for (size_t i = 0; i < checklist->node_count; i++) {
            if (checklist->nodes[i].section == section)
                add_node(sheet, timeline, i);
        }
    }
    return sheet;
}

enum { LINE_TIME, LINE_OFFSET, LINE_SEQ, LINE_WHO, LINE_WHAT, LINE_LABEL, LINE_TEXT, LINE_FOUND };
static const struct column line_columns[] = {
    {"time", "time", CELL_TIME, true, "The entry's time"},
    {"offset", "T0", CELL_CODE, true, "Its distance from T0"},
    {"seq", "seq", CELL_EVENT, true, "The entry"},
    {"who", "who", CELL_TEXT, true, "By whom"},
    {"what", "what", CELL_TEXT, true, "Kind, node and value"},
    {"label", "of", CELL_TEXT, true, "The node's label"},
    {"text", "text", CELL_TEXT, true, "Note, comment or reason"},
    {"found", "judged", CELL_TEXT, true, "Refused by which rule, or flagged as what, and why"},
};
static const struct sheet_form timeline_form = {"timeline", "Timeline",
                                                "Every entry of the deployment, in order.",
                                                "Nothing.", COLUMNS(line_columns)};
static const struct sheet_form findings_form = {
    "findings", "Refused or flagged",
    "What the rules refused has no effect; what they flagged has.", "Nothing was.",
    COLUMNS(line_columns)};

static bool notable(const struct verdict *verdict)
{
    return verdict->rule != RULE_NONE || verdict->flags != 0;
}

static void put_found(struct sheet *sheet, size_t column, const struct verdict *verdict)
{
    struct buf found = {0};
    if (notable(verdict))
        layout_verdict(&found, verdict);
    put_buf(sheet, column, &found);
}

static void add_line(struct sheet *sheet, const struct timeline *timeline,
                     const struct timeline_row *row)
{
    struct buf text = {0};
    sheet_add(sheet);
    sheet_put_number(sheet, LINE_TIME, (uint64_t)row->time_us);
    timeline_offset(timeline, row->time_us, &text);
    put_buf(sheet, LINE_OFFSET, &text);
    sheet_put_number(sheet, LINE_SEQ, row->seq);
    sheet_put_text(sheet, LINE_WHO, row->principal);
    narrative_brief(&row->said, &text);
    put_buf(sheet, LINE_WHAT, &text);
    sheet_put_text(sheet, LINE_LABEL, timeline_label(timeline, row));
    sheet_put_text(sheet, LINE_TEXT, row->said.text);
    put_found(sheet, LINE_FOUND, &row->verdict);
}

struct sheet *casefile_rows_timeline(const struct timeline *timeline, bool findings)
{
    struct sheet *sheet = sheet_new(findings ? &findings_form : &timeline_form);
    for (size_t i = 0; i < timeline->row_count; i++) {
        if (!findings || notable(&timeline->rows[i].verdict))
            add_line(sheet, timeline, &timeline->rows[i]);
    }
    return sheet;
}

enum {
    ACT_SEQ,
    ACT_TIME,
    ACT_DUE,
    ACT_WHAT,
    ACT_LABEL,
    ACT_WHO,
    ACT_KEY,
    ACT_TOUCH,
    ACT_LEAF,
    ACT_FOUND
};
static const struct column act_columns[] = {
    {"seq", "seq", CELL_EVENT, true, "The entry"},
    {"time", "time", CELL_TIME, true, "Its time"},
    {"due", "due", CELL_TIME, true, "The end of its node's window, by T0 in force"},
    {"what", "act", CELL_TEXT, true, "Kind, node and value"},
    {"label", "of", CELL_TEXT, true, "The node's label"},
    {"who", "who", CELL_TEXT, true, "By whom"},
    {"key", "key", CELL_CODE, true, "Fingerprint of the key that signed"},
    {"touch", "touch", CELL_TEXT, true, "What a security key attests"},
    {"leaf", "leaf", CELL_CODE, false, "The entry's leaf hash"},
    {"found", "judged", CELL_TEXT, true, "Refused by which rule, or flagged as what, and why"},
};
static const struct sheet_form acts_form = {
    "acts", "Decisions and approvals",
    "Each act that a person signs for, with the key. The events themselves stand at the end.",
    "None.", COLUMNS(act_columns)};

bool casefile_rows_signs(const struct timeline_row *row)
{
    static const char *const kinds[] = {
        "deployment.opened", "deployment.rescheduled", "clock.started",    "role.assigned",
        "role.unassigned",   "emergency.declared",     "item.waived",      "approval.given",
        "approval.rejected", "approval.withdrawn",     "decision.made",    "rollback.started",
        "rollback.finished", "issue.resolved",         "deployment.closed"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(row->said.kind, kinds[i]) == 0)
            return true;
    }
    return false;
}

struct sheet *casefile_rows_acts(void)
{
    return sheet_new(&acts_form);
}

void casefile_rows_act(struct sheet *acts, const struct timeline *timeline,
                       const struct timeline_row *row, const struct record *record)
{
    const struct deployment *d = timeline->deployment;
    const struct node *node = row->node == CHECKLIST_NONE ? NULL : &d->checklist->nodes[row->node];
    char key[SSHKEY_FINGERPRINT_BYTES];
    struct touch touch = {.attested = false};
    struct buf text = {0};
    sheet_add(acts);
    sheet_put_number(acts, ACT_SEQ, row->seq);
    sheet_put_number(acts, ACT_TIME, (uint64_t)row->time_us);
    if (node != NULL && node->window.set && d->has_t0 &&
        d->t0_us + node->window.to_min * INSTANT_MINUTE_US >= 0)
        sheet_put_number(acts, ACT_DUE,
                         (uint64_t)(d->t0_us + node->window.to_min * INSTANT_MINUTE_US));
    narrative_brief(&row->said, &text);
    put_buf(acts, ACT_WHAT, &text);
    sheet_put_text(acts, ACT_LABEL, node == NULL ? NULL : node->label);
    sheet_put_text(acts, ACT_WHO, row->principal);
    if (row->has_key) {
        sshkey_fingerprint(row->key_id, key);
        sheet_put_text(acts, ACT_KEY, key);
        if (touch_of(&record->entry.part.sigs[0], &touch))
            touch_text(&touch, &text);
        put_buf(acts, ACT_TOUCH, &text);
    }
    sheet_put_hex(acts, ACT_LEAF, record->leaf, HASH_BYTES);
    put_found(acts, ACT_FOUND, &row->verdict);
}

enum {
    WINDOW_SECTION,
    WINDOW_TITLE,
    WINDOW_WINDOW,
    WINDOW_FIRST,
    WINDOW_LAST,
    WINDOW_ACTS,
    WINDOW_LATE,
    WINDOW_BY
};
static const struct column window_columns[] = {
    {"section", "section", CELL_CODE, true, "Its id"},
    {"title", "title", CELL_TEXT, true, "Its heading"},
    {"window", "window", CELL_TEXT, true, "Against T0"},
    {"first", "first act", CELL_TIME, true, "Of the accepted acts on its nodes"},
    {"last", "last act", CELL_TIME, true, "Of them"},
    {"acts", "acts", CELL_COUNT, true, "How many"},
    {"late", "late", CELL_COUNT, true, "Of them with the flag late"},
    {"late_by", "late by", CELL_TEXT, true, "How long after the window's end the last one was"},
};
static const struct sheet_form windows_form = {"windows", "Windows",
                                               "Sections in which anything was done.",
                                               "Nothing was done.", COLUMNS(window_columns)};

struct sheet *casefile_rows_windows(const struct timeline *timeline)
{
    const struct checklist *checklist = timeline->deployment->checklist;
    struct sheet *sheet = sheet_new(&windows_form);
    for (size_t i = 0; checklist != NULL && i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        const struct timeline_section *sum = &timeline->sections[i];
        struct buf text = {0};
        if (sum->acts == 0)
            continue;
        sheet_add(sheet);
        sheet_put_text(sheet, WINDOW_SECTION, section->id);
        sheet_put_text(sheet, WINDOW_TITLE, section->title);
        offset_window(&text, &section->window);
        put_buf(sheet, WINDOW_WINDOW, &text);
        sheet_put_number(sheet, WINDOW_FIRST, (uint64_t)sum->first_us);
        sheet_put_number(sheet, WINDOW_LAST, (uint64_t)sum->last_us);
        sheet_put_number(sheet, WINDOW_ACTS, sum->acts);
        sheet_put_number(sheet, WINDOW_LATE, sum->late);
        if (sum->late_us > 0)
            offset_length(&text, sum->late_us);
        put_buf(sheet, WINDOW_BY, &text);
    }
    return sheet;
}

enum {
    BOUND_ITEM,
    BOUND_LABEL,
    BOUND_LIMIT,
    BOUND_READINGS,
    BOUND_OUTSIDE,
    BOUND_WORST,
    BOUND_WORST_SEQ,
    BOUND_LAST,
    BOUND_LAST_SEQ
};
static const struct column bound_columns[] = {
    {"item", "item", CELL_CODE, true, "The item's id"},
    {"label", "of", CELL_TEXT, true, "Its label"},
    {"limit", "limit", CELL_TEXT, true, "The threshold"},
    {"readings", "readings", CELL_COUNT, true, "Values that judged it"},
    {"outside", "outside", CELL_COUNT, true, "Of them outside it"},
    {"worst", "worst", CELL_TEXT, true, "The value farthest from it"},
    {"worst_seq", "seq", CELL_EVENT, true, "Its entry"},
    {"last", "last", CELL_TEXT, true, "The latest value"},
    {"last_seq", "seq", CELL_EVENT, true, "Its entry"},
};
static const struct sheet_form bounds_form = {"thresholds", "Thresholds", NULL,
                                              "The checklist has none.", COLUMNS(bound_columns)};

struct sheet *casefile_rows_thresholds(const struct timeline *timeline)
{
    struct sheet *sheet = sheet_new(&bounds_form);
    for (size_t i = 0; i < timeline->threshold_count; i++) {
        const struct timeline_threshold *sum = &timeline->thresholds[i];
        const struct node *item = &timeline->deployment->checklist->nodes[sum->item];
        struct buf limit = {0};
        sheet_add(sheet);
        sheet_put_text(sheet, BOUND_ITEM, item->id);
        sheet_put_text(sheet, BOUND_LABEL, item->label);
        buf_printf(&limit, "%s %s %s", threshold_op_text(item->threshold->op),
                   item->threshold->value_text, item->threshold->unit);
        put_buf(sheet, BOUND_LIMIT, &limit);
        sheet_put_number(sheet, BOUND_READINGS, sum->readings);
        sheet_put_number(sheet, BOUND_OUTSIDE, sum->outside);
        if (sum->readings == 0)
            continue;
        const struct timeline_row *worst = &timeline->rows[sum->worst];
        const struct timeline_row *last = &timeline->rows[sum->last];
        sheet_put_text(sheet, BOUND_WORST, timeline_reading(worst));
        sheet_put_number(sheet, BOUND_WORST_SEQ, worst->seq);
        sheet_put_text(sheet, BOUND_LAST, timeline_reading(last));
        sheet_put_number(sheet, BOUND_LAST_SEQ, last->seq);
    }
    return sheet;
}

enum {
    PIECE_SEQ,
    PIECE_TIME,
    PIECE_WHO,
    PIECE_NODE,
    PIECE_MEDIA,
    PIECE_SHA256,
    PIECE_KEPT,
    PIECE_URI,
    PIECE_FOUND
};
static const struct column piece_columns[] = {
    {"seq", "seq", CELL_EVENT, true, "The entry"},
    {"time", "time", CELL_TIME, true, "Its time"},
    {"who", "who", CELL_TEXT, true, "By whom"},
    {"node", "of", CELL_TEXT, true, "The node's label"},
    {"media", "media", CELL_TEXT, true, "Media type, as the sender says"},
    {"sha256", "SHA-256", CELL_CODE, true, "Of its bytes, as the sender says"},
    {"kept", "kept", CELL_TEXT, true, "Where its bytes are"},
    {"uri", "where", CELL_TEXT, true, "Where else it is"},
    {"found", "finding", CELL_TEXT, true, "What its bytes were found to be"},
};
static const struct sheet_form pieces_form = {"evidence", "Evidence", NULL, "None was attached.",
                                              COLUMNS(piece_columns)};

struct sheet *casefile_rows_evidence(const struct timeline *timeline)
{
    const struct deployment *d = timeline->deployment;
    struct sheet *sheet = sheet_new(&pieces_form);
    for (size_t i = 0; i < d->evidence_count; i++) {
        const struct attached *attached = &d->evidence[i];
        const json_t *json = attached->found.json;
        const char *uri = ijson_string(json, "uri");
        bool held = json_is_integer(ijson_get(json, "bytes"));
        sheet_add(sheet);
        sheet_put_number(sheet, PIECE_SEQ, attached->mark.seq);
        sheet_put_number(sheet, PIECE_TIME, (uint64_t)attached->mark.time_us);
        sheet_put_text(sheet, PIECE_WHO, attached->mark.principal);
        if (attached->node != CHECKLIST_NONE)
            sheet_put_text(sheet, PIECE_NODE, d->checklist->nodes[attached->node].label);
        sheet_put_text(sheet, PIECE_MEDIA, ijson_string(json, "media"));
        sheet_put_text(sheet, PIECE_SHA256, ijson_string(json, "sha256"));
        sheet_put_text(sheet, PIECE_KEPT,
                       held          ? "held"
                       : uri != NULL ? "held elsewhere"
                                     : "only named");
        sheet_put_text(sheet, PIECE_URI, uri);
        sheet_put_text(sheet, PIECE_FOUND, attached->found.text);
    }
    return sheet;
}

enum {
    ISSUE_ID,
    ISSUE_TEXT,
    ISSUE_WHO,
    ISSUE_SINCE,
    ISSUE_SEQ,
    ISSUE_ENDED_BY,
    ISSUE_ENDED,
    ISSUE_ENDED_SEQ
};
static const struct column issue_columns[] = {
    {"id", "id", CELL_CODE, true, "The issue's or criterion's"},
    {"text", "what", CELL_TEXT, true, "Its title, or what was found"},
    {"who", "by", CELL_TEXT, true, "By whose act it arose"},
    {"since", "since", CELL_TIME, true, "When"},
    {"seq", "seq", CELL_EVENT, true, "The entry"},
    {"ended_by", "resolved by", CELL_TEXT, true, "By whose act; none: it is open"},
    {"ended", "resolved", CELL_TIME, true, "When"},
    {"ended_seq", "seq", CELL_EVENT, true, "The entry"},
};
static const struct sheet_form issues_form = {
    "issues", "Issues, and what must not stay",
    "Values outside their thresholds, failed items and commands, what was taken back, and issues.",
    "None.", COLUMNS(issue_columns)};

struct sheet *casefile_rows_issues(const struct timeline *timeline)
{
    const struct deployment *d = timeline->deployment;
    struct sheet *sheet = sheet_new(&issues_form);
    for (size_t i = 0; i < d->criterion_count; i++) {
        sheet_add(sheet);
        sheet_put_text(sheet, ISSUE_ID, d->criteria[i].id);
        sheet_put_text(sheet, ISSUE_TEXT, d->criteria[i].text);
        put_mark(sheet, ISSUE_WHO, &d->criteria[i].arose);
        put_mark(sheet, ISSUE_ENDED_BY, &d->criteria[i].resolved);
    }
    for (size_t i = 0; i < d->issue_count; i++) {
        sheet_add(sheet);
        sheet_put_text(sheet, ISSUE_ID, d->issues[i].id);
        sheet_put_text(sheet, ISSUE_TEXT, d->issues[i].title);
        put_mark(sheet, ISSUE_WHO, &d->issues[i].opened);
        put_mark(sheet, ISSUE_ENDED_BY, &d->issues[i].resolved);
    }
    return sheet;
}

enum { LANE_ROLE, LANE_WHO, LANE_ACTS, LANE_REFUSED, LANE_FLAGGED, LANE_FIRST, LANE_LAST };
static const struct column lane_columns[] = {
    {"role", "role", CELL_TEXT, true, "Or several"},
    {"who", "who", CELL_TEXT, true, "Whoever acted in it"},
    {"acts", "entries", CELL_COUNT, true, "How many"},
    {"refused", "refused", CELL_COUNT, true, "Of them"},
    {"flagged", "flagged", CELL_COUNT, true, "Of them"},
    {"first", "first", CELL_TIME, true, "Of their acts"},
    {"last", "last", CELL_TIME, true, "Of their acts"},
};
static const struct sheet_form lanes_form = {"people", "Who acted", NULL, "Nobody.",
                                             COLUMNS(lane_columns)};

struct sheet *casefile_rows_people(const struct timeline *timeline)
{
    struct sheet *sheet = sheet_new(&lanes_form);
    for (size_t i = 0; i < timeline->lane_count; i++) {
        const struct timeline_lane *lane = &timeline->lanes[i];
        sheet_add(sheet);
        sheet_put_text(sheet, LANE_ROLE, lane->name);
        sheet_put_text(sheet, LANE_WHO, lane->who);
        sheet_put_number(sheet, LANE_ACTS, lane->acts);
        sheet_put_number(sheet, LANE_REFUSED, lane->refused);
        sheet_put_number(sheet, LANE_FLAGGED, lane->flagged);
        sheet_put_number(sheet, LANE_FIRST, (uint64_t)lane->first_us);
        sheet_put_number(sheet, LANE_LAST, (uint64_t)lane->last_us);
    }
    return sheet;
}
