/* effect - what each accepted act changes in the state.  Private to the files of the reducer. */
#ifndef REPLAY_EFFECT_H
#define REPLAY_EFFECT_H

#include "replay/act.h"

/**
 * effect_none, effect_rescheduled, effect_clock, effect_assigned, effect_unassigned,
 * effect_emergency, effect_checked, effect_reopened, effect_waived, effect_recorded,
 * effect_sampled, effect_command, effect_attached, effect_status, effect_noted,
 * effect_issue_opened, effect_issue_changed, effect_issue_resolved, effect_closed(deployment, act):
 * The effects of the types in act.c's table.
 */
act_effect_fn effect_none;
act_effect_fn effect_rescheduled;
act_effect_fn effect_clock;
act_effect_fn effect_assigned;
act_effect_fn effect_unassigned;
act_effect_fn effect_emergency;
act_effect_fn effect_checked;
act_effect_fn effect_reopened;
act_effect_fn effect_waived;
act_effect_fn effect_recorded;
act_effect_fn effect_sampled;
act_effect_fn effect_command;
act_effect_fn effect_attached;
act_effect_fn effect_status;
act_effect_fn effect_noted;
act_effect_fn effect_issue_opened;
act_effect_fn effect_issue_changed;
act_effect_fn effect_issue_resolved;
act_effect_fn effect_closed;

/**
 * effect_foreign(deployment, event, mark): What a CloudEvent that is none of ours changes: a
 * CDEvents service.deployed or service.upgraded of an artifact that is not among those named is a
 * criterion.
 * effect_looks_into(event): Whether it looks at more than the event's attributes.
 */
bool effect_looks_into(const struct event *event);
void effect_foreign(struct deployment *deployment, const struct event *event,
                    const struct mark *mark);

#endif
