#include "replay/facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/offset.h"
#include "replay/standing.h"

const char *facts_kind(enum fact_kind kind)
{
    static const char *const names[] = {
#define X(name, text) text,
        FACT_TABLE(X)
#undef X
    };
    return names[kind];
}

/* Adds one; takes the contents of ${text}. */
static struct fact *add(struct facts *facts, enum fact_kind kind, const char *name,
                        struct buf *text, const struct mark *by)
{
    struct fact *fact = MEM_PUSH(facts->list, facts->count, facts->cap);
    fact->kind = kind;
    fact->name = mem_text(name);
    fact->text = buf_take_text(text);
    if (by != NULL)
        fact->by = *by;
    return fact;
}

static void add_because(struct buf *text, const char *why)
{
    if (why != NULL && why[0] != '\0')
        buf_printf(text, ": %s", why);
}

static void add_time(struct buf *text, int64_t time_us)
{
    char time[INSTANT_TEXT_BYTES];
    instant_short(time_us, time);
    buf_printf(text, "%s UTC", time);
}

static void add_clock(const struct deployment *deployment, struct facts *facts)
{
    struct buf text = {0};
    bool started = deployment->clock_started.set;
    if (deployment->has_t0) {
        add_time(&text, deployment->t0_us);
        buf_text(&text, started ? ", confirmed" : ", planned");
        add(facts, FACT_COURSE, "T+0", &text, started ? &deployment->clock_started : NULL);
    }
    if (deployment->has_window) {
        add_time(&text, deployment->window_from_us);
        buf_text(&text, " to ");
        add_time(&text, deployment->window_to_us);
        add(facts, FACT_COURSE, "window", &text, NULL);
    }
}

/* What brought the deployment to its phase. */
static const struct mark *phase_by(const struct deployment *deployment)
{
    switch (deployment->phase) {
    case PHASE_CLOSED:
        return &deployment->closed;
    case PHASE_ROLLING_BACK:
        return &deployment->rollback_started;
    case PHASE_ROLLED_BACK:
        return &deployment->rollback_finished;
    case PHASE_UNOPENED:
    case PHASE_OPEN:
        break;
    }
    return &deployment->opened;
}

static void add_course(const struct deployment *deployment, struct facts *facts)
{
    struct buf text = {0};
    buf_text(&text, deployment_phase_name(deployment->phase));
    if (deployment->outcome != NULL)
        buf_printf(&text, " as %s", deployment->outcome);
    add(facts, FACT_COURSE, "phase", &text, phase_by(deployment));
    add_clock(deployment, facts);
    if (deployment->emergency.set) {
        buf_text(&text, "declared");
        add_because(&text, deployment->emergency_reason);
        add(facts, FACT_COURSE, "emergency", &text, &deployment->emergency);
    }
    if (!deployment->rollback_started.set)
        return;
    buf_text(&text, "started");
    add_because(&text, deployment->rollback_reason);
    if (deployment->rollback_finished.set)
        buf_printf(&text, "; finished: %s",
                   deployment->rollback_status != NULL ? deployment->rollback_status : "");
    add(facts, FACT_COURSE, "rollback", &text,
        deployment->rollback_finished.set ? &deployment->rollback_finished
                                          : &deployment->rollback_started);
}

static void add_gates(const struct deployment *deployment, struct facts *facts)
{
    for (size_t i = 0; i < deployment->checklist->gate_count; i++) {
        size_t node = deployment->checklist->gates[i];
        struct buf text = {0};
        char name[32];
        snprintf(name, sizeof(name), "gate %zu", i + 1);
        buf_text(&text, deployment_gate_open(deployment, node) ? "open" : "not open");
        struct fact *fact = add(facts, FACT_GATE, name, &text, &deployment->nodes[node].mark);
        fact->label = deployment->checklist->nodes[node].label;
    }
}

/* The act that a node's standing comes from. */
static const struct mark *act_of(const struct node_state *state, enum standing standing)
{
    return standing == STANDING_WAIVED   ? &state->waived
           : standing == STANDING_UNDONE ? &state->undone
                                         : &state->mark;
}

static void add_node(const struct deployment *deployment, size_t at, struct facts *facts)
{
    const struct node_state *state = &deployment->nodes[at];
    enum standing standing = standing_of(deployment, at);
    const struct mark *by = act_of(state, standing);
    struct buf text = {0};
    if (!by->set)
        return;
    buf_text(&text, standing_name(standing));
    if (standing == STANDING_WAIVED)
        add_because(&text, state->waive_reason);
    else if (standing == STANDING_UNDONE)
        add_because(&text, state->undo_reason);
    else if (state->value != NULL)
        buf_printf(&text, ": %s%s%s", state->value, state->unit != NULL ? " " : "",
                   state->unit != NULL ? state->unit : "");
    if (state->suspect)
        buf_text(&text, " (suspect: by a key that was revoked since)");
    struct fact *fact = add(facts, FACT_NODE, deployment->checklist->nodes[at].id, &text, by);
    fact->label = deployment->checklist->nodes[at].label;
}

static void add_threshold(const struct deployment *deployment, size_t at, struct facts *facts)
{
    const struct measured *measured = &deployment->nodes[at].measured;
    struct buf text = {0};
    if (!measured->mark.set)
        return;
    buf_text(&text, measured->within ? "kept" : "broken");
    if (!measured->within)
        add_because(&text, measured->text);
    struct fact *fact =
        add(facts, FACT_THRESHOLD, deployment->checklist->nodes[at].id, &text, &measured->mark);
    fact->label = deployment->checklist->nodes[at].label;
}

static void add_criteria(const struct deployment *deployment, struct facts *facts)
{
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *one = &deployment->criteria[i];
        struct buf name = {0}, text = {0};
        buf_printf(&name, "%s from #%" PRIu64, one->id, one->arose.pos);
        buf_text(&text, one->resolved.set ? "resolved" : "unresolved");
        add_because(&text, one->text);
        add(facts, FACT_CRITERION, (const char *)name.data, &text,
            one->resolved.set ? &one->resolved : &one->arose);
        buf_free(&name);
    }
}

/* Of one person in one role the latest counts; assignments that have ended say nothing. */
static void add_assignments(const struct deployment *deployment, struct facts *facts)
{
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *one = &deployment->assignments[i];
        struct buf name = {0}, text = {0};
        if (one->to_pos != SEQ_NONE)
            continue;
        buf_printf(&name, "%s: %s", one->role, one->principal);
        buf_text(&text, "assigned");
        if (one->until_us != INT64_MAX) {
            buf_text(&text, " until ");
            add_time(&text, one->until_us);
        }
        add(facts, FACT_ASSIGNMENT, (const char *)name.data, &text, &one->made);
        buf_free(&name);
    }
}

static void add_issues(const struct deployment *deployment, struct facts *facts)
{
    for (size_t i = 0; i < deployment->issue_count; i++) {
        const struct issue *one = &deployment->issues[i];
        struct buf text = {0};
        buf_printf(&text, "%s, severity %d", one->resolved.set ? "resolved" : "open",
                   one->severity);
        add_because(&text, one->title);
        add(facts, FACT_ISSUE, one->id, &text,
            one->resolved.set  ? &one->resolved
            : one->changed.set ? &one->changed
                               : &one->opened);
    }
}

static void add_position(struct facts *facts, enum fact_kind kind, struct buf *text,
                         const struct mark *by)
{
    char name[32];
    snprintf(name, sizeof(name), "#%" PRIu64, by->pos);
    add(facts, kind, name, text, by);
}

static void add_told(const struct deployment *deployment, uint64_t from, struct facts *facts)
{
    struct buf text = {0};
    for (size_t i = 0; i < deployment->sample_count; i++) {
        const struct sample *one = &deployment->samples[i];
        if (one->mark.pos < from)
            continue;
        buf_printf(&text, "%s: %s%s%s", one->metric, one->value_text,
                   one->unit[0] != '\0' ? " " : "", one->unit);
        add_position(facts, FACT_SAMPLE, &text, &one->mark);
    }
    for (size_t i = 0; i < deployment->note_count; i++) {
        const struct note_taken *one = &deployment->notes[i];
        if (one->mark.pos < from)
            continue;
        if (deployment->checklist != NULL && one->node != CHECKLIST_NONE)
            buf_printf(&text, "on %s: ", deployment->checklist->nodes[one->node].id);
        buf_text(&text, one->text);
        add_position(facts, FACT_NOTE, &text, &one->mark);
    }
}

void facts_of(const struct deployment *deployment, uint64_t from, struct facts *ret)
{
    struct facts facts = {0};
    add_course(deployment, &facts);
    if (deployment->checklist != NULL) {
        add_gates(deployment, &facts);
        for (size_t i = 0; i < deployment->checklist->node_count; i++) {
            add_node(deployment, i, &facts);
            add_threshold(deployment, i, &facts);
        }
    }
    add_criteria(deployment, &facts);
    add_assignments(deployment, &facts);
    add_issues(deployment, &facts);
    add_told(deployment, from, &facts);
    *ret = facts;
}

static void clear(struct fact *fact)
{
    free(fact->name);
    free(fact->text);
}

/* They are the last. */
void facts_forget_told(struct facts *facts)
{
    while (facts->count > 0 && (facts->list[facts->count - 1].kind == FACT_SAMPLE ||
                                facts->list[facts->count - 1].kind == FACT_NOTE))
        clear(&facts->list[--facts->count]);
}

void facts_free(struct facts *facts)
{
    for (size_t i = 0; i < facts->count; i++)
        clear(&facts->list[i]);
    free(facts->list);
    *facts = (struct facts){0};
}
