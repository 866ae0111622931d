#include "replay/effect.h"

#include <stdlib.h>
#include <string.h>

#include "replay/assignment.h"
#include "replay/criterion.h"
#include "replay/measure.h"
#include "replay/met.h"
#include "replay/ready.h"

static const char *id_of(const struct deployment *deployment, size_t node)
{
    return deployment->checklist->nodes[node].id;
}

/* A new act on the node counts: its mark, and nothing suspect about it any more. */
static struct node_state *touch(struct deployment *deployment, const struct act *act)
{
    struct node_state *state = &deployment->nodes[act->node];
    state->mark = act->mark;
    state->suspect = false;
    return state;
}

void effect_none(struct deployment *deployment, const struct act *act)
{
    (void)deployment;
    (void)act;
}

static void move_t0(struct deployment *deployment, const struct act *act)
{
    if (deployment->has_t0 && deployment->t0_us != act->t0_us)
        fold_undo(&deployment->fold->t0_undo, act->mark.pos, "T0 was moved");
    deployment->has_t0 = true;
    deployment->t0_us = act->t0_us;
}

void effect_rescheduled(struct deployment *deployment, const struct act *act)
{
    if (act->has_t0)
        move_t0(deployment, act);
    if (!act->has_window)
        return;
    deployment->has_window = true;
    deployment->window_from_us = act->window_from_us;
    deployment->window_to_us = act->window_to_us;
}

void effect_clock(struct deployment *deployment, const struct act *act)
{
    move_t0(deployment, act);
    deployment->clock_started = act->mark;
}

void effect_assigned(struct deployment *deployment, const struct act *act)
{
    assignment_add(deployment, act->role, act->principal, &act->mark)->until_us = act->until_us;
}

void effect_unassigned(struct deployment *deployment, const struct act *act)
{
    struct assignment *assignment = assignment_find(deployment, act->role, act->principal);
    ASSERT(assignment != NULL);
    assignment->to_pos = act->mark.pos;
}

void effect_emergency(struct deployment *deployment, const struct act *act)
{
    if (!ready_emergency(deployment))
        deployment->fold->emergency_since = act->mark.pos;
    deployment->emergency = act->mark;
    fold_set_text(&deployment->emergency_reason, act->text);
}

void effect_checked(struct deployment *deployment, const struct act *act)
{
    struct node_state *state = touch(deployment, act);
    struct criterion_of of = criterion_at(deployment, CRITERION_ITEM, act->node);
    state->result = act->result;
    fold_set_text(&state->note, act->text);
    if (act->result == RESULT_FAIL) {
        state->waived = (struct mark){0};
        criterion_arise(deployment, of, &act->mark, "failed%s%s", act->text == NULL ? "" : ": ",
                        act->text == NULL ? "" : act->text);
    }
    met_refresh(deployment, act->node, act->mark.pos, "failed");
    if (!state->met)
        return;
    criterion_resolve(deployment, of, &act->mark);
    of.kind = CRITERION_SIGNATURE;
    criterion_resolve(deployment, of, &act->mark);
}

void effect_reopened(struct deployment *deployment, const struct act *act)
{
    struct node_state *state = touch(deployment, act);
    state->mark = (struct mark){0};
    state->result = RESULT_NONE;
    state->waived = (struct mark){0};
    state->undone = act->mark;
    fold_set_text(&state->undo_reason, act->text);
    met_refresh(deployment, act->node, act->mark.pos, "was reopened");
    if (ready_behind_open(deployment, act->node))
        criterion_arise(deployment, criterion_at(deployment, CRITERION_ITEM, act->node), &act->mark,
                        "reopened behind an open gate%s%s", act->text == NULL ? "" : ": ",
                        act->text == NULL ? "" : act->text);
}

void effect_waived(struct deployment *deployment, const struct act *act)
{
    struct node_state *state = &deployment->nodes[act->node];
    state->waived = act->mark;
    deployment->fold->nodes[act->node].waiver_suspect = false;
    fold_set_text(&state->waive_reason, act->text);
    met_refresh(deployment, act->node, act->mark.pos, "was waived");
    criterion_resolve_node(deployment, act->node, &act->mark);
}

void effect_recorded(struct deployment *deployment, const struct act *act)
{
    struct node_state *state = touch(deployment, act);
    if (state->value != NULL)
        fold_undo(&deployment->fold->nodes[act->node].undo, act->mark.pos,
                  "%s was recorded again: %s after %s", id_of(deployment, act->node), act->value,
                  state->value);
    fold_set_text(&state->value, act->value);
    fold_set_text(&state->unit, act->unit);
    state->option = act->option;
    state->numeric = act->numeric;
    state->number = act->number;
    met_refresh(deployment, act->node, act->mark.pos, "was recorded");
    criterion_resolve(deployment, criterion_at(deployment, CRITERION_SIGNATURE, act->node),
                      &act->mark);
    measure_field(deployment, act);
}

void effect_sampled(struct deployment *deployment, const struct act *act)
{
    struct sample *sample =
        MEM_PUSH(deployment->samples, deployment->sample_count, deployment->fold->sample_cap);
    sample->metric = mem_text(act->metric);
    sample->value_text = mem_text(act->value);
    sample->value = act->number;
    sample->unit = mem_text(act->unit == NULL ? "" : act->unit);
    sample->node = act->node;
    sample->mark = act->mark;
    measure_sample(deployment, act);
}

void effect_command(struct deployment *deployment, const struct act *act)
{
    struct command_run *run = &deployment->nodes[act->node].command;
    struct criterion_of of = criterion_at(deployment, CRITERION_COMMAND, act->node);
    *run = (struct command_run){.mark = act->mark, .exit = act->exit, .matched = act->matched};
    if (act->exit != 0)
        criterion_arise(deployment, of, &act->mark, "the last command ended with %lld",
                        (long long)act->exit);
    else if (!act->matched)
        criterion_arise(deployment, of, &act->mark, "the last command did not give what it should");
    else
        criterion_resolve(deployment, of, &act->mark);
}

void effect_status(struct deployment *deployment, const struct act *act)
{
    const struct node_option *option =
        &deployment->checklist->nodes[act->node].options[act->option];
    struct node_state *state = touch(deployment, act);
    struct criterion_of of = criterion_at(deployment, CRITERION_STATUS, act->node);
    if (state->value != NULL && state->met)
        fold_undo(&deployment->fold->nodes[act->node].undo, act->mark.pos,
                  "%s was declared again: %s after %s", id_of(deployment, act->node), act->value,
                  state->value);
    fold_set_text(&state->value, act->value);
    state->option = act->option;
    if (option->mark == MARK_BAD) {
        state->waived = (struct mark){0};
        criterion_arise(deployment, of, &act->mark, "✗ %s", option->label);
    }
    met_refresh(deployment, act->node, act->mark.pos, "was declared otherwise");
    if (!state->met)
        return;
    criterion_resolve(deployment, of, &act->mark);
    of.kind = CRITERION_SIGNATURE;
    criterion_resolve(deployment, of, &act->mark);
}

void effect_attached(struct deployment *deployment, const struct act *act)
{
    struct attached *attached =
        MEM_PUSH(deployment->evidence, deployment->evidence_count, deployment->fold->evidence_cap);
    const struct attestation_against against = {deployment->registry, act->mark.seq,
                                                deployment->artifacts, deployment->artifact_count};
    attached->node = act->node;
    attached->mark = act->mark;
    attestation_read(&against, act->event->data, &attached->found);
}

void effect_noted(struct deployment *deployment, const struct act *act)
{
    struct note_taken *note =
        MEM_PUSH(deployment->notes, deployment->note_count, deployment->fold->note_cap);
    note->text = mem_text(act->text);
    note->node = act->node;
    note->mark = act->mark;
    if (act->node == CHECKLIST_NONE)
        return;
    deployment->fold->nodes[act->node].noted = act->mark;
    met_refresh(deployment, act->node, act->mark.pos, "was noted");
    if (deployment->checklist->nodes[act->node].kind != NODE_STATUS ||
        !deployment->nodes[act->node].met)
        return;
    struct criterion_of of = criterion_at(deployment, CRITERION_STATUS, act->node);
    criterion_resolve(deployment, of, &act->mark);
    of.kind = CRITERION_SIGNATURE;
    criterion_resolve(deployment, of, &act->mark);
}

static struct criterion_of of_issue(const struct act *act)
{
    return (struct criterion_of){.kind = CRITERION_ISSUE,
                                 .node = CHECKLIST_NONE,
                                 .section = CHECKLIST_NONE,
                                 .name = act->issue};
}

/* The act's issue; it is there. */
static struct issue *issue_of(struct deployment *deployment, const struct act *act)
{
    size_t at = 0;
    bool found = names_find(&deployment->fold->issue_at, act->issue, &at);
    ASSERT(found);
    return &deployment->issues[at];
}

void effect_issue_opened(struct deployment *deployment, const struct act *act)
{
    struct fold *fold = deployment->fold;
    size_t at = 0;
    if (!names_find(&fold->issue_at, act->issue, &at)) {
        struct issue *issue =
            MEM_PUSH(deployment->issues, deployment->issue_count, fold->issue_cap);
        issue->id = mem_text(act->issue);
        names_put(&fold->issue_at, act->issue, deployment->issue_count - 1);
    }
    struct issue *issue = issue_of(deployment, act);
    fold_set_text(&issue->title, act->title);
    issue->severity = act->severity;
    issue->opened = act->mark;
    issue->resolved = (struct mark){0};
    if (act->severity == 1)
        criterion_arise(deployment, of_issue(act), &act->mark, "open issue of severity 1%s%s",
                        act->title == NULL ? "" : ": ", act->title == NULL ? "" : act->title);
}

void effect_issue_changed(struct deployment *deployment, const struct act *act)
{
    issue_of(deployment, act)->changed = act->mark;
}

void effect_issue_resolved(struct deployment *deployment, const struct act *act)
{
    issue_of(deployment, act)->resolved = act->mark;
    criterion_resolve(deployment, of_issue(act), &act->mark);
}

void effect_closed(struct deployment *deployment, const struct act *act)
{
    deployment->closed = act->mark;
    fold_set_text(&deployment->outcome, act->status);
    deployment->phase = PHASE_CLOSED;
}

/* Whether ${artifact} (a purl, an image reference, a digest) is one of those that were named. */
static bool is_named(const struct deployment *deployment, const char *artifact)
{
    bool named = false;
    for (size_t i = 0; i < deployment->artifact_count; i++) {
        const char *uri = deployment->fold->uris[i];
        named = named || strstr(artifact, deployment->artifacts[i]) != NULL ||
                (uri != NULL && strcmp(uri, artifact) == 0);
    }
    return named;
}

/* The digest in ${artifact}: its first 64 hex digits in a row; else all of it. */
static char *digest_of(const char *artifact)
{
    size_t bytes = 2 * (size_t)HASH_BYTES;
    for (const char *at = artifact; *at != '\0'; at++) {
        size_t run = strspn(at, "0123456789abcdef");
        if (run == bytes)
            return mem_text_n(at, bytes);
        if (run > 0)
            at += run - 1;
    }
    return mem_text(artifact);
}

bool effect_looks_into(const struct event *event)
{
    static const char *const types[] = {"dev.cdevents.service.deployed.",
                                        "dev.cdevents.service.upgraded."};
    bool deploys = false;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        deploys = deploys || strncmp(event->type, types[i], strlen(types[i])) == 0;
    return deploys;
}

void effect_foreign(struct deployment *deployment, const struct event *event,
                    const struct mark *mark)
{
    if (!effect_looks_into(event))
        return;
    const json_t *content = ijson_get(ijson_get(event->data, "subject"), "content");
    const char *artifact = ijson_string(content, "artifactId");
    if (artifact == NULL || deployment->artifact_count == 0 || is_named(deployment, artifact))
        return;
    char *digest = digest_of(artifact);
    criterion_arise(deployment,
                    (struct criterion_of){.kind = CRITERION_ARTIFACT,
                                          .node = CHECKLIST_NONE,
                                          .section = CHECKLIST_NONE,
                                          .name = digest},
                    mark, "%s was deployed, which is not among the artifacts", artifact);
    free(digest);
}
