/* met - whether a node is met, since when, and what it lacks (RULES.md "met").
 * Private to the files of the reducer.
 */
#ifndef REPLAY_MET_H
#define REPLAY_MET_H

#include "replay/fold.h"

/**
 * met_refresh(deployment, node, pos, what): Work out again whether the node is met, after it has
 * changed with the entry at ${pos}.  If it has ceased to be, that is an undoing; ${what} says how
 * ("was reopened").
 */
void met_refresh(struct deployment *deployment, size_t node, uint64_t pos, const char *what);

/**
 * met_done(deployment, node): Whether it is met by what was done on it, not by a waiver alone.
 * met_exempt(deployment, node): Whether it counts as met whatever its state: optional, a notes
 * block, or in a rollback section while no rollback is open.
 * met_lack(deployment, node, buf): Append why a node is not met: "not checked".
 */
bool met_done(const struct deployment *deployment, size_t node);
bool met_exempt(const struct deployment *deployment, size_t node);
void met_lack(const struct deployment *deployment, size_t node, struct buf *buf);

#endif
