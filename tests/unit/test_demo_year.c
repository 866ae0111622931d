/* A made-up year before it is signed: the same for the same seed, in the order of time, its people
 * and its calendar as they should be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/demo_year.h"

#define FEW 30

/* What was told. */
struct told {
    uint64_t count, deployments, alone;
    int64_t last_us;
    uint8_t digest[HASH_BYTES]; /* of all of it */
    uint64_t stop_at;           /* 0: nowhere */
};

static enum err hear(void *ctx, struct demo_act *act)
{
    struct told *told = ctx;
    char line[128];
    assert_true(act->at_us >= told->last_us);
    assert_true(act->claimed_us <= act->at_us);
    assert_true((act->stream == NULL) == (act->place == SIZE_MAX));
    told->last_us = act->at_us;
    told->count++;
    told->alone += act->alone;
    told->deployments += strcmp(act->type, "deployment.opened") == 0;
    snprintf(line, sizeof(line), "%lld %lld %zu %d %d", (long long)act->at_us,
             (long long)act->claimed_us, act->who, (int)act->rests, (int)act->way);
    const char *stream = act->stream == NULL ? "" : act->stream;
    const struct piece pieces[] = {{told->digest, HASH_BYTES},
                                   {line, strlen(line)},
                                   {act->type, strlen(act->type)},
                                   {act->data, strlen(act->data)},
                                   {stream, strlen(stream)}};
    uint8_t digest[HASH_BYTES];
    hash_pieces(pieces, sizeof(pieces) / sizeof(pieces[0]), digest);
    memcpy(told->digest, digest, HASH_BYTES);
    demo_act_free(act);
    return told->count == told->stop_at ? ERR_BUSY : ERR_OK;
}

static struct told tell(uint64_t seed, int year, size_t deployments)
{
    struct demo_world world;
    struct told told = {.count = 0};
    demo_world_make(seed, year, deployments, &world);
    assert_int_equal(demo_year_each(&world, hear, &told), ERR_OK);
    assert_true(told.last_us < world.to_us);
    demo_world_free(&world);
    return told;
}

static void test_demo_year_each_same_seed(void **state)
{
    struct told one = tell(7, 2026, FEW), again = tell(7, 2026, FEW), other = tell(8, 2026, FEW);
    (void)state;
    assert_true(one.count > FEW * 200);
    assert_true(one.deployments >= FEW);
    assert_int_equal(one.count, again.count);
    assert_memory_equal(one.digest, again.digest, HASH_BYTES);
    assert_memory_not_equal(one.digest, other.digest, HASH_BYTES);
}

/* The last edge of years: leap days, and the first and last that the command takes. */
static void test_demo_year_each_any_year(void **state)
{
    static const int years[] = {1972, 2024, 2027, 9990};
    (void)state;
    for (size_t i = 0; i < sizeof(years) / sizeof(years[0]); i++)
        assert_true(tell(1, years[i], 3).count > 3);
}

static void test_demo_year_each_no_deployments(void **state)
{
    struct told told = tell(7, 2026, 0);
    (void)state;
    assert_int_equal(told.deployments, 0);
    assert_int_equal(told.count, told.alone);
}

static void test_demo_year_each_stopped(void **state)
{
    struct demo_world world;
    struct told told = {.stop_at = 500};
    (void)state;
    demo_world_make(7, 2026, FEW, &world);
    assert_int_equal(demo_year_each(&world, hear, &told), ERR_BUSY);
    assert_int_equal(told.count, 500);
    demo_world_free(&world);
}

static void test_demo_world_make_calendar(void **state)
{
    struct demo_world world;
    size_t before = 0, frozen = 0;
    (void)state;
    demo_world_make(7, 2026, 3000, &world);
    for (size_t i = 0; i < world.slot_count; i++) {
        const struct demo_slot *slot = &world.slots[i];
        assert_true(i == 0 || world.slots[i - 1].t0_us <= slot->t0_us);
        assert_true(slot->t0_us < world.to_us);
        before += slot->t0_us < world.from_us;
        frozen += slot->t0_us >= world.days[DEMO_FREEZE];
    }
    assert_in_range(before, 0, 30);
    assert_in_range(frozen, 1, 60);
    demo_world_free(&world);
}

static void test_demo_world_id_unique(void **state)
{
    struct demo_world world;
    char one[DEMO_ID_BYTES], other[DEMO_ID_BYTES];
    (void)state;
    demo_world_make(3, 2026, 300, &world);
    for (size_t i = 0; i < world.slot_count; i++) {
        demo_world_id(&world, i, one);
        assert_true(event_stream_ok(one));
        for (size_t j = 0; j < i; j++) {
            demo_world_id(&world, j, other);
            assert_string_not_equal(one, other);
        }
    }
    demo_world_free(&world);
}

static void test_demo_cast_make_names(void **state)
{
    struct demo_cast cast, again;
    (void)state;
    demo_cast_make(7, 0, &cast);
    demo_cast_make(7, 0, &again);
    assert_int_equal(cast.count, again.count);
    for (size_t i = 0; i < cast.count; i++) {
        assert_string_equal(cast.members[i].name, again.members[i].name);
        assert_true(event_principal_ok(cast.members[i].name));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(cast.members[i].name, cast.members[j].name);
    }
}

static void test_demo_cast_key_turns(void **state)
{
    struct demo_cast cast;
    (void)state;
    demo_cast_make(7, 100, &cast);
    size_t who = demo_cast_find(&cast, "DBA", 1);
    assert_int_equal(demo_cast_rekey(&cast, who, DEMO_KEY_SSH, 500), 1);
    assert_int_equal(demo_cast_key(&cast, who, 499), 0);
    assert_int_equal(demo_cast_key(&cast, who, 500), 1);
    cast.members[cast.machines].renewed_us = 300;
    assert_ptr_equal(demo_cast_token(&cast.members[cast.machines], 299),
                     cast.members[cast.machines].tokens[0]);
    assert_ptr_equal(demo_cast_token(&cast.members[cast.machines], 300),
                     cast.members[cast.machines].tokens[1]);
}

static void test_demo_dice_between_bounds(void **state)
{
    struct demo_dice dice = demo_dice_of(1, "test", 2), again = demo_dice_of(1, "test", 2);
    struct demo_dice other = demo_dice_of(1, "test", 3);
    bool seen[7] = {false};
    (void)state;
    assert_int_equal(demo_dice_next(&dice), demo_dice_next(&again));
    assert_int_not_equal(demo_dice_next(&dice), demo_dice_next(&other));
    for (unsigned i = 0; i < 500; i++) {
        int64_t number = demo_dice_between(&dice, -3, 3);
        assert_in_range(number + 3, 0, 6);
        seen[number + 3] = true;
        assert_false(demo_dice_chance(&dice, 0));
        assert_true(demo_dice_chance(&dice, 1000));
    }
    for (unsigned i = 0; i < 7; i++)
        assert_true(seen[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo_year_each_same_seed),
        cmocka_unit_test(test_demo_year_each_any_year),
        cmocka_unit_test(test_demo_year_each_no_deployments),
        cmocka_unit_test(test_demo_year_each_stopped),
        cmocka_unit_test(test_demo_world_make_calendar),
        cmocka_unit_test(test_demo_world_id_unique),
        cmocka_unit_test(test_demo_cast_make_names),
        cmocka_unit_test(test_demo_cast_key_turns),
        cmocka_unit_test(test_demo_dice_between_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
