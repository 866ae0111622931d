/* Rule 6: on what an approval or a decision rests. */
#include <string.h>

#include "replay/assignment.h"
#include "replay/ready.h"
#include "replay/rules.h"

#define BASIS_AGE_US INSTANT_DAY_US /* from its claimed time to its admission */

void rules_bad_basis(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    const struct basis *basis = &act->basis;
    if (!act_proceeds(act))
        return;
    if (!basis->given)
        verdict_refuse(verdict, RULE_BAD_BASIS, "it has no `basis` {pos, leaf}");
    else if (basis->pos >= act->mark.pos)
        verdict_refuse(verdict, RULE_BAD_BASIS, "its basis %llu is not below its own position %llu",
                       (unsigned long long)basis->pos, (unsigned long long)act->mark.pos);
    else if (memcmp(deployment->leaves[basis->pos], basis->leaf, HASH_BYTES) != 0)
        verdict_refuse(verdict, RULE_BAD_BASIS,
                       "its basis is not the leaf of position %llu of this deployment",
                       (unsigned long long)basis->pos);
    else if (act->event->has_time &&
             act->record->entry.part.admitted_us - act->event->time_us > BASIS_AGE_US)
        verdict_refuse(verdict, RULE_BAD_BASIS, "it was admitted over 24 hours after its time");
}

static void refuse_undone(const struct act *act, const struct undo *undo, struct verdict *verdict)
{
    verdict_refuse(verdict, RULE_STALE_BASIS, "since position %llu: %s",
                   (unsigned long long)act->basis.pos, undo->what);
}

/* T0 was moved, or something that the gate needs was undone. */
static void stale_by_undo(const struct deployment *deployment, const struct act *act, size_t gate,
                          struct verdict *verdict)
{
    const struct fold *fold = deployment->fold;
    if (fold->t0_undo.set && fold->t0_undo.pos > act->basis.pos)
        refuse_undone(act, &fold->t0_undo, verdict);
    for (size_t i = 0; verdict->rule == RULE_NONE && i < deployment->checklist->node_count; i++) {
        const struct undo *undo = &fold->nodes[i].undo;
        if (undo->set && undo->pos > act->basis.pos && ready_concerns(deployment, gate, i))
            refuse_undone(act, undo, verdict);
    }
}

/* A new criterion; they stand in the order in which they arose. */
static void stale_by_criterion(const struct deployment *deployment, const struct act *act,
                               struct verdict *verdict)
{
    if (deployment->criterion_count == 0)
        return;
    const struct criterion *last = &deployment->criteria[deployment->criterion_count - 1];
    if (last->arose.pos > act->basis.pos)
        verdict_refuse(verdict, RULE_STALE_BASIS, "since position %llu %s has arisen: %s",
                       (unsigned long long)act->basis.pos, last->id, last->text);
}

/* A giver of an approval that the gate needs has lost the role, or the key. */
static void stale_by_loss(const struct deployment *deployment, const struct act *act, size_t gate,
                          struct verdict *verdict)
{
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        const struct node_fold *fold = &deployment->fold->nodes[i];
        if (node->kind != NODE_APPROVAL || !ready_needs(deployment, gate, i))
            continue;
        for (size_t j = 0; j < fold->giver_count; j++) {
            const char *lost =
                assignment_lost(deployment, &fold->givers[j], node->role, act->basis.pos);
            if (lost == NULL)
                continue;
            verdict_refuse(
                verdict, RULE_STALE_BASIS, "since position %llu %s, who gave %s, has lost the %s",
                (unsigned long long)act->basis.pos, fold->givers[j].principal, node->id, lost);
            return;
        }
    }
}

void rules_stale_basis(const struct deployment *deployment, struct act *act,
                       struct verdict *verdict)
{
    size_t gate = act_proceeds(act) ? ready_gate_of_act(deployment, act) : CHECKLIST_NONE;
    if (gate == CHECKLIST_NONE)
        return;
    stale_by_undo(deployment, act, gate, verdict);
    if (verdict->rule == RULE_NONE)
        stale_by_criterion(deployment, act, verdict);
    if (verdict->rule == RULE_NONE)
        stale_by_loss(deployment, act, gate, verdict);
}

/* The lines of ${list} as one, separated by "; ". */
static void join(struct buf *list)
{
    struct buf line = {0};
    for (size_t i = 0; i + 1 < list->bytes; i++) {
        if (list->data[i] == '\n')
            buf_text(&line, "; ");
        else
            buf_u8(&line, list->data[i]);
    }
    buf_free(list);
    *list = line;
}

void rules_gate_not_ready(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict)
{
    struct buf missing = {0};
    if ((act->type->tests & ACT_DECIDES) == 0)
        return;
    size_t gate = ready_gate_of_act(deployment, act);
    size_t count =
        gate == CHECKLIST_NONE ? 0 : ready_missing(deployment, gate, act->basis.pos, &missing);
    if (count > 0) {
        join(&missing);
        verdict_refuse(verdict, RULE_GATE_NOT_READY, "%zu missing: %s", count,
                       (const char *)missing.data);
    }
    buf_free(&missing);
}

void rules_superseded(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    unsigned tests = act->type->tests;
    if ((tests & ACT_OPENS) != 0 && deployment->opened.set)
        verdict_refuse(verdict, RULE_SUPERSEDED, "%s opened it at position %llu",
                       deployment->opened.principal, (unsigned long long)deployment->opened.pos);
    else if ((tests & ACT_SCHEDULES) != 0 && deployment->clock_started.set)
        verdict_refuse(verdict, RULE_SUPERSEDED, "%s started the clock at position %llu",
                       deployment->clock_started.principal,
                       (unsigned long long)deployment->clock_started.pos);
    if ((tests & ACT_DECIDES) == 0)
        return;
    const struct mark *stands = &deployment->nodes[act->node].mark;
    if (stands->set && act->basis.pos < stands->pos)
        verdict_refuse(verdict, RULE_SUPERSEDED,
                       "its basis %llu is before the decision that stands, at %llu",
                       (unsigned long long)act->basis.pos, (unsigned long long)stands->pos);
}
