#include "replay/deployment.h"

#include <stdlib.h>
#include <string.h>

#include "replay/act.h"
#include "replay/effect.h"
#include "replay/flags.h"
#include "replay/met.h"
#include "replay/needs.h"
#include "replay/ready.h"
#include "replay/rules.h"
#include "replay/suspect.h"

struct deployment *deployment_new(const char *id, const struct registry *registry,
                                  struct catalog *catalog)
{
    struct deployment *deployment = mem_zero(1, sizeof(*deployment));
    ASSERT(strlen(id) < sizeof(deployment->id));
    deployment->magic = DEPLOYMENT_MAGIC;
    memcpy(deployment->id, id, strlen(id) + 1);
    deployment->registry = registry;
    deployment->fold = fold_new(catalog);
    return deployment;
}

static void free_nodes(struct deployment *deployment)
{
    for (size_t i = 0; i < deployment->checklist->node_count; i++) {
        struct node_state *state = &deployment->nodes[i];
        free(state->note);
        free(state->value);
        free(state->unit);
        free(state->waive_reason);
        free(state->undo_reason);
        free(state->measured.text);
        free(state->measured.value);
    }
    free(deployment->nodes);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

static void free_lists(struct deployment *deployment)
{
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        free(deployment->assignments[i].role);
        free(deployment->assignments[i].principal);
    }
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        free(deployment->criteria[i].id);
        free(deployment->criteria[i].text);
    }
    for (size_t i = 0; i < deployment->issue_count; i++) {
        free(deployment->issues[i].id);
        free(deployment->issues[i].title);
    }
    for (size_t i = 0; i < deployment->note_count; i++)
        free(deployment->notes[i].text);
    for (size_t i = 0; i < deployment->sample_count; i++) {
        free(deployment->samples[i].metric);
        free(deployment->samples[i].value_text);
        free(deployment->samples[i].unit);
    }
    free(deployment->assignments);
    free(deployment->criteria);
    for (size_t i = 0; i < deployment->evidence_count; i++)
        attestation_free(&deployment->evidence[i].found);
    free(deployment->evidence);
    free(deployment->issues);
    free(deployment->notes);
    free(deployment->samples);
}

void deployment_free(struct deployment *deployment)
{
    if (deployment == NULL)
        return;
    CHECK_OBJ(deployment, DEPLOYMENT_MAGIC);
    fold_free(deployment->fold, deployment);
    if (deployment->checklist != NULL)
        free_nodes(deployment);
    free_lists(deployment);
    free_texts(deployment->authors, deployment->author_count);
    free_texts(deployment->artifacts, deployment->artifact_count);
    free(deployment->leaves);
    json_decref(deployment->opening);
    free(deployment->title);
    free(deployment->release);
    free(deployment->environment);
    free(deployment->reason);
    free(deployment->lead);
    free(deployment->emergency_reason);
    free(deployment->rollback_reason);
    free(deployment->rollback_status);
    free(deployment->outcome);
    deployment->magic = 0;
    free(deployment);
}

/* The entry's place: its leaf and seq by position. */
static void keep_place(struct deployment *deployment, const struct record *record)
{
    struct fold *fold = deployment->fold;
    size_t leaves = deployment->entries, seqs = leaves;
    memcpy(MEM_PUSH(deployment->leaves, leaves, fold->leaf_cap), record->leaf, HASH_BYTES);
    uint64_t *seq = MEM_PUSH(fold->seqs, seqs, fold->seq_cap);
    *seq = record->entry.seq;
}

/* Judge an act of ours, and let it take effect if it is accepted. */
static void apply_own(struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    if (rules_judge(deployment, act, verdict)) {
        flags_set(deployment, act, verdict);
        flags_set_common(deployment, act, verdict);
        act->mark.flags = verdict->flags;
        if (act->key != NULL)
            suspect_use(deployment, act->key);
        if (rules_guard(deployment, act) != CHECKLIST_NONE)
            deployment->fold->guarded_work++;
        act->type->effect(deployment, act);
        if (act->type->effect == effect_attached)
            flags_explain(verdict, deployment->evidence[deployment->evidence_count - 1].found.text);
    } else if (act->node != CHECKLIST_NONE) {
        deployment->nodes[act->node].refused++;
    }
}

/* Any other CloudEvent is evidence, and always accepted. */
static void apply_foreign(struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    flags_set_common(deployment, act, verdict);
    act->mark.flags = verdict->flags;
    if (event_is_newer(act->event)) {
        deployment->newer++;
        flags_explain(verdict, "written by a newer program than this one: kept, and not judged");
    }
    effect_foreign(deployment, act->event, &act->mark);
}

void deployment_apply(struct deployment *deployment, const struct record *record,
                      const struct event *event, struct verdict *ret_verdict)
{
    struct act act;
    CHECK_OBJ(deployment, DEPLOYMENT_MAGIC);
    ASSERT(record->entry.stream_pos == deployment->entries);
    suspect_settle(deployment, record->entry.seq);
    act_read(deployment, record, event, &act);
    if (act.own)
        apply_own(deployment, &act, ret_verdict);
    else if (event != NULL)
        apply_foreign(deployment, &act, ret_verdict);
    keep_place(deployment, record);
    act.mark.flags = ret_verdict->flags;
    if (deployment->entries == 0)
        deployment->first = act.mark;
    deployment->last = act.mark;
    deployment->entries++;
    deployment->accepted += ret_verdict->rule == RULE_NONE;
    deployment->refused += ret_verdict->rule != RULE_NONE;
    deployment->flagged += ret_verdict->rule == RULE_NONE && ret_verdict->flags != 0;
    act_clear(&act);
}

void deployment_suppose(struct deployment *deployment, const struct registry_policy *policy)
{
    CHECK_OBJ(deployment, DEPLOYMENT_MAGIC);
    deployment->fold->supposed = policy;
}

void deployment_settle(struct deployment *deployment, uint64_t seq)
{
    CHECK_OBJ(deployment, DEPLOYMENT_MAGIC);
    suspect_settle(deployment, seq);
}

bool deployment_met(const struct deployment *deployment, size_t node)
{
    size_t gate = deployment->checklist->nodes[node].twin_of;
    return met_exempt(deployment, node) ||
           deployment->nodes[gate == CHECKLIST_NONE ? node : gate].met;
}

bool deployment_gate_open(const struct deployment *deployment, size_t gate)
{
    const struct node_state *state = &deployment->nodes[gate];
    return deployment->checklist->nodes[gate].authority != NULL && state->mark.set &&
           state->option == 0;
}

bool deployment_gate_opened(const struct deployment *deployment, size_t gate, uint64_t pos)
{
    return deployment_gate_open(deployment, gate) &&
           deployment->fold->nodes[gate].open_since == pos;
}

size_t deployment_next_gate(const struct deployment *deployment)
{
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = 0; checklist != NULL && i < checklist->gate_count; i++) {
        if (!deployment_gate_open(deployment, checklist->gates[i]))
            return checklist->gates[i];
    }
    return CHECKLIST_NONE;
}

size_t deployment_gate_missing(const struct deployment *deployment, size_t gate, struct buf *buf)
{
    return ready_missing(deployment, gate, NEEDS_NOW, buf);
}

const char *deployment_phase_name(enum deployment_phase phase)
{
    static const char *const names[] = {[PHASE_UNOPENED] = "unopened",
                                        [PHASE_OPEN] = "open",
                                        [PHASE_ROLLING_BACK] = "rolling-back",
                                        [PHASE_ROLLED_BACK] = "rolled-back",
                                        [PHASE_CLOSED] = "closed"};
    ASSERT(phase < sizeof(names) / sizeof(names[0]));
    return names[phase];
}
