#include "reports/demo_mishap.h"

#include <string.h>

#include "reports/demo_data.h"
#include "reports/demo_dispute.h"

#define TURNS 89 /* deployments */

static const struct node *node_of(const struct demo_story *story, const struct demo_step *step)
{
    return step->node == CHECKLIST_NONE ? NULL : &story->edition->checklist->nodes[step->node];
}

static bool is_sample(const struct demo_story *story, const struct demo_step *step)
{
    (void)story;
    return step->what == DEMO_SAMPLE && step->at_ms > 0;
}

static bool is_command(const struct demo_story *story, const struct demo_step *step)
{
    (void)story;
    return step->what == DEMO_COMMAND;
}

static bool is_status(const struct demo_story *story, const struct demo_step *step)
{
    (void)story;
    return step->what == DEMO_STATUS;
}

bool demo_mishap_word(const struct demo_story *story, const struct demo_step *step)
{
    const struct node *node = node_of(story, step);
    const struct checklist *checklist = story->edition->checklist;
    return step->what == DEMO_CHECK && node->command == NULL && node->threshold == NULL &&
           node->role == NULL && node->window.set &&
           checklist->sections[node->section].gate == CHECKLIST_NONE &&
           (step->node + 1 == checklist->node_count ||
            !checklist_child_of(checklist, step->node + 1, step->node));
}

static bool is_word(const struct demo_story *story, const struct demo_step *step)
{
    return demo_mishap_word(story, step);
}

/* The same, of an item that is done while the deployment runs. */
static bool is_guarded_word(const struct demo_story *story, const struct demo_step *step)
{
    return is_word(story, step) && step->at_ms > 0;
}

/* An item whose threshold nothing but a sample measures. */
static bool is_bare_sample(const struct demo_story *story, const struct demo_step *step)
{
    const struct checklist *checklist = story->edition->checklist;
    if (step->what != DEMO_SAMPLE)
        return false;
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].kind == NODE_FIELD && checklist_measures(checklist, i, step->node))
            return false;
    }
    return true;
}

/* A check of the same node, attempted before it can pass. */
static struct demo_act *attempt(struct demo_story *story, const struct demo_step *step,
                                int64_t at_us, size_t who)
{
    return demo_story_add(story, (struct demo_by){at_us, who}, "item.checked",
                          "\"node\":\"%s\",\"result\":\"pass\"", node_of(story, step)->id);
}

/* An item of a section that begins later, behind the same gate; NULL: there is none. */
static const struct demo_step *step_ahead(const struct demo_story *story,
                                          const struct demo_step *step)
{
    const struct demo_plan *plan = &story->edition->plan;
    const struct node *node = node_of(story, step);
    for (size_t i = 0; i < plan->count; i++) {
        const struct node *other = node_of(story, &plan->steps[i]);
        if (is_word(story, &plan->steps[i]) && other->guarded_by == node->guarded_by &&
            other->window.from_min > node->window.from_min)
            return &plan->steps[i];
    }
    return NULL;
}

/* A value outside its threshold; somebody would tick it all the same; then it is good again. */
static bool broken(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 3), DEMO_BAD);
    const struct demo_step *ahead = step_ahead(story, step);
    if (demo_dice_chance(&story->dice, 500))
        attempt(story, step, demo_story_between(story, at_us, 2, 3), demo_story_person(story));
    else if (ahead != NULL)
        attempt(story, ahead, demo_story_between(story, at_us, 2, 3), demo_story_person(story));
    return true;
}

static bool command_failed(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    bool differs = demo_dice_chance(&story->dice, 300);
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 3),
                   differs ? DEMO_DOUBTFUL : DEMO_BAD);
    if (demo_dice_chance(&story->dice, 500))
        demo_story_add(
            story,
            (struct demo_by){demo_story_between(story, at_us, 2, 3), demo_story_person(story)},
            "item.checked", "\"node\":\"%s\",\"result\":\"fail\",\"note\":\"%s\"",
            node_of(story, step)->id, "run again with more memory");
    return true;
}

static bool other_command(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    uint8_t sha256[HASH_BYTES];
    struct buf hex = {0};
    hash_bytes("ok", 2, sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    demo_story_add(story, (struct demo_by){at_us, demo_story_machine(story, DEMO_DEPLOY)},
                   "command.finished",
                   "\"node\":\"%s\",\"command\":\"./by-hand.sh\",\"exit\":0,\"matched\":true,"
                   "\"output_sha256\":\"%s\",\"output\":\"ok\",\"host\":\"laptop-4\"",
                   node_of(story, step)->id, (const char *)hex.data);
    buf_free(&hex);
    return false;
}

/* Its authority, as the rules have it: of the first gate that is not open. */
static size_t authority(struct demo_story *story, int64_t at_ms)
{
    const struct checklist *checklist = story->edition->checklist;
    size_t gate = checklist->gates[checklist->gate_count - 1];
    for (size_t i = checklist->gate_count; i > 0; i--) {
        if (checklist->nodes[checklist->gates[i - 1]].window.to_min * 60000LL > at_ms)
            gate = checklist->gates[i - 1];
    }
    return demo_story_part(story, checklist->nodes[gate].authority);
}

static bool waived(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    static const char *const reasons[] = {
        "done last week for the whole cluster", "the tool is down; checked by hand",
        "does not concern a change of texts", "the vendor confirmed it in writing",
        "accepted by the Product Manager for this release"};
    demo_story_add(story, (struct demo_by){at_us, authority(story, step->at_ms)}, "item.waived",
                   "\"node\":\"%s\",\"reason\":\"%s\"", node_of(story, step)->id,
                   reasons[demo_dice_below(&story->dice, 5)]);
    return false;
}

static bool not_applicable(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    bool bare = demo_dice_chance(&story->dice, 250);
    if (bare)
        demo_story_add(
            story,
            (struct demo_by){demo_story_between(story, at_us, 1, 2), demo_story_person(story)},
            "item.checked", "\"node\":\"%s\",\"result\":\"na\"", node_of(story, step)->id);
    demo_data_step(story, step, at_us, DEMO_DOUBTFUL);
    return false;
}

static bool unmeasured(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    (void)story;
    (void)step;
    (void)at_us;
    return false;
}

static bool judged_by_machine(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    attempt(story, step, at_us, demo_story_machine(story, DEMO_DEPLOY));
    return false;
}

static bool doubtful_status(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    bool bad = demo_dice_chance(&story->dice, 250);
    if (bad) {
        demo_data_step(story, step, demo_story_between(story, at_us, 1, 2), DEMO_BAD);
        return true;
    }
    demo_data_step(story, step, demo_story_between(story, at_us, 1, 3), DEMO_DOUBTFUL);
    demo_story_add(
        story, (struct demo_by){demo_story_between(story, at_us, 2, 3), demo_story_person(story)},
        "note.added", "\"node\":\"%s\",\"text\":\"one instance is slow; watched\"",
        node_of(story, step)->id);
    return false;
}

static bool reopened(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    attempt(story, step, demo_story_between(story, at_us, 1, 4), demo_story_person(story));
    demo_story_add(
        story, (struct demo_by){demo_story_between(story, at_us, 2, 4), demo_story_person(story)},
        "item.reopened", "\"node\":\"%s\",\"reason\":\"ticked the wrong line\"",
        node_of(story, step)->id);
    return true;
}

static bool unknown_node(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    (void)step;
    demo_story_add(
        story, (struct demo_by){demo_story_between(story, at_us, 1, 2), demo_story_person(story)},
        "item.checked", "\"node\":\"9.9.9\",\"result\":\"pass\"");
    return true;
}

static bool wrong_kind(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    demo_story_add(
        story, (struct demo_by){demo_story_between(story, at_us, 1, 2), demo_story_person(story)},
        "field.recorded", "\"node\":\"%s\",\"value\":\"done\"", node_of(story, step)->id);
    return true;
}

static bool clock_again(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    struct buf t0 = {0};
    (void)step;
    demo_data_instant(&t0, "t0", at_us);
    demo_story_add(story, (struct demo_by){demo_story_between(story, at_us, 1, 2), story->lead},
                   "clock.started", "%s", (const char *)t0.data + 1);
    buf_free(&t0);
    return true;
}

static bool rolled_back_without(struct demo_story *story, const struct demo_step *step,
                                int64_t at_us)
{
    const struct demo_plan *back = &story->edition->back;
    (void)step;
    demo_data_step(story, &back->steps[back->count - 1], demo_story_between(story, at_us, 1, 2),
                   DEMO_GOOD);
    return true;
}

/* What is for the ledger's administration, in a deployment. */
static bool wrong_stream(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    (void)step;
    demo_story_add(story, (struct demo_by){demo_story_between(story, at_us, 1, 2), story->lead},
                   "policy.set", "\"separation\":false");
    return true;
}

/* Somebody still has the key that was replaced. */
static bool uses_old_key(const struct demo_story *story, const struct demo_step *step)
{
    const struct demo_world *world = story->world;
    int64_t since_us = world->days[DEMO_REPLACED] + 2 * INSTANT_DAY_US;
    bool here = story->deployers[0] == world->turns.replaced ||
                story->deployers[1] == world->turns.replaced;
    return here && story->slot->t0_us > since_us &&
           story->slot->t0_us < since_us + 60 * INSTANT_DAY_US && is_word(story, step);
}

static bool old_key(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    attempt(story, step, demo_story_between(story, at_us, 1, 2), story->world->turns.replaced)
        ->key = 0;
    return true;
}

/* A value that is free, in a section that is open some minutes before. */
static bool can_be_early(const struct demo_story *story, const struct demo_step *step)
{
    const struct checklist *checklist = story->edition->checklist;
    const struct node *node = node_of(story, step);
    if (step->what != DEMO_FIELD || node->parent != CHECKLIST_NONE ||
        node->guarded_by == CHECKLIST_NONE)
        return false;
    return (checklist->nodes[node->guarded_by].window.to_min + 10) * 60000LL < step->at_ms;
}

static bool early(struct demo_story *story, const struct demo_step *step, int64_t at_us)
{
    int64_t before_us = at_us - 9 * INSTANT_MINUTE_US;
    demo_data_step(story, step, before_us > story->opened_us ? before_us : at_us, DEMO_GOOD);
    return false;
}

static const struct demo_mishap mishaps[] = {
    {70, is_sample, broken},
    {25, is_sample, broken},
    {80, is_command, command_failed},
    {18, is_command, other_command},
    {60, is_word, waived},
    {70, is_word, not_applicable},
    {30, is_bare_sample, unmeasured},
    {30, is_word, judged_by_machine},
    {70, is_status, doubtful_status},
    {30, is_word, reopened},
    {8, is_word, unknown_node},
    {8, is_word, wrong_kind},
    {8, is_guarded_word, clock_again},
    {6, is_guarded_word, rolled_back_without},
    {5, is_word, wrong_stream},
    {300, uses_old_key, old_key},
    {25, can_be_early, early},
};

/* The step that it is to happen at: one of those that fit, or none does. */
static size_t choose_step(struct demo_story *story, const struct demo_mishap *mishap)
{
    const struct demo_plan *plan = &story->edition->plan;
    size_t fitting = 0, chosen = SIZE_MAX;
    for (size_t i = 0; i < plan->count; i++) {
        if (mishap->fits(story, &plan->steps[i]) && demo_dice_below(&story->dice, ++fitting) == 0)
            chosen = i;
    }
    return chosen;
}

/* Each comes up in its turn too, so that a small year has all of them. */
static void consider(struct demo_story *story, const struct demo_mishap *mishap, size_t turn)
{
    bool taken = false;
    bool due = demo_story_turn(story, TURNS, 2 * turn);
    if ((!demo_dice_chance(&story->dice, mishap->per_mille) && !due) ||
        story->mishap_count == DEMO_MISHAPS_MAX)
        return;
    size_t step = choose_step(story, mishap);
    for (size_t i = 0; i < story->mishap_count; i++)
        taken = taken || story->mishap_steps[i] == step;
    if (step == SIZE_MAX || taken)
        return;
    story->mishaps[story->mishap_count] = mishap;
    story->mishap_steps[story->mishap_count++] = step;
}

void demo_mishap_choose(struct demo_story *story)
{
    for (size_t i = 0; i < DEMO_DISPUTES; i++)
        consider(story, &demo_disputes[i], i);
    for (size_t i = 0; i < sizeof(mishaps) / sizeof(mishaps[0]); i++)
        consider(story, &mishaps[i], DEMO_DISPUTES + i);
}

void demo_mishap_work_on(struct demo_story *story, int64_t at_us)
{
    const struct demo_plan *plan = &story->edition->plan;
    for (size_t i = 0; i < plan->count; i++) {
        if (!is_guarded_word(story, &plan->steps[i]))
            continue;
        attempt(story, &plan->steps[i], at_us, demo_story_person(story));
        return;
    }
}
