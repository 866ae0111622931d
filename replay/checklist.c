#include "replay/checklist.h"

#include <stdlib.h>
#include <string.h>

#include "replay/blank.h"
#include "replay/draft.h"
#include "replay/gate.h"
#include "replay/leftover.h"
#include "replay/line.h"
#include "replay/markdown.h"
#include "replay/outline.h"
#include "replay/role.h"
#include "replay/task.h"
#include "replay/threshold.h"

static bool checklist_character(uint32_t code)
{
    return code != 0;
}

static void checklist_place(struct draft *draft, size_t block)
{
    switch (draft->markdown->blocks[block].kind) {
    case BLOCK_HEADING:
        outline_heading(draft, block);
        break;
    case BLOCK_RULE:
        outline_rule(draft, block);
        break;
    case BLOCK_LINE:
        line_place(draft, block);
        break;
    case BLOCK_ENTRY:
        task_place(draft, block);
        break;
    case BLOCK_FENCE:
        line_fence(draft, block);
        break;
    case BLOCK_HTML:
    case BLOCK_CODE:
        line_other(draft, block);
        break;
    }
}

/* Whether a field in [from, to), the item's own `###`, measures its threshold.  Signatures spare
 * most comparisons. */
static bool checklist_own_measures(const struct checklist *checklist, const uint64_t *signatures,
                                   size_t item, size_t from, size_t to)
{
    const struct node *node = &checklist->nodes[item];
    uint64_t signature = threshold_signature(span_of(node->line_text), false);
    for (size_t i = from; i < to; i++) {
        const struct node *field = &checklist->nodes[i];
        if (field->kind == NODE_FIELD && (signatures[i] & ~signature) == 0 &&
            threshold_measured(node->threshold, span_of(node->line_text), field->label,
                               field->unit))
            return true;
    }
    return false;
}

static void checklist_measure(struct checklist *checklist)
{
    uint64_t *signatures = mem_zero(checklist->node_count, sizeof(*signatures));
    for (size_t i = 0; i < checklist->node_count; i++)
        signatures[i] = threshold_signature(span_of(checklist->nodes[i].label), true);
    for (size_t from = 0, to; from < checklist->node_count; from = to) {
        for (to = from; to < checklist->node_count &&
                        checklist->nodes[to].section == checklist->nodes[from].section;)
            to++;
        for (size_t i = from; i < to; i++) {
            struct node *node = &checklist->nodes[i];
            if (node->threshold != NULL)
                node->own_measures = checklist_own_measures(checklist, signatures, i, from, to);
        }
    }
    free(signatures);
}

static int checklist_by_id(const void *a, const void *b, void *ctx)
{
    const struct checklist *checklist = ctx;
    size_t one = *(const size_t *)a, other = *(const size_t *)b;
    int order = strcmp(checklist->nodes[one].id, checklist->nodes[other].id);
    return order != 0 ? order : (one > other) - (one < other);
}

/* Each event names a node. */
static void checklist_sort(struct checklist *checklist)
{
    checklist->by_id = mem_zero(checklist->node_count + 1, sizeof(*checklist->by_id));
    for (size_t i = 0; i < checklist->node_count; i++)
        checklist->by_id[i] = i;
    qsort_r(checklist->by_id, checklist->node_count, sizeof(*checklist->by_id), checklist_by_id,
            checklist);
}

static bool checklist_fill(struct checklist *checklist)
{
    struct span source = {checklist->source, checklist->source_bytes};
    struct markdown markdown;
    markdown_parse(source, &markdown);
    struct draft *draft = draft_new(checklist, &markdown);
    if (markdown.too_deep > 0)
        draft_remark(draft, REMARK_TOO_DEEP, markdown.too_deep, "nested too deep to be read");
    for (size_t i = 0; i < markdown.block_count && !draft->too_big; i++) {
        if (i >= draft->joined_to)
            checklist_place(draft, i);
        leftover_near(draft, i);
    }
    bool fits = !draft->too_big;
    gate_find(draft);
    leftover_find(draft);
    draft_finish(draft);
    draft_free(draft);
    markdown_free(&markdown);
    role_find(checklist);
    checklist_measure(checklist);
    checklist_sort(checklist);
    return fits;
}

enum err checklist_compile(const void *source, size_t source_bytes,
                           struct checklist **ret_checklist, struct err_text *ret_why)
{
    if (source_bytes > CHECKLIST_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "a checklist of %zu bytes; at most %d are taken",
                       source_bytes, CHECKLIST_BYTES_MAX);
    if (!utf8_all(source, source_bytes, checklist_character))
        return err_say(ret_why, ERR_INVALID, "the checklist is not UTF-8 text");
    struct checklist *checklist = mem_zero(1, sizeof(*checklist));
    checklist->source = mem_text_n(source, source_bytes);
    checklist->source_bytes = source_bytes;
    hash_bytes(source, source_bytes, checklist->sha256);
    if (!checklist_fill(checklist)) {
        checklist_free(checklist);
        return err_say(ret_why, ERR_TOO_BIG,
                       "the checklist has more than %d nodes, or nodes nested deeper than %d",
                       CHECKLIST_NODES_MAX, CHECKLIST_DEPTH_MAX);
    }
    *ret_checklist = checklist;
    return ERR_OK;
}

static void checklist_free_node(struct node *node)
{
    for (size_t i = 0; i < node->option_count; i++)
        free(node->options[i].label);
    free(node->options);
    free(node->id);
    free(node->label);
    free(node->text);
    free(node->role);
    free(node->authority);
    free(node->unit);
    free(node->expectation);
    free(node->command);
    free(node->language);
    free(node->expected);
    free(node->line_text);
    threshold_free(node->threshold);
}

void checklist_free(struct checklist *checklist)
{
    if (checklist == NULL)
        return;
    for (size_t i = 0; i < checklist->node_count; i++)
        checklist_free_node(&checklist->nodes[i]);
    for (size_t i = 0; i < checklist->section_count; i++) {
        free(checklist->sections[i].id);
        free(checklist->sections[i].title);
    }
    remark_free(&checklist->warnings);
    remark_free(&checklist->notes);
    free(checklist->source);
    free(checklist->title);
    free(checklist->subtitle);
    free(checklist->sections);
    free(checklist->nodes);
    free(checklist->by_id);
    free(checklist->gates);
    free(checklist);
}

size_t checklist_node(const struct checklist *checklist, const char *id)
{
    size_t from = 0, to = checklist->node_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strcmp(checklist->nodes[checklist->by_id[middle]].id, id) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    bool found = from < checklist->node_count &&
                 strcmp(checklist->nodes[checklist->by_id[from]].id, id) == 0;
    return found ? checklist->by_id[from] : CHECKLIST_NONE;
}

size_t checklist_section(const struct checklist *checklist, const char *id)
{
    for (size_t i = 0; i < checklist->section_count; i++) {
        if (strcmp(checklist->sections[i].id, id) == 0)
            return i;
    }
    return CHECKLIST_NONE;
}

size_t checklist_option_of(const struct node *node, const char *label)
{
    for (size_t i = 0; i < node->option_count; i++) {
        if (strcmp(node->options[i].label, label) == 0)
            return i;
    }
    return CHECKLIST_NONE;
}

bool checklist_child_of(const struct checklist *checklist, size_t node, size_t ancestor)
{
    size_t at = node;
    while (at != CHECKLIST_NONE && at != ancestor)
        at = checklist->nodes[at].parent;
    return at == ancestor && node != ancestor;
}

/* The `##` that a section is or is in. */
static size_t checklist_group(const struct checklist *checklist, size_t section)
{
    size_t parent = checklist->sections[section].parent;
    return parent == CHECKLIST_NONE ? section : parent;
}

bool checklist_measures(const struct checklist *checklist, size_t field, size_t item)
{
    const struct node *value = &checklist->nodes[field], *node = &checklist->nodes[item];
    if (node->threshold == NULL || value->kind != NODE_FIELD)
        return false;
    if (checklist_child_of(checklist, field, item))
        return true;
    bool near = value->section == node->section;
    bool group =
        checklist_group(checklist, value->section) == checklist_group(checklist, node->section);
    return (near || (group && !node->own_measures)) &&
           threshold_measured(node->threshold, span_of(node->line_text), value->label, value->unit);
}

bool checklist_metric_measures(const struct checklist *checklist, const char *metric,
                               const char *unit, size_t item)
{
    const struct node *node = &checklist->nodes[item];
    return node->threshold != NULL &&
           threshold_measured(node->threshold, span_of(node->line_text), metric, unit);
}

bool checklist_threshold_holds(const struct threshold *threshold, double value)
{
    switch (threshold->op) {
    case OP_LESS:
        return value < threshold->value;
    case OP_LESS_EQUAL:
        return value <= threshold->value;
    case OP_GREATER:
        return value > threshold->value;
    case OP_GREATER_EQUAL:
        return value >= threshold->value;
    case OP_EQUAL:
        return value == threshold->value;
    }
    return false;
}
