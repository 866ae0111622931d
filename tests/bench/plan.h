/* plan - what a deployment that goes well does, act by act, as a checklist asks for it. */
#ifndef TESTS_BENCH_PLAN_H
#define TESTS_BENCH_PLAN_H

#include "replay/checklist.h"

/* One act, the same for every deployment but for who it is in, when, and what its signer saw. */
struct plan_act {
    double at_min;    /* minutes from T0 */
    const char *type; /* "item.checked"; static */
    const char *role; /* whose holder does it; "": the deployer; NULL: a token will do; borrowed */
    char *data;       /* owned: the members of its data, without the braces */
    bool rests;       /* on a basis */
};

struct plan {
    struct plan_act *acts; /* owned, in order of time */
    size_t count, cap;
};

/**
 * plan_make(checklist, ret_plan): All that must be done, T0, and the closing; not the opening.
 * ${checklist} is borrowed for the plan's life.
 * plan_stretch(plan, count): Take the same samples again and again, up to ${count} acts.
 * plan_free(plan): Free its contents.
 */
void plan_make(const struct checklist *checklist, struct plan *ret_plan);
void plan_stretch(struct plan *plan, size_t count);
void plan_free(struct plan *plan);

#endif
