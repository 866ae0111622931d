#include "reports/demo_inbox.h"

#include <inttypes.h>

/* Of so many deployments there is one. */
#define STRAY_OF 45
#define QUARANTINED_OF 90
#define CONFLICTED_OF 160

static struct demo_act *act(struct demo_office *office, int64_t at_us, size_t who, const char *type)
{
    struct demo_act *new = MEM_PUSH(office->acts, office->count, office->cap);
    *new = (struct demo_act){.at_us = at_us,
                             .claimed_us = at_us,
                             .order = office->count,
                             .type = type,
                             .place = SIZE_MAX,
                             .who = who,
                             .key = SIZE_MAX,
                             .also_who = SIZE_MAX,
                             .foreign = true,
                             .alone = true};
    return new;
}

static int64_t some_time(const struct demo_world *world, struct demo_dice *dice)
{
    return world->from_us +
           demo_dice_between(dice, 0, (world->to_us - world->from_us) / 1000 - 60000) * 1000;
}

static char *service_data(const struct demo_world *world, struct demo_dice *dice, unsigned more)
{
    const struct demo_slot *slot = &world->slots[demo_dice_below(dice, world->slot_count)];
    struct buf data = {0};
    buf_printf(&data,
               "\"subject\":{\"id\":\"%s\",\"type\":\"service\",\"content\":{\"environment\":{"
               "\"id\":\"%s\"},\"replicas\":%u}}",
               slot->service->name, slot->service->environment, 2 + more);
    return buf_take_text(&data);
}

/* A service was deployed, and nobody has said for which deployment. */
static void stray(struct demo_office *office, struct demo_dice *dice)
{
    const struct demo_world *world = office->world;
    struct demo_act *new = act(office, some_time(world, dice), world->cast.machines + DEMO_CLUSTER,
                               "dev.cdevents.service.deployed.0.2.0");
    new->data = service_data(world, dice, 0);
}

/* Two events under one name. */
static void conflict(struct demo_office *office, struct demo_dice *dice)
{
    const struct demo_world *world = office->world;
    int64_t at_us = some_time(world, dice);
    for (unsigned i = 0; i < 2; i++) {
        struct demo_act *new = act(office, at_us + i * INSTANT_SECOND_US,
                                   world->cast.machines + DEMO_CLUSTER, "com.example.scaled");
        new->data = service_data(world, dice, i);
        new->twice = i == 1;
    }
}

static void quarantine(struct demo_office *office, struct demo_dice *dice)
{
    static const struct {
        const char *body, *why;
    } bodies[] = {
        {"hello", "malformed input: it is no JSON"},
        {"{\"specversion\":\"0.3\"}", "not a CloudEvent: specversion must be \\\"1.0\\\""},
        {"{\"id\":\"1\",\"id\":\"2\"}", "malformed input: \\\"id\\\" stands there twice"},
    };
    const struct demo_world *world = office->world;
    size_t which = (size_t)demo_dice_below(dice, 3);
    const char *body = bodies[which].body;
    uint8_t sha256[HASH_BYTES];
    struct buf data = {0}, text = {0}, hex = {0}, base64 = {0};
    buf_printf(&text, "%s %" PRIu64, body, demo_dice_next(dice));
    hash_bytes(text.data, text.bytes, sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    buf_base64(&base64, text.data, text.bytes);
    buf_printf(&data,
               "\"reason\":\"%s\",\"sha256\":\"%s\",\"bytes\":%zu,\"head\":\"%s\",\"courier\":"
               "\"%s\",\"routing_key\":\"ci.events\"",
               bodies[which].why, (const char *)hex.data, text.bytes, (const char *)base64.data,
               which == 0 ? "amqp:anonymous" : "amqp:ci");
    struct demo_act *new = act(office, some_time(world, dice), world->cast.machines + DEMO_BUILD,
                               "ingest.quarantined");
    new->foreign = false;
    new->way = DEMO_WAY_QUARANTINE;
    new->data = buf_take_text(&data);
    buf_free(&text);
    buf_free(&hex);
    buf_free(&base64);
}

void demo_inbox_add(struct demo_office *office)
{
    const struct demo_world *world = office->world;
    struct demo_dice dice = demo_dice_of(world->seed, "inbox", 0);
    for (size_t i = 0; i < world->slot_count; i++) {
        if (demo_dice_below(&dice, STRAY_OF) == 0)
            stray(office, &dice);
        if (demo_dice_below(&dice, CONFLICTED_OF) == 0)
            conflict(office, &dice);
        if (demo_dice_below(&dice, QUARANTINED_OF) == 0)
            quarantine(office, &dice);
    }
}
