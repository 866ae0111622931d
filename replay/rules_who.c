/* Rules 2 and 5: who may do it. */
#include <string.h>

#include "replay/assignment.h"
#include "replay/data.h"
#include "replay/ready.h"
#include "replay/rules.h"

void rules_unsigned(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    (void)deployment;
    if (act->type->starred && !act->person && !act->key_revoked)
        verdict_refuse(verdict, RULE_UNSIGNED, "%s needs the person's own signature",
                       act->type->name);
}

void rules_key_revoked(const struct deployment *deployment, struct act *act,
                       struct verdict *verdict)
{
    char fingerprint[SSHKEY_FINGERPRINT_BYTES];
    (void)deployment;
    if (!act->key_revoked)
        return;
    sshkey_fingerprint(act->key->key.id, fingerprint);
    verdict_refuse(verdict, RULE_KEY_REVOKED, "%s of %s was revoked by entry %llu", fingerprint,
                   act->key->principal, (unsigned long long)act->key->revoked_seq);
}

static bool granted(const struct deployment *deployment, const struct act *act, const char *role)
{
    return registry_holds(deployment->registry, act->mark.principal, role, act->mark.seq);
}

static bool is_lead(const struct deployment *deployment, const struct act *act)
{
    return strcmp(deployment->lead, act->mark.principal) == 0;
}

/* Refuse unless the principal holds ${role} here. */
static void need_holder(const struct deployment *deployment, const struct act *act,
                        const char *role, struct verdict *verdict)
{
    const char *principal = act->mark.principal;
    if (deployment_holder(deployment, principal, role, act->mark.seq, act->mark.time_us))
        return;
    if (granted(deployment, act, role))
        verdict_refuse(verdict, RULE_NOT_AUTHORIZED,
                       "it needs a holder of %s; %s is not assigned it in this deployment", role,
                       principal);
    else
        verdict_refuse(verdict, RULE_NOT_AUTHORIZED,
                       "it needs a holder of %s; %s was not granted it", role, principal);
}

/* Refuse unless the principal holds the gate's authority; without gates the lead stands for it. */
static void need_authority(const struct deployment *deployment, const struct act *act, size_t gate,
                           struct verdict *verdict)
{
    if (gate != CHECKLIST_NONE)
        need_holder(deployment, act, deployment->checklist->nodes[gate].authority, verdict);
    else if (!is_lead(deployment, act))
        verdict_refuse(verdict, RULE_NOT_AUTHORIZED,
                       "without gates it is the lead's, %s's, to do, not %s's", deployment->lead,
                       act->mark.principal);
}

static void need_waiver(const struct deployment *deployment, const struct act *act,
                        struct verdict *verdict)
{
    size_t gate = deployment_next_gate(deployment);
    need_authority(deployment, act,
                   gate == CHECKLIST_NONE ? ready_last_gate(deployment->checklist) : gate, verdict);
}

static void need_assigner(const struct deployment *deployment, const struct act *act,
                          struct verdict *verdict)
{
    if (!is_lead(deployment, act) && !granted(deployment, act, "admin") &&
        !deployment_holder(deployment, act->mark.principal, act->role, act->mark.seq,
                           act->mark.time_us))
        verdict_refuse(verdict, RULE_NOT_AUTHORIZED,
                       "%s is assigned by an admin, the lead %s, or its holder; %s is none of them",
                       act->role, deployment->lead, act->mark.principal);
}

static void need_giver(const struct deployment *deployment, const struct act *act,
                       struct verdict *verdict)
{
    const struct node_fold *fold = &deployment->fold->nodes[act->node];
    bool gave = granted(deployment, act, "admin");
    for (size_t i = 0; i < fold->giver_count; i++)
        gave = gave || strcmp(fold->givers[i].principal, act->mark.principal) == 0;
    if (!gave)
        verdict_refuse(verdict, RULE_NOT_AUTHORIZED,
                       "%s is withdrawn by who gave it, or by an admin; %s is neither",
                       deployment->checklist->nodes[act->node].id, act->mark.principal);
}

static void need_decider(const struct deployment *deployment, const struct act *act,
                         struct verdict *verdict)
{
    const struct node *node = &deployment->checklist->nodes[act->node];
    if (node->authority != NULL)
        need_holder(deployment, act, node->authority, verdict);
    else if (node->rollback_decision && !act->stop)
        need_authority(deployment, act, ready_last_gate(deployment->checklist), verdict);
    else if (node->rollback_decision && !assignment_any(deployment, &act->mark))
        verdict_refuse(verdict, RULE_NOT_AUTHORIZED, "it needs a holder of a role; %s holds none",
                       act->mark.principal);
}

void rules_not_authorized(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict)
{
    const struct node *node =
        act->node == CHECKLIST_NONE ? NULL : &deployment->checklist->nodes[act->node];
    switch (act->type->authority) {
    case BY_ANYONE:
        break;
    case BY_DEPLOYER:
        need_holder(deployment, act, "deployer", verdict);
        break;
    case BY_ASSIGNER:
        need_assigner(deployment, act, verdict);
        break;
    case BY_WAIVER:
        need_waiver(deployment, act, verdict);
        break;
    case BY_ITEM_ROLE:
    case BY_APPROVER:
        if (node != NULL && node->role != NULL)
            need_holder(deployment, act, node->role, verdict);
        break;
    case BY_WITHDRAWER:
        need_giver(deployment, act, verdict);
        break;
    case BY_DECIDER:
        need_decider(deployment, act, verdict);
        break;
    case BY_ANY_HOLDER:
        if (!assignment_any(deployment, &act->mark))
            verdict_refuse(verdict, RULE_NOT_AUTHORIZED,
                           "it needs a holder of a role; %s holds none", act->mark.principal);
        break;
    case BY_LAST_GATE:
        need_authority(deployment, act, ready_last_gate(deployment->checklist), verdict);
        break;
    }
}

/* Another approval of the same gate that the principal has given, or CHECKLIST_NONE. */
static size_t other_approval(const struct deployment *deployment, const struct act *act)
{
    const struct checklist *checklist = deployment->checklist;
    size_t gate = ready_gate_of_approval(deployment, act->node);
    for (size_t i = 0; gate != CHECKLIST_NONE && i < checklist->node_count; i++) {
        const struct node_fold *fold = &deployment->fold->nodes[i];
        if (i == act->node || checklist->nodes[i].kind != NODE_APPROVAL ||
            checklist->nodes[i].signature || ready_gate_of_approval(deployment, i) != gate)
            continue;
        for (size_t j = 0; j < fold->giver_count; j++) {
            if (!fold->givers[j].suspect &&
                strcmp(fold->givers[j].principal, act->mark.principal) == 0)
                return i;
        }
    }
    return CHECKLIST_NONE;
}

void rules_separation(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    const char *principal = act->mark.principal;
    if (!act_proceeds(act) || !deployment->policy->separation)
        return;
    for (size_t i = 0; i < deployment->author_count; i++) {
        if (strcmp(deployment->authors[i], principal) == 0) {
            verdict_refuse(verdict, RULE_SEPARATION, "%s is an author of the change", principal);
            return;
        }
    }
    const struct node *node = &deployment->checklist->nodes[act->node];
    size_t other = node->kind == NODE_APPROVAL && !node->signature ? other_approval(deployment, act)
                                                                   : CHECKLIST_NONE;
    if (other != CHECKLIST_NONE)
        verdict_refuse(verdict, RULE_SEPARATION, "%s has given %s (%s) of the same gate", principal,
                       deployment->checklist->nodes[other].id,
                       deployment->checklist->nodes[other].role);
}
