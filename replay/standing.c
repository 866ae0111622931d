#include "replay/standing.h"

#include <string.h>

static const struct {
    const char *name;
    const char *mark;
} table[] = {
#define X(name, text, mark) {text, mark},
    STANDING_TABLE(X)
#undef X
};

const char *standing_name(enum standing standing)
{
    return table[standing].name;
}

const char *standing_mark(enum standing standing)
{
    return table[standing].mark;
}

static enum standing of_item(const struct node_state *state)
{
    switch (state->result) {
    case RESULT_PASS:
        return STANDING_PASS;
    case RESULT_FAIL:
        return STANDING_FAIL;
    case RESULT_NA:
        return STANDING_NA;
    case RESULT_NONE:
        break;
    }
    return STANDING_OPEN;
}

static enum standing of_option(const struct node *node, const struct node_state *state)
{
    size_t option = state->value != NULL ? checklist_option_of(node, state->value) : CHECKLIST_NONE;
    if (option == CHECKLIST_NONE)
        return STANDING_OPEN;
    if (node->kind == NODE_DECISION)
        return option == 0 ? STANDING_PROCEEDS : STANDING_STOPPED;
    switch (node->options[option].mark) {
    case MARK_WARN:
        return STANDING_WARNING;
    case MARK_BAD:
        return STANDING_BAD;
    case MARK_GOOD:
    case MARK_NONE:
        break;
    }
    return STANDING_GOOD;
}

enum standing standing_of(const struct deployment *deployment, size_t node)
{
    const struct node *what = &deployment->checklist->nodes[node];
    const struct node_state *state = &deployment->nodes[node];
    if (state->waived.set && (!state->mark.set || state->waived.seq > state->mark.seq))
        return STANDING_WAIVED;
    if (state->undone.set && (!state->mark.set || state->undone.seq > state->mark.seq))
        return STANDING_UNDONE;
    if (!state->mark.set)
        return STANDING_OPEN;
    switch (what->kind) {
    case NODE_ITEM:
        return of_item(state);
    case NODE_APPROVAL:
        return STANDING_GIVEN;
    case NODE_STATUS:
    case NODE_DECISION:
        return of_option(what, state);
    case NODE_FIELD:
    case NODE_CHOICE:
    case NODE_NOTES:
        break;
    }
    return STANDING_RECORDED;
}

/* Of a node on which nothing stands. */
static const char *open_words(enum node_kind kind)
{
    switch (kind) {
    case NODE_ITEM:
        return "not checked";
    case NODE_APPROVAL:
        return "not given";
    case NODE_DECISION:
        return "not decided";
    case NODE_STATUS:
        return "not declared";
    case NODE_FIELD:
    case NODE_CHOICE:
    case NODE_NOTES:
        break;
    }
    return "not recorded";
}

const char *standing_words(const struct deployment *deployment, size_t node)
{
    const struct node *what = &deployment->checklist->nodes[node];
    enum standing standing = standing_of(deployment, node);
    if (standing == STANDING_OPEN)
        return open_words(what->kind);
    if (standing != STANDING_UNDONE)
        return standing_name(standing);
    if (what->kind == NODE_ITEM)
        return "reopened";
    return deployment->nodes[node].rejected ? "rejected" : "withdrawn";
}

bool standing_step(const struct deployment *deployment, size_t node)
{
    const struct node *what = &deployment->checklist->nodes[node];
    bool rolling_back = deployment->rollback_started.set;
    if (what->optional || (what->rollback && !rolling_back))
        return false;
    return what->kind == NODE_ITEM || what->kind == NODE_APPROVAL || what->kind == NODE_STATUS ||
           (what->kind == NODE_DECISION && what->authority != NULL);
}

struct standing_counts standing_count(const struct deployment *deployment, const bool *nodes)
{
    struct standing_counts counts = {0};
    size_t count = deployment->checklist != NULL ? deployment->checklist->node_count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct node_state *state = &deployment->nodes[i];
        if (nodes != NULL && !nodes[i])
            continue;
        enum standing standing = standing_of(deployment, i);
        counts.refused += state->refused;
        counts.flagged += state->mark.set && state->mark.flags != 0;
        if (!standing_step(deployment, i))
            continue;
        counts.steps++;
        counts.met += deployment_met(deployment, i);
        counts.waived += standing == STANDING_WAIVED || standing == STANDING_NA;
    }
    return counts;
}

size_t standing_gate_number(const struct checklist *checklist, size_t node)
{
    for (size_t i = 0; i < checklist->gate_count; i++) {
        if (checklist->gates[i] == node)
            return i + 1;
    }
    return 0;
}
