/* demo_year - all acts of a made-up year in the order of time, told as they are asked for: no more
 * deployments are in memory than are open at a time.  Pure, but for memory.
 */
#ifndef REPORTS_DEMO_YEAR_H
#define REPORTS_DEMO_YEAR_H

#include "reports/demo_act.h"
#include "reports/demo_world.h"

/* Takes ${act} (demo_act_free). */
typedef enum err demo_year_fn(void *ctx, struct demo_act *act);

/**
 * demo_year_each(world, fn, ctx): Tell the whole year.  Errors: those of ${fn}, which end it.
 */
MUST_CHECK enum err demo_year_each(const struct demo_world *world, demo_year_fn *fn, void *ctx);

#endif
