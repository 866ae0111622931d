#include "replay/verdict_ground.h"

#include <inttypes.h>
#include <string.h>

#include "replay/ground.h"
#include "replay/measure.h"
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
    case RULE_DEPLOYMENT_CLOSED:
        return "done before it was closed";
    case RULE_ROLLED_BACK:
        return "done before rollback was opened";
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

/* Who is an author, and the other approvals of the same gate that the principal gave. */
static void add_separation(struct cause *cause, const struct deployment *deployment,
                           const struct act *act)
{
    const struct checklist *checklist = deployment->checklist;
    const char *principal = act->mark.principal;
    size_t gate = CHECKLIST_NONE;
    for (size_t i = 0; i < deployment->author_count; i++) {
        if (strcmp(deployment->authors[i], principal) == 0)
            cause_add(cause, &deployment->opened, "the opening names %s as an author", principal);
    }
    if (checklist->nodes[act->node].kind == NODE_APPROVAL && !checklist->nodes[act->node].signature)
        gate = ready_gate_of_approval(deployment, act->node);
    for (size_t i = 0; gate != CHECKLIST_NONE && i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        const struct node_fold *fold = &deployment->fold->nodes[i];
        bool other = i != act->node && node->kind == NODE_APPROVAL && !node->signature &&
                     ready_gate_of_approval(deployment, i) == gate;
        for (size_t j = 0; other && j < fold->giver_count; j++) {
            if (!fold->givers[j].suspect && strcmp(fold->givers[j].principal, principal) == 0)
                cause_add(cause, &fold->givers[j].mark, "%s %s was given by the same person",
                          node->id, node->label);
        }
    }
}

/* Who else might have done it, where it is not for the holders of one role. */
static void add_not_authorized(struct cause *cause, const struct deployment *deployment,
                               const struct act *act)
{
    const char *role = role_asked(deployment, act);
    if (act->type->authority == BY_ASSIGNER) {
        cause_otherwise(cause, "done by an admin, by the lead %s, or by a holder of %s",
                        deployment->lead, act->role);
        ground_holder(cause, deployment, act, act->role);
    } else if (act->type->authority == BY_WITHDRAWER) {
        const struct node_fold *fold = &deployment->fold->nodes[act->node];
        cause_otherwise(cause, "withdrawn by who gave it, or by an admin");
        for (size_t i = 0; i < fold->giver_count; i++)
            cause_add(cause, &fold->givers[i].mark, "given");
    } else if (role != NULL) {
        ground_holder(cause, deployment, act, role);
    } else if (act->type->authority == BY_ANY_HOLDER ||
               (act->type->authority == BY_DECIDER && act->stop)) {
        cause_otherwise(cause, "done by somebody who was assigned a role here and granted it on "
                               "the ledger");
    } else {
        cause_otherwise(cause, "done by the lead, %s", deployment->lead);
    }
}

/* What was undone, or arose, since the basis. */
static void add_stale(struct cause *cause, const struct deployment *deployment,
                      const struct act *act)
{
    const struct fold *fold = deployment->fold;
    size_t gate = ready_gate_of_act(deployment, act);
    if (fold->t0_undo.set && fold->t0_undo.pos > act->basis.pos)
        cause_add(cause,
                  deployment->clock_started.pos == fold->t0_undo.pos ? &deployment->clock_started
                                                                     : NULL,
                  "position %" PRIu64 ": %s", fold->t0_undo.pos, fold->t0_undo.what);
    for (size_t i = 0; i < deployment->checklist->node_count; i++) {
        const struct undo *undo = &fold->nodes[i].undo;
        const struct node_state *state = &deployment->nodes[i];
        if (!undo->set || undo->pos <= act->basis.pos || !ready_concerns(deployment, gate, i))
            continue;
        const struct mark *by = state->undone.set && state->undone.pos == undo->pos ? &state->undone
                                : state->mark.set && state->mark.pos == undo->pos   ? &state->mark
                                                                                    : NULL;
        cause_add(cause, by, "position %" PRIu64 ": %s", undo->pos, undo->what);
    }
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        if (deployment->criteria[i].arose.pos > act->basis.pos)
            ground_criterion(cause, &deployment->criteria[i]);
    }
}

/* What came first. */
static void add_superseded(struct cause *cause, const struct deployment *deployment,
                           const struct act *act)
{
    if ((act->type->tests & ACT_OPENS) != 0) {
        cause_add(cause, &deployment->opened, "it was opened");
        cause_otherwise(cause, "opened under an id of its own");
    } else if ((act->type->tests & ACT_SCHEDULES) != 0) {
        cause_add(cause, &deployment->clock_started, "the clock was started");
        cause_otherwise(cause, "done before the clock was started");
    } else {
        cause_add(cause, &deployment->nodes[act->node].mark, "the decision that stands: %s",
                  deployment->nodes[act->node].value);
        cause_otherwise(cause, "signed on a position after that decision");
    }
}

/* Criteria that hold a pass up. */
static void add_barring(struct cause *cause, const struct deployment *deployment,
                        const struct act *act)
{
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        if (!deployment->criteria[i].resolved.set &&
            rules_bars(deployment, act, &deployment->criteria[i]))
            ground_criterion(cause, &deployment->criteria[i]);
    }
}

/* What stands in the way of closing it as successful, beside the window, which the reason names. */
static void add_successful(struct cause *cause, const struct deployment *deployment)
{
    const struct checklist *checklist = deployment->checklist;
    size_t gate = ready_last_gate(checklist), open = 0;
    if (deployment->rollback_started.set)
        ground_rollback(cause, deployment);
    ground_criteria(cause, deployment, CHECKLIST_NONE);
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (rules_bars_success(deployment, i) && open++ < GROUND_LISTED_MAX)
            ground_node(cause, deployment, i);
    }
    if (open > GROUND_LISTED_MAX)
        cause_add(cause, NULL, "and %zu more; `countersign status LEDGER %s` lists them",
                  open - GROUND_LISTED_MAX, deployment->id);
    if (gate != CHECKLIST_NONE && !deployment_gate_open(deployment, gate))
        ground_gate(cause, deployment, gate);
}

static void add_finished(struct cause *cause, const struct deployment *deployment)
{
    const char *status = deployment->rollback_status;
    cause_add(cause, &deployment->rollback_finished, "rollback finished: %s",
              status != NULL ? status : "");
}

static void add_not_closable(struct cause *cause, const struct deployment *deployment,
                             const struct act *act)
{
    const struct mark *started = &deployment->rollback_started;
    if (strcmp(act->status, "successful") == 0) {
        add_successful(cause, deployment);
        return;
    }
    if (deployment->rollback_finished.set)
        add_finished(cause, deployment);
    else if (started->set)
        cause_add(cause, started, "rollback was opened, and is not finished");
    cause_otherwise(cause, "rollback finished with a ✓ before, or closed as failed");
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
        if (measure_unexpected(deployment, i))
            cause_add(cause, &deployment->nodes[i].mark, "%s %s is %s, expected %s", node->id,
                      node->label, deployment->nodes[i].value, node->expectation);
    }
}

static void add_refusal(struct cause *cause, const struct deployment *deployment,
                        const struct act *act, enum rule rule)
{
    size_t gate = CHECKLIST_NONE;
    switch (rule) {
    case RULE_NOT_AUTHORIZED:
        add_not_authorized(cause, deployment, act);
        break;
    case RULE_KEY_REVOKED:
        cause_elsewhere(cause_add(cause, NULL, "the key was revoked"), act->key->revoked_seq);
        break;
    case RULE_DEPLOYMENT_CLOSED:
        ground_closing(cause, deployment);
        break;
    case RULE_ROLLED_BACK:
        ground_rollback(cause, deployment);
        break;
    case RULE_PHASE_CLOSED:
        ground_gate(cause, deployment, rules_guard(deployment, act));
        break;
    case RULE_CRITERION_OPEN:
        add_barring(cause, deployment, act);
        break;
    case RULE_CHILDREN_OPEN:
        add_children(cause, deployment, act);
        break;
    case RULE_CONTRADICTED:
        add_contradiction(cause, deployment, act->node);
        break;
    case RULE_SEPARATION:
        add_separation(cause, deployment, act);
        break;
    case RULE_STALE_BASIS:
        add_stale(cause, deployment, act);
        break;
    case RULE_GATE_NOT_READY:
        gate = ready_gate_of_act(deployment, act);
        if (gate != CHECKLIST_NONE)
            ground_needs(cause, deployment, gate, false);
        break;
    case RULE_SUPERSEDED:
        add_superseded(cause, deployment, act);
        break;
    case RULE_NOT_CLOSABLE:
        add_not_closable(cause, deployment, act);
        break;
    default:
        break;
    }
}

/* A role that the act's principal holds, where any will do. */
static void add_any_role(struct cause *cause, const struct deployment *deployment,
                         const struct act *act)
{
    const struct mark *by = &act->mark;
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *one = &deployment->assignments[i];
        if (one->to_pos == SEQ_NONE && strcmp(one->principal, by->principal) == 0 &&
            deployment_holder(deployment, by->principal, one->role, by->seq, by->time_us)) {
            ground_holder(cause, deployment, act, one->role);
            return;
        }
    }
}

/* By what the principal may do what is not for the holders of one role. */
static void add_authority(struct cause *cause, const struct deployment *deployment,
                          const struct act *act)
{
    const struct node *node =
        act->node != CHECKLIST_NONE ? &deployment->checklist->nodes[act->node] : NULL;
    const char *principal = act->mark.principal;
    enum act_authority authority = act->type->authority;
    if (authority == BY_ANY_HOLDER ||
        (authority == BY_DECIDER && act->stop && node != NULL && node->rollback_decision)) {
        add_any_role(cause, deployment, act);
    } else if (authority == BY_WITHDRAWER) {
        const struct node_fold *fold = &deployment->fold->nodes[act->node];
        for (size_t i = 0; i < fold->giver_count; i++)
            if (strcmp(fold->givers[i].principal, principal) == 0)
                cause_add(cause, &fold->givers[i].mark, "it was given by the same person");
    } else if ((authority == BY_ASSIGNER || authority == BY_WAIVER || authority == BY_LAST_GATE) &&
               deployment->lead != NULL && strcmp(deployment->lead, principal) == 0) {
        cause_add(cause, &deployment->opened, "%s is the lead", principal);
    }
}

/* What let it be closed so. */
static void add_closable(struct cause *cause, const struct deployment *deployment,
                         const struct act *act)
{
    size_t gate =
        deployment->checklist != NULL ? ready_last_gate(deployment->checklist) : CHECKLIST_NONE;
    if (strcmp(act->status, "successful") == 0 && gate != CHECKLIST_NONE)
        ground_gate(cause, deployment, gate);
    else if (deployment->rollback_finished.set)
        add_finished(cause, deployment);
}

static void add_acceptance(struct cause *cause, const struct deployment *deployment,
                           const struct act *act)
{
    const char *role = role_asked(deployment, act);
    size_t guard = rules_guard(deployment, act);
    if (role != NULL)
        ground_holder(cause, deployment, act, role);
    else
        add_authority(cause, deployment, act);
    if (guard != CHECKLIST_NONE)
        ground_gate(cause, deployment, guard);
    bool decides = act->node != CHECKLIST_NONE && !act->stop &&
                   (act->type->tests & ACT_DECIDES) != 0 &&
                   deployment->checklist->nodes[act->node].authority != NULL;
    if (decides)
        ground_needs(cause, deployment, act->node, true);
    if ((act->type->tests & ACT_CLOSES) != 0)
        add_closable(cause, deployment, act);
    if (!act_is_pass(act))
        return;
    ground_item(cause, deployment, act->node);
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
