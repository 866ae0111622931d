#include "replay/comparison.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/layout.h"
#include "replay/offset.h"
#include "replay/standing.h"
#include "replay/timeline.h"

#define VALUE_INDENT 6

/* The two deployments while they are compared, and where it goes. */
struct comparison {
    const struct timeline *sides[2];
    json_t *rows; /* NULL: text */
    struct buf *buf;
    const char *group; /* under whose heading the next row belongs */
    bool headed;       /* that heading is written */
    size_t same;       /* rows that do not differ */
};

/* Says one thing of one side; nothing where there is nothing to say. */
typedef void say_fn(const struct timeline *timeline, size_t at, struct buf *text);

/* What a row is about. */
struct subject {
    const char *name;
    const char *label; /* may be NULL */
};

static void begin(struct comparison *comparison, const char *group)
{
    comparison->group = group;
    comparison->headed = false;
}

static void add_text(struct comparison *comparison, struct subject subject,
                     const char *const values[2])
{
    struct buf *buf = comparison->buf;
    struct buf line = {0};
    if (!comparison->headed)
        buf_printf(buf, "\n%s\n", comparison->group);
    comparison->headed = true;
    buf_printf(&line, "%s%s%s", subject.name, subject.label != NULL ? " " : "",
               subject.label != NULL ? subject.label : "");
    buf_text(buf, "  ");
    layout_wrap(buf, 2, 4, (const char *)line.data);
    buf_free(&line);
    for (size_t i = 0; i < 2; i++) {
        buf_printf(buf, "%*s%s ", VALUE_INDENT - 2, "", i == 0 ? "-" : "+");
        layout_wrap(buf, VALUE_INDENT, VALUE_INDENT, values[i] != NULL ? values[i] : "nothing");
    }
}

static void add_json(const struct comparison *comparison, struct subject subject,
                     const char *const values[2])
{
    json_t *row = json_object(), *list = json_array();
    ijson_put(row, "group", ijson_text(comparison->group));
    ijson_put(row, "name", ijson_text(subject.name));
    ijson_put(row, "label", ijson_text(subject.label));
    for (size_t i = 0; i < 2; i++)
        json_array_append_new(list, ijson_text(values[i]));
    ijson_put(row, "values", list);
    json_array_append_new(comparison->rows, row);
}

static void compare(struct comparison *comparison, struct subject subject, say_fn *say, size_t at)
{
    struct buf texts[2] = {{0}, {0}};
    const char *values[2] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) {
        say(comparison->sides[i], at, &texts[i]);
        if (texts[i].bytes > 0)
            values[i] = (const char *)texts[i].data;
    }
    if (values[0] == values[1] ||
        (values[0] != NULL && values[1] != NULL && strcmp(values[0], values[1]) == 0))
        comparison->same += values[0] != NULL;
    else if (comparison->rows != NULL)
        add_json(comparison, subject, values);
    else
        add_text(comparison, subject, values);
    for (size_t i = 0; i < 2; i++)
        buf_free(&texts[i]);
}

static void say_release(const struct timeline *timeline, size_t at, struct buf *text)
{
    (void)at;
    if (timeline->deployment->release != NULL)
        buf_text(text, timeline->deployment->release);
}

static void say_phase(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    (void)at;
    buf_text(text, deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(text, " as %s", deployment->outcome);
}

static void say_length(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    const struct mark *end = deployment->closed.set ? &deployment->closed : &deployment->last;
    (void)at;
    offset_length(text, end->time_us - deployment->first.time_us);
    buf_text(text, deployment->closed.set ? " from the first entry to the closing"
                                          : " from the first entry to the last");
}

static void say_entries(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    (void)at;
    buf_printf(text, "%" PRIu64 ", %zu flagged, %zu refused", deployment->entries,
               deployment->flagged, deployment->refused);
}

static void say_trouble(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    (void)at;
    if (deployment->emergency.set)
        buf_text(text, "an emergency");
    if (deployment->rollback_started.set)
        buf_printf(text, "%sa rollback%s%s", text->bytes > 0 ? ", " : "",
                   deployment->rollback_reason != NULL ? ": " : "",
                   deployment->rollback_reason != NULL ? deployment->rollback_reason : "");
}

static void say_criteria(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    (void)at;
    for (size_t i = 0; i < deployment->criterion_count; i++)
        buf_printf(text, "%s%s%s", i > 0 ? ", " : "", deployment->criteria[i].id,
                   deployment->criteria[i].resolved.set ? "" : " (unresolved)");
}

static void say_issues(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    (void)at;
    for (size_t i = 0; i < deployment->issue_count; i++)
        buf_printf(text, "%s%s of severity %d: %s", i > 0 ? ", " : "", deployment->issues[i].id,
                   deployment->issues[i].severity, deployment->issues[i].title);
}

static void say_section(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct timeline_section *sum = &timeline->sections[at];
    if (sum->acts == 0)
        return;
    timeline_took(timeline, sum, text);
    if (sum->late == 0 && sum->late_us == 0)
        return;
    buf_text(text, "; ");
    timeline_lateness(sum, text);
}

static void say_threshold(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct timeline_threshold *sum = &timeline->thresholds[at];
    if (sum->readings == 0)
        return;
    buf_printf(text, "%zu outside of %zu, worst %s, last %s", sum->outside, sum->readings,
               timeline_reading(&timeline->rows[sum->worst]),
               timeline_reading(&timeline->rows[sum->last]));
}

static void say_value(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct node_state *state = &timeline->deployment->nodes[at];
    if (state->value != NULL)
        buf_printf(text, "%s%s%s", state->value, state->unit != NULL ? " " : "",
                   state->unit != NULL ? state->unit : "");
}

/* An approval or a decision: what, who, and when against T0. */
static void say_decided(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct node_state *state = &timeline->deployment->nodes[at];
    enum standing standing = standing_of(timeline->deployment, at);
    const struct mark *by = standing == STANDING_UNDONE ? &state->undone : &state->mark;
    if (!by->set)
        return;
    buf_printf(text, "%s by %s", state->value != NULL ? state->value : standing_name(standing),
               by->principal);
    if (timeline->deployment->has_t0) {
        buf_text(text, ", ");
        timeline_offset(timeline, by->time_us, text);
    }
}

/* What was to be done and was not, or only by a word. */
static void say_skipped(const struct timeline *timeline, size_t at, struct buf *text)
{
    const struct deployment *deployment = timeline->deployment;
    const struct node_state *state = &deployment->nodes[at];
    enum standing standing = standing_of(deployment, at);
    const char *why = standing == STANDING_WAIVED ? state->waive_reason : state->note;
    if (standing == STANDING_WAIVED || standing == STANDING_NA)
        buf_printf(text, "%s%s%s", standing_name(standing), why != NULL ? ": " : "",
                   why != NULL ? why : "");
    else if (standing_step(deployment, at) && !deployment_met(deployment, at))
        buf_text(text, "not done");
}

static void compare_course(struct comparison *comparison)
{
    begin(comparison, "Course");
    compare(comparison, (struct subject){"release", NULL}, say_release, 0);
    compare(comparison, (struct subject){"phase", NULL}, say_phase, 0);
    compare(comparison, (struct subject){"length", NULL}, say_length, 0);
    compare(comparison, (struct subject){"entries", NULL}, say_entries, 0);
    compare(comparison, (struct subject){"trouble", NULL}, say_trouble, 0);
    compare(comparison, (struct subject){"criteria", NULL}, say_criteria, 0);
    compare(comparison, (struct subject){"issues", NULL}, say_issues, 0);
}

static bool is_decided(const struct node *node)
{
    return node->kind == NODE_APPROVAL || node->kind == NODE_DECISION;
}

static void compare_nodes(struct comparison *comparison, const char *group, say_fn *say)
{
    const struct checklist *checklist = comparison->sides[0]->deployment->checklist;
    begin(comparison, group);
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        bool valued =
            node->kind == NODE_FIELD || node->kind == NODE_STATUS || node->kind == NODE_CHOICE;
        if (say == say_decided ? is_decided(node) : say == say_skipped ? !is_decided(node) : valued)
            compare(comparison, (struct subject){node->id, node->label}, say, i);
    }
}

static void compare_all(struct comparison *comparison)
{
    const struct timeline *one = comparison->sides[0];
    const struct checklist *checklist = one->deployment->checklist;
    compare_course(comparison);
    begin(comparison, "Sections");
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        compare(comparison, (struct subject){section->id, section->title}, say_section, i);
    }
    begin(comparison, "Thresholds");
    for (size_t i = 0; i < one->threshold_count; i++) {
        const struct node *item = &checklist->nodes[one->thresholds[i].item];
        compare(comparison, (struct subject){item->id, item->label}, say_threshold, i);
    }
    compare_nodes(comparison, "Decided by", say_decided);
    compare_nodes(comparison, "Skipped", say_skipped);
    compare_nodes(comparison, "Values", say_value);
}

static enum err same_checklist(struct timeline *const sides[2], struct err_text *ret_why)
{
    const struct checklist *one = sides[0]->deployment->checklist;
    const struct checklist *other = sides[1]->deployment->checklist;
    for (size_t i = 0; i < 2; i++) {
        if (sides[i]->deployment->checklist == NULL)
            return err_say(ret_why, ERR_CONFLICT, "%s was never opened: it has no checklist",
                           sides[i]->deployment->id);
    }
    if (memcmp(one->sha256, other->sha256, HASH_BYTES) != 0)
        return err_say(ret_why, ERR_CONFLICT,
                       "%s and %s were run from different checklists; compare their timelines",
                       sides[0]->deployment->id, sides[1]->deployment->id);
    return ERR_OK;
}

static void describe(const struct timeline *const sides[2], bool json, struct buf *buf)
{
    struct comparison comparison = {.sides = {sides[0], sides[1]}, .buf = buf};
    const char *one = sides[0]->deployment->id, *other = sides[1]->deployment->id;
    if (json)
        comparison.rows = json_array();
    else
        buf_printf(buf, "- %s\n+ %s\n", one, other);
    compare_all(&comparison);
    if (!json) {
        buf_printf(buf, "\n%zu more are the same in both\n", comparison.same);
        return;
    }
    json_t *all = json_pack("{s:[s,s], s:I, s:o}", "ids", one, other, "same",
                            (json_int_t)comparison.same, "rows", comparison.rows);
    ijson_pretty(all, buf);
    json_decref(all);
}

enum err comparison_make(struct errand *errand, const char *const ids[2], bool json,
                         struct buf *buf, struct err_text *ret_why)
{
    struct timeline *sides[2] = {NULL, NULL};
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < 2; i++)
        err = timeline_make(errand, ids[i], &sides[i], ret_why);
    if (err == ERR_OK)
        err = same_checklist(sides, ret_why);
    if (err == ERR_OK)
        describe((const struct timeline *const[2]){sides[0], sides[1]}, json, buf);
    for (size_t i = 0; i < 2; i++)
        timeline_free(sides[i]);
    return err;
}
