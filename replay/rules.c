#include "replay/rules.h"

/* The order of RULES.md "Refusals".  A stopping option is tested only by those that say so. */
static const struct {
    rule_fn *rule;
    bool stops_too;
} order[] = {
    {rules_wrong_stream, true},       /* 1 */
    {rules_unknown_deployment, true}, /* */
    {rules_unknown_checklist, true},  /* */
    {rules_unknown_node, true},       /* */
    {rules_wrong_kind, true},         /* */
    {rules_bad_value, true},          /* reads the data */
    {rules_unsigned, true},           /* 2 */
    {rules_not_authorized, true},     /* */
    {rules_key_revoked, true},        /* */
    {rules_deployment_closed, true},  /* 3 */
    {rules_rolled_back, false},       /* */
    {rules_not_rolling_back, false},  /* */
    {rules_phase_closed, false},      /* 4 */
    {rules_criterion_open, false},    /* */
    {rules_children_open, false},     /* */
    {rules_contradicted, false},      /* */
    {rules_late, false},              /* if the policy says so */
    {rules_separation, false},        /* 5 */
    {rules_bad_basis, false},         /* 6 */
    {rules_stale_basis, false},       /* */
    {rules_gate_not_ready, false},    /* */
    {rules_superseded, false},        /* */
    {rules_not_closable, false},      /* 7 */
};

bool rules_judge(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (act->stop && !order[i].stops_too)
            continue;
        order[i].rule(deployment, act, verdict);
        if (verdict->rule != RULE_NONE)
            return false;
    }
    return true;
}
