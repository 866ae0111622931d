/* opening - deployment.opened: reading it, and the state that it makes.
 * Private to the files of the reducer.
 */
#ifndef REPLAY_OPENING_H
#define REPLAY_OPENING_H

#include "replay/act.h"

/**
 * opening_parse(deployment, act, verdict): Its parse function.
 * opening_effect(deployment, act): Its effect.
 */
act_parse_fn opening_parse;
act_effect_fn opening_effect;

#endif
