/* demo_cast - the people and machines of a made-up year: names, roles, keys, tokens. */
#ifndef REPORTS_DEMO_CAST_H
#define REPORTS_DEMO_CAST_H

#include "reports/demo_dice.h"
#include "reports/demo_key.h"

#define DEMO_CAST_KEYS_MAX 3
#define DEMO_CAST_MAX 40

/* Kinds of machines, in the order in which they stand in the cast. */
enum demo_machine { DEMO_BUILD, DEMO_DEPLOY, DEMO_MONITOR, DEMO_CLUSTER, DEMO_MACHINES };

struct demo_member {
    const char *name; /* static */
    const char *role; /* NULL: none; static */
    bool admin, deployer, machine;
    int64_t from_us, to_us; /* works here then; [from, to) */
    struct demo_key keys[DEMO_CAST_KEYS_MAX];
    int64_t keys_from_us[DEMO_CAST_KEYS_MAX]; /* the one in use is the last that has begun */
    size_t key_count;
    uint8_t tokens[2][TOKEN_BYTES]; /* of a machine; no secrets: they follow from the seed */
    int64_t renewed_us;             /* from then on it uses the second */
    uint32_t counter;               /* of its security keys: so often it has signed */
};

struct demo_cast {
    uint64_t seed;
    struct demo_member members[DEMO_CAST_MAX];
    size_t count;
    size_t machines; /* the first one's number */
};

/**
 * demo_cast_make(seed, from_us, ret): All who are there from the first day on; everybody stays.
 * demo_cast_join(cast, like, from_us): Another person in the role of ${like} from then on; gives
 * the number.
 * demo_cast_rekey(cast, who, form, from_us): A further key of a person; gives its number.
 */
void demo_cast_make(uint64_t seed, int64_t from_us, struct demo_cast *ret);
size_t demo_cast_join(struct demo_cast *cast, size_t like, int64_t from_us);
size_t demo_cast_rekey(struct demo_cast *cast, size_t who, enum demo_key_form form,
                       int64_t from_us);

/**
 * demo_cast_find(cast, role, nth): The number of the nth person, from 0 on, in a role; "": a
 * deployer without one.  There must be one.
 * demo_cast_pick(cast, role, at_us, dice): Somebody who has the role then; "": who may deploy.
 * demo_cast_key(cast, who, at_us): The number of the key that they use then.
 * demo_cast_token(member, at_us): The token that a machine uses then, TOKEN_BYTES.
 */
size_t demo_cast_find(const struct demo_cast *cast, const char *role, size_t nth);
size_t demo_cast_pick(const struct demo_cast *cast, const char *role, int64_t at_us,
                      struct demo_dice *dice);
size_t demo_cast_key(const struct demo_cast *cast, size_t who, int64_t at_us);
const uint8_t *demo_cast_token(const struct demo_member *member, int64_t at_us);

#endif
