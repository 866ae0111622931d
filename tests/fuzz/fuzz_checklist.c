#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/filled.h"
#include "replay/lint.h"
#include "replay/listing.h"
#include "tests/unit/unread_kit.h"

/* Whatever compiles is well formed, keeps its source, and drops no mark in silence; lines that end
 * in CR LF make no difference. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static int compare_ids(const void *a, const void *b)
{
    const char *const *left = a, *const *right = b;
    return strcmp(*left, *right);
}

static void check_ids(const struct checklist *checklist)
{
    const char **ids = mem_zero(checklist->node_count, sizeof(*ids));
    for (size_t i = 0; i < checklist->node_count; i++)
        ids[i] = checklist->nodes[i].id;
    qsort(ids, checklist->node_count, sizeof(*ids), compare_ids);
    for (size_t i = 1; i < checklist->node_count; i++)
        ASSERT(strcmp(ids[i - 1], ids[i]) != 0);
    free(ids);
}

static void check_place(const struct checklist *checklist, struct place place)
{
    ASSERT(place.at <= checklist->source_bytes &&
           place.bytes <= checklist->source_bytes - place.at);
}

static void check_gate(const struct checklist *checklist, size_t gate)
{
    if (gate == CHECKLIST_NONE)
        return;
    ASSERT(gate < checklist->node_count && checklist->nodes[gate].kind == NODE_DECISION);
    ASSERT(checklist->nodes[gate].authority != NULL);
    ASSERT(checklist->sections[checklist->nodes[gate].section].gate == gate);
}

static void check_node(const struct checklist *checklist, size_t index)
{
    const struct node *node = &checklist->nodes[index];
    const struct section *section = &checklist->sections[node->section];
    ASSERT(node->section < checklist->section_count && node->label != NULL);
    ASSERT(strncmp(node->id, section->id, strlen(section->id)) == 0);
    ASSERT(index == 0 || node->line >= checklist->nodes[index - 1].line ||
           checklist->nodes[index - 1].kind == NODE_FIELD); /* of an alternative further down */
    ASSERT(node->parent == CHECKLIST_NONE ||
           (node->parent < index && checklist->nodes[node->parent].section == node->section));
    ASSERT(checklist_node(checklist, node->id) == index);
    bool chosen =
        node->kind == NODE_DECISION || node->kind == NODE_STATUS || node->kind == NODE_CHOICE;
    ASSERT(chosen ? node->option_count >= 2 : node->option_count == 0);
    for (size_t i = 0; i < node->option_count; i++) {
        ASSERT((node->options[i].mark != MARK_NONE) == (node->kind == NODE_STATUS));
        check_place(checklist, node->options[i].box);
    }
    ASSERT((node->kind == NODE_ITEM) == (node->line_text != NULL));
    ASSERT(node->kind == NODE_ITEM || (node->command == NULL && node->threshold == NULL));
    ASSERT(node->kind != NODE_APPROVAL || node->role != NULL);
    ASSERT(!node->window.set || node->window.from_min <= node->window.to_min);
    check_place(checklist, node->place);
    check_place(checklist, node->decided_by);
    check_place(checklist, node->decided_at);
    if (node->kind == NODE_ITEM || node->kind == NODE_APPROVAL || node->kind == NODE_FIELD)
        ASSERT(checklist->source[node->place.at] == (node->kind == NODE_FIELD ? '_' : '['));
    check_gate(checklist, node->guarded_by);
    check_gate(checklist, node->twin_of);
}

static json_t *check_json(const struct checklist *checklist)
{
    json_t *json = checklist_json(checklist);
    char *text = json_dumps(json, JSON_REAL_PRECISION(15));
    ASSERT(text != NULL &&
           json_array_size(json_object_get(json, "nodes")) == checklist->node_count);
    free(text);
    ASSERT(json_object_del(json, "sha256") == 0);
    return json;
}

/* The same source with CR LF for LF compiles to the same. */
static void check_crlf(const struct checklist *checklist, const json_t *expected)
{
    struct buf other = {0};
    for (size_t i = 0; i < checklist->source_bytes; i++) {
        buf_text(&other, checklist->source[i] == '\n' ? "\r" : "");
        buf_add(&other, checklist->source + i, 1);
    }
    struct checklist *again = NULL;
    if (checklist_compile(other.data, other.bytes, &again, NULL) == ERR_OK) {
        json_t *json = check_json(again);
        ASSERT(json_equal(json, expected));
        json_decref(json);
        checklist_free(again);
    }
    buf_free(&other);
}

/* A copy in which everything is filled in, with more notes than lines for them. */
static void check_filled(const struct checklist *checklist)
{
    char text[] = "[x] `a` ___";
    struct mark mark = {.set = true, .seq = 7, .time_us = 1767225600000000, .principal = "ann"};
    struct node_state *states = mem_zero(checklist->node_count, sizeof(*states));
    for (size_t i = 0; i < checklist->node_count; i++)
        states[i] = (struct node_state){
            .mark = mark, .result = RESULT_PASS, .note = text, .value = text, .met = i % 2 == 0};
    struct note_taken notes[] = {{text, CHECKLIST_NONE, mark}, {text, CHECKLIST_NONE, mark}};
    struct deployment deployment = {.id = "d",
                                    .checklist = checklist,
                                    .release = text,
                                    .nodes = states,
                                    .notes = notes,
                                    .note_count = 2,
                                    .last = mark};
    struct ledger_info info = {.origin = "o"};
    struct buf copy = {0};
    filled_add(&deployment, &info, &copy);
    ASSERT(copy.bytes >= checklist->source_bytes / 4);
    buf_free(&copy);
    free(states);
}

/* Remarks stand on lines of the source, in order, and can be printed. */
static void check_remarks(const struct checklist *checklist)
{
    struct remark_list list = {0};
    struct buf text = {0};
    lint_find(checklist, &list);
    ASSERT(list.count >= checklist->warnings.count + checklist->notes.count);
    for (size_t i = 0; i < list.count; i++) {
        const struct remark *remark = &list.remarks[i];
        ASSERT(remark->line >= 1 && remark->line <= remark->last && remark->text[0] != '\0');
        ASSERT(remark->last <= checklist->source_bytes + 1);
        ASSERT(i == 0 || list.remarks[i - 1].line <= remark->line);
    }
    remark_print(&list, "f", &text);
    json_decref(remark_json(&list));
    buf_free(&text);
    remark_free(&list);
}

/* The naive check takes lines times nodes. */
#define UNREAD_BYTES_MAX 8192

static void check_unread(const struct checklist *checklist)
{
    unsigned line = checklist->source_bytes > UNREAD_BYTES_MAX ? 0 : unread_first(checklist);
    if (line > 0)
        fprintf(stderr, "line %u was dropped in silence\n", line);
    ASSERT(line == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct checklist *checklist = NULL;
    struct err_text why;
    struct buf text = {0};
    if (checklist_compile(data, bytes, &checklist, &why) != ERR_OK)
        return 0;
    ASSERT(checklist->source_bytes == bytes);
    ASSERT(bytes == 0 || memcmp(checklist->source, data, bytes) == 0);
    check_unread(checklist);
    check_remarks(checklist);
    check_ids(checklist);
    for (size_t i = 0; i < checklist->node_count; i++)
        check_node(checklist, i);
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        ASSERT(section->parent == CHECKLIST_NONE || section->parent < i);
        check_gate(checklist, section->gate);
    }
    json_t *json = check_json(checklist);
    if (memchr(data, '\r', bytes) == NULL)
        check_crlf(checklist, json);
    json_decref(json);
    listing_add(checklist, &text);
    check_filled(checklist);
    buf_free(&text);
    checklist_free(checklist);
    return 0;
}
