#include "reports/demo_dispute.h"

#include <string.h>

#include "reports/demo_data.h"

static const struct node *node_of(const struct demo_story *story, const struct demo_step *step)
{
    return step->node == CHECKLIST_NONE ? NULL : &story->edition->checklist->nodes[step->node];
}

static bool is_gate(const struct demo_story *story, const struct demo_step *step)
{
    (void)story;
    return step->what == DEMO_DECISION;
}

static bool is_first_gate(const struct demo_story *story, const struct demo_step *step)
{
    return step->what == DEMO_DECISION && step->node == story->edition->checklist->gates[0];
}

static bool is_approval(const struct demo_story *story, const struct demo_step *step)
{
    return step->what == DEMO_APPROVAL && !node_of(story, step)->signature && !story->emergency;
}

static bool is_closing(const struct demo_story *story, const struct demo_step *step)
{
    return step->what == DEMO_CLOSE && story->end == DEMO_SUCCESSFUL;
}

/* What the gate needs is not there yet: its own items are done a minute before. */
static bool not_ready(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, at_us - 75 * INSTANT_SECOND_US, DEMO_GOOD);
    return true;
}

/* An item of the checklist's first section that stands on somebody's word. */
static const struct node *some_item(const struct demo_story *story)
{
    const struct demo_plan *plan = &story->edition->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct node *node = node_of(story, &plan->steps[i]);
        if (plan->steps[i].what == DEMO_CHECK && node->command == NULL && node->threshold == NULL &&
            node->role == NULL)
            return node;
    }
    return NULL;
}

/* Between what was seen and what was signed something was taken back. */
static bool stale(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    const struct node *item = some_item(story);
    size_t who = demo_story_person(story);
    if (item == NULL)
        return true;
    demo_story_add(story,
                   (struct demo_by){demo_story_between(story, at_us, 1, 5),
                                    demo_story_machine(story, DEMO_MONITOR)},
                   "note.added", "\"text\":\"Ready to decide.\"")
        ->marked = true;
    demo_story_add(story, (struct demo_by){demo_story_between(story, at_us, 2, 5), who},
                   "item.reopened", "\"node\":\"%s\",\"reason\":\"somebody asked again\"",
                   item->id);
    demo_data_step(story, step, demo_story_between(story, at_us, 3, 5), DEMO_GOOD)->rests =
        DEMO_RESTS_MARK;
    demo_story_add(story, (struct demo_by){demo_story_between(story, at_us, 4, 5), who},
                   "item.checked", "\"node\":\"%s\",\"result\":\"pass\"", item->id);
    return true;
}

static bool wrong_basis(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 2), DEMO_GOOD)->rests =
        DEMO_RESTS_WRONG;
    return true;
}

/* Somebody who has not the role. */
static bool not_authorized(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 2), DEMO_GOOD)->who =
        demo_story_person(story);
    return true;
}

/* The pipeline would do it for them. */
static bool unsigned_act(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 2), DEMO_GOOD)->who =
        demo_story_machine(story, DEMO_DEPLOY);
    return true;
}

static bool rejected(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_story_add(story,
                   (struct demo_by){demo_story_between(story, at_us, 1, 2),
                                    demo_story_part(story, step->role)},
                   "approval.rejected", "\"node\":\"%s\",\"role\":\"%s\",\"reason\":\"%s\"",
                   node_of(story, step)->id, step->role,
                   "the rollback plan names the wrong release");
    return true;
}

static bool withdrawn(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    size_t who = demo_story_part(story, step->role);
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 3), DEMO_GOOD);
    demo_story_add(story, (struct demo_by){demo_story_between(story, at_us, 2, 3), who},
                   "approval.withdrawn", "\"node\":\"%s\",\"role\":\"%s\",\"reason\":\"%s\"",
                   node_of(story, step)->id, step->role, "I had the other release before me");
    return true;
}

/* Given long before what it is about is done: the rest of the section follows it. */
static bool blind(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    int64_t early_us = story->opened_us + (at_us - story->opened_us) * 2 / 3;
    demo_data_step(story, step, early_us, DEMO_GOOD);
    return false;
}

/* First no, half an hour later yes. */
static bool hesitated(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    struct buf value = {0};
    demo_data_member(&value, "value", node_of(story, step)->options[1].label);
    demo_story_add(story,
                   (struct demo_by){demo_story_between(story, at_us, 1, 2),
                                    demo_story_part(story, step->role)},
                   "decision.made", "\"node\":\"%s\"%s,\"comment\":\"one question is open\"",
                   node_of(story, step)->id, (const char *)value.data)
        ->rests = DEMO_RESTS_HEAD;
    buf_free(&value);
    return true;
}

static bool not_closable(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    int64_t early_us = story->slot->t0_us + (at_us - story->slot->t0_us) / 2;
    demo_data_step(story, step, early_us, DEMO_GOOD);
    return true;
}

/* Somebody works on after it was closed. */
static bool after_closing(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    const struct node *item = some_item(story);
    (void)step;
    if (item != NULL)
        demo_story_add(story,
                       (struct demo_by){at_us + 40 * INSTANT_MINUTE_US, demo_story_person(story)},
                       "item.checked", "\"node\":\"%s\",\"result\":\"pass\"", item->id);
    return true;
}

const struct demo_mishap demo_disputes[DEMO_DISPUTES] = {
    {35, is_gate, not_ready},        {30, is_first_gate, stale},
    {6, is_gate, wrong_basis},       {40, is_approval, not_authorized},
    {12, is_approval, unsigned_act}, {25, is_approval, rejected},
    {12, is_approval, withdrawn},    {35, is_approval, blind},
    {18, is_first_gate, hesitated},  {25, is_closing, not_closable},
    {15, is_closing, after_closing},
};
