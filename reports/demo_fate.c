#include "reports/demo_fate.h"

#include <string.h>

#include "reports/demo_data.h"

#define MINUTE_MS 60000LL
#define HOUR_US (60 * INSTANT_MINUTE_US)

static const struct node *node_of(const struct demo_story *story, const struct demo_step *step)
{
    return step->node == CHECKLIST_NONE ? NULL : &story->edition->checklist->nodes[step->node];
}

/* The gate's own step of the plan. */
static const struct demo_step *gate_step(const struct demo_story *story, size_t nth)
{
    const struct demo_plan *plan = &story->edition->plan;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->steps[i].what == DEMO_DECISION &&
            plan->steps[i].node == story->edition->checklist->gates[nth])
            return &plan->steps[i];
    }
    ASSERT(false);
    return NULL;
}

static int64_t gate_ms(const struct demo_story *story, size_t nth)
{
    return gate_step(story, nth)->at_ms;
}

/* Of a thousand: what becomes of them. */
static enum demo_end end_of(struct demo_dice *dice)
{
    static const struct {
        unsigned per_mille;
        enum demo_end end;
    } ends[] = {{52, DEMO_ROLLED_BACK},
                {20, DEMO_FAILED},
                {32, DEMO_ABANDONED},
                {7, DEMO_FORGOTTEN},
                {8, DEMO_NEVER_OPENED}};
    uint64_t at = demo_dice_below(dice, 1000);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (at < ends[i].per_mille)
            return ends[i].end;
        at -= ends[i].per_mille;
    }
    return DEMO_SUCCESSFUL;
}

void demo_fate_settle(struct demo_story *story)
{
    struct demo_dice *dice = &story->dice;
    const struct checklist *checklist = story->edition->checklist;
    int64_t first_gate = gate_ms(story, 0), last_gate = gate_ms(story, checklist->gate_count - 1);
    story->end = end_of(dice);
    story->emergency =
        story->end <= DEMO_FAILED && demo_dice_chance(dice, story->slot->urgent ? 500 : 6);
    story->cut_ms = INT64_MAX;
    if (story->end == DEMO_ABANDONED)
        story->cut_ms = first_gate;
    if (story->end == DEMO_ROLLED_BACK || story->end == DEMO_FAILED)
        story->cut_ms = demo_dice_between(dice, 2 * MINUTE_MS, last_gate - MINUTE_MS);
    if (story->end == DEMO_FORGOTTEN)
        story->cut_ms = demo_dice_between(dice, last_gate, last_gate + 4 * MINUTE_MS);
    if (!story->emergency && demo_dice_chance(dice, 90)) {
        story->delay_us = demo_dice_between(dice, 2, 25) * INSTANT_MINUTE_US;
        story->delay_from_ms = demo_dice_between(dice, first_gate, last_gate);
    }
    int64_t begin_us = story->slot->t0_us + story->edition->plan.steps[0].at_ms * 1000;
    if (story->emergency)
        begin_us = story->slot->t0_us + first_gate * 1000 - 50 * INSTANT_MINUTE_US;
    story->opened_us = begin_us - demo_dice_between(dice, 4, 90) * INSTANT_MINUTE_US;
}

bool demo_fate_leaves_out(const struct demo_story *story, const struct demo_step *step)
{
    const struct node *node = node_of(story, step);
    if (!story->emergency || step->at_ms >= gate_ms(story, 0))
        return false;
    if (step->what == DEMO_APPROVAL)
        return true;
    if (step->what != DEMO_CHECK)
        return false;
    /* The item that the approvals are nested in. */
    for (size_t i = step->node + 1; i < story->edition->checklist->node_count; i++) {
        if (checklist_child_of(story->edition->checklist, i, step->node) &&
            story->edition->checklist->nodes[i].kind == NODE_APPROVAL)
            return true;
    }
    return node == NULL;
}

int64_t demo_fate_window_us(const struct demo_story *story)
{
    /* Now and then too short a time was agreed. */
    bool tight = story->number % 61 == 7;
    return tight ? 50 * INSTANT_MINUTE_US : 26 * HOUR_US;
}

void demo_fate_reason(struct demo_story *story, struct buf *buf)
{
    static const char *const reasons[] = {
        "scheduled release",         "scheduled release",   "fix for a customer", "security update",
        "new tariff from Monday on", "library end of life", "performance",
    };
    static const char *const urgent[] = {"payments fail for one customer in ten",
                                         "all logins time out", "a leak fills the disk",
                                         "a vulnerability is being exploited"};
    struct demo_dice *dice = &story->dice;
    const char *reason =
        story->emergency ? urgent[demo_dice_below(dice, 4)] : reasons[demo_dice_below(dice, 7)];
    demo_data_member(buf, "reason", reason);
    demo_data_member(buf, "impact",
                     demo_dice_chance(dice, 300) ? "a few slow minutes" : "none for customers");
    if (story->emergency)
        buf_text(buf, ",\"emergency\":true");
}

/* A step of the plan that is not done any more, of some kind, from the cut on. */
static const struct demo_step *step_after_cut(const struct demo_story *story, enum demo_what what)
{
    const struct demo_plan *plan = &story->edition->plan;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->steps[i].at_ms >= story->cut_ms && plan->steps[i].what == what)
            return &plan->steps[i];
    }
    return NULL;
}

static int64_t later(struct demo_story *story, int64_t from_s, int64_t to_s)
{
    return story->last_us += demo_dice_between(&story->dice, from_s, to_s) * INSTANT_SECOND_US;
}

/* Something is found that is not as it must be. */
static void find_trouble(struct demo_story *story)
{
    const struct demo_step *sample = step_after_cut(story, DEMO_SAMPLE);
    const struct demo_step *command = step_after_cut(story, DEMO_COMMAND);
    if (command != NULL && (sample == NULL || demo_dice_chance(&story->dice, 400)))
        demo_data_step(story, command, later(story, 5, 40), DEMO_BAD);
    else if (sample != NULL)
        demo_data_step(story, sample, later(story, 5, 40), DEMO_BAD);
    demo_story_add(story, (struct demo_by){later(story, 20, 200), demo_story_person(story)},
                   "issue.opened", "\"issue\":\"%s-1\",\"title\":\"%s\",\"severity\":%d", story->id,
                   demo_dice_chance(&story->dice, 500) ? "errors rise after the step before"
                                                       : "customers see the old release",
                   (int)demo_dice_between(&story->dice, 1, 2));
}

static void decide_back(struct demo_story *story)
{
    const struct checklist *checklist = story->edition->checklist;
    size_t decision = CHECKLIST_NONE;
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].rollback_decision)
            decision = i;
    }
    int64_t at_us = later(story, 60, 600);
    if (decision == CHECKLIST_NONE || demo_dice_chance(&story->dice, 250)) {
        demo_story_add(story, (struct demo_by){at_us, story->lead}, "rollback.started",
                       "\"reason\":\"the release before must come back\"");
        return;
    }
    const struct node *node = &checklist->nodes[decision];
    struct buf value = {0};
    demo_data_member(&value, "value", node->options[1].label);
    demo_story_add(story, (struct demo_by){at_us, story->lead}, "decision.made",
                   "\"node\":\"%s\"%s,\"comment\":\"we go back\"", node->id,
                   (const char *)value.data)
        ->rests = DEMO_RESTS_HEAD;
    buf_free(&value);
}

static void decide_not_to(struct demo_story *story)
{
    static const char *const comments[] = {"the load test is not convincing",
                                           "the database is being moved today",
                                           "too few people are there", "a dependency is late"};
    const struct demo_step *gate = gate_step(story, 0);
    const struct node *node = node_of(story, gate);
    struct buf members = {0};
    int64_t at_us = story->slot->t0_us + gate->at_ms * 1000;
    story->last_us = at_us > story->last_us ? at_us : story->last_us + INSTANT_SECOND_US;
    buf_text(&members, gate->fixed);
    demo_data_member(&members, "value", node->options[1].label);
    demo_data_member(&members, "comment", comments[demo_dice_below(&story->dice, 4)]);
    demo_story_add(story, (struct demo_by){story->last_us, demo_story_part(story, gate->role)},
                   "decision.made", "%s", (const char *)members.data)
        ->rests = DEMO_RESTS_HEAD;
    buf_free(&members);
}

void demo_fate_turn(struct demo_story *story)
{
    if (story->end == DEMO_ABANDONED) {
        decide_not_to(story);
        return;
    }
    find_trouble(story);
    if (story->end == DEMO_ROLLED_BACK)
        decide_back(story);
}

void demo_fate_late_approvals(struct demo_story *story)
{
    const struct demo_plan *plan = &story->edition->plan;
    int64_t first_gate = gate_ms(story, 0);
    for (size_t i = 0; i < plan->count && plan->steps[i].at_ms < first_gate; i++) {
        const struct demo_step *step = &plan->steps[i];
        if (step->what != DEMO_APPROVAL)
            continue;
        /* Up to three days are allowed. */
        int64_t hours = demo_dice_chance(&story->dice, 120)
                            ? demo_dice_between(&story->dice, 74, 110)
                            : demo_dice_between(&story->dice, 2, 60);
        int64_t at_us = story->slot->t0_us + hours * HOUR_US +
                        demo_dice_between(&story->dice, 0, 3000) * INSTANT_SECOND_US;
        demo_data_step(story, step, at_us, DEMO_GOOD);
    }
}
