#include "replay/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GATE "gate-"

static bool is_kind(const struct target *target, size_t at)
{
    const struct node *node = &target->deployment->checklist->nodes[at];
    const struct node_state *state = &target->deployment->nodes[at];
    switch (target->kind) {
    case TARGET_APPROVAL:
        return node->kind == NODE_APPROVAL && !node->signature && !state->met;
    case TARGET_SIGNOFF:
        return node->kind == NODE_APPROVAL && node->signature && !state->met;
    case TARGET_REJECTED:
        return node->kind == NODE_APPROVAL;
    case TARGET_GIVEN:
        return node->kind == NODE_APPROVAL && state->mark.set;
    default:
        return false;
    }
}

/* Whether it is for who holds the role, or, where none is named, for the principal. */
static bool is_for(const struct target *target, const char *role, size_t at)
{
    const struct node *node = &target->deployment->checklist->nodes[at];
    if (role != NULL)
        return registry_role_same(role, node->role);
    if (target->principal == NULL)
        return true;
    return deployment_holder(target->deployment, target->principal, node->role, target->seq,
                             target->time_us);
}

static enum err choose(const struct target *target, const char *role, const char **ret_id,
                       struct err_text *ret_why)
{
    const struct checklist *checklist = target->deployment->checklist;
    struct buf list = {0};
    size_t count = 0, found = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (!is_kind(target, i) || !is_for(target, role, i))
            continue;
        found = i;
        buf_printf(&list, "%s%s %s", count++ > 0 ? ", " : "", checklist->nodes[i].id,
                   checklist->nodes[i].role);
    }
    enum err err = ERR_OK;
    if (count == 0)
        err = err_say(ret_why, ERR_NOT_FOUND, "nothing of %s is there to be %s; name the node",
                      role != NULL                ? role
                      : target->principal != NULL ? target->principal
                                                  : "anybody",
                      target->kind == TARGET_GIVEN      ? "withdrawn"
                      : target->kind == TARGET_REJECTED ? "rejected"
                      : target->kind == TARGET_SIGNOFF  ? "signed off"
                                                        : "approved");
    else if (count > 1)
        err =
            err_say(ret_why, ERR_CONFLICT, "which one? name the node: %s", (const char *)list.data);
    else
        *ret_id = checklist->nodes[found].id;
    buf_free(&list);
    return err;
}

/* Whether the decision goes by that name. */
static bool is_called(const struct checklist *checklist, size_t at, const char *name)
{
    const struct node *node = &checklist->nodes[at];
    char *end = NULL;
    if (node->kind != NODE_DECISION)
        return false;
    if (strncasecmp(name, GATE, strlen(GATE)) == 0) {
        unsigned long number = strtoul(name + strlen(GATE), &end, 10);
        return *end == '\0' && number >= 1 && number <= checklist->gate_count &&
               checklist->gates[number - 1] == at;
    }
    return (node->rollback_decision && strcasecmp(name, "rollback") == 0) ||
           (node->label != NULL && strcasecmp(name, node->label) == 0);
}

static const char *find_decision(const struct checklist *checklist, const char *name)
{
    size_t count = 0, found = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (!is_called(checklist, i, name))
            continue;
        count++;
        found = i;
    }
    return count == 1 ? checklist->nodes[found].id : name;
}

static bool is_role(const struct checklist *checklist, const char *name)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].kind == NODE_APPROVAL &&
            registry_role_same(checklist->nodes[i].role, name))
            return true;
    }
    return false;
}

enum err target_find(const struct target *target, const char **ret_id, struct err_text *ret_why)
{
    const struct checklist *checklist = target->deployment->checklist;
    const char *name = target->name;
    if (checklist == NULL && name == NULL)
        return err_say(ret_why, ERR_NOT_FOUND, "%s is not opened yet", target->deployment->id);
    bool as_is =
        name != NULL && (checklist == NULL || checklist_node(checklist, name) != CHECKLIST_NONE);
    if (as_is) {
        *ret_id = name;
        return ERR_OK;
    }
    if (target->kind == TARGET_DECISION) {
        if (name == NULL)
            return err_say(ret_why, ERR_USAGE, "say on which node: its id, gate-N or rollback");
        *ret_id = find_decision(checklist, name);
        return ERR_OK;
    }
    if (name != NULL && !is_role(checklist, name)) {
        *ret_id = name;
        return ERR_OK;
    }
    return choose(target, name != NULL ? name : target->role, ret_id, ret_why);
}

size_t target_option(const struct node *node, const char *value)
{
    for (size_t i = 0; i < node->option_count; i++) {
        if (strcasecmp(node->options[i].label, value) == 0)
            return i;
    }
    return CHECKLIST_NONE;
}

void target_options(const struct node *node, struct buf *buf)
{
    for (size_t i = 0; i < node->option_count; i++)
        buf_printf(buf, "%s%s", i > 0 ? ", " : "", node->options[i].label);
}
