#include "replay/checklist.h"

#include <math.h>
#include <stdlib.h>

static json_t *checklist_json_window(const struct window *window)
{
    return json_pack("{s:i,s:i}", "from_min", window->from_min, "to_min", window->to_min);
}

static json_t *checklist_json_text(const char *text)
{
    json_t *string = json_string(text);
    ASSERT(string != NULL); /* the source is UTF-8, and is cut between its characters */
    return string;
}

static void checklist_json_set(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(object, name, checklist_json_text(text));
}

static void checklist_json_mark(json_t *object, const char *name, bool set)
{
    if (set)
        json_object_set_new(object, name, json_true());
}

static json_t *checklist_json_options(const struct node *node)
{
    json_t *options = json_array();
    for (size_t i = 0; i < node->option_count; i++) {
        const struct node_option *option = &node->options[i];
        json_t *label = checklist_json_text(option->label);
        if (node->kind != NODE_STATUS)
            json_array_append_new(options, label);
        else
            json_array_append_new(options, json_pack("{s:o,s:s}", "label", label, "mark",
                                                     option_mark_text(option->mark)));
    }
    return options;
}

static json_t *checklist_json_threshold(const struct threshold *threshold)
{
    bool whole = threshold->value == floor(threshold->value);
    json_t *value =
        whole ? json_integer((json_int_t)threshold->value) : json_real(threshold->value);
    json_t *object = json_pack("{s:s,s:s,s:o}", "metric", threshold->metric, "op",
                               threshold_op_text(threshold->op), "value", value);
    if (threshold->unit[0] != '\0')
        checklist_json_set(object, "unit", threshold->unit);
    return object;
}

static void checklist_json_node_links(const struct checklist *checklist, const struct node *node,
                                      json_t *object)
{
    const struct node *nodes = checklist->nodes;
    if (node->guarded_by != CHECKLIST_NONE)
        checklist_json_set(object, "guarded_by", nodes[node->guarded_by].id);
    if (node->twin_of != CHECKLIST_NONE)
        checklist_json_set(object, "twin_of", nodes[node->twin_of].id);
    if (node->parent != CHECKLIST_NONE)
        checklist_json_set(object, "parent", nodes[node->parent].id);
}

static json_t *checklist_json_node(const struct checklist *checklist, const struct node *node)
{
    json_t *object = json_object();
    checklist_json_set(object, "id", node->id);
    checklist_json_set(object, "kind", node_kind_name(node->kind));
    checklist_json_set(object, "label", node->label);
    checklist_json_set(object, "section", checklist->sections[node->section].id);
    json_object_set_new(object, "line", json_integer(node->line));
    if (node->window.set)
        json_object_set_new(object, "window", checklist_json_window(&node->window));
    checklist_json_set(object, "role", node->role);
    checklist_json_set(object, "authority", node->authority);
    if (node->option_count > 0)
        json_object_set_new(object, "options", checklist_json_options(node));
    checklist_json_set(object, "unit", node->unit);
    checklist_json_set(object, "expectation", node->expectation);
    checklist_json_set(object, "command", node->command);
    checklist_json_set(object, "expected", node->expected);
    if (node->threshold != NULL)
        json_object_set_new(object, "threshold", checklist_json_threshold(node->threshold));
    checklist_json_mark(object, "optional", node->optional);
    checklist_json_mark(object, "rollback", node->rollback);
    checklist_json_mark(object, "signature", node->signature);
    checklist_json_node_links(checklist, node, object);
    return object;
}

static json_t *checklist_json_counts(const struct checklist *checklist)
{
    json_int_t kinds[NODE_NOTES + 1] = {0}, commands = 0, expected = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        kinds[checklist->nodes[i].kind]++;
        commands += checklist->nodes[i].command != NULL;
        expected += checklist->nodes[i].expected != NULL;
    }
    json_t *counts = json_object();
    for (enum node_kind kind = NODE_ITEM; kind < NODE_NOTES; kind++)
        json_object_set_new(counts, node_kind_name(kind), json_integer(kinds[kind]));
    json_object_set_new(counts, "command", json_integer(commands));
    json_object_set_new(counts, "expected", json_integer(expected));
    json_object_set_new(counts, "notes", json_integer(kinds[NODE_NOTES]));
    json_object_set_new(counts, "gate", json_integer((json_int_t)checklist->gate_count));
    return counts;
}

static json_t *checklist_json_sections(const struct checklist *checklist)
{
    json_t *sections = json_array();
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        if (section->level == 0) /* the document's own nodes stand in none */
            continue;
        json_t *object = json_object();
        checklist_json_set(object, "id", section->id);
        checklist_json_set(object, "title", section->title);
        json_object_set_new(object, "level", json_integer(section->level));
        if (section->window.set)
            json_object_set_new(object, "window", checklist_json_window(&section->window));
        json_array_append_new(sections, object);
    }
    return sections;
}

json_t *checklist_json(const struct checklist *checklist)
{
    struct buf hex = {0};
    buf_hex(&hex, checklist->sha256, HASH_BYTES);
    char *sha256 = buf_take_text(&hex);
    json_t *nodes = json_array(), *warnings = json_array(), *object = json_object();
    for (size_t i = 0; i < checklist->node_count; i++)
        json_array_append_new(nodes, checklist_json_node(checklist, &checklist->nodes[i]));
    for (size_t i = 0; i < checklist->warnings.count; i++) {
        const struct remark *warning = &checklist->warnings.remarks[i];
        json_array_append_new(warnings, json_pack("{s:i,s:o}", "line", (int)warning->line, "text",
                                                  checklist_json_text(warning->text)));
    }
    checklist_json_set(object, "title", checklist->title);
    checklist_json_set(object, "subtitle", checklist->subtitle);
    checklist_json_set(object, "sha256", sha256);
    json_object_set_new(object, "sections", checklist_json_sections(checklist));
    json_object_set_new(object, "nodes", nodes);
    json_object_set_new(object, "counts", checklist_json_counts(checklist));
    json_object_set_new(object, "warnings", warnings);
    free(sha256);
    return object;
}

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {"item",  "approval", "decision", "status",
                                        "field", "choice",   "notes"};
    return names[kind];
}
