#include "replay/met.h"

#include "replay/decide.h"

static enum option_mark mark_of(const struct deployment *deployment, size_t index)
{
    const struct node *node = &deployment->checklist->nodes[index];
    size_t option = deployment->nodes[index].option;
    return option < node->option_count ? node->options[option].mark : MARK_NONE;
}

static bool is_gate_item(const struct deployment *deployment, size_t index)
{
    const struct checklist *checklist = deployment->checklist;
    return checklist->sections[checklist->nodes[index].section].gate != CHECKLIST_NONE;
}

/* What its latest act makes of it, waivers and suspicion aside. */
static bool holds(const struct deployment *deployment, size_t index)
{
    const struct node_state *state = &deployment->nodes[index];
    const struct node_fold *fold = &deployment->fold->nodes[index];
    enum option_mark mark = mark_of(deployment, index);
    switch (deployment->checklist->nodes[index].kind) {
    case NODE_ITEM:
        return state->result == RESULT_PASS ||
               (state->result == RESULT_NA && !is_gate_item(deployment, index));
    case NODE_STATUS:
        return mark == MARK_GOOD || (mark == MARK_WARN && fold->noted.set);
    case NODE_FIELD:
    case NODE_CHOICE:
    case NODE_DECISION:
        return state->value != NULL;
    case NODE_NOTES:
        return fold->noted.set;
    case NODE_APPROVAL:
        break;
    }
    return decide_count(fold) >=
           decide_quorum(deployment, deployment->checklist->nodes[index].role);
}

bool met_done(const struct deployment *deployment, size_t node)
{
    bool approval = deployment->checklist->nodes[node].kind == NODE_APPROVAL;
    return (approval || !deployment->nodes[node].suspect) && holds(deployment, node);
}

void met_refresh(struct deployment *deployment, size_t node, uint64_t pos, const char *what)
{
    struct node_state *state = &deployment->nodes[node];
    struct node_fold *fold = &deployment->fold->nodes[node];
    bool met = (state->waived.set && !fold->waiver_suspect) || met_done(deployment, node);
    if (met && !state->met)
        state->met_since = pos;
    if (!met && state->met)
        fold_undo(&fold->undo, pos, "%s %s", deployment->checklist->nodes[node].id, what);
    state->met = met;
}

bool met_exempt(const struct deployment *deployment, size_t node)
{
    const struct node *of = &deployment->checklist->nodes[node];
    return of->optional || of->kind == NODE_NOTES ||
           (of->rollback && !deployment->rollback_started.set);
}

static void lack_item(const struct node_state *state, struct buf *buf)
{
    if (state->result == RESULT_FAIL)
        buf_text(buf, "failed");
    else if (state->result == RESULT_NA)
        buf_text(buf, "na is not enough for a gate's own item");
    else
        buf_text(buf, state->undone.set ? "reopened, and not checked since" : "not checked");
}

static void lack_status(const struct deployment *deployment, size_t node, struct buf *buf)
{
    const char *value = deployment->nodes[node].value;
    enum option_mark mark = mark_of(deployment, node);
    if (value == NULL)
        buf_text(buf, "not declared");
    else
        buf_printf(buf, "%s %s%s", option_mark_text(mark), value,
                   mark == MARK_WARN ? ", and no note on it" : "");
}

static void lack_approval(const struct deployment *deployment, size_t node, struct buf *buf)
{
    const struct node_state *state = &deployment->nodes[node];
    const char *role = deployment->checklist->nodes[node].role;
    size_t given = decide_count(&deployment->fold->nodes[node]);
    size_t quorum = decide_quorum(deployment, role);
    if (quorum > 1)
        buf_printf(buf, "approved by %zu of %zu holders of %s", given, quorum, role);
    else
        buf_printf(buf, "no approval of %s", role);
    if (given == 0 && state->undone.set && !state->mark.set)
        buf_printf(buf, ", %s by %s", state->rejected ? "rejected" : "withdrawn",
                   state->undone.principal);
}

void met_lack(const struct deployment *deployment, size_t node, struct buf *buf)
{
    const struct node_state *state = &deployment->nodes[node];
    if (state->suspect)
        buf_text(buf, "its signature is suspect: ");
    switch (deployment->checklist->nodes[node].kind) {
    case NODE_ITEM:
        lack_item(state, buf);
        break;
    case NODE_STATUS:
        lack_status(deployment, node, buf);
        break;
    case NODE_APPROVAL:
        lack_approval(deployment, node, buf);
        break;
    case NODE_DECISION:
        buf_text(buf, "not decided");
        break;
    case NODE_FIELD:
    case NODE_CHOICE:
    case NODE_NOTES:
        buf_text(buf, "not recorded");
        break;
    }
}
