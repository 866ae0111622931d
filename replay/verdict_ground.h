/* verdict_ground - what the verdict of one act rests on, rule by rule, as causes.
 * Private to the files of the reducer and of `why`.
 */
#ifndef REPLAY_VERDICT_GROUND_H
#define REPLAY_VERDICT_GROUND_H

#include "replay/act.h"
#include "replay/cause.h"

/**
 * verdict_ground_add(cause, deployment, act, verdict): Add to ${cause} what the verdict rests on;
 * ${deployment} is the state before the act, ${act} was judged by rules_judge.
 */
void verdict_ground_add(struct cause *cause, const struct deployment *deployment,
                        const struct act *act, const struct verdict *verdict);

#endif
