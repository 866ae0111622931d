#include "reports/demo_course.h"

#include <inttypes.h>
#include <string.h>

#include "reports/demo_data.h"
#include "reports/demo_fate.h"
#include "reports/demo_mishap.h"

#define MINUTE_MS 60000LL
#define CALM_MS (120 * MINUTE_MS) /* from then on a delay has been made good */
#define HASTE_MS                                                                                   \
    (35 * MINUTE_MS) /* all that an emergency leaves for what comes before its gate                \
                      */
#define SECOND_US INSTANT_SECOND_US
#define TIGHT_S (50 * 60LL)
#define WINDOW_S (26 * 3600LL) /* the agreed time ends so long after T0 */

static const struct node *node_of(const struct demo_story *story, const struct demo_step *step)
{
    return step->node == CHECKLIST_NONE ? NULL : &story->edition->checklist->nodes[step->node];
}

/* When the plan's gate number ${nth} is due. */
static int64_t gate_ms(const struct demo_story *story, size_t nth)
{
    const struct checklist *checklist = story->edition->checklist;
    ASSERT(nth < checklist->gate_count && checklist->nodes != NULL);
    return checklist->nodes[checklist->gates[nth]].window.to_min * MINUTE_MS;
}

int64_t demo_course_time(const struct demo_story *story, int64_t ms)
{
    int64_t first_ms = story->edition->plan.steps[0].at_ms;
    int64_t ready_ms = gate_ms(story, 0) - 8 * MINUTE_MS;
    int64_t delay_us = 0;
    if (story->delay_us > 0 && ms >= story->delay_from_ms && ms <= CALM_MS)
        delay_us = story->delay_us;
    if (story->emergency && ms < ready_ms)
        ms = ready_ms - (ready_ms - ms) * HASTE_MS / (ready_ms - first_ms + 1);
    return story->slot->t0_us + ms * 1000 + delay_us;
}

/* Somewhat after it is due: the longer, the more time there is until the next, and before the
 * node's window ends. */
static int64_t due(struct demo_story *story, size_t index)
{
    const struct demo_plan *plan = &story->edition->plan;
    const struct demo_step *step = &plan->steps[index];
    const struct node *node = node_of(story, step);
    int64_t room_ms = index + 1 < plan->count ? plan->steps[index + 1].at_ms - step->at_ms : 0;
    if (node != NULL && node->window.set) {
        int64_t left_ms = node->window.to_min * MINUTE_MS - step->at_ms;
        room_ms = left_ms < room_ms ? left_ms : room_ms;
    }
    room_ms = story->emergency && step->at_ms < 0 && room_ms > 2000 ? 2000 : room_ms;
    int64_t at_us = demo_course_time(story, step->at_ms);
    if (room_ms > 0)
        at_us += demo_dice_between(&story->dice, 0, room_ms * 800);
    int64_t soonest_us = story->last_us + demo_dice_between(&story->dice, 150000, 850000);
    return at_us > soonest_us ? at_us : soonest_us;
}

static void put_names(struct demo_story *story, struct buf *buf)
{
    const struct demo_member *members = story->world->cast.members;
    for (size_t i = 0; i < story->part_count; i++)
        buf_printf(buf, "%s\"%s\":[\"%s\"]", i == 0 ? "" : ",", story->parts[i].role,
                   members[story->parts[i].who].name);
}

static void put_changes(struct demo_story *story, struct buf *buf)
{
    int64_t count = demo_dice_between(&story->dice, 1, 4);
    for (int64_t i = 0; i < count; i++) {
        int64_t age_us = demo_dice_between(&story->dice, 3, 220) * 3600 * SECOND_US;
        struct buf time = {0};
        demo_data_instant(&time, "time", story->opened_us - age_us);
        buf_printf(buf, "%s{\"ref\":\"%s@%07" PRIx64 "\",\"author\":\"%s\"%s}", i == 0 ? "" : ",",
                   story->slot->service->name, demo_dice_next(&story->dice) >> 36,
                   story->world->cast.members[story->author].name, (const char *)time.data);
        buf_free(&time);
    }
}

/* Data of deployment.opened. */
static void put_opening(struct demo_story *story, const char *sha256, struct buf *buf)
{
    const struct demo_service *service = story->slot->service;
    const struct demo_member *members = story->world->cast.members;
    int64_t t0_us = story->slot->t0_us - story->moved_us;
    buf_printf(buf, "\"checklist\":\"%s\",\"rules\":1,\"title\":\"%s: %s %s\",\"release\":\"%s\"",
               sha256, service->team, service->name, story->release, story->release);
    buf_printf(buf, ",\"environment\":\"%s\",\"services\":[\"%s\"],\"lead\":\"%s\"",
               service->environment, service->name, members[story->lead].name);
    demo_data_instant(buf, "t0", t0_us);
    buf_text(buf, ",\"window\":{");
    struct buf window = {0};
    demo_data_instant(&window, "from", t0_us - 3600 * SECOND_US);
    demo_data_instant(&window, "to", t0_us + (story->tight ? TIGHT_S : WINDOW_S) * SECOND_US);
    buf_text(buf, (const char *)window.data + 1);
    buf_text(buf, "},\"roles\":{");
    put_names(story, buf);
    buf_printf(buf,
               "},\"artifacts\":[{\"uri\":\"oci://registry.example/%s\",\"sha256\":\"%s\"}],"
               "\"changes\":[",
               service->name, story->image);
    put_changes(story, buf);
    buf_printf(buf, "],\"authors\":[\"%s\"]", members[story->author].name);
    demo_fate_reason(story, buf);
    buf_free(&window);
}

/* By a checklist that nobody has published, or once more. */
static void open_wrongly(struct demo_story *story, int64_t after_us, const char *sha256)
{
    demo_story_add(story, (struct demo_by){story->opened_us + after_us, story->lead},
                   "deployment.opened",
                   "\"checklist\":\"%s\",\"rules\":1,\"title\":\"%s\",\"release\":\"%s\"", sha256,
                   story->id, story->release);
}

/* To the time at which it is then done. */
static void move(struct demo_story *story)
{
    struct buf t0 = {0}, from = {0}, to = {0};
    demo_data_instant(&t0, "t0", story->slot->t0_us);
    demo_data_instant(&from, "from", story->slot->t0_us - 3600 * SECOND_US);
    demo_data_instant(&to, "to", story->slot->t0_us + WINDOW_S * SECOND_US);
    demo_story_add(story, (struct demo_by){story->opened_us + 30 * INSTANT_MINUTE_US, story->lead},
                   "deployment.rescheduled", "%s,\"window\":{%s%s},\"reason\":\"%s\"",
                   (const char *)t0.data + 1, (const char *)from.data + 1, (const char *)to.data,
                   "another team needs the cluster first");
    buf_free(&t0);
    buf_free(&from);
    buf_free(&to);
}

static void open_it(struct demo_story *story)
{
    struct buf sha256 = {0}, data = {0};
    buf_hex(&sha256, story->edition->checklist->sha256, HASH_BYTES);
    put_opening(story, (const char *)sha256.data, &data);
    if (demo_story_turn(story, 140, 20))
        open_wrongly(story, -3 * INSTANT_MINUTE_US, story->image);
    demo_story_add(story, (struct demo_by){story->opened_us, story->lead}, "deployment.opened",
                   "%s", (const char *)data.data);
    if (demo_story_turn(story, 140, 90))
        open_wrongly(story, 2 * INSTANT_MINUTE_US, (const char *)sha256.data);
    if (story->moved_us != 0)
        move(story);
    story->last_us = story->opened_us;
    buf_free(&sha256);
    buf_free(&data);
}

/* Whether the step itself is to be done, once all that goes wrong at it has been. */
static bool mishaps_at(struct demo_story *story, size_t index, int64_t at_us)
{
    bool done = true;
    for (size_t i = 0; i < story->mishap_count; i++) {
        if (story->mishap_steps[i] == index)
            done =
                story->mishaps[i]->happen(story, &story->edition->plan.steps[index], at_us) && done;
    }
    return done && !story->skipped[index];
}

static void close_it(struct demo_story *story, int64_t at_us)
{
    const struct demo_plan *plan = &story->edition->plan;
    demo_data_step(story, &plan->steps[plan->count - 1], at_us, DEMO_GOOD);
    story->last_us = story->closed_us = at_us;
}

static void play_plan(struct demo_story *story)
{
    const struct demo_plan *plan = &story->edition->plan;
    for (size_t i = 0; i < plan->count; i++) {
        const struct demo_step *step = &plan->steps[i];
        if (step->at_ms >= story->cut_ms ||
            (step->what == DEMO_CLOSE && story->end != DEMO_SUCCESSFUL))
            return;
        if (demo_fate_leaves_out(story, step))
            continue;
        int64_t at_us = due(story, i);
        if (!mishaps_at(story, i, at_us))
            continue;
        if (step->what == DEMO_CLOSE)
            close_it(story, demo_fate_make_good(story, at_us));
        else
            demo_data_step(story, step, at_us, DEMO_GOOD);
        story->last_us = at_us;
    }
}

/* After the rollback was decided. */
static void play_back(struct demo_story *story)
{
    const struct demo_plan *back = &story->edition->back;
    int64_t start_us = story->last_us;
    for (size_t i = 0; i < back->count; i++) {
        int64_t at_us = start_us + back->steps[i].at_ms * 1000 +
                        demo_dice_between(&story->dice, 0, 30000) * 1000;
        if (at_us <= story->last_us)
            at_us = story->last_us + 300000;
        demo_data_step(story, &back->steps[i], at_us, DEMO_GOOD);
        story->last_us = at_us;
    }
    if (demo_dice_chance(&story->dice, 350))
        demo_mishap_work_on(story, start_us + 20 * SECOND_US);
}

void demo_course_play(struct demo_story *story)
{
    open_it(story);
    play_plan(story);
    if (story->end == DEMO_SUCCESSFUL || story->end == DEMO_FORGOTTEN)
        return;
    demo_fate_turn(story);
    if (story->end == DEMO_ROLLED_BACK)
        play_back(story);
    if (story->end != DEMO_ABANDONED)
        demo_fate_resolve(story);
    int64_t at_us = story->last_us + demo_dice_between(&story->dice, 10, 90) * INSTANT_MINUTE_US;
    close_it(story, demo_fate_make_good(story, at_us));
}
