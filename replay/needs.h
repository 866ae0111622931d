/* needs - each thing that a gate needs, met or not, and by which events it was met (RULES.md
 * "ready").  Pure.
 */
#ifndef REPLAY_NEEDS_H
#define REPLAY_NEEDS_H

#include "replay/deployment.h"

/* Now, as a position to look from. */
#define NEEDS_NOW UINT64_MAX

/*    name       in JSON and in texts */
#define NEED_TABLE(X)                                                                              \
    X(MISSING, "missing")     /* nothing met it, or what did not from the basis on */              \
    X(PASS, "pass")           /* item */                                                           \
    X(NA, "na")               /* item */                                                           \
    X(WAIVED, "waived")       /* item, status */                                                   \
    X(DECLARED, "declared")   /* status: ✓, or ⚠ with a note */                                \
    X(GIVEN, "given")         /* approval, by as many as the policy asks for */                    \
    X(OPEN, "open")           /* an earlier gate */                                                \
    X(RESOLVED, "resolved")   /* a criterion */                                                    \
    X(OPTIONAL, "optional")   /* not met, but counts as met */                                     \
    X(EMERGENCY, "emergency") /* not met, but may be missing in an emergency */

enum need_how {
#define X(name, text) NEED_##name,
    NEED_TABLE(X)
#undef X
};

struct need {
    const char *id; /* of the node, or of the criterion; lives as the deployment */
    size_t node;    /* item, status, approval, earlier gate; of a criterion its own or
                       CHECKLIST_NONE */
    bool criterion;
    enum need_how how;
    struct mark *by; /* the events that met it, in order; owned */
    size_t by_count; /* two of a ⚠ with its note, one a person of an approval */
    char *lack;      /* NEED_MISSING: why; else NULL; owned */
};

/* In order: items, statuses and approvals as they stand in the document, earlier gates, criteria
 * as they arose (of each id the latest). */
struct needs {
    struct need *list;
    size_t count, cap;
    size_t missing; /* of them NEED_MISSING */
};

/**
 * needs_find(deployment, gate, pos, ret): All that ${gate} needs, as it was after the entry at
 * ${pos} and without a break until now, or as it is now (NEEDS_NOW).
 * needs_missing(deployment, gate, pos, ret): Only what is missing.
 * Free with needs_free.  Cost: O(nodes + gates), and the first O(criteria * log criteria).
 */
void needs_find(const struct deployment *deployment, size_t gate, uint64_t pos, struct needs *ret);
void needs_missing(const struct deployment *deployment, size_t gate, uint64_t pos,
                   struct needs *ret);
void needs_free(struct needs *needs);

/**
 * needs_how(how): "pass"; static.
 * needs_json(needs): [{id, criterion, how, met, lack, by: [{seq, by, time}]}]; a new reference.
 * needs_text(deployment, needs, buf): For people, one line or more each, on 100 columns:
 * "[x] 1.11.3.1 Security Lead: given by sam, seq 41, 2026-03-03 10:57:30".
 */
const char *needs_how(enum need_how how);
json_t *needs_json(const struct needs *needs);
void needs_text(const struct deployment *deployment, const struct needs *needs, struct buf *buf);

#endif
