/* demo_office - what is done about a made-up ledger itself: keys, roles, tokens, checklists,
 * policies, holds; and what comes to it that belongs to no deployment.
 */
#ifndef REPORTS_DEMO_OFFICE_H
#define REPORTS_DEMO_OFFICE_H

#include "reports/demo_act.h"
#include "reports/demo_world.h"

struct demo_office {
    const struct demo_world *world; /* borrowed */
    struct demo_act *acts;          /* owned, in order of at_us */
    size_t count, cap;
    size_t next; /* a count for whoever goes through them */
    int64_t at_us;
};

/**
 * demo_office_make(world, ret): All acts of the year, and of the month before it.
 * demo_office_free(office): Free its contents.
 */
void demo_office_make(const struct demo_world *world, struct demo_office *ret);
void demo_office_free(struct demo_office *office);

#endif
