/* role - the roles that a checklist names, and the items that only their holders may tick.  Pure.
 */
#ifndef REPLAY_ROLE_H
#define REPLAY_ROLE_H

#include "replay/checklist.h"

/* A role of more words is not looked for in the text of items. */
#define ROLE_WORDS_MAX 8

/**
 * role_find(checklist):
 * Give each item whose text (nested bullets included) speaks of approval or sign-off and names a
 * role of the checklist - an approval's, a sign-off's, or a gate's authority - that role: the first
 * named, of two that begin there the longer.  Cost: words of the items times the logarithm of
 * roles.
 */
void role_find(struct checklist *checklist);

#endif
