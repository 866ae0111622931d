#include "reports/demo_world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/demo_checklists.h"

#define HOUR_US (60 * INSTANT_MINUTE_US)

/* Numbers of editions. */
enum { STANDARD, BLUE_GREEN, DATABASE, STANDARD_AGAIN };

static const struct demo_service services[] = {
    {"Payments", "checkout", "production-eu", BLUE_GREEN, STANDARD},
    {"Payments", "payments-api", "production-eu", BLUE_GREEN, BLUE_GREEN},
    {"Payments", "invoicing", "production-eu", BLUE_GREEN, DATABASE},
    {"Identity", "login", "production-eu", BLUE_GREEN, STANDARD},
    {"Identity", "accounts", "production-eu", BLUE_GREEN, DATABASE},
    {"Catalogue", "search", "production-eu", BLUE_GREEN, STANDARD},
    {"Catalogue", "catalogue-api", "production-eu", BLUE_GREEN, BLUE_GREEN},
    {"Catalogue", "recommendations", "production-us", STANDARD, BLUE_GREEN},
    {"Logistics", "shipping", "production-eu", BLUE_GREEN, STANDARD},
    {"Logistics", "tracking", "production-us", BLUE_GREEN, STANDARD},
    {"Platform", "gateway", "production-eu", BLUE_GREEN, BLUE_GREEN},
    {"Platform", "mailer", "production-eu", STANDARD, BLUE_GREEN},
    {"Data", "warehouse", "production-eu", DATABASE, BLUE_GREEN},
    {"Data", "reporting", "production-us", BLUE_GREEN, DATABASE},
};

#define SERVICES (sizeof(services) / sizeof(services[0]))

/* Per mille of a usual working day, by month: people are away in summer, and trade is busy in
 * autumn. */
static const unsigned months[12] = {820, 900, 960,  980,  1000, 1020,
                                    780, 760, 1060, 1140, 1180, 1000};

/* Month and day of each turn. */
static const struct {
    int month, day;
} turns[DEMO_DAYS] = {
    [DEMO_JOINED] = {2, 9},    [DEMO_ROTATED] = {3, 2},       [DEMO_LAX] = {4, 13},
    [DEMO_LAX_OVER] = {4, 24}, [DEMO_REPLACED] = {5, 11},     [DEMO_TOUCH] = {6, 1},
    [DEMO_TOUCH_KEY] = {6, 8}, [DEMO_REVISED] = {7, 6},       [DEMO_STOLEN] = {8, 17},
    [DEMO_MOVED] = {9, 1},     [DEMO_LEFT] = {9, 21},         [DEMO_TOKEN] = {11, 2},
    [DEMO_STRICT] = {11, 9},   [DEMO_STRICT_OVER] = {11, 13}, [DEMO_FREEZE] = {12, 14},
};

static int64_t weekday(int64_t day_us)
{
    return (day_us / INSTANT_DAY_US + 3) % 7; /* 1970-01-01 was a Thursday; Monday is 0 */
}

static unsigned month_of(int64_t us)
{
    char text[INSTANT_TEXT_BYTES];
    instant_day(us, text);
    return (unsigned)((text[5] - '0') * 10 + (text[6] - '0'));
}

/* How much is deployed on a day, against others. */
static uint64_t weight_of(const struct demo_world *world, int64_t day_us)
{
    static const unsigned by_weekday[7] = {900, 1100, 1100, 1050, 500, 25, 15};
    uint64_t weight = (uint64_t)months[month_of(day_us) - 1] * by_weekday[weekday(day_us)];
    return day_us >= world->days[DEMO_FREEZE] || day_us < world->from_us + INSTANT_DAY_US
               ? weight / 25
               : weight;
}

/* A time of day: most begin in the morning or after lunch, few at night. */
static int64_t time_of_day(struct demo_dice *dice, bool *ret_urgent)
{
    static const unsigned char by_hour[24] = {1,  1,  1,  0,  0,  1, 4, 14, 26, 30, 28, 14,
                                              12, 26, 28, 20, 10, 5, 3, 3,  4,  4,  3,  2};
    uint64_t sum = 0, hour = 0;
    for (size_t i = 0; i < 24; i++)
        sum += by_hour[i];
    for (uint64_t at = demo_dice_below(dice, sum); at >= by_hour[hour]; hour++)
        at -= by_hour[hour];
    *ret_urgent = hour < 5;
    return (int64_t)hour * HOUR_US + demo_dice_between(dice, 0, 11) * 5 * INSTANT_MINUTE_US;
}

static int by_t0(const void *a, const void *b)
{
    const struct demo_slot *one = a, *other = b;
    return (one->t0_us > other->t0_us) - (one->t0_us < other->t0_us);
}

/* Deployments over the year, and a few about its first day, so that some are carried in. */
static void fill_calendar(struct demo_world *world)
{
    int64_t first_us = world->from_us - 2 * INSTANT_DAY_US;
    size_t days = (size_t)((world->to_us - first_us) / INSTANT_DAY_US);
    uint64_t *sums = mem_zero(days, sizeof(*sums)), sum = 0;
    unsigned releases[SERVICES] = {0};
    for (size_t i = 0; i < days; i++)
        sums[i] = sum += weight_of(world, first_us + (int64_t)i * INSTANT_DAY_US);
    for (size_t i = 0; i < world->slot_count; i++) {
        struct demo_dice dice = demo_dice_of(world->seed, "slot", i);
        struct demo_slot *slot = &world->slots[i];
        uint64_t at = demo_dice_below(&dice, sum);
        size_t day = 0;
        while (sums[day] <= at)
            day++;
        int64_t day_us = first_us + (int64_t)day * INSTANT_DAY_US;
        slot->t0_us = day_us + time_of_day(&dice, &slot->urgent);
        slot->urgent = slot->urgent || day_us >= world->days[DEMO_FREEZE] || weekday(day_us) > 4;
        slot->service = &services[demo_dice_below(&dice, SERVICES)];
    }
    qsort(world->slots, world->slot_count, sizeof(*world->slots), by_t0);
    for (size_t i = 0; i < world->slot_count; i++)
        world->slots[i].release = ++releases[world->slots[i].service - services];
    free(sums);
}

/* Put ${to} in the place of ${from}, which is there once. */
static void revise(struct buf *markdown, const char *from, const char *to)
{
    char *text = buf_take_text(markdown);
    char *at = strstr(text, from);
    ASSERT(at != NULL);
    buf_add(markdown, text, (size_t)(at - text));
    buf_text(markdown, to);
    buf_text(markdown, at + strlen(from));
    free(text);
}

static const struct demo_checklists_file *file_of(const char *name)
{
    for (size_t i = 0; i < DEMO_CHECKLISTS; i++) {
        if (strcmp(demo_checklists[i].name, name) == 0)
            return &demo_checklists[i];
    }
    ASSERT(false);
    return NULL;
}

static void make_edition(struct demo_world *world, size_t number)
{
    static const char *const names[DEMO_EDITIONS] = {
        [STANDARD] = "standard-change",
        [BLUE_GREEN] = "blue-green",
        [DATABASE] = "database-change",
        [STANDARD_AGAIN] = "standard-change",
    };
    const struct demo_checklists_file *file = file_of(names[number]);
    struct demo_edition *edition = &world->editions[number];
    edition->name = names[number];
    edition->from_us = number == STANDARD_AGAIN ? world->days[DEMO_REVISED] : world->begin_us;
    edition->to_us = number == STANDARD ? world->days[DEMO_REVISED] : INT64_MAX;
    buf_add(&edition->markdown, file->markdown, file->bytes);
    if (number == STANDARD_AGAIN)
        revise(&edition->markdown, "- [ ] Error rate < 1 %", "- [ ] Error rate < 0.5 %");
    ASSERT(checklist_compile(edition->markdown.data, edition->markdown.bytes, &edition->checklist,
                             NULL) == ERR_OK);
    demo_plan_make(edition->checklist, &edition->plan);
    demo_plan_back(edition->checklist, &edition->back);
}

/* Who comes, goes, and gets another key. */
static void turn_people(struct demo_world *world)
{
    struct demo_cast *cast = &world->cast;
    struct demo_turns *who = &world->turns;
    const int64_t *days = world->days;
    who->rotated = demo_cast_find(cast, "Technical Lead", 0);
    who->replaced = demo_cast_find(cast, "", 1);
    who->touching = demo_cast_find(cast, "Release Manager", 1);
    who->stolen = demo_cast_find(cast, "", 2);
    who->moved = demo_cast_find(cast, "Deployment Lead", 1);
    who->left = demo_cast_find(cast, "", 3);
    who->twofold = demo_cast_find(cast, "Technical Lead", 2);
    demo_cast_rekey(cast, who->rotated, DEMO_KEY_SSH, days[DEMO_ROTATED]);
    demo_cast_rekey(cast, who->replaced, DEMO_KEY_PLAIN, days[DEMO_REPLACED]);
    demo_cast_rekey(cast, who->touching, DEMO_KEY_DEVICE, days[DEMO_TOUCH_KEY]);
    demo_cast_rekey(cast, who->stolen, DEMO_KEY_DEVICE, days[DEMO_STOLEN]);
    cast->members[who->moved].to_us = days[DEMO_MOVED] - 3 * INSTANT_DAY_US;
    cast->members[who->left].to_us = days[DEMO_LEFT] - 3 * INSTANT_DAY_US;
    cast->members[cast->machines + DEMO_DEPLOY].renewed_us = days[DEMO_TOKEN];
    who->joined = demo_cast_join(cast, who->left, days[DEMO_JOINED]);
}

void demo_world_make(uint64_t seed, int year, size_t deployments, struct demo_world *ret)
{
    *ret = (struct demo_world){.seed = seed,
                               .begin_us = instant_from_date(year - 1, 12, 1) + 8 * HOUR_US,
                               .from_us = instant_from_date(year, 1, 1),
                               .to_us = instant_from_date(year + 1, 1, 1),
                               .half_us = instant_from_date(year, 7, 1),
                               .slot_count = deployments};
    for (size_t i = 0; i < DEMO_DAYS; i++)
        ret->days[i] = instant_from_date(year, turns[i].month, turns[i].day) + 9 * HOUR_US;
    demo_cast_make(seed, ret->begin_us, &ret->cast);
    turn_people(ret);
    for (size_t i = 0; i < DEMO_EDITIONS; i++)
        make_edition(ret, i);
    ret->slots = mem_zero(deployments, sizeof(*ret->slots));
    fill_calendar(ret);
}

void demo_world_free(struct demo_world *world)
{
    for (size_t i = 0; i < DEMO_EDITIONS; i++) {
        struct demo_edition *edition = &world->editions[i];
        buf_free(&edition->markdown);
        demo_plan_free(&edition->plan);
        demo_plan_free(&edition->back);
        checklist_free(edition->checklist);
    }
    free(world->slots);
    *world = (struct demo_world){.slots = NULL};
}

void demo_world_release(const struct demo_slot *slot, char ret[DEMO_ID_BYTES])
{
    snprintf(ret, DEMO_ID_BYTES, "%u.%u.0", 1 + slot->release / 40, slot->release % 40);
}

void demo_world_id(const struct demo_world *world, size_t number, char ret[DEMO_ID_BYTES])
{
    const struct demo_slot *slot = &world->slots[number];
    char release[DEMO_ID_BYTES];
    demo_world_release(slot, release);
    snprintf(ret, DEMO_ID_BYTES, "%.30s-%.30s", slot->service->name, release);
}

const struct demo_edition *demo_world_edition(const struct demo_world *world,
                                              const struct demo_slot *slot, bool now_and_then)
{
    size_t number = now_and_then ? slot->service->rarely : slot->service->edition;
    if (number == STANDARD && slot->t0_us - INSTANT_DAY_US >= world->days[DEMO_REVISED])
        number = STANDARD_AGAIN;
    return &world->editions[number];
}

int64_t demo_world_stolen_us(const struct demo_world *world)
{
    return world->days[DEMO_STOLEN] - 20 * HOUR_US;
}
