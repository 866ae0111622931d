/* checklist - a deployment checklist as nodes: what the compiler makes of Markdown (CHECKLIST.md).
 * Pure: same bytes in, same nodes out.
 */
#ifndef REPLAY_CHECKLIST_H
#define REPLAY_CHECKLIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "replay/remark.h"

enum node_kind {
    NODE_ITEM,
    NODE_APPROVAL,
    NODE_DECISION,
    NODE_STATUS,
    NODE_FIELD,
    NODE_CHOICE,
    NODE_NOTES
};

/* Minutes from T0; from == to is a deadline, never early. */
struct window {
    bool set;
    int from_min;
    int to_min;
};

enum threshold_op { OP_LESS, OP_LESS_EQUAL, OP_GREATER, OP_GREATER_EQUAL, OP_EQUAL };

struct threshold {
    char *metric; /* the item's words before the number, lower case, joined by a space */
    enum threshold_op op;
    double value;
    char *value_text; /* as in the source */
    char *unit;       /* "" without one */
};

enum option_mark { MARK_NONE, MARK_GOOD, MARK_WARN, MARK_BAD }; /* ✓ ⚠ ✗ */

/* A stretch of the source, in bytes: what a filled copy fills. */
struct place {
    size_t at;
    size_t bytes; /* 0: there is none */
};

struct node_option {
    char *label;
    enum option_mark mark;
    struct place box;
};

/* Indices into nodes and sections; NONE: there is none. */
#define CHECKLIST_NONE SIZE_MAX

struct node {
    char *id; /* "2.1.10", "1.11.3.1" */
    enum node_kind kind;
    char *label;
    char *text;     /* item: nested bullets without a blank, one per line; NULL without any */
    size_t section; /* index */
    size_t parent;  /* index of the node it is nested in, or CHECKLIST_NONE */
    unsigned line;  /* 1-based, in the source */
    struct window window;
    char *role;      /* approval, sign-off, or an item that a role's holder must tick; else NULL */
    char *authority; /* of a gate; else NULL */
    struct node_option *options; /* decision, status, choice */
    size_t option_count;
    char *unit;        /* field; NULL without one */
    char *expectation; /* field: the text in `(expected: …)`; else NULL */
    char *command;     /* item; NULL without one */
    char *language;    /* of its (first) fence, as `bash`; "" without a word; NULL without one */
    char *expected;    /* item: lines of `# Expected:`, joined by newlines; NULL without */
    struct threshold *threshold; /* item; NULL without one */
    char *line_text;             /* item: its own line of the source, as read; else NULL */
    bool own_measures; /* item with a threshold: fields of its `###` measure it, so that those of
                          the `##` do not */
    bool optional;
    bool rollback;  /* in a rollback section, and no decision */
    bool signature; /* an approval that is a sign-off */
    bool rollback_decision;
    size_t guarded_by;  /* index of the gate, or CHECKLIST_NONE */
    size_t twin_of;     /* index of the gate, or CHECKLIST_NONE */
    struct place place; /* item, approval: its box; field: its blank with the unit; notes: the lines
                           within the fence; else its line (of a decision that is a task its box, of
                           one that is a list none) */
    struct place decided_by, decided_at; /* gate: these blanks */
};

struct section {
    char *id; /* "2" of a ##, "2.1" of a ###; "0" of the document's own nodes */
    char *title;
    unsigned level; /* 2 or 3; 0 for the document's */
    unsigned line;  /* of its heading, 1-based; 0 for the document's */
    size_t parent;  /* index of the ## of a ###, or CHECKLIST_NONE */
    struct window window;
    bool rollback;
    bool optional;
    size_t gate;       /* index of the gate node that stands in it, or CHECKLIST_NONE */
    size_t guarded_by; /* index of the gate, or CHECKLIST_NONE */
};

struct checklist {
    uint8_t sha256[HASH_BYTES];
    char *source; /* the Markdown, owned */
    size_t source_bytes;
    char *title;    /* NULL without a # */
    char *subtitle; /* NULL without one */
    struct section
        *sections; /* in order of the document; the document's own, if it has nodes, first */
    size_t section_count;
    struct node *nodes; /* in order of the document */
    size_t node_count;
    size_t *by_id; /* [node_count] node indices, sorted by id */
    size_t *gates; /* node indices, in order of their time, the end of their window (those without
                      one last; equal ones in order of the document) */
    size_t gate_count;
    struct remark_list warnings; /* what could not be placed, by line */
    struct remark_list notes;    /* what is placed as it was not meant, perhaps, by line */
};

/**
 * checklist_compile(source, source_bytes, ret_checklist, ret_why):
 * Compile GitHub-flavoured Markdown (LF or CRLF); free with checklist_free.  Whatever is valid
 * UTF-8 compiles; what cannot be placed is a warning.  Cost: linear, but for thresholds times
 * fields of a section.  Errors: INVALID (not UTF-8, or NUL), TOO_BIG (CHECKLIST_BYTES_MAX,
 * CHECKLIST_NODES_MAX, CHECKLIST_DEPTH_MAX).
 *
 * checklist_free(checklist): NULL is fine.
 */
MUST_CHECK enum err checklist_compile(const void *source, size_t source_bytes,
                                      struct checklist **ret_checklist, struct err_text *ret_why);
void checklist_free(struct checklist *checklist);

/**
 * checklist_node(checklist, id): Index of the node of this id, or CHECKLIST_NONE.
 *
 * checklist_section(checklist, id): Index of the section of this id, or CHECKLIST_NONE.
 *
 * checklist_option_of(node, label): Index of its option of this label (case matters), or
 * CHECKLIST_NONE.
 *
 * checklist_child_of(checklist, node, ancestor): Whether ${node} is nested in ${ancestor}, at any
 * depth.
 */
size_t checklist_node(const struct checklist *checklist, const char *id);
size_t checklist_section(const struct checklist *checklist, const char *id);
size_t checklist_option_of(const struct node *node, const char *label);
bool checklist_child_of(const struct checklist *checklist, size_t node, size_t ancestor);

/**
 * checklist_measures(checklist, field, item):
 * Whether the field node measures the threshold of the item node (CHECKLIST.md "Properties"): unit,
 * words, and place.  A field nested in the item judges it anyway and counts too.
 *
 * checklist_metric_measures(checklist, metric, unit, item):
 * The same for a sample's metric and unit (NULL: none), place aside.
 *
 * checklist_threshold_holds(threshold, value): Whether ${value} is within it.
 */
bool checklist_measures(const struct checklist *checklist, size_t field, size_t item);
bool checklist_metric_measures(const struct checklist *checklist, const char *metric,
                               const char *unit, size_t item);
bool checklist_threshold_holds(const struct threshold *threshold, double value);

/**
 * checklist_json(checklist): What `checklist show --json` prints (CHECKLIST.md); a new reference.
 *
 * node_kind_name(kind), option_mark_text(mark), threshold_op_text(op): "item", "✓", "<"; static.
 */
json_t *checklist_json(const struct checklist *checklist);
const char *node_kind_name(enum node_kind kind);
const char *option_mark_text(enum option_mark mark);
const char *threshold_op_text(enum threshold_op op);

#endif
