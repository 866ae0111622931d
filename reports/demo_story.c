#include "reports/demo_story.h"

#include <stdlib.h>
#include <string.h>

#include "reports/demo_course.h"
#include "reports/demo_extra.h"
#include "reports/demo_fate.h"
#include "reports/demo_mishap.h"

/* Before the first step of a plan somebody opens it; no one earlier than this. */
#define LEAD_US (2 * INSTANT_DAY_US)

struct demo_act *demo_story_add(struct demo_story *story, struct demo_by by, const char *type,
                                const char *format, ...)
{
    struct demo_act *act = MEM_PUSH(story->acts, story->count, story->cap);
    struct buf data = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&data, format, args);
    va_end(args);
    *act = (struct demo_act){.at_us = by.at_us,
                             .claimed_us = by.at_us,
                             .order = story->count,
                             .type = type,
                             .data = buf_take_text(&data),
                             .stream = mem_text(story->id),
                             .place = story->number,
                             .who = by.who,
                             .key = SIZE_MAX,
                             .also_who = SIZE_MAX};
    return act;
}

bool demo_story_turn(const struct demo_story *story, size_t of, size_t at)
{
    return story->number % of == at % of;
}

size_t demo_story_person(struct demo_story *story)
{
    return story->deployers[demo_dice_below(&story->dice, DEMO_DEPLOYERS)];
}

size_t demo_story_part(struct demo_story *story, const char *role)
{
    if (role[0] == '\0')
        return demo_story_person(story);
    for (size_t i = 0; i < story->part_count; i++) {
        if (registry_role_same(story->parts[i].role, role))
            return story->parts[i].who;
    }
    ASSERT(false);
    return SIZE_MAX;
}

size_t demo_story_other(struct demo_story *story, const char *role, size_t who)
{
    const struct demo_cast *cast = &story->world->cast;
    size_t other = who;
    for (size_t i = 0; i < cast->count && other == who; i++)
        other = demo_cast_pick(cast, role, story->opened_us, &story->dice);
    return other;
}

size_t demo_story_machine(const struct demo_story *story, enum demo_machine machine)
{
    return story->world->cast.machines + machine;
}

int64_t demo_story_between(const struct demo_story *story, int64_t at_us, int64_t part,
                           int64_t parts)
{
    return story->last_us + (at_us - story->last_us) * part / (parts + 1);
}

static bool has_part(const struct demo_story *story, const char *role)
{
    for (size_t i = 0; i < story->part_count; i++) {
        if (registry_role_same(story->parts[i].role, role))
            return true;
    }
    return false;
}

/* Who takes part: of each role that the plan asks for one. */
static void cast_parts(struct demo_story *story)
{
    const struct demo_cast *cast = &story->world->cast;
    const struct demo_plan *plan = &story->edition->plan;
    int64_t at_us = story->slot->t0_us - 2 * INSTANT_DAY_US;
    at_us = at_us > story->world->begin_us ? at_us : story->world->begin_us;
    story->lead = demo_cast_pick(cast, "Deployment Lead", at_us, &story->dice);
    for (size_t i = 0; i < DEMO_DEPLOYERS; i++)
        story->deployers[i] = demo_cast_pick(cast, "", at_us, &story->dice);
    story->author = demo_cast_pick(cast, "", at_us, &story->dice);
    bool by_lead = demo_dice_chance(&story->dice, 30);
    for (size_t i = 0; i < plan->count; i++) {
        const char *role = plan->steps[i].role;
        if (role == NULL || role[0] == '\0' || has_part(story, role))
            continue;
        ASSERT(story->part_count < DEMO_PARTS_MAX);
        size_t who = strcmp(role, "Deployment Lead") == 0
                         ? story->lead
                         : demo_cast_pick(cast, role, at_us, &story->dice);
        story->parts[story->part_count++] = (struct demo_part){role, who};
        if (by_lead && strcmp(role, "Technical Lead") == 0)
            story->author = who; /* who may not approve then */
    }
}

static int by_time(const void *a, const void *b)
{
    const struct demo_act *one = a, *other = b;
    if (one->at_us != other->at_us)
        return one->at_us < other->at_us ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

/* In order of time, and no longer than the year. */
static void settle(struct demo_story *story)
{
    size_t kept = 0;
    qsort(story->acts, story->count, sizeof(*story->acts), by_time);
    for (size_t i = 0; i < story->count; i++) {
        if (story->acts[i].at_us < story->world->to_us)
            story->acts[kept++] = story->acts[i];
        else
            demo_act_free(&story->acts[i]);
    }
    story->count = kept;
}

static void make_image(struct demo_story *story)
{
    uint8_t sha256[HASH_BYTES];
    struct buf hex = {0};
    demo_dice_seed(story->world->seed, "image", story->number, sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    memcpy(story->image, hex.data, sizeof(story->image));
    buf_free(&hex);
}

/* The last deployment of the same service, if that went wrong. */
static size_t find_repairs(const struct demo_world *world, size_t number)
{
    size_t at = number;
    do {
        if (at == 0)
            return SIZE_MAX;
        at--;
    } while (world->slots[at].service != world->slots[number].service);
    struct demo_story before;
    demo_story_begin(world, at, &before);
    bool wrong = before.end == DEMO_ROLLED_BACK || before.end == DEMO_FAILED;
    demo_story_free(&before);
    return wrong ? at : SIZE_MAX;
}

void demo_story_begin(const struct demo_world *world, size_t number, struct demo_story *ret)
{
    *ret = (struct demo_story){.world = world,
                               .number = number,
                               .dice = demo_dice_of(world->seed, "story", number),
                               .slot = &world->slots[number],
                               .repairs = SIZE_MAX};
    demo_world_id(world, number, ret->id);
    demo_world_release(ret->slot, ret->release);
    ret->edition = demo_world_edition(world, ret->slot, demo_dice_chance(&ret->dice, 120));
    ret->skipped = mem_zero(ret->edition->plan.count, sizeof(*ret->skipped));
    make_image(ret);
    cast_parts(ret);
    demo_fate_settle(ret);
}

void demo_story_make(const struct demo_world *world, size_t number, struct demo_story *ret)
{
    demo_story_begin(world, number, ret);
    if (demo_dice_chance(&ret->dice, 800))
        ret->repairs = find_repairs(world, number);
    if (ret->end == DEMO_NEVER_OPENED) {
        demo_extra_unopened(ret);
    } else {
        demo_mishap_choose(ret);
        demo_course_play(ret);
        demo_extra_add(ret);
    }
    settle(ret);
}

void demo_story_free(struct demo_story *story)
{
    for (size_t i = 0; i < story->count; i++)
        demo_act_free(&story->acts[i]);
    free(story->acts);
    free(story->skipped);
    *story = (struct demo_story){.acts = NULL};
}

int64_t demo_story_since(const struct demo_world *world, size_t number)
{
    return world->slots[number].t0_us - LEAD_US;
}
