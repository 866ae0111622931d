#include "reports/demo_cast.h"

#include <string.h>

/* Nobody's names. */
static const char *const names[] = {
    "amara.okafor",   "bjorn.lindqvist", "chiara.moretti",  "dmitri.volkov", "elena.petrova",
    "farid.haddad",   "grace.mwangi",    "hiro.tanaka",     "ines.carvalho", "jonas.weber",
    "kavita.rao",     "liam.byrne",      "mei.chen",        "nadia.rahman",  "oscar.nilsen",
    "priya.nair",     "quentin.dubois",  "rosa.jimenez",    "samir.khalil",  "tove.halvorsen",
    "uma.fernando",   "viktor.horvath",  "wanjiru.kamau",   "xavier.leroy",  "yusuf.demir",
    "zofia.kowalska", "adaeze.obi",      "benedikt.hofer",  "carmen.ortega", "daan.visser",
    "emre.aydin",     "freja.lund",      "goran.kovacevic",
};

#define NAMES (sizeof(names) / sizeof(names[0]))

static const char *const machines[DEMO_MACHINES] = {"ci.build", "ci.deploy", "monitoring",
                                                    "cluster.eu-1"};

/* Who there is, by role; of the people in one the first has the first form of key, and so on. */
static const struct {
    const char *role; /* NULL: administers; "": deploys */
    size_t people;
    bool deployer;
    enum demo_key_form forms[2];
} roles[] = {
    {NULL, 2, false, {DEMO_KEY_DEVICE, DEMO_KEY_SSH}},
    {"Release Manager", 2, false, {DEMO_KEY_DEVICE, DEMO_KEY_SSH}},
    {"Technical Lead", 3, false, {DEMO_KEY_SSH, DEMO_KEY_PLAIN}},
    {"Product Manager", 2, false, {DEMO_KEY_SSH, DEMO_KEY_SSH}},
    {"Security Lead", 2, false, {DEMO_KEY_DEVICE, DEMO_KEY_DEVICE}},
    {"Operations Manager", 2, false, {DEMO_KEY_SSH, DEMO_KEY_PLAIN}},
    {"Deployment Lead", 4, true, {DEMO_KEY_DEVICE, DEMO_KEY_SSH}},
    {"Operations Lead", 2, false, {DEMO_KEY_PLAIN, DEMO_KEY_SSH}},
    {"DBA", 2, false, {DEMO_KEY_SSH, DEMO_KEY_DEVICE}},
    {"QA Lead", 2, false, {DEMO_KEY_PLAIN, DEMO_KEY_SSH}},
    {"", 6, true, {DEMO_KEY_PLAIN, DEMO_KEY_PLAIN}},
};

static struct demo_member *add(struct demo_cast *cast, const char *name, int64_t from_us)
{
    ASSERT(cast->count < DEMO_CAST_MAX);
    struct demo_member *member = &cast->members[cast->count++];
    *member = (struct demo_member){.name = name, .from_us = from_us, .to_us = INT64_MAX};
    return member;
}

void demo_cast_make(uint64_t seed, int64_t from_us, struct demo_cast *ret)
{
    struct demo_dice dice = demo_dice_of(seed, "names", 0);
    const char *shuffled[NAMES];
    size_t next = 0;
    memcpy(shuffled, names, sizeof(names));
    for (size_t i = NAMES; i > 1; i--) {
        size_t other = (size_t)demo_dice_below(&dice, i);
        const char *name = shuffled[i - 1];
        shuffled[i - 1] = shuffled[other];
        shuffled[other] = name;
    }
    *ret = (struct demo_cast){.seed = seed};
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        for (size_t j = 0; j < roles[i].people; j++) {
            struct demo_member *member = add(ret, shuffled[next++], from_us);
            member->role = roles[i].role;
            member->admin = roles[i].role == NULL;
            member->deployer = roles[i].deployer;
            demo_cast_rekey(ret, ret->count - 1, roles[i].forms[j % 2], from_us);
        }
    }
    ret->machines = ret->count;
    for (size_t i = 0; i < DEMO_MACHINES; i++) {
        struct demo_member *member = add(ret, machines[i], from_us);
        member->machine = true;
        member->renewed_us = INT64_MAX;
        for (size_t j = 0; j < 2; j++)
            demo_dice_seed(seed, "token", 2 * i + j, member->tokens[j]);
    }
}

/* The first of the names that nobody has. */
static const char *unused(const struct demo_cast *cast)
{
    for (size_t i = 0; i < NAMES; i++) {
        bool used = false;
        for (size_t j = 0; j < cast->count; j++)
            used = used || cast->members[j].name == names[i];
        if (!used)
            return names[i];
    }
    ASSERT(false);
    return NULL;
}

size_t demo_cast_join(struct demo_cast *cast, size_t like, int64_t from_us)
{
    struct demo_member *member = add(cast, unused(cast), from_us);
    member->role = cast->members[like].role;
    member->deployer = cast->members[like].deployer;
    demo_cast_rekey(cast, cast->count - 1, DEMO_KEY_SSH, from_us);
    return cast->count - 1;
}

size_t demo_cast_rekey(struct demo_cast *cast, size_t who, enum demo_key_form form, int64_t from_us)
{
    struct demo_member *member = &cast->members[who];
    uint8_t seed[HASH_BYTES];
    ASSERT(member->key_count < DEMO_CAST_KEYS_MAX);
    demo_dice_seed(cast->seed, "key", who * DEMO_CAST_KEYS_MAX + member->key_count, seed);
    demo_key_make(seed, form, &member->keys[member->key_count]);
    member->keys_from_us[member->key_count] = from_us;
    return member->key_count++;
}

static bool has_role(const struct demo_member *member, const char *role)
{
    return member->role != NULL && strcmp(member->role, role) == 0;
}

size_t demo_cast_find(const struct demo_cast *cast, const char *role, size_t nth)
{
    for (size_t i = 0; i < cast->count; i++) {
        if (has_role(&cast->members[i], role) && nth-- == 0)
            return i;
    }
    ASSERT(false);
    return SIZE_MAX;
}

size_t demo_cast_pick(const struct demo_cast *cast, const char *role, int64_t at_us,
                      struct demo_dice *dice)
{
    size_t found[DEMO_CAST_MAX] = {0}, count = 0;
    for (size_t i = 0; i < cast->count; i++) {
        const struct demo_member *member = &cast->members[i];
        if (member->from_us <= at_us && at_us < member->to_us && has_role(member, role))
            found[count++] = i;
    }
    ASSERT(count > 0);
    return found[demo_dice_below(dice, count)];
}

size_t demo_cast_key(const struct demo_cast *cast, size_t who, int64_t at_us)
{
    const struct demo_member *member = &cast->members[who];
    size_t key = 0;
    for (size_t i = 1; i < member->key_count; i++) {
        if (member->keys_from_us[i] <= at_us)
            key = i;
    }
    return key;
}

const uint8_t *demo_cast_token(const struct demo_member *member, int64_t at_us)
{
    return member->tokens[at_us >= member->renewed_us];
}
