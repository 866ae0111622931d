#include "reports/demo_dispute.h"

#include <string.h>

#include "reports/demo_data.h"
#include "reports/demo_mishap.h"

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

/* What the gate needs is not there yet: its own items are done a minute before, of the first gate
 * nine. */
static bool not_ready(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    int64_t before_s = is_first_gate(story, step) ? 530 : 75;
    demo_data_step(story, step, at_us - before_s * INSTANT_SECOND_US, DEMO_GOOD);
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

/* Who wrote the change cannot approve it: somebody else of that role is called. */
static bool is_authors(const struct demo_story *story, const struct demo_step *step)
{
    if (!is_approval(story, step))
        return false;
    for (size_t i = 0; i < story->part_count; i++) {
        if (registry_role_same(story->parts[i].role, step->role))
            return story->parts[i].who == story->author;
    }
    return false;
}

static void assign(struct demo_story *story, int64_t at_us, const char *role, size_t who)
{
    demo_story_add(story, (struct demo_by){at_us, story->lead}, "role.assigned",
                   "\"role\":\"%s\",\"principal\":\"%s\"", role,
                   story->world->cast.members[who].name);
}

static bool by_author(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    size_t other = demo_story_other(story, step->role, story->author);
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 3), DEMO_GOOD);
    assign(story, demo_story_between(story, at_us, 2, 3), step->role, other);
    demo_data_step(story, step, at_us, DEMO_GOOD)->who = other;
    return false;
}

/* One person would approve twice: as what they are, and standing in for another. */
static bool is_twofold(const struct demo_story *story, const struct demo_step *step)
{
    bool leads = false;
    for (size_t i = 0; i < story->part_count; i++)
        leads = leads || (story->parts[i].who == story->world->turns.twofold &&
                          story->parts[i].who != story->author);
    return leads && is_approval(story, step) && strcmp(step->role, "Product Manager") == 0;
}

static bool twice(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    size_t who = story->world->turns.twofold;
    assign(story, demo_story_between(story, at_us, 1, 3), step->role, who);
    demo_data_step(story, step, demo_story_between(story, at_us, 2, 3), DEMO_GOOD)->who = who;
    return true;
}

/* Whose key is a security key there. */
static bool is_device(const struct demo_story *story, const struct demo_step *step)
{
    const struct demo_cast *cast = &story->world->cast;
    for (size_t i = 0; i < story->part_count; i++) {
        const struct demo_part *part = &story->parts[i];
        int64_t at_us = story->slot->t0_us + step->at_ms * 1000;
        if (registry_role_same(part->role, step->role))
            return cast->members[part->who].keys[demo_cast_key(cast, part->who, at_us)].form ==
                   DEMO_KEY_DEVICE;
    }
    return false;
}

static bool is_device_gate(const struct demo_story *story, const struct demo_step *step)
{
    return is_first_gate(story, step) && is_device(story, step);
}

/* A gate of the lead, who has opened the deployment with the same key. */
static bool is_leads_gate(const struct demo_story *story, const struct demo_step *step)
{
    return is_gate(story, step) && strcmp(step->role, "Deployment Lead") == 0 &&
           is_device(story, step);
}

static bool untouched(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, at_us, DEMO_GOOD)->touch.untouched = true;
    return false;
}

/* The counter of a copy. */
static bool counted_back(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, at_us, DEMO_GOOD)->touch.repeated = true;
    return false;
}

/* The item that approvals are nested in is ticked before they are given. */
static bool is_parent(const struct demo_story *story, const struct demo_step *step)
{
    const struct checklist *checklist = story->edition->checklist;
    return step->what == DEMO_CHECK && !story->emergency &&
           step->node + 1 < checklist->node_count &&
           checklist_child_of(checklist, step->node + 1, step->node) &&
           checklist->nodes[step->node + 1].kind == NODE_APPROVAL;
}

static bool children_open(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    int64_t early_us = story->opened_us + (at_us - story->opened_us) / 2;
    demo_data_step(story, step, early_us, DEMO_GOOD);
    return true;
}

static bool begun_early(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    (void)step;
    demo_mishap_work_on(story, demo_story_between(story, at_us, 1, 2));
    return true;
}

/* A value of long before is corrected at the very end. */
static bool corrected(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    const struct demo_plan *plan = &story->edition->plan;
    (void)step;
    for (size_t i = 0; i < plan->count; i++) {
        const struct node *node = node_of(story, &plan->steps[i]);
        if (plan->steps[i].what != DEMO_FIELD || !node->window.set || node->window.from_min >= 0)
            continue;
        demo_data_step(story, &plan->steps[i], demo_story_between(story, at_us, 1, 2), DEMO_GOOD);
        return true;
    }
    return true;
}

/* While what is late is refused. */
static bool is_strict_closing(const struct demo_story *story, const struct demo_step *step)
{
    const int64_t *days = story->world->days;
    return is_closing(story, step) && story->opened_us > days[DEMO_STRICT] &&
           story->opened_us < days[DEMO_STRICT_OVER];
}

const struct demo_mishap demo_disputes[DEMO_DISPUTES] = {
    {1000, is_authors, by_author},
    {40, is_twofold, twice},
    {35, is_gate, not_ready},
    {30, is_first_gate, stale},
    {6, is_gate, wrong_basis},
    {40, is_approval, not_authorized},
    {12, is_approval, unsigned_act},
    {25, is_approval, rejected},
    {12, is_approval, withdrawn},
    {35, is_approval, blind},
    {18, is_first_gate, hesitated},
    {15, is_first_gate, begun_early},
    {20, is_device_gate, untouched},
    {12, is_leads_gate, counted_back},
    {15, is_parent, children_open},
    {25, is_closing, not_closable},
    {15, is_closing, after_closing},
    {8, is_closing, corrected},
    {1000, is_strict_closing, corrected},
};
