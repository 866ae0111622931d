#include "replay/decide.h"

#include <string.h>

#include "replay/criterion.h"
#include "replay/effect.h"
#include "replay/met.h"
#include "replay/ready.h"

size_t decide_quorum(const struct deployment *deployment, const char *role)
{
    json_t *quorum = ijson_get(deployment->policy->json, "quorum");
    const char *name;
    json_t *value;
    json_object_foreach (quorum, name, value) {
        if (registry_role_same(name, role) && json_integer_value(value) > 1)
            return (size_t)json_integer_value(value);
    }
    return 1;
}

size_t decide_count(const struct node_fold *fold)
{
    size_t count = 0;
    for (size_t i = 0; i < fold->giver_count; i++)
        count += !fold->givers[i].suspect;
    return count;
}

/* A new act on the approval or decision, and what follows for its being met. */
static void settle(struct deployment *deployment, const struct act *act, const char *what)
{
    const struct node_fold *fold = &deployment->fold->nodes[act->node];
    struct node_state *state = &deployment->nodes[act->node];
    state->suspect = false;
    for (size_t i = 0; i < fold->giver_count; i++)
        state->suspect = state->suspect || fold->givers[i].suspect;
    met_refresh(deployment, act->node, act->mark.pos, what);
    if (!state->met)
        return;
    criterion_resolve(deployment, criterion_at(deployment, CRITERION_SIGNATURE, act->node),
                      &act->mark);
    criterion_resolve(deployment, criterion_at(deployment, CRITERION_APPROVAL, act->node),
                      &act->mark);
}

static size_t find_giver(const struct node_fold *fold, const char *principal)
{
    size_t at = 0;
    while (at < fold->giver_count && strcmp(fold->givers[at].principal, principal) != 0)
        at++;
    return at;
}

void decide_given(struct deployment *deployment, const struct act *act)
{
    struct node_fold *fold = &deployment->fold->nodes[act->node];
    struct node_state *state = &deployment->nodes[act->node];
    size_t at = find_giver(fold, act->mark.principal);
    if (at == fold->giver_count)
        (void)MEM_PUSH(fold->givers, fold->giver_count, fold->giver_cap);
    fold->givers[at] = (struct giver){.principal = act->mark.principal, .mark = act->mark};
    state->mark = act->mark;
    fold_set_text(&state->note, act->text);
    settle(deployment, act, "was given");
}

/* An approval was rejected or withdrawn: what of it is left, and what that means behind a gate. */
static void take_back(struct deployment *deployment, const struct act *act, const char *what)
{
    struct node_fold *fold = &deployment->fold->nodes[act->node];
    struct node_state *state = &deployment->nodes[act->node];
    state->mark =
        fold->giver_count > 0 ? fold->givers[fold->giver_count - 1].mark : (struct mark){0};
    state->undone = act->mark;
    state->rejected = false;
    fold_set_text(&state->undo_reason, act->text);
    settle(deployment, act, what);
    if (ready_behind_open(deployment, act->node))
        criterion_arise(deployment, criterion_at(deployment, CRITERION_APPROVAL, act->node),
                        &act->mark, "%s by %s behind an open gate%s%s", what, act->mark.principal,
                        act->text == NULL ? "" : ": ", act->text == NULL ? "" : act->text);
}

/* What was given is undone, also where more than one must give it and it was not met yet. */
static void undo_given(struct deployment *deployment, const struct act *act, const char *what)
{
    struct node_fold *fold = &deployment->fold->nodes[act->node];
    if (fold->giver_count > 0)
        fold_undo(&fold->undo, act->mark.pos, "%s %s", deployment->checklist->nodes[act->node].id,
                  what);
}

void decide_rejected(struct deployment *deployment, const struct act *act)
{
    undo_given(deployment, act, "was rejected");
    deployment->fold->nodes[act->node].giver_count = 0;
    take_back(deployment, act, "was rejected");
    deployment->nodes[act->node].rejected = true;
}

void decide_withdrawn(struct deployment *deployment, const struct act *act)
{
    struct node_fold *fold = &deployment->fold->nodes[act->node];
    size_t at = find_giver(fold, act->mark.principal);
    undo_given(deployment, act, "was withdrawn");
    if (at == fold->giver_count) { /* an admin, for whoever gave it */
        fold->giver_count = 0;
    } else {
        fold->giver_count--;
        memmove(&fold->givers[at], &fold->givers[at + 1],
                (fold->giver_count - at) * sizeof(fold->givers[0]));
    }
    take_back(deployment, act, "was withdrawn");
}

/* The decision stands on the node: what was decided, by whom, why. */
static void stand(struct deployment *deployment, size_t node, const struct act *act, size_t option)
{
    struct node_state *state = &deployment->nodes[node];
    state->mark = act->mark;
    state->option = option;
    fold_set_text(&state->value, deployment->checklist->nodes[node].options[option].label);
    fold_set_text(&state->note, act->text);
    state->suspect = false;
    met_refresh(deployment, node, act->mark.pos, "was decided");
}

static void open_gate(struct deployment *deployment, const struct act *act, bool was_open)
{
    struct node_fold *fold = &deployment->fold->nodes[act->node];
    if (!was_open)
        fold->open_since = act->mark.pos;
    fold->opened_once = true;
    if (ready_emergency(deployment) && !deployment->fold->emergency_go.set)
        deployment->fold->emergency_go = act->mark;
}

static void decide_gate(struct deployment *deployment, const struct act *act, bool was_open)
{
    const struct checklist *checklist = deployment->checklist;
    if (!act->stop)
        open_gate(deployment, act, was_open);
    else if (was_open)
        fold_undo(&deployment->fold->nodes[act->node].undo, act->mark.pos,
                  "the gate %s was closed by %s", checklist->nodes[act->node].id, act->value);
    for (size_t i = 0; i < checklist->node_count; i++) {
        size_t option = checklist->nodes[i].twin_of != act->node
                            ? CHECKLIST_NONE
                            : checklist_option_of(&checklist->nodes[i], act->value);
        if (option != CHECKLIST_NONE)
            stand(deployment, i, act, option);
    }
}

static void open_rollback(struct deployment *deployment, const struct act *act)
{
    if (deployment->rollback_started.set)
        return;
    deployment->rollback_started = act->mark;
    fold_set_text(&deployment->rollback_reason, act->text);
    deployment->phase = PHASE_ROLLING_BACK;
}

static void cover(struct deployment *deployment, const struct act *act)
{
    for (size_t i = 0; i < json_array_size(act->criteria); i++)
        criterion_resolve_id(deployment, json_string_value(json_array_get(act->criteria, i)),
                             &act->mark);
}

void decide_made(struct deployment *deployment, const struct act *act)
{
    const struct node *node = &deployment->checklist->nodes[act->node];
    bool was_open = deployment_gate_open(deployment, act->node);
    stand(deployment, act->node, act, act->option);
    criterion_resolve(deployment, criterion_at(deployment, CRITERION_SIGNATURE, act->node),
                      &act->mark);
    if (node->authority != NULL)
        decide_gate(deployment, act, was_open);
    else if (node->rollback_decision && act->stop)
        open_rollback(deployment, act);
    else if (node->rollback_decision)
        cover(deployment, act);
}

void decide_rollback_started(struct deployment *deployment, const struct act *act)
{
    const struct checklist *checklist = deployment->checklist;
    open_rollback(deployment, act);
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].rollback_decision && checklist->nodes[i].option_count > 1)
            stand(deployment, i, act, 1);
    }
}

void decide_rollback_finished(struct deployment *deployment, const struct act *act)
{
    deployment->rollback_finished = act->mark;
    fold_set_text(&deployment->rollback_status, act->status);
    if (act->node != CHECKLIST_NONE) {
        const struct node *node = &deployment->checklist->nodes[act->node];
        deployment->rollback_good = node->options[act->option].mark == MARK_GOOD;
        effect_status(deployment, act);
    } else {
        deployment->rollback_good = strcmp(act->status, "successful") == 0;
    }
    deployment->phase = deployment->rollback_good ? PHASE_ROLLED_BACK : PHASE_ROLLING_BACK;
}
