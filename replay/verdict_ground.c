#include "replay/verdict_ground.h"

#include <string.h>

#include "replay/ground.h"
#include "replay/ready.h"
#include "replay/rules.h"

/* What would have had to be different, where the rule alone says it. */
static const char *otherwise_of(enum rule rule)
{
    switch (rule) {
    case RULE_WRONG_STREAM:
        return "sent to the stream that events of this type belong to";
    case RULE_UNKNOWN_DEPLOYMENT:
        return "the deployment opened before";
    case RULE_UNKNOWN_CHECKLIST:
        return "the checklist published before by an admin";
    case RULE_UNKNOWN_NODE:
        return "a node that the checklist has: countersign checklist show";
    case RULE_WRONG_KIND:
        return "an act that this kind of node takes";
    case RULE_BAD_VALUE:
        return "a value that the node takes";
    case RULE_UNSIGNED:
        return "signed by the person's own key: --key";
    case RULE_KEY_REVOKED:
        return "signed by a key that was valid then";
    case RULE_NOT_ROLLING_BACK:
        return "rollback opened before: countersign rollback start, or the decision's YES";
    case RULE_LATE:
        return "done in the window, or a policy without late_refuses at the opening";
    case RULE_SEPARATION:
        return "done by another person, who is no author";
    case RULE_BAD_BASIS:
        return "signed on the deployment's own entry, less than 24 hours before";
    case RULE_STALE_BASIS:
        return "signed again, on what stands now";
    case RULE_SUPERSEDED:
        return "signed on a position after that decision";
    default:
        return NULL;
    }
}

/* The role that the act asks its principal for, or NULL. */
static const char *role_asked(const struct deployment *deployment, const struct act *act)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node *node = act->node == CHECKLIST_NONE ? NULL : &checklist->nodes[act->node];
    size_t gate = CHECKLIST_NONE;
    switch (act->type->authority) {
    case BY_DEPLOYER:
        return "deployer";
    case BY_ITEM_ROLE:
    case BY_APPROVER:
        return node != NULL ? node->role : NULL;
    case BY_DECIDER:
        if (node != NULL && node->authority != NULL)
            return node->authority;
        if (node != NULL && node->rollback_decision && !act->stop)
            gate = ready_last_gate(checklist);
        break;
    case BY_WAIVER:
        gate = checklist != NULL ? deployment_next_gate(deployment) : CHECKLIST_NONE;
        if (checklist != NULL && gate == CHECKLIST_NONE)
            gate = ready_last_gate(checklist);
        break;
    case BY_LAST_GATE:
        gate = checklist != NULL ? ready_last_gate(checklist) : CHECKLIST_NONE;
        break;
    case BY_ANYONE:
    case BY_ASSIGNER:
    case BY_WITHDRAWER:
    case BY_ANY_HOLDER:
        break;
    }
    return gate != CHECKLIST_NONE ? checklist->nodes[gate].authority : NULL;
}

static void add_children(struct cause *cause, const struct deployment *deployment,
                         const struct act *act)
{
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = act->node + 1;
         i < checklist->node_count && checklist_child_of(checklist, i, act->node); i++) {
        if (!deployment_met(deployment, i))
            ground_node(cause, deployment, i);
    }
}

/* The other approvals that the principal gave. */
static void add_own_approvals(struct cause *cause, const struct deployment *deployment,
                              const struct act *act)
{
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct mark *mark = &deployment->nodes[i].mark;
        if (checklist->nodes[i].kind == NODE_APPROVAL && !checklist->nodes[i].signature &&
            mark->set && strcmp(mark->principal, act->mark.principal) == 0)
            cause_add(cause, mark, "%s %s was given by the same person", checklist->nodes[i].id,
                      checklist->nodes[i].label);
    }
}

/* What stands against a pass of the item. */
static void add_contradiction(struct cause *cause, const struct deployment *deployment, size_t item)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node_state *state = &deployment->nodes[item];
    if (state->measured.mark.set && !state->measured.within)
        cause_otherwise(cause_add(cause, &state->measured.mark, "%s", state->measured.text),
                        "a later value within the threshold, or a waiver of %s",
                        checklist->nodes[item].id);
    if (state->command.mark.set && (state->command.exit != 0 || !state->command.matched))
        cause_otherwise(cause_add(cause, &state->command.mark, "its last command ended with %lld%s",
                                  (long long)state->command.exit,
                                  state->command.matched ? "" : ", not as it should"),
                        "a later command that ends well, or a waiver of %s",
                        checklist->nodes[item].id);
    for (size_t i = item + 1; i < checklist->node_count && checklist_child_of(checklist, i, item);
         i++) {
        const struct node *node = &checklist->nodes[i];
        if (node->expectation != NULL && deployment->nodes[i].mark.set)
            cause_add(cause, &deployment->nodes[i].mark, "%s %s is %s, expected %s", node->id,
                      node->label, deployment->nodes[i].value, node->expectation);
    }
}

static void add_refusal(struct cause *cause, const struct deployment *deployment,
                        const struct act *act, enum rule rule)
{
    size_t guard = CHECKLIST_NONE, gate = CHECKLIST_NONE;
    const char *role = NULL;
    switch (rule) {
    case RULE_NOT_AUTHORIZED:
        role = role_asked(deployment, act);
        if (role != NULL)
            ground_holder(cause, deployment, act, role);
        break;
    case RULE_DEPLOYMENT_CLOSED:
        cause_add(cause, &deployment->closed, "it was closed as %s", deployment->outcome);
        break;
    case RULE_ROLLED_BACK:
        cause_add(cause, &deployment->rollback_started, "rollback was opened%s%s",
                  deployment->rollback_reason != NULL ? ": " : "",
                  deployment->rollback_reason != NULL ? deployment->rollback_reason : "");
        break;
    case RULE_PHASE_CLOSED:
        guard = rules_guard(deployment, act);
        ground_gate(cause, deployment, guard);
        break;
    case RULE_CRITERION_OPEN:
        ground_criteria(cause, deployment, CHECKLIST_NONE);
        break;
    case RULE_CHILDREN_OPEN:
        add_children(cause, deployment, act);
        break;
    case RULE_CONTRADICTED:
        add_contradiction(cause, deployment, act->node);
        break;
    case RULE_SEPARATION:
        add_own_approvals(cause, deployment, act);
        break;
    case RULE_GATE_NOT_READY:
        gate = ready_gate_of_act(deployment, act);
        if (gate != CHECKLIST_NONE)
            ground_needs(cause, deployment, gate, false);
        break;
    case RULE_SUPERSEDED:
        if (act->node != CHECKLIST_NONE && deployment->nodes[act->node].mark.set)
            cause_add(cause, &deployment->nodes[act->node].mark, "the decision that stands: %s",
                      deployment->nodes[act->node].value);
        break;
    case RULE_NOT_CLOSABLE:
        ground_criteria(cause, deployment, CHECKLIST_NONE);
        gate = ready_last_gate(deployment->checklist);
        if (gate != CHECKLIST_NONE && !deployment_gate_open(deployment, gate))
            ground_gate(cause, deployment, gate);
        break;
    default:
        break;
    }
}

static void add_acceptance(struct cause *cause, const struct deployment *deployment,
                           const struct act *act)
{
    const char *role = role_asked(deployment, act);
    size_t guard = rules_guard(deployment, act);
    if (role != NULL)
        ground_holder(cause, deployment, act, role);
    if (guard != CHECKLIST_NONE)
        ground_gate(cause, deployment, guard);
    bool decides = act->node != CHECKLIST_NONE && !act->stop &&
                   (act->type->tests & ACT_DECIDES) != 0 &&
                   deployment->checklist->nodes[act->node].authority != NULL;
    if (decides)
        ground_needs(cause, deployment, act->node, true);
    if (act_is_pass(act))
        for (size_t i = act->node + 1; i < deployment->checklist->node_count &&
                                       checklist_child_of(deployment->checklist, i, act->node);
             i++)
            ground_node(cause, deployment, i);
}

void verdict_ground_add(struct cause *cause, const struct deployment *deployment,
                        const struct act *act, const struct verdict *verdict)
{
    const char *otherwise = otherwise_of(verdict->rule);
    if (otherwise != NULL)
        cause_otherwise(cause, "%s", otherwise);
    if (verdict->rule == RULE_NONE)
        add_acceptance(cause, deployment, act);
    else
        add_refusal(cause, deployment, act, verdict->rule);
}
