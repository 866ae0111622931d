#include "reports/demo_fate.h"

#include <string.h>

#include "reports/demo_data.h"
#include "reports/demo_extra.h"

#define MINUTE_MS 60000LL
#define HOUR_S 3600LL

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
static enum demo_end end_of(struct demo_story *story)
{
    static const struct {
        unsigned per_mille;
        enum demo_end end;
    } ends[] = {{52, DEMO_ROLLED_BACK}, {20, DEMO_FAILED}, {32, DEMO_ABANDONED}};
    if (demo_story_turn(story, 130, 50))
        return DEMO_FORGOTTEN;
    if (demo_story_turn(story, 120, 60))
        return DEMO_NEVER_OPENED;
    uint64_t at = demo_dice_below(&story->dice, 1000);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (at < ends[i].per_mille)
            return ends[i].end;
        at -= ends[i].per_mille;
    }
    return DEMO_SUCCESSFUL;
}

/* Opened while what is late is refused: then people take care. */
static bool is_strict(const struct demo_story *story)
{
    int64_t t0_us = story->slot->t0_us;
    const int64_t *days = story->world->days;
    return t0_us >= days[DEMO_STRICT] - INSTANT_DAY_US &&
           t0_us < days[DEMO_STRICT_OVER] + 3 * INSTANT_DAY_US;
}

void demo_fate_settle(struct demo_story *story)
{
    struct demo_dice *dice = &story->dice;
    const struct checklist *checklist = story->edition->checklist;
    int64_t first_gate = gate_ms(story, 0), last_gate = gate_ms(story, checklist->gate_count - 1);
    story->end = end_of(story);
    story->emergency = demo_dice_chance(dice, story->slot->urgent ? 500 : 6) &&
                       story->end <= DEMO_FAILED && !is_strict(story);
    story->tight = demo_dice_chance(dice, 3) || demo_story_turn(story, 140, 33);
    story->cut_ms = INT64_MAX;
    if (story->end == DEMO_ABANDONED)
        story->cut_ms = first_gate;
    if (story->end == DEMO_ROLLED_BACK || story->end == DEMO_FAILED)
        story->cut_ms = demo_dice_between(dice, 2 * MINUTE_MS, last_gate - MINUTE_MS);
    if (story->end == DEMO_FORGOTTEN)
        story->cut_ms = demo_dice_between(dice, last_gate, last_gate + 4 * MINUTE_MS);
    if (!story->emergency && demo_dice_chance(dice, 40))
        story->moved_us = demo_dice_between(dice, 2, 40) * 30 * INSTANT_MINUTE_US;
    if (!story->emergency && !is_strict(story) && demo_dice_chance(dice, 60)) {
        story->delay_us = demo_dice_between(dice, 2, 14) * INSTANT_MINUTE_US;
        story->delay_from_ms = demo_dice_between(dice, first_gate, last_gate);
    }
    int64_t begin_us = story->slot->t0_us + story->edition->plan.steps[0].at_ms * 1000;
    if (story->emergency)
        begin_us = story->slot->t0_us + first_gate * 1000 - 50 * INSTANT_MINUTE_US;
    story->opened_us = begin_us - demo_dice_between(dice, 4, 90) * INSTANT_MINUTE_US;
}

static bool holds_approvals(const struct demo_story *story, size_t node)
{
    const struct checklist *checklist = story->edition->checklist;
    for (size_t i = node + 1; i < checklist->node_count && checklist_child_of(checklist, i, node);
         i++) {
        if (checklist->nodes[i].kind == NODE_APPROVAL)
            return true;
    }
    return false;
}

bool demo_fate_leaves_out(const struct demo_story *story, const struct demo_step *step)
{
    if (!story->emergency || step->at_ms >= gate_ms(story, 0))
        return false;
    return step->what == DEMO_APPROVAL ||
           (step->what == DEMO_CHECK && holds_approvals(story, step->node));
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
    char repaired[DEMO_ID_BYTES];
    demo_data_member(buf, "reason", reason);
    if (story->repairs != SIZE_MAX) {
        demo_world_id(story->world, story->repairs, repaired);
        buf_printf(buf, ",\"repairs\":[\"%s\"]", repaired);
    }
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
    int64_t at_us = later(story, 20, 200);
    struct buf started = {0};
    bool seen = demo_dice_chance(&story->dice, 500);
    size_t who = demo_story_person(story);
    int severity = (int)demo_dice_between(&story->dice, 1, 2);
    demo_data_instant(&started, "started",
                      at_us - demo_dice_between(&story->dice, 20, 400) * INSTANT_SECOND_US);
    demo_story_add(story, (struct demo_by){at_us, who}, "issue.opened",
                   "\"issue\":\"%s-1\",\"title\":\"%s\",\"severity\":%d%s", story->id,
                   seen ? "errors rise after the step before" : "customers see the old release",
                   severity, (const char *)started.data);
    buf_free(&started);
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
    if (demo_dice_chance(&story->dice, 120))
        demo_extra_other_image(story, later(story, 10, 60));
    if (story->end == DEMO_ROLLED_BACK)
        decide_back(story);
}

void demo_fate_resolve(struct demo_story *story)
{
    if (demo_dice_chance(&story->dice, 100))
        return;
    int64_t at_us = later(story, 60, 2400);
    demo_story_add(story, (struct demo_by){at_us, demo_story_person(story)}, "issue.resolved",
                   "\"issue\":\"%s-1\",\"text\":\"customers are served as before\"", story->id);
}

/* The step in which the item is ticked that approvals are nested in; NULL without one. */
static const struct demo_step *approvals_item(const struct demo_story *story)
{
    const struct demo_plan *plan = &story->edition->plan;
    for (size_t i = 0; i < plan->count; i++) {
        if (plan->steps[i].what == DEMO_CHECK && holds_approvals(story, plan->steps[i].node))
            return &plan->steps[i];
    }
    return NULL;
}

/* The approvals that were left out, each some hours after T0; gives when the last was given. */
static int64_t approve_late(struct demo_story *story, int64_t from_hours, int64_t to_hours)
{
    const struct demo_plan *plan = &story->edition->plan;
    int64_t first_gate = gate_ms(story, 0), last_us = 0;
    for (size_t i = 0; i < plan->count && plan->steps[i].at_ms < first_gate; i++) {
        int64_t after_s = demo_dice_between(&story->dice, from_hours * HOUR_S, to_hours * HOUR_S);
        /* Three days are allowed. */
        if (to_hours > 48 && demo_dice_chance(&story->dice, 150))
            after_s += 73 * HOUR_S;
        int64_t at_us = story->slot->t0_us + after_s * INSTANT_SECOND_US;
        if (plan->steps[i].what != DEMO_APPROVAL)
            continue;
        demo_data_step(story, &plan->steps[i], at_us, DEMO_GOOD);
        last_us = at_us > last_us ? at_us : last_us;
    }
    return last_us;
}

int64_t demo_fate_make_good(struct demo_story *story, int64_t at_us)
{
    const struct checklist *checklist = story->edition->checklist;
    const struct demo_step *item = approvals_item(story);
    const char *authority = checklist->nodes[checklist->gates[checklist->gate_count - 1]].authority;
    bool done = story->end == DEMO_SUCCESSFUL;
    if (!story->emergency || item == NULL)
        return at_us;
    if (done && demo_dice_chance(&story->dice, 500)) {
        int64_t given_us = approve_late(story, 2, 40) + 4 * INSTANT_MINUTE_US;
        demo_data_step(story, item, given_us, DEMO_GOOD);
        return given_us > at_us ? given_us + 9 * INSTANT_MINUTE_US : at_us;
    }
    if (done)
        demo_story_add(story,
                       (struct demo_by){demo_story_between(story, at_us, 1, 2),
                                        demo_story_part(story, authority)},
                       "item.waived", "\"node\":\"%s\",\"reason\":\"emergency: approvals follow\"",
                       node_of(story, item)->id);
    approve_late(story, 2, 60);
    return at_us;
}
