#include "replay/weakness.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "replay/alternative.h"
#include "replay/shell.h"
#include "replay/threshold.h"

#define WEAKNESS_LABEL_BYTES 80 /* of a label, in a remark */

/* A label as a remark quotes it: short, and cut between characters. */
static char *weakness_label(const char *label)
{
    struct buf buf = {0};
    size_t bytes = strlen(label), cut = bytes;
    if (bytes > WEAKNESS_LABEL_BYTES) {
        cut = WEAKNESS_LABEL_BYTES;
        while (cut > 0 && ((unsigned char)label[cut] & 0xc0) == 0x80)
            cut--;
    }
    buf_add(&buf, label, cut);
    buf_text(&buf, cut < bytes ? "\u2026" : "");
    return buf_take_text(&buf);
}

static void weakness_say(struct remark_list *list, enum remark_rule rule, const struct node *node,
                         const char *what)
{
    struct buf text = {0};
    char *label = weakness_label(node->label);
    buf_printf(&text, "%s (%s): %s", node->id, label, what);
    remark_add(list, rule, node->line, node->line, (const char *)text.data);
    free(label);
    buf_free(&text);
}

/* Whether the command's fence names another language than the shell's. */
static bool weakness_other_language(const struct node *node)
{
    static const char *const shells[] = {"",    "sh",   "bash",    "shell",        "zsh",
                                         "ksh", "dash", "console", "shell-session"};
    for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++) {
        if (node->language == NULL || strcasecmp(node->language, shells[i]) == 0)
            return false;
    }
    return true;
}

static void weakness_command(const struct node *node, struct remark_list *list)
{
    bool shell = node->command != NULL && !weakness_other_language(node);
    unsigned found = shell ? shell_hidings(span_of(node->command)) : 0;
    for (unsigned hiding = 1; hiding < SHELL_HIDINGS; hiding *= 2) {
        if ((found & hiding) != 0)
            weakness_say(list, REMARK_HIDDEN_EXIT, node, shell_hiding_text(hiding));
    }
}

static void weakness_threshold(const struct node *node, struct remark_list *list)
{
    switch (threshold_doubt(span_of(node->line_text))) {
    case THRESHOLD_SURE:
        break;
    case THRESHOLD_NUMBERLESS:
        weakness_say(list, REMARK_THRESHOLD_NUMBER, node, "a bound without a number");
        break;
    case THRESHOLD_SECOND:
        weakness_say(list, REMARK_THRESHOLD_SECOND, node,
                     "only the first of several bounds is read");
        break;
    case THRESHOLD_WAITS:
        weakness_say(list, REMARK_THRESHOLD_UNREAD, node,
                     "the bound is not read: the line speaks of waiting or a TTL");
        break;
    case THRESHOLD_WORDED:
        if (node->threshold == NULL)
            weakness_say(list, REMARK_THRESHOLD_WORDS, node, "a bound in words is not read");
        break;
    case THRESHOLD_VAGUE:
        if (node->threshold == NULL)
            weakness_say(list, REMARK_THRESHOLD_WORDS, node, "nobody can say where the bound is");
        break;
    }
}

/* A bound in a nested bullet without a blank belongs to the text alone. */
static void weakness_nested(const struct node *node, struct remark_list *list)
{
    struct threshold *threshold =
        node->text == NULL || node->threshold != NULL ? NULL : threshold_parse(span_of(node->text));
    if (threshold != NULL)
        weakness_say(list, REMARK_THRESHOLD_UNREAD, node,
                     "the bound in the lines below the item is not read");
    threshold_free(threshold);
}

static void weakness_item(const struct node *node, bool nested, struct remark_list *list)
{
    bool judged = node->command != NULL || node->expected != NULL || node->threshold != NULL ||
                  node->role != NULL || nested;
    weakness_command(node, list);
    weakness_threshold(node, list);
    weakness_nested(node, list);
    if (!nested && alternative_near_words(span_of(node->line_text)))
        weakness_say(list, REMARK_NEAR_CHOICE, node, "alternatives that are not read as a choice");
    if (!judged)
        weakness_say(list, REMARK_UNJUDGED, node, "it rests on the word of whoever ticks it");
}

static bool weakness_is_value(const struct node *node)
{
    return node->kind == NODE_FIELD || node->kind == NODE_CHOICE || node->kind == NODE_NOTES;
}

/* By section, what it is nested in, kind, label, and place in the document. */
static int weakness_compare(const void *a, const void *b)
{
    const struct node *left = *(const struct node *const *)a;
    const struct node *right = *(const struct node *const *)b;
    if (left->section != right->section)
        return left->section < right->section ? -1 : 1;
    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    int order = strcmp(left->label, right->label);
    return order != 0 ? order : left < right ? -1 : left > right;
}

static bool weakness_same(const struct node *a, const struct node *b)
{
    return a->section == b->section && a->parent == b->parent && a->kind == b->kind &&
           strcmp(a->label, b->label) == 0;
}

static void weakness_labels(const struct checklist *checklist, struct remark_list *list)
{
    const struct node **nodes = mem_zero(checklist->node_count, sizeof(*nodes));
    for (size_t i = 0; i < checklist->node_count; i++)
        nodes[i] = &checklist->nodes[i];
    if (checklist->node_count > 0)
        qsort(nodes, checklist->node_count, sizeof(const struct node *), weakness_compare);
    for (size_t i = 1; i < checklist->node_count; i++) {
        if (!weakness_same(nodes[i - 1], nodes[i]))
            continue;
        struct buf text = {0};
        buf_printf(&text, "the same label as %s on line %u", nodes[i - 1]->id, nodes[i - 1]->line);
        weakness_say(list, weakness_is_value(nodes[i]) ? REMARK_REPEATED : REMARK_SAME_LABEL,
                     nodes[i], (const char *)text.data);
        buf_free(&text);
    }
    free(nodes);
}

void weakness_find(const struct checklist *checklist, struct remark_list *list)
{
    bool *nested = mem_zero(checklist->node_count, sizeof(*nested));
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].parent != CHECKLIST_NONE)
            nested[checklist->nodes[i].parent] = true;
    }
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].kind == NODE_ITEM)
            weakness_item(&checklist->nodes[i], nested[i], list);
    }
    weakness_labels(checklist, list);
    free(nested);
}
