/* course - deployments by the checklist that ships, acted from opening to closing by people with
 * keys and by a token, several at a time, into a stock's ledger.
 */
#ifndef TESTS_BENCH_COURSE_H
#define TESTS_BENCH_COURSE_H

#include "tests/bench/plan.h"
#include "tests/bench/stock.h"

#define COURSE_OPEN 32 /* deployments that are open at a time */

/* Who holds a role. */
struct player {
    char *role; /* owned; "" of the deployer */
    char name[16];
    struct stock_key key;
};

struct course {
    struct stock *stock; /* borrowed; of a simulated ledger */
    struct pool *pool;   /* borrowed */
    struct checklist *checklist;
    struct plan plan;
    struct player *players;
    size_t player_count, player_cap;
    uint64_t deployments; /* played */
    uint64_t entries;     /* made by them */
    int64_t t0_us;        /* of those that are played next */
};

/**
 * course_new(course, stock, pool): Enrol the people, grant the roles, publish the checklist.
 * course_free(course): Free its contents; the stock stays.
 * course_play(course, acts): Play COURSE_OPEN deployments beside one another, named course_id of
 * the next numbers; of each at most ${acts} entries.
 * course_id(number, ret): The name of a deployment.
 */
#define COURSE_ID_BYTES 24
void course_new(struct course *course, struct stock *stock, struct pool *pool);
void course_free(struct course *course);
void course_play(struct course *course, size_t acts);
void course_id(uint64_t number, char ret[COURSE_ID_BYTES]);

#endif
