/* repair - which successful deployment repaired which: of all below the report's size, so that a
 * failure of the period is told as repaired also where that was later.
 */
#ifndef REPORTS_REPAIR_H
#define REPORTS_REPAIR_H

#include <stddef.h>
#include <stdint.h>

#include "replay/replay.h"

/* Texts are owned. */
struct repair {
    char *repaired; /* the deployment that had failed */
    char *by;       /* the successful one, which names it */
    int64_t closed_us;
};

/* Zero-initialised is empty. */
struct repair_list {
    struct repair *list; /* in order of the deployments that repair */
    size_t count, cap;
};

/**
 * repair_free(repairs): Free what it owns; it is empty again.
 * repair_move(from, to): Append what *${from} has, and leave it empty.
 * repair_add(repairs, repaired, by, closed_us): Add one.
 * repair_add_of(repairs, deployment): Add those that a deployment names; none if it is not
 * successful.
 * repair_first(repairs, repaired, failed_us): The first to close at or after ${failed_us} of those
 * that repair a deployment; NULL if there is none.  Borrowed.
 */
void repair_free(struct repair_list *repairs);
void repair_move(struct repair_list *from, struct repair_list *to);
void repair_add(struct repair_list *repairs, const char *repaired, const char *by,
                int64_t closed_us);
void repair_add_of(struct repair_list *repairs, const struct deployment *deployment);
const struct repair *repair_first(const struct repair_list *repairs, const char *repaired,
                                  int64_t failed_us);

#endif
