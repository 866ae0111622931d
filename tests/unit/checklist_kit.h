/* checklist_kit - checklists compiled from text, for tests. */
#ifndef TESTS_UNIT_CHECKLIST_KIT_H
#define TESTS_UNIT_CHECKLIST_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "replay/checklist.h"

#define KIT_UNUSED __attribute__((unused))

KIT_UNUSED static struct checklist *kit_compile(const char *markdown)
{
    struct checklist *checklist = NULL;
    struct err_text why = {""};
    if (checklist_compile(markdown, strlen(markdown), &checklist, &why) != ERR_OK)
        fail_msg("%s", why.s);
    return checklist;
}

KIT_UNUSED static const struct node *kit_node(const struct checklist *checklist, const char *id)
{
    size_t index = checklist_node(checklist, id);
    if (index == CHECKLIST_NONE)
        fail_msg("no node %s", id);
    return &checklist->nodes[index];
}

/* All nodes as "id kind label" lines. */
KIT_UNUSED static void kit_expect(const char *markdown, const char *expected)
{
    struct checklist *checklist = kit_compile(markdown);
    struct buf text = {0};
    for (size_t i = 0; i < checklist->node_count; i++) {
        const struct node *node = &checklist->nodes[i];
        buf_printf(&text, "%s %s %s\n", node->id, node_kind_name(node->kind), node->label);
    }
    for (size_t i = 0; i < checklist->warnings.count; i++)
        buf_printf(&text, "line %u: %s\n", checklist->warnings.remarks[i].line,
                   checklist->warnings.remarks[i].text);
    char *found = buf_take_text(&text);
    assert_string_equal(found, expected);
    free(found);
    checklist_free(checklist);
}

#endif
