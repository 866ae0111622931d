/* timeline_lanes - who acted in which role.  Private to the files of timeline. */
#ifndef REPLAY_TIMELINE_LANES_H
#define REPLAY_TIMELINE_LANES_H

#include "replay/timeline.h"

/**
 * timeline_lanes_make(timeline): Give each row its lane: the roles that its principal was assigned
 * in the deployment at any time; without one `pipelines` for what was never signed, `deployer` for
 * who was granted that on the ledger by its end, else `no role`.
 *
 * timeline_lanes_free(timeline): Free the lanes.
 *
 * timeline_lanes_roles(timeline, principal, buf): Append those roles, joined by " / ".
 */
void timeline_lanes_make(struct timeline *timeline);
void timeline_lanes_free(struct timeline *timeline);
void timeline_lanes_roles(const struct timeline *timeline, const char *principal, struct buf *buf);

#endif
