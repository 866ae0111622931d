/* demo_plan - what a deployment that goes well does, step by step, as its checklist asks for it;
 * and what going back does.  The same for every deployment of that checklist.  Pure.
 */
#ifndef REPORTS_DEMO_PLAN_H
#define REPORTS_DEMO_PLAN_H

#include "replay/replay.h"

enum demo_what {
    DEMO_CLOCK, /* T+0 is confirmed */
    DEMO_COMMAND,
    DEMO_SAMPLE,
    DEMO_CHECK,
    DEMO_STATUS,
    DEMO_FIELD,
    DEMO_CHOICE,
    DEMO_APPROVAL,
    DEMO_DECISION,
    DEMO_FINISH, /* the rollback's status */
    DEMO_CLOSE
};

struct demo_step {
    int64_t at_ms; /* from T0; of a rollback from its start */
    enum demo_what what;
    size_t node;      /* of the checklist; CHECKLIST_NONE: it is about none */
    const char *role; /* whose holder does it; "": a deployer; NULL: a token will do; borrowed */
    char *fixed;      /* owned: members of its data that are the same each time, without braces */
};

struct demo_plan {
    struct demo_step *steps; /* owned, in order of time */
    size_t count, cap;
};

/**
 * demo_plan_make(checklist, ret): All that must be done, from the first step of the first window to
 * the closing; not the opening.  ${checklist} has a gate, and is borrowed for the plan's life.
 * demo_plan_back(checklist, ret): What its rollback sections ask for, its end last.
 * demo_plan_free(plan): Free its contents.
 * demo_plan_type(what): The type of the event that a step is, as "item.checked"; static.
 */
void demo_plan_make(const struct checklist *checklist, struct demo_plan *ret);
void demo_plan_back(const struct checklist *checklist, struct demo_plan *ret);
void demo_plan_free(struct demo_plan *plan);
const char *demo_plan_type(enum demo_what what);

#endif
