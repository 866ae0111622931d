#include "replay/digest.h"

#include <inttypes.h>
#include <string.h>

#include "replay/layout.h"

/* Numbers of `enum result` and `enum deployment_phase` may change; their words do not. */
static const char *result_word(enum result result)
{
    return result == RESULT_PASS   ? "pass"
           : result == RESULT_FAIL ? "fail"
           : result == RESULT_NA   ? "na"
                                   : "-";
}

static void add_text(struct buf *buf, const char *text)
{
    if (text == NULL)
        buf_text(buf, " -");
    else
        buf_printf(buf, " %zu:%s", strlen(text), text);
}

static void add_number(struct buf *buf, int64_t number)
{
    buf_printf(buf, " %" PRId64, number);
}

static void add_mark(struct buf *buf, const struct mark *mark)
{
    if (mark->set)
        buf_printf(buf, " %" PRIu64, mark->pos);
    else
        buf_text(buf, " -");
}

/* An act whose maker and flags are part of the state. */
static void add_act(struct buf *buf, const struct mark *mark)
{
    add_mark(buf, mark);
    add_text(buf, mark->set ? mark->principal : NULL);
    buf_text(buf, " [");
    if (mark->set)
        layout_flags(buf, mark->flags);
    buf_text(buf, "]");
}

/* The id of a node or section, or "-". */
static void add_node(struct buf *buf, const struct deployment *deployment, size_t node)
{
    add_text(buf, node == CHECKLIST_NONE ? NULL : deployment->checklist->nodes[node].id);
}

static void add_course(struct buf *buf, const struct deployment *deployment)
{
    buf_printf(buf, "deployment %s %s\n", deployment->id, deployment_phase_name(deployment->phase));
    buf_printf(buf, "entries %" PRIu64 " accepted %zu refused %zu flagged %zu\n",
               deployment->entries, deployment->accepted, deployment->refused, deployment->flagged);
    buf_text(buf, "opened");
    add_act(buf, &deployment->opened);
    add_text(buf, deployment->release);
    add_text(buf, deployment->environment);
    add_text(buf, deployment->lead);
    buf_text(buf, "\nt0");
    add_number(buf, deployment->has_t0 ? deployment->t0_us : -1);
    add_act(buf, &deployment->clock_started);
    buf_text(buf, "\nwindow");
    add_number(buf, deployment->has_window ? deployment->window_from_us : -1);
    add_number(buf, deployment->has_window ? deployment->window_to_us : -1);
    buf_text(buf, "\nemergency");
    add_act(buf, &deployment->emergency);
    add_text(buf, deployment->emergency_reason);
    buf_text(buf, "\nrollback");
    add_act(buf, &deployment->rollback_started);
    add_text(buf, deployment->rollback_reason);
    add_act(buf, &deployment->rollback_finished);
    add_text(buf, deployment->rollback_status);
    buf_text(buf, "\nclosed");
    add_act(buf, &deployment->closed);
    add_text(buf, deployment->outcome);
    buf_text(buf, "\n");
}

static void add_node_state(struct buf *buf, const struct deployment *deployment, size_t at)
{
    const struct node_state *state = &deployment->nodes[at];
    buf_printf(buf, "node %s %s", deployment->checklist->nodes[at].id,
               deployment_met(deployment, at) ? "met" : "unmet");
    add_act(buf, &state->mark);
    buf_printf(buf, " %s", result_word(state->result));
    add_text(buf, state->value);
    add_text(buf, state->unit);
    add_text(buf, state->note);
    add_act(buf, &state->waived);
    add_text(buf, state->waive_reason);
    add_act(buf, &state->undone);
    add_text(buf, state->undo_reason);
    add_mark(buf, &state->command.mark);
    if (state->command.mark.set)
        buf_printf(buf, " %" PRId64 " %s", state->command.exit,
                   state->command.matched ? "matched" : "unmatched");
    add_mark(buf, &state->measured.mark);
    if (state->measured.mark.set)
        buf_text(buf, state->measured.within ? " within" : " outside");
    buf_printf(buf, " %s %zu\n", state->suspect ? "suspect" : "-", state->refused);
}

static void add_assignments(struct buf *buf, const struct deployment *deployment)
{
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *one = &deployment->assignments[i];
        buf_text(buf, "assignment");
        add_text(buf, one->role);
        add_text(buf, one->principal);
        add_act(buf, &one->made);
        add_number(buf, one->until_us == INT64_MAX ? -1 : one->until_us);
        buf_printf(buf, " %" PRIu64, one->from_pos);
        if (one->to_pos == SEQ_NONE)
            buf_text(buf, " -\n");
        else
            buf_printf(buf, " %" PRIu64 "\n", one->to_pos);
    }
}

static void add_criteria(struct buf *buf, const struct deployment *deployment)
{
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *one = &deployment->criteria[i];
        buf_text(buf, "criterion");
        add_text(buf, one->id);
        add_mark(buf, &one->arose);
        add_mark(buf, &one->resolved);
        buf_text(buf, "\n");
    }
}

static void add_told(struct buf *buf, const struct deployment *deployment)
{
    for (size_t i = 0; i < deployment->issue_count; i++) {
        const struct issue *one = &deployment->issues[i];
        buf_text(buf, "issue");
        add_text(buf, one->id);
        add_text(buf, one->title);
        add_number(buf, one->severity);
        add_mark(buf, &one->opened);
        add_mark(buf, &one->changed);
        add_mark(buf, &one->resolved);
        buf_text(buf, "\n");
    }
    for (size_t i = 0; i < deployment->note_count; i++) {
        buf_text(buf, "note");
        add_mark(buf, &deployment->notes[i].mark);
        add_node(buf, deployment, deployment->notes[i].node);
        add_text(buf, deployment->notes[i].text);
        buf_text(buf, "\n");
    }
    for (size_t i = 0; i < deployment->sample_count; i++) {
        const struct sample *one = &deployment->samples[i];
        buf_text(buf, "sample");
        add_mark(buf, &one->mark);
        add_node(buf, deployment, one->node);
        add_text(buf, one->metric);
        add_text(buf, one->value_text);
        add_text(buf, one->unit);
        buf_text(buf, "\n");
    }
}

void digest_text(const struct deployment *deployment, struct buf *buf)
{
    size_t nodes = deployment->checklist != NULL ? deployment->checklist->node_count : 0;
    buf_text(buf, "countersign/state/v1\n");
    add_course(buf, deployment);
    for (size_t i = 0; i < nodes; i++)
        add_node_state(buf, deployment, i);
    add_assignments(buf, deployment);
    add_criteria(buf, deployment);
    add_told(buf, deployment);
}

void digest_state(const struct deployment *deployment, uint8_t ret[HASH_BYTES])
{
    struct buf text = {0};
    digest_text(deployment, &text);
    hash_bytes(text.data, text.bytes, ret);
    buf_free(&text);
}

void digest_put_claim(json_t *data, const struct deployment *deployment)
{
    uint8_t digest[HASH_BYTES];
    ASSERT(deployment->entries > 0);
    digest_state(deployment, digest);
    json_t *state = json_object();
    ijson_put(state, "pos", json_integer((json_int_t)deployment->entries - 1));
    ijson_put(state, "digest", ijson_hex(digest, HASH_BYTES));
    ijson_put(data, "state", state);
}

bool digest_claim(const struct event *event, struct digest_claim *ret)
{
    const char *verb = event_subject_verb(event);
    if (verb == NULL || strcmp(verb, "deployment.closed") != 0)
        return false;
    const json_t *state = json_object_get(event->data, "state");
    const json_t *pos = json_object_get(state, "pos");
    const char *digest = json_string_value(json_object_get(state, "digest"));
    struct digest_claim claim = {0};
    if (!json_is_integer(pos) || json_integer_value(pos) < 0 || digest == NULL ||
        !bytes_from_hex(digest, claim.digest, HASH_BYTES))
        return false;
    claim.pos = (uint64_t)json_integer_value(pos);
    *ret = claim;
    return true;
}
