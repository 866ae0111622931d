#include "reports/demo_extra.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/demo_data.h"

#define ENTRIES 350 /* of a deployment, about: what monitoring tells makes up for short plans */
#define HOUR_US (60 * INSTANT_MINUTE_US)

/* A time from ${from_min} to ${to_min} after T0, but not before it was opened. */
static int64_t about(struct demo_story *story, int64_t from_min, int64_t to_min)
{
    int64_t at_us = story->slot->t0_us +
                    demo_dice_between(&story->dice, from_min * 60000, to_min * 60000) * 1000;
    int64_t first_us = story->opened_us + INSTANT_MINUTE_US;
    return at_us > first_us ? at_us : first_us + demo_dice_between(&story->dice, 0, 240000000);
}

/* A foreign event of a pipeline, monitoring or the platform. */
static struct demo_act *tell(struct demo_story *story, int64_t at_us, enum demo_machine machine,
                             const char *type, const char *data)
{
    struct demo_act *act = demo_story_add(
        story, (struct demo_by){at_us, demo_story_machine(story, machine)}, type, "%s", data);
    act->foreign = true;
    return act;
}

/* What the platform says that it did. */
static void tell_service(struct demo_story *story, int64_t at_us, const char *type,
                         const char *image)
{
    struct buf data = {0};
    buf_printf(&data,
               "\"subject\":{\"id\":\"%s\",\"type\":\"service\",\"content\":{\"environment\":{"
               "\"id\":\"%s\"},\"artifactId\":\"pkg:oci/%s@sha256:%s\"}}",
               story->slot->service->name, story->slot->service->environment,
               story->slot->service->name, image);
    tell(story, at_us, DEMO_CLUSTER, type, (const char *)data.data);
    buf_free(&data);
}

void demo_extra_other_image(struct demo_story *story, int64_t at_us)
{
    char other[2 * HASH_BYTES + 1];
    memcpy(other, story->image, sizeof(other));
    memset(other, '0', 4);
    tell_service(story, at_us, "dev.cdevents.service.upgraded.0.2.0", other);
}

/* The cluster tells of a deployment, but for a few that it forgets. */
static void tell_platform(struct demo_story *story)
{
    struct demo_dice *dice = &story->dice;
    bool done = story->end != DEMO_ABANDONED && story->last_us > story->slot->t0_us;
    if (!done || demo_dice_chance(dice, 22))
        return;
    const char *type = demo_dice_chance(dice, 600) ? "dev.cdevents.service.upgraded.0.2.0"
                                                   : "dev.cdevents.service.deployed.0.2.0";
    tell_service(story, about(story, 6, 15) + story->delay_us, type, story->image);
    if (story->end == DEMO_ROLLED_BACK && !demo_dice_chance(dice, 60))
        tell_service(story, story->last_us - INSTANT_MINUTE_US,
                     "dev.cdevents.service.rolledback.0.2.0", story->image);
}

static void tell_build(struct demo_story *story)
{
    struct buf data = {0};
    int64_t first_us = story->opened_us + INSTANT_MINUTE_US;
    uint64_t run = 1000 + demo_dice_below(&story->dice, 90000);
    buf_printf(&data, "\"pipeline\":\"%s\",\"run\":%" PRIu64 ",\"commit\":\"%07" PRIx64 "\"",
               story->slot->service->name, run, demo_dice_next(&story->dice) >> 36);
    tell(story, first_us, DEMO_BUILD, "com.example.build.finished", (const char *)data.data);
    buf_text(&data, ",\"tests\":\"passed\"");
    tell(story, first_us + 40 * INSTANT_SECOND_US, DEMO_BUILD, "com.example.tests.finished",
         (const char *)data.data);
    buf_free(&data);
}

/* Evidence that is held here, is held elsewhere, or is only named. */
static void attach(struct demo_story *story)
{
    static const char scan[] = "{\"scanner\":\"grype\",\"critical\":0,\"high\":0}";
    struct demo_dice *dice = &story->dice;
    struct buf data = {0}, base64 = {0}, hex = {0};
    uint8_t sha256[HASH_BYTES];
    int64_t at_us = story->opened_us + 2 * INSTANT_MINUTE_US;
    hash_bytes(scan, strlen(scan), sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    buf_base64(&base64, scan, strlen(scan));
    size_t by = demo_story_machine(story, DEMO_BUILD);
    if (!demo_dice_chance(dice, 150))
        demo_story_add(story, (struct demo_by){at_us, by}, "evidence.attached",
                       "\"media\":\"application/json\",\"sha256\":\"%s\",\"data_base64\":\"%s\"",
                       (const char *)hex.data, (const char *)base64.data);
    if (demo_dice_chance(dice, 700))
        demo_story_add(story, (struct demo_by){at_us + 15 * INSTANT_SECOND_US, by},
                       "evidence.attached",
                       "\"media\":\"application/spdx+json\",\"sha256\":\"%s\",\"uri\":"
                       "\"https://artifacts.example/%s/sbom.json\"",
                       story->image, story->id);
    at_us = about(story, -60, 40);
    if (demo_dice_chance(dice, 250))
        demo_story_add(story, (struct demo_by){at_us, demo_story_person(story)},
                       "evidence.attached", "\"media\":\"image/png\",\"sha256\":\"%s\"",
                       (const char *)hex.data);
    buf_free(&data);
    buf_free(&base64);
    buf_free(&hex);
}

static void take_notes(struct demo_story *story)
{
    static const char *const texts[] = {
        "Handed over to the night shift.",
        "The graph on the left is the old instance; it will be gone by tomorrow.",
        "A colleague of support listens in.",
        "Two runners were busy, so this took longer than usual.",
        "Caf\xc3\xa9 orders use the new tariff since noon; \xce\x94 is below 1 %.",
        "Nothing unusual so far.",
        "Asked the vendor about the warning in the log; it is known and harmless.",
    };
    struct demo_dice *dice = &story->dice;
    int64_t count = demo_dice_between(dice, 0, 3);
    for (int64_t i = 0; i < count; i++) {
        struct buf data = {0};
        demo_data_member(&data, "text", texts[demo_dice_below(dice, 7)]);
        int64_t at_us = about(story, -200, 90);
        demo_story_add(story, (struct demo_by){at_us, demo_story_person(story)}, "note.added", "%s",
                       (const char *)data.data + 1);
        buf_free(&data);
    }
    if (story->closed_us != 0 && demo_dice_chance(dice, 50))
        demo_story_add(story,
                       (struct demo_by){story->closed_us + demo_dice_between(dice, 1, 60) * HOUR_US,
                                        story->lead},
                       "note.added", "\"text\":\"The review found nothing to add.\"");
}

/* Trouble that is seen and seen to, without stopping the deployment. */
static void have_issues(struct demo_story *story)
{
    static const char *const titles[] = {"one replica restarts", "alert rule fires too early",
                                         "a customer sees the old page", "queue longer than usual",
                                         "certificate warning on one host"};
    struct demo_dice *dice = &story->dice;
    if (story->end != DEMO_SUCCESSFUL || !demo_dice_chance(dice, 120))
        return;
    int64_t at_us = about(story, 8, 40);
    struct buf started = {0};
    demo_data_instant(&started, "started",
                      at_us - demo_dice_between(dice, 30, 900) * INSTANT_SECOND_US);
    const char *title = titles[demo_dice_below(dice, 5)];
    int severity = (int)demo_dice_between(dice, 2, 4);
    size_t who = demo_story_person(story);
    demo_story_add(story, (struct demo_by){at_us, who}, "issue.opened",
                   "\"issue\":\"%s-i\",\"title\":\"%s\",\"severity\":%d%s", story->id, title,
                   severity, (const char *)started.data);
    if (demo_dice_chance(dice, 300))
        demo_story_add(story, (struct demo_by){at_us + 3 * INSTANT_MINUTE_US, who}, "issue.changed",
                       "\"issue\":\"%s-i\",\"text\":\"found why\"", story->id);
    int64_t took_us = demo_dice_between(dice, 4, 400) * INSTANT_MINUTE_US;
    if (!demo_dice_chance(dice, 80))
        demo_story_add(story, (struct demo_by){at_us + took_us, who}, "issue.resolved",
                       "\"issue\":\"%s-i\",\"text\":\"it is gone\"", story->id);
    buf_free(&started);
}

/* What monitoring measures from the cutover on, named after what the checklist watches; some of it
 * was kept back, or comes from a clock that is slow. */
static void watch(struct demo_story *story)
{
    struct demo_dice *dice = &story->dice;
    size_t wanted = story->count < ENTRIES ? ENTRIES - story->count : 0;
    int64_t from_us = story->slot->t0_us;
    int64_t to_us =
        story->closed_us > from_us ? story->closed_us - INSTANT_MINUTE_US : from_us + 20 * HOUR_US;
    if (story->end == DEMO_ABANDONED || wanted == 0 || to_us <= from_us)
        return;
    wanted += demo_dice_below(dice, 60);
    for (size_t i = 0; i < wanted; i++) {
        static const char *const metrics[] = {"requests per second", "threads in use",
                                              "open connections", "orders a minute"};
        int64_t at_us = from_us + (int64_t)((uint64_t)(to_us - from_us) / wanted * i) +
                        demo_dice_between(dice, 0, 20000000);
        struct demo_act *act = demo_story_add(
            story, (struct demo_by){at_us, demo_story_machine(story, DEMO_MONITOR)},
            "metric.sampled",
            "\"metric\":\"%s\",\"value\":%d,\"source\":\"prometheus\",\"window_s\":60",
            metrics[i % 4], (int)demo_dice_between(dice, 40, 900));
        act->way = i % 5 < 2 ? DEMO_WAY_AMQP : DEMO_WAY_OWN;
        if (demo_dice_chance(dice, 3)) {
            act->spooled = true;
            act->claimed_us -= demo_dice_between(dice, 120, 3000) * INSTANT_SECOND_US;
        } else if (demo_dice_below(dice, 4000) == 0) {
            act->replayed = true;
        } else if (demo_dice_chance(dice, 1)) {
            act->claimed_us -= demo_dice_between(dice, 301, 900) * INSTANT_SECOND_US;
        }
    }
}

/* Somebody else takes over for the night, and gives it back or loses it by itself. */
static void hand_over(struct demo_story *story)
{
    struct demo_dice *dice = &story->dice;
    const struct demo_part *part = &story->parts[demo_dice_below(dice, story->part_count)];
    size_t other = demo_story_other(story, part->role, part->who);
    int64_t at_us = about(story, -50, 30);
    bool by_itself = demo_dice_chance(dice, 500);
    struct buf until = {0};
    if (!demo_dice_chance(dice, 50) || other == part->who)
        return;
    const char *name = story->world->cast.members[other].name;
    if (by_itself)
        demo_data_instant(&until, "until", at_us + 8 * HOUR_US);
    demo_story_add(story, (struct demo_by){at_us, story->lead}, "role.assigned",
                   "\"role\":\"%s\",\"principal\":\"%s\",\"reason\":\"takes over\"%s", part->role,
                   name, by_itself ? (const char *)until.data : "");
    if (!by_itself)
        demo_story_add(story, (struct demo_by){at_us + 20 * INSTANT_MINUTE_US, story->lead},
                       "role.unassigned", "\"role\":\"%s\",\"principal\":\"%s\"", part->role, name);
    buf_free(&until);
}

/* What somebody signed whose key was stolen meanwhile is done again. */
static void sign_again(struct demo_story *story)
{
    const struct demo_world *world = story->world;
    int64_t found_us = world->days[DEMO_STOLEN] + 15 * INSTANT_MINUTE_US;
    size_t count = story->count;
    for (size_t i = 0; i < count; i++) {
        const struct demo_act *act = &story->acts[i];
        bool work = strcmp(act->type, "item.checked") == 0 ||
                    strcmp(act->type, "field.recorded") == 0 ||
                    strcmp(act->type, "status.declared") == 0;
        if (!work || act->who != world->turns.stolen || act->at_us < demo_world_stolen_us(world) ||
            act->at_us >= found_us)
            continue;
        char *data = mem_text(act->data);
        const char *type = act->type;
        found_us += 9 * INSTANT_SECOND_US;
        demo_story_add(story, (struct demo_by){found_us, world->turns.stolen}, type, "%s", data);
        free(data);
    }
}

void demo_extra_add(struct demo_story *story)
{
    sign_again(story);
    hand_over(story);
    tell_build(story);
    attach(story);
    tell_platform(story);
    take_notes(story);
    have_issues(story);
    watch(story);
}

void demo_extra_unopened(struct demo_story *story)
{
    story->opened_us = story->slot->t0_us - HOUR_US;
    tell_build(story);
    int64_t at_us = story->slot->t0_us;
    for (int i = 0; i < 3; i++)
        demo_story_add(
            story, (struct demo_by){at_us + i * (5 * INSTANT_MINUTE_US), demo_story_person(story)},
            "item.checked", "\"node\":\"1.1.%d\",\"result\":\"pass\"", i + 1);
    tell_service(story, at_us + 20 * INSTANT_MINUTE_US, "dev.cdevents.service.deployed.0.2.0",
                 story->image);
}
