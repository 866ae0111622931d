/* registry_holds - deployments that must be kept until further notice: hold.placed and
 * hold.released.  Private to registry*.c. */
#ifndef LEDGER_REGISTRY_HOLDS_H
#define LEDGER_REGISTRY_HOLDS_H

#include "ledger/registry_act.h"

/**
 * registry_holds_placed(act), registry_holds_released(act): Judge and fold these acts.  Each
 * placing is a hold of its own, so that who releases one takes none of another's away: where
 * several are in force the release names its own by `hold`, the position where it was placed.
 * registry_holds_free(registry): Free the holds.
 */
void registry_holds_placed(const struct registry_act *act);
void registry_holds_released(const struct registry_act *act);
void registry_holds_free(struct registry *registry);

#endif
