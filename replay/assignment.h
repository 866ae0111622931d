/* assignment - who holds which role in a deployment (RULES.md "holder").
 * Private to the files of the reducer.
 */
#ifndef REPLAY_ASSIGNMENT_H
#define REPLAY_ASSIGNMENT_H

#include "replay/fold.h"

/**
 * assignment_any(deployment, mark): Whether the mark's principal holds any role, at its position
 * and time.
 * assignment_lost(deployment, giver, role, pos): The giver of an approval of ${role} has lost the
 * role or the key since the entry at ${pos}: what was lost ("role", "key"), or NULL.
 */
bool assignment_any(const struct deployment *deployment, const struct mark *mark);
const char *assignment_lost(const struct deployment *deployment, const struct giver *giver,
                            const char *role, uint64_t pos);

/**
 * assignment_add(deployment, role, principal, mark): Assign a role until further notice, or anew;
 * borrowed until the next one is added.
 */
struct assignment *assignment_add(struct deployment *deployment, const char *role,
                                  const char *principal, const struct mark *mark);

/**
 * assignment_find(deployment, role, principal): The assignment that holds, or NULL.
 */
struct assignment *assignment_find(const struct deployment *deployment, const char *role,
                                   const char *principal);

#endif
