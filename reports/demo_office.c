#include "reports/demo_office.h"

#include <stdlib.h>
#include <string.h>

#include "reports/demo_inbox.h"

#define HOUR_US (60 * INSTANT_MINUTE_US)
#define SECOND_US INSTANT_SECOND_US

/* The policy of the year's second half: what is on European production is kept for three years. */
#define TOUCH_AND_KEEP                                                                             \
    "\"separation\":true,\"touch\":[\"Release Manager\"],\"retention\":{\"production-eu\":1095}"

static size_t admin_of(const struct demo_office *office, size_t nth)
{
    for (size_t i = 0; i < office->world->cast.count; i++) {
        if (office->world->cast.members[i].admin && nth-- == 0)
            return i;
    }
    ASSERT(false);
    return SIZE_MAX;
}

/* An act of an admin, a few seconds after the one before. */
static struct demo_act *act(struct demo_office *office, const char *type, const char *format, ...)
    PRINTF_LIKE(3, 4);

static struct demo_act *act(struct demo_office *office, const char *type, const char *format, ...)
{
    struct demo_act *new = MEM_PUSH(office->acts, office->count, office->cap);
    struct buf data = {0};
    va_list args;
    va_start(args, format);
    buf_vprintf(&data, format, args);
    va_end(args);
    office->at_us += 7 * SECOND_US;
    *new = (struct demo_act){.at_us = office->at_us,
                             .claimed_us = office->at_us,
                             .order = office->count,
                             .type = type,
                             .data = buf_take_text(&data),
                             .place = SIZE_MAX,
                             .who = admin_of(office, office->count % 3 == 0),
                             .key = SIZE_MAX,
                             .also_who = SIZE_MAX,
                             .alone = true};
    return new;
}

static const char *name_of(const struct demo_office *office, size_t who)
{
    return office->world->cast.members[who].name;
}

static struct demo_act *enrol(struct demo_office *office, size_t who, size_t key)
{
    struct buf text = {0};
    sshkey_format(&office->world->cast.members[who].keys[key].key, &text);
    struct demo_act *new = act(office, "key.enrolled", "\"principal\":\"%s\",\"public_key\":\"%s\"",
                               name_of(office, who), (const char *)text.data);
    buf_free(&text);
    return new;
}

static struct demo_act *revoke(struct demo_office *office, size_t who, size_t key,
                               const char *reason)
{
    char id[SSHKEY_FINGERPRINT_BYTES];
    sshkey_fingerprint(office->world->cast.members[who].keys[key].key.id, id);
    return act(office, "key.revoked", "\"key_id\":\"%s\",\"reason\":\"%s\"", id, reason);
}

static void grant(struct demo_office *office, size_t who, const char *role)
{
    act(office, "role.granted", "\"principal\":\"%s\",\"role\":\"%s\"", name_of(office, who), role);
}

static void take_back(struct demo_office *office, size_t who, const char *role)
{
    act(office, "role.revoked", "\"principal\":\"%s\",\"role\":\"%s\"", name_of(office, who), role);
}

static void issue_token(struct demo_office *office, size_t who, size_t nth)
{
    uint8_t sha256[HASH_BYTES];
    struct buf hex = {0};
    hash_bytes(office->world->cast.members[who].tokens[nth], TOKEN_BYTES, sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    act(office, "token.issued", "\"principal\":\"%s\",\"sha256\":\"%s\",\"scopes\":[\"write\"]",
        name_of(office, who), (const char *)hex.data);
    buf_free(&hex);
}

static void revoke_token(struct demo_office *office, size_t who, size_t nth)
{
    uint8_t sha256[HASH_BYTES];
    struct buf hex = {0};
    hash_bytes(office->world->cast.members[who].tokens[nth], TOKEN_BYTES, sha256);
    buf_hex(&hex, sha256, sizeof(sha256));
    act(office, "token.revoked", "\"sha256\":\"%s\"", (const char *)hex.data);
    buf_free(&hex);
}

static void publish(struct demo_office *office, size_t number)
{
    const struct demo_edition *edition = &office->world->editions[number];
    struct buf data = {0};
    json_t *json = json_pack("{s:s, s:s%}", "name", edition->name, "markdown",
                             edition->markdown.data, edition->markdown.bytes);
    ijson_print(json, &data);
    char *members = mem_text_n((const char *)data.data + 1, data.bytes - 2);
    act(office, "checklist.published", "%s", members);
    json_decref(json);
    free(members);
    buf_free(&data);
}

static void engage(struct demo_office *office, size_t who)
{
    const struct demo_member *member = &office->world->cast.members[who];
    enrol(office, who, 0);
    if (member->deployer)
        grant(office, who, "deployer");
    if (member->role[0] != '\0')
        grant(office, who, member->role);
}

/* The month before the year: all that must be there. */
static void begin(struct demo_office *office)
{
    const struct demo_world *world = office->world;
    const struct demo_cast *cast = &world->cast;
    office->at_us = world->begin_us + HOUR_US;
    for (size_t i = 0; i < cast->count; i++) {
        const struct demo_member *member = &cast->members[i];
        if (member->machine)
            issue_token(office, i, 0);
        else if (!member->admin && member->from_us == world->begin_us)
            engage(office, i);
    }
    grant(office, world->turns.twofold, "Product Manager");
    for (size_t i = 0; i < DEMO_EDITIONS; i++) {
        if (world->editions[i].from_us == world->begin_us)
            publish(office, i);
    }
}

static void day(struct demo_office *office, enum demo_day number)
{
    office->at_us = office->world->days[number] - 20 * INSTANT_MINUTE_US;
}

/* When what was enrolled that day is in use. */
static void after(struct demo_office *office, enum demo_day number)
{
    office->at_us = office->world->days[number] + 10 * INSTANT_MINUTE_US;
}

/* Keys that come and go. */
static void turn_keys(struct demo_office *office)
{
    const struct demo_turns *who = &office->world->turns;
    day(office, DEMO_JOINED);
    engage(office, who->joined);
    day(office, DEMO_ROTATED);
    struct demo_act *by_both = enrol(office, who->rotated, 1);
    by_both->also_who = who->rotated;
    by_both->also_key = 0;
    office->at_us += 2 * INSTANT_DAY_US;
    revoke(office, who->rotated, 0, "retired");
    day(office, DEMO_REPLACED);
    enrol(office, who->replaced, 1);
    after(office, DEMO_REPLACED);
    revoke(office, who->replaced, 0, "retired");
    day(office, DEMO_TOUCH_KEY);
    by_both = enrol(office, who->touching, 1);
    by_both->also_who = who->touching;
    by_both->also_key = 0;
    day(office, DEMO_STOLEN);
    enrol(office, who->stolen, 1);
    after(office, DEMO_STOLEN);
    revoke(office, who->stolen, 0, "compromised")->since_us = demo_world_stolen_us(office->world);
}

static void turn_roles(struct demo_office *office)
{
    const struct demo_turns *who = &office->world->turns;
    size_t deploy = office->world->cast.machines + DEMO_DEPLOY;
    day(office, DEMO_MOVED);
    take_back(office, who->moved, "Deployment Lead");
    grant(office, who->moved, "Operations Lead");
    day(office, DEMO_LEFT);
    take_back(office, who->left, "deployer");
    revoke(office, who->left, 0, "retired");
    day(office, DEMO_TOKEN);
    issue_token(office, deploy, 1);
    office->at_us += INSTANT_DAY_US;
    revoke_token(office, deploy, 0);
    /* Who is no admin tries to be one. */
    day(office, DEMO_LAX_OVER);
    office->at_us -= INSTANT_DAY_US;
    act(office, "role.granted", "\"principal\":\"%s\",\"role\":\"admin\"",
        name_of(office, who->stolen))
        ->who = who->stolen;
}

static void turn_policies(struct demo_office *office)
{
    day(office, DEMO_LAX);
    act(office, "policy.set", "\"separation\":false,\"retroactive_hours\":168");
    day(office, DEMO_LAX_OVER);
    act(office, "policy.set", "\"separation\":true");
    day(office, DEMO_TOUCH);
    act(office, "policy.set", TOUCH_AND_KEEP);
    day(office, DEMO_STRICT);
    act(office, "policy.set", TOUCH_AND_KEEP ",\"late_refuses\":true");
    day(office, DEMO_STRICT_OVER);
    act(office, "policy.set", TOUCH_AND_KEEP);
    day(office, DEMO_REVISED);
    for (size_t i = 0; i < DEMO_EDITIONS; i++) {
        if (office->world->editions[i].from_us == office->world->days[DEMO_REVISED])
            publish(office, i);
    }
    day(office, DEMO_TOUCH);
    office->at_us -= 63 * INSTANT_DAY_US + 7 * HOUR_US;
    act(office, "clock.leapt", "\"reason\":\"the machine was moved to another host\"");
}

/* Holds on two deployments, one of which is released. */
static void turn_holds(struct demo_office *office)
{
    const struct demo_world *world = office->world;
    char id[DEMO_ID_BYTES];
    for (size_t i = 0; i < 2 && world->slot_count > 0; i++) {
        demo_world_id(world, world->slot_count * (i + 2) / 5, id);
        office->at_us = world->days[DEMO_LEFT] + (int64_t)(14 + i) * INSTANT_DAY_US;
        act(office, "hold.placed", "\"deployment\":\"%s\",\"reason\":\"%s\"", id,
            i == 0 ? "a customer has asked for the record" : "an inquiry by the regulator");
        office->at_us += 40 * INSTANT_DAY_US;
        if (i == 0)
            act(office, "hold.released", "\"deployment\":\"%s\",\"reason\":\"answered\"", id);
    }
}

/* The report of the first half of the year, whose files are known once its time comes. */
static void issue(struct demo_office *office)
{
    office->at_us = office->world->half_us + 7 * INSTANT_DAY_US + 9 * HOUR_US;
    act(office, "report.issued", "\"files\":[]")->report_to_us = office->world->half_us;
}

static int by_time(const void *a, const void *b)
{
    const struct demo_act *one = a, *other = b;
    if (one->at_us != other->at_us)
        return one->at_us < other->at_us ? -1 : 1;
    return one->order < other->order ? -1 : one->order > other->order;
}

void demo_office_make(const struct demo_world *world, struct demo_office *ret)
{
    *ret = (struct demo_office){.world = world};
    begin(ret);
    turn_keys(ret);
    turn_roles(ret);
    turn_policies(ret);
    turn_holds(ret);
    issue(ret);
    demo_inbox_add(ret);
    qsort(ret->acts, ret->count, sizeof(*ret->acts), by_time);
}

void demo_office_free(struct demo_office *office)
{
    for (size_t i = 0; i < office->count; i++)
        demo_act_free(&office->acts[i]);
    free(office->acts);
    *office = (struct demo_office){.acts = NULL};
}
