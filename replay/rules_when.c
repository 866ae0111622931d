/* Rules 3 and 4: when it may be done, and after what. */
#include "replay/flags.h"
#include "replay/measure.h"
#include "replay/ready.h"
#include "replay/rules.h"

/* The act's node, or NULL. */
static const struct node *node_of(const struct deployment *deployment, const struct act *act)
{
    return act->node == CHECKLIST_NONE ? NULL : &deployment->checklist->nodes[act->node];
}

size_t rules_guard(const struct deployment *deployment, const struct act *act)
{
    const struct node *node = node_of(deployment, act);
    return node == NULL || node->rollback || !act_is_work(deployment, act) ? CHECKLIST_NONE
                                                                           : node->guarded_by;
}

void rules_deployment_closed(const struct deployment *deployment, struct act *act,
                             struct verdict *verdict)
{
    const struct node *node = node_of(deployment, act);
    if (!deployment->closed.set || (act->type->tests & ACT_WELCOME) != 0 ||
        ready_retroactive(deployment, act) ||
        (node != NULL && node->kind == NODE_ITEM && !node->window.set))
        return;
    verdict_refuse(verdict, RULE_DEPLOYMENT_CLOSED, "%s closed it as %s at position %llu",
                   deployment->closed.principal, deployment->outcome,
                   (unsigned long long)deployment->closed.pos);
}

void rules_rolled_back(const struct deployment *deployment, struct act *act,
                       struct verdict *verdict)
{
    if (!deployment->rollback_started.set || rules_guard(deployment, act) == CHECKLIST_NONE ||
        ready_retroactive(deployment, act))
        return;
    verdict_refuse(verdict, RULE_ROLLED_BACK, "%s is work, and %s opened rollback at position %llu",
                   node_of(deployment, act)->id, deployment->rollback_started.principal,
                   (unsigned long long)deployment->rollback_started.pos);
}

void rules_not_rolling_back(const struct deployment *deployment, struct act *act,
                            struct verdict *verdict)
{
    const struct node *node = node_of(deployment, act);
    bool of_rollback = (act->type->tests & ACT_ROLLBACK) != 0 ||
                       (node != NULL && node->rollback && (act->type->tests & ACT_WELCOME) == 0);
    if (of_rollback && !deployment->rollback_started.set)
        verdict_refuse(verdict, RULE_NOT_ROLLING_BACK, "no rollback was opened");
}

void rules_phase_closed(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    size_t guard = rules_guard(deployment, act);
    if (guard == CHECKLIST_NONE || deployment_gate_open(deployment, guard))
        return;
    const struct node *node = node_of(deployment, act);
    const struct node_state *state = &deployment->nodes[guard];
    verdict_refuse(verdict, RULE_PHASE_CLOSED, "%s waits for the gate %s, %s%s", node->id,
                   deployment->checklist->nodes[guard].id,
                   state->value == NULL ? "which is not open" : "where the decision is ",
                   state->value == NULL ? "" : state->value);
}

bool rules_bars(const struct deployment *deployment, const struct act *act,
                const struct criterion *criterion)
{
    const struct section *sections = deployment->checklist->sections;
    if (criterion->section == CHECKLIST_NONE)
        return false;
    const struct window *window = &sections[node_of(deployment, act)->section].window;
    const struct window *arose = &sections[criterion->section].window;
    return arose->set && window->set && window->from_min > arose->from_min;
}

void rules_criterion_open(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict)
{
    const struct fold *fold = deployment->fold;
    if (!act_is_pass(act) || node_of(deployment, act)->rollback)
        return;
    for (size_t i = 0; i < fold->placed_count; i++) {
        const struct criterion *criterion = &deployment->criteria[fold->placed[i]];
        if (!rules_bars(deployment, act, criterion))
            continue;
        verdict_refuse(verdict, RULE_CRITERION_OPEN, "%s arose earlier and is not resolved: %s",
                       criterion->id, criterion->text);
        return;
    }
}

void rules_children_open(const struct deployment *deployment, struct act *act,
                         struct verdict *verdict)
{
    const struct checklist *checklist = deployment->checklist;
    struct buf ids = {0};
    if (!act_is_pass(act))
        return;
    for (size_t i = act->node + 1;
         i < checklist->node_count && checklist_child_of(checklist, i, act->node); i++) {
        if (!deployment_met(deployment, i))
            buf_printf(&ids, "%s%s", ids.bytes == 0 ? "" : " ", checklist->nodes[i].id);
    }
    if (ids.bytes > 0)
        verdict_refuse(verdict, RULE_CHILDREN_OPEN, "nested in %s and not met: %s",
                       node_of(deployment, act)->id, (const char *)ids.data);
    buf_free(&ids);
}

void rules_contradicted(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    struct buf found = {0};
    if (!act_is_pass(act))
        return;
    const struct node_state *node = &deployment->nodes[act->node];
    const struct command_run *run = &node->command;
    const char *id = node_of(deployment, act)->id;
    if (node->waived.set && !deployment->fold->nodes[act->node].waiver_suspect)
        return;
    if (measure_off(deployment, act->node, &found))
        verdict_refuse(verdict, RULE_CONTRADICTED, "%s: %s", id, (const char *)found.data);
    else if (run->mark.set && run->exit != 0)
        verdict_refuse(verdict, RULE_CONTRADICTED, "%s: its last command ended with %lld", id,
                       (long long)run->exit);
    else if (run->mark.set && !run->matched)
        verdict_refuse(verdict, RULE_CONTRADICTED,
                       "%s: its last command did not give what it should", id);
    buf_free(&found);
}

void rules_late(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    int64_t late_us;
    if (deployment->opened.set && deployment->policy->late_refuses &&
        flags_late(deployment, act, &late_us))
        verdict_refuse(verdict, RULE_LATE, "%s: %lld min after its window ended",
                       node_of(deployment, act)->id, (long long)(late_us / INSTANT_MINUTE_US));
}
