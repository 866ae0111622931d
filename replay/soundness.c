#include "replay/soundness.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/span.h"

static void soundness_say(struct remark_list *list, enum remark_rule rule, unsigned line,
                          const char *format, ...) PRINTF_LIKE(4, 5);

static void soundness_say(struct remark_list *list, enum remark_rule rule, unsigned line,
                          const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    remark_add(list, rule, line, line, text);
}

/* Decisions that nobody has the authority for. */
static void soundness_decisions(const struct checklist *checklist, struct remark_list *list)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        if (node->kind == NODE_DECISION && node->authority == NULL &&
            node->twin_of == CHECKLIST_NONE && !node->rollback_decision)
            soundness_say(list, REMARK_GATE_AUTHORITY, node->line,
                          "%s: a decision that anybody may make, and that opens no gate", node->id);
    }
}

/* Sections that are called a gate, and hold no decision at all. */
static void soundness_named_gates(const struct checklist *checklist, struct remark_list *list)
{
    bool *decides = mem_zero(checklist->section_count + 1, sizeof(*decides));
    for (size_t i = 0; i < checklist->node_count; i++)
        decides[checklist->nodes[i].section] |= checklist->nodes[i].kind == NODE_DECISION;
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        bool divided = i + 1 < checklist->section_count && checklist->sections[i + 1].parent == i;
        if (section->level > 0 && !decides[i] && !divided &&
            span_has_word(span_of(section->title), "gate"))
            soundness_say(list, REMARK_NO_DECISION, section->line,
                          "section %s is called a gate, and has no decision", section->id);
    }
    free(decides);
}

/* Approvals that no gate needs: their section starts before none. */
static void soundness_approvals(const struct checklist *checklist, struct remark_list *list)
{
    int last = INT_MIN;
    for (size_t i = 0; i < checklist->gate_count; i++) {
        const struct window *window = &checklist->nodes[checklist->gates[i]].window;
        if (window->set && window->to_min > last)
            last = window->to_min;
    }
    for (size_t i = 0; i < checklist->node_count && checklist->gate_count > 0; i++) {
        const struct node *node = &checklist->nodes[i];
        const struct window *window = &checklist->sections[node->section].window;
        if (node->kind != NODE_APPROVAL || node->signature ||
            (window->set && window->from_min < last))
            continue;
        soundness_say(
            list, REMARK_LATE_APPROVAL, node->line, "%s: no gate needs this approval: %s", node->id,
            window->set ? "its section starts when all gates are over" : "its section has no time");
    }
}

/* Windows of neighbours that overlap, and of a `###` that reach out of its `##`. */
static void soundness_windows(const struct checklist *checklist, struct remark_list *list)
{
    size_t *latest = mem_zero(checklist->section_count + 1, sizeof(*latest));
    for (size_t i = 0; i <= checklist->section_count; i++)
        latest[i] = CHECKLIST_NONE;
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        const struct window *window = &section->window;
        bool nested = section->parent != CHECKLIST_NONE;
        const struct window *around = nested ? &checklist->sections[section->parent].window : NULL;
        bool own = window->set && !(nested && around->set && around->from_min == window->from_min &&
                                    around->to_min == window->to_min);
        if (!own || section->rollback || window->from_min == window->to_min)
            continue;
        if (nested && around->set &&
            (window->from_min < around->from_min || window->to_min > around->to_min))
            soundness_say(list, REMARK_OVERLAP, section->line,
                          "the window of %s reaches out of that of %s", section->id,
                          checklist->sections[section->parent].id);
        size_t *before = &latest[nested ? section->parent : checklist->section_count];
        if (*before != CHECKLIST_NONE &&
            window->from_min < checklist->sections[*before].window.to_min)
            soundness_say(list, REMARK_OVERLAP, section->line,
                          "the window of %s begins before that of %s is over", section->id,
                          checklist->sections[*before].id);
        if (*before == CHECKLIST_NONE ||
            window->to_min > checklist->sections[*before].window.to_min)
            *before = i;
    }
    free(latest);
}

/* The first rollback section, and whether a status says how rollback ended. */
static void soundness_rollback(const struct checklist *checklist, struct remark_list *list)
{
    size_t first = CHECKLIST_NONE;
    bool status = false;
    for (size_t i = checklist->section_count; i > 0; i--) {
        if (checklist->sections[i - 1].rollback)
            first = i - 1;
    }
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        status = status || (node->kind == NODE_STATUS && node->rollback);
    }
    if (first == CHECKLIST_NONE)
        soundness_say(list, REMARK_NO_ROLLBACK, 1, "there is no rollback section");
    else if (!status)
        soundness_say(list, REMARK_ROLLBACK_STATUS, checklist->sections[first].line,
                      "no status says how the rollback of section %s ended",
                      checklist->sections[first].id);
}

static void soundness_whole(const struct checklist *checklist, struct remark_list *list)
{
    bool signature = false;
    for (size_t i = 0; i < checklist->node_count; i++)
        signature = signature || checklist->nodes[i].signature;
    if (checklist->gate_count == 0)
        soundness_say(list, REMARK_NO_GATE, 1,
                      "there is no gate: nobody decides whether to go on, and the lead closes");
    if (!signature)
        soundness_say(list, REMARK_NO_SIGN_OFF, 1, "there is no sign-off at the end");
}

/* Sections of one title under one heading: by parent, title, and place in the document. */
static int soundness_compare(const void *a, const void *b)
{
    const struct section *left = *(const struct section *const *)a;
    const struct section *right = *(const struct section *const *)b;
    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    int order = strcmp(left->title, right->title);
    return order != 0 ? order : left < right ? -1 : left > right;
}

static void soundness_titles(const struct checklist *checklist, struct remark_list *list)
{
    size_t count = checklist->section_count;
    const struct section **sections = mem_zero(count, sizeof(*sections));
    for (size_t i = 0; i < count; i++)
        sections[i] = &checklist->sections[i];
    if (count > 0)
        qsort(sections, count, sizeof(const struct section *), soundness_compare);
    for (size_t i = 1; i < count; i++) {
        if (sections[i]->parent == sections[i - 1]->parent &&
            strcmp(sections[i]->title, sections[i - 1]->title) == 0)
            soundness_say(list, REMARK_REPEATED, sections[i]->line,
                          "section %s has the title of section %s", sections[i]->id,
                          sections[i - 1]->id);
    }
    free(sections);
}

void soundness_find(const struct checklist *checklist, struct remark_list *list)
{
    soundness_whole(checklist, list);
    soundness_rollback(checklist, list);
    soundness_decisions(checklist, list);
    soundness_named_gates(checklist, list);
    soundness_approvals(checklist, list);
    soundness_windows(checklist, list);
    soundness_titles(checklist, list);
}

/* A role and the first line that names it. */
struct soundness_role {
    const char *name;
    unsigned line;
};

static int soundness_role_compare(const void *a, const void *b)
{
    const struct soundness_role *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : left->line < right->line ? -1 : left->line > right->line;
}

void soundness_roles(const struct checklist *checklist, soundness_holders_fn *holders, void *ctx,
                     struct remark_list *list)
{
    struct soundness_role *roles = mem_zero(checklist->node_count, sizeof(*roles));
    size_t count = 0;
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        const char *name = node->role != NULL ? node->role : node->authority;
        if (name != NULL)
            roles[count++] = (struct soundness_role){name, node->line};
    }
    if (count > 0)
        qsort(roles, count, sizeof(*roles), soundness_role_compare);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(roles[i - 1].name, roles[i].name) == 0)
            continue;
        char *names = holders(ctx, roles[i].name);
        if (names != NULL)
            soundness_say(list, REMARK_ROLE_HELD, roles[i].line, "the role %s is held by %s",
                          roles[i].name, names);
        else
            soundness_say(list, REMARK_ROLE_UNHELD, roles[i].line, "nobody holds the role %s",
                          roles[i].name);
        free(names);
    }
    free(roles);
}
