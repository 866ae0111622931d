/* rules - the refusals of RULES.md in the order in which they are tested, version 1.
 * Each is a function that bears its name; rules.c has their order.  They only look: what an
 * accepted act changes is in effect.c and decide.c.  Private to the files of the reducer.
 */
#ifndef REPLAY_RULES_H
#define REPLAY_RULES_H

#include "replay/act.h"

/**
 * rules_judge(deployment, act, verdict): Read the act's data and test all rules, until one refuses
 * it.  True if none does.
 */
bool rules_judge(const struct deployment *deployment, struct act *act, struct verdict *verdict);

/**
 * rules_guard(deployment, act): The gate that guards the act, if it is work, or CHECKLIST_NONE.
 * Rollback is never held up by a gate.
 */
size_t rules_guard(const struct deployment *deployment, const struct act *act);

/**
 * rules_bars(deployment, act, criterion): Whether an unresolved criterion holds up the act's pass:
 * it arose in a section that starts earlier.
 * rules_bars_success(deployment, node): Whether the node keeps a deployment from being closed as
 * successful: a sign-off, or an item or status of a section with a window, that is not met.
 */
bool rules_bars(const struct deployment *deployment, const struct act *act,
                const struct criterion *criterion);
bool rules_bars_success(const struct deployment *deployment, size_t node);

/* A rule that refuses the act says so in the verdict; else it leaves it alone. */
typedef void rule_fn(const struct deployment *deployment, struct act *act, struct verdict *verdict);

/**
 * rules_wrong_stream, rules_unknown_deployment, rules_unknown_checklist, rules_unknown_node,
 * rules_wrong_kind, rules_bad_value(deployment, act, verdict): Form (RULES.md 1), in rules_form.c.
 */
rule_fn rules_wrong_stream;
rule_fn rules_unknown_deployment;
rule_fn rules_unknown_checklist;
rule_fn rules_unknown_node;
rule_fn rules_wrong_kind;
rule_fn rules_bad_value;

/**
 * rules_unsigned, rules_not_authorized, rules_key_revoked, rules_separation(deployment, act,
 * verdict): Who (RULES.md 2 and 5), in rules_who.c.
 */
rule_fn rules_unsigned;
rule_fn rules_not_authorized;
rule_fn rules_key_revoked;
rule_fn rules_separation;

/**
 * rules_deployment_closed, rules_rolled_back, rules_not_rolling_back, rules_phase_closed,
 * rules_criterion_open, rules_children_open, rules_contradicted, rules_late(deployment, act,
 * verdict): When (RULES.md 3 and 4), in rules_when.c.
 */
rule_fn rules_deployment_closed;
rule_fn rules_rolled_back;
rule_fn rules_not_rolling_back;
rule_fn rules_phase_closed;
rule_fn rules_criterion_open;
rule_fn rules_children_open;
rule_fn rules_contradicted;
rule_fn rules_late;

/**
 * rules_bad_basis, rules_stale_basis, rules_gate_not_ready, rules_superseded, rules_not_closable
 * (deployment, act, verdict): On what (RULES.md 6 and 7), in rules_basis.c and rules_closing.c.
 */
rule_fn rules_bad_basis;
rule_fn rules_stale_basis;
rule_fn rules_gate_not_ready;
rule_fn rules_superseded;
rule_fn rules_not_closable;

#endif
