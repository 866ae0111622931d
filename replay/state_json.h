/* state_json - the whole state of a deployment as JSON.  Pure. */
#ifndef REPLAY_STATE_JSON_H
#define REPLAY_STATE_JSON_H

#include "replay/deployment.h"

/**
 * state_json_full(deployment, info):
 * {deployment, ledger, simulated, phase, outcome, release, title, environment, reason, lead, t0,
 * clock, window, emergency, rollback, checklist, opened, closed, nodes [{id, kind, label, section,
 * state, met, value, by, time, seq, ...}], gates, criteria, approvals, assignments, issues, notes,
 * samples, counts, first, last, basis {pos, leaf}}; absent marks and texts are null.  New
 * reference.
 * state_json_gate(deployment, number): One member of `gates`, by its number from 1: {gate, id,
 * label, authority, open, value, missing [text], needs (needs.h)}, and who decided it.
 * state_json_brief(deployment, info): The same without its lists: what a list of deployments shows.
 */
json_t *state_json_full(const struct deployment *deployment, const struct ledger_info *info);
json_t *state_json_gate(const struct deployment *deployment, size_t number);
json_t *state_json_brief(const struct deployment *deployment, const struct ledger_info *info);

#endif
