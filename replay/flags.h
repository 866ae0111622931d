/* flags - what an accepted event is marked with (RULES.md "Flags").
 * Private to the files of the reducer.
 */
#ifndef REPLAY_FLAGS_H
#define REPLAY_FLAGS_H

#include "replay/act.h"

/**
 * flags_late(deployment, act, ret_us): Whether the act on a node comes after the node's window, by
 * T0 in force; then by how much.
 * flags_set(deployment, act, verdict): Set the flags of an act that all rules accept, before it
 * takes effect, and say in the verdict's reason what they are about.
 * flags_set_common(deployment, act, verdict): Set the flags of any accepted event, also a foreign
 * one: clock-skew, spooled, new-key, counter, after-close, replayed.
 * flags_explain(verdict, text): Say ${text} (NULL: nothing) behind what the verdict says already.
 */
bool flags_late(const struct deployment *deployment, const struct act *act, int64_t *ret_us);
void flags_set(const struct deployment *deployment, const struct act *act, struct verdict *verdict);
void flags_set_common(const struct deployment *deployment, const struct act *act,
                      struct verdict *verdict);
void flags_explain(struct verdict *verdict, const char *text);

#endif
