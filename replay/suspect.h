/* suspect - signatures by a key that was revoked later, since before they were made
 * (RULES.md "suspect").  Private to the files of the reducer.
 */
#ifndef REPLAY_SUSPECT_H
#define REPLAY_SUSPECT_H

#include "replay/fold.h"

/**
 * suspect_mark(deployment, mark): Whether the mark's signature is suspect, as far as the ledger
 * stream has been taken in.
 * suspect_use(deployment, key): An accepted act was signed with ${key}.
 * suspect_settle(deployment, seq): Take in revocations below ${seq}: what was signed by such a key
 * counts no more; where an open gate rests on it, that is a criterion.  Cost: O(keys used), and
 * O(nodes) once for each revoked one.
 */
bool suspect_mark(const struct deployment *deployment, const struct mark *mark);
void suspect_use(struct deployment *deployment, const struct registry_key *key);
void suspect_settle(struct deployment *deployment, uint64_t seq);

#endif
