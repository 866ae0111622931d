/* Rule 1: form. */
#include <string.h>

#include "replay/data.h"
#include "replay/replay.h"
#include "replay/rules.h"

void rules_wrong_stream(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    if (act->type == NULL)
        verdict_refuse(verdict, RULE_WRONG_STREAM, "%s does not belong in the stream of %s",
                       event_subject_verb(act->event), deployment->id);
}

void rules_unknown_deployment(const struct deployment *deployment, struct act *act,
                              struct verdict *verdict)
{
    if ((act->type->tests & ACT_OPENS) == 0 && !deployment->opened.set)
        verdict_refuse(verdict, RULE_UNKNOWN_DEPLOYMENT, "%s has not been opened", deployment->id);
}

void rules_unknown_checklist(const struct deployment *deployment, struct act *act,
                             struct verdict *verdict)
{
    if ((act->type->tests & ACT_OPENS) == 0)
        return;
    const char *hex = ijson_string(act->event->data, "checklist");
    uint8_t sha256[HASH_BYTES];
    if (hex != NULL && bytes_from_hex(hex, sha256, HASH_BYTES))
        act->checklist = catalog_find(deployment->fold->catalog, sha256, act->record->entry.seq);
    if (act->checklist == NULL)
        verdict_refuse(verdict, RULE_UNKNOWN_CHECKLIST, "no checklist %s was published",
                       hex == NULL ? "(none is named)" : hex);
}

void rules_unknown_node(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    const json_t *node = ijson_get(act->event->data, "node");
    const char *id = json_string_value(node);
    bool absent = node == NULL || json_is_null(node);
    if ((act->type->tests & (ACT_NODE | ACT_MAY_NODE)) == 0 ||
        (absent && (act->type->tests & ACT_MAY_NODE) != 0))
        return;
    if (id != NULL)
        act->node = checklist_node(deployment->checklist, id);
    if (act->node == CHECKLIST_NONE)
        verdict_refuse(verdict, RULE_UNKNOWN_NODE, "the checklist has no node %s",
                       id == NULL ? "(none is named)" : id);
}

void rules_wrong_kind(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    if (act->node == CHECKLIST_NONE)
        return;
    const struct node *node = &deployment->checklist->nodes[act->node];
    if (act->type->kinds != 0 && (act->type->kinds >> node->kind & 1) == 0)
        verdict_refuse(verdict, RULE_WRONG_KIND, "%s is for another kind of node: %s is a %s",
                       act->type->name, node->id, node_kind_name(node->kind));
    else if ((act->type->tests & ACT_DECIDES) != 0 && node->twin_of != CHECKLIST_NONE)
        verdict_refuse(verdict, RULE_WRONG_KIND, "%s repeats the gate %s: decide that", node->id,
                       deployment->checklist->nodes[node->twin_of].id);
}

void rules_bad_value(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    if (!json_is_object(act->event->data))
        verdict_refuse(verdict, RULE_BAD_VALUE, "`data` must be an object");
    else if (!act->type->parse(deployment, act, verdict) && verdict->rule == RULE_NONE)
        verdict_refuse(verdict, RULE_BAD_VALUE, "malformed");
}
