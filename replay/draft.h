/* draft - a checklist while it is compiled: sections, nodes and warnings as they are found.  Pure.
 */
#ifndef REPLAY_DRAFT_H
#define REPLAY_DRAFT_H

#include "replay/checklist.h"
#include "replay/markdown.h"
#include "replay/span.h"
#include "replay/table.h"

/* What is known of a node only until the checklist is done. */
struct draft_node {
    size_t children;
    unsigned depth; /* 1: nested in no node */
    struct buf text, command, expected;
};

/* The same of a section. */
struct draft_section {
    size_t nodes;                        /* direct ones */
    size_t sections;                     /* `###` of a `##` */
    unsigned line;                       /* of its heading */
    struct span authority;               /* what its `Decision Authority:` says; empty: none */
    struct place decided_by, decided_at; /* its blanks of these labels, if it has an authority */
};

struct draft {
    struct checklist
        *out; /* its section 0 is the document's, taken out in the end if it is empty */
    const struct markdown *markdown;
    struct draft_node *nodes;       /* [out->node_count] */
    struct draft_section *sections; /* [out->section_count] */
    size_t node_cap, node_cap_own, section_cap, section_cap_own;
    size_t section;           /* the current one */
    size_t section_group;     /* the current `##`, or CHECKLIST_NONE */
    size_t groups;            /* `##` so far */
    bool heading_seen;        /* a `##` or a second `#` */
    size_t *entry_node;       /* by block: of a list entry, the node that it is or is in */
    bool *entry_optional;     /* by block: of a list entry, whether a list around it is optional */
    bool *list_optional;      /* by list */
    unsigned *list_condition; /* by list: the line that makes it optional, or 0 */
    size_t *list_node;        /* by list: the decision that it is, or CHECKLIST_NONE */
    size_t joined_to;         /* blocks before this one belong to an item's text */
    bool *read;               /* by line - 1: whether it is in a node, or there is a remark on it */
    struct table table;       /* the one that the current line is in */
    bool too_big;             /* nodes or depth beyond the limits: what follows is not compiled */
};

/**
 * draft_new(out, markdown): A draft that fills *${out}, of which only the source is set; both are
 * borrowed.
 *
 * draft_free(draft): Its own memory, not ${out}'s.
 */
struct draft *draft_new(struct checklist *out, const struct markdown *markdown);
void draft_free(struct draft *draft);

/**
 * draft_section(draft, level, title, line):
 * Begin a section, `##` or `###`, in its place, and make it the current one; returns its index.
 * draft_node(draft, kind, line, parent):
 * Add a node to the current section, nested in ${parent} (CHECKLIST_NONE: in none), with id,
 * window, and what it inherits; returns its index, or CHECKLIST_NONE beyond the limits (too_big).
 * draft_remark(draft, rule, line, format, ...): Add a remark on a line, which so is accounted for.
 * draft_remark_block(draft, rule, block, text): The same of all lines of a block.
 * draft_read(draft, line, lines): So many lines from ${line} on are read: accounted for.
 */
size_t draft_section(struct draft *draft, unsigned level, struct span title, unsigned line);
size_t draft_node(struct draft *draft, enum node_kind kind, unsigned line, size_t parent);
void draft_remark(struct draft *draft, enum remark_rule rule, unsigned line, const char *format,
                  ...) PRINTF_LIKE(4, 5);
void draft_remark_block(struct draft *draft, enum remark_rule rule, const struct block *block,
                        const char *text);
void draft_read(struct draft *draft, unsigned line, unsigned lines);

/**
 * draft_place(draft, span): Where a span of the source stands in it.
 * draft_finish(draft): Hand the collected texts to the nodes, and take the document's section out
 * if it has no nodes.
 */
struct place draft_place(const struct draft *draft, struct span span);
void draft_finish(struct draft *draft);

#endif
