/* facts - the state of a deployment as a list of short statements, each under a name of its own, so
 * that two states can be held against each other.  Pure.
 */
#ifndef REPLAY_FACTS_H
#define REPLAY_FACTS_H

#include "replay/deployment.h"

/*    name           in JSON */
#define FACT_TABLE(X)                                                                              \
    X(COURSE, "course")         /* phase, T+0, window, emergency, rollback */                      \
    X(GATE, "gate")             /* open or not */                                                  \
    X(NODE, "node")             /* where it stands, with its value */                              \
    X(THRESHOLD, "threshold")   /* the value that judges an item's */                              \
    X(CRITERION, "criterion")   /* what must not stay: unresolved or resolved */                   \
    X(ASSIGNMENT, "assignment") /* who holds a role */                                             \
    X(ISSUE, "issue")                                                                              \
    X(SAMPLE, "sample")                                                                            \
    X(NOTE, "note")

enum fact_kind {
#define X(name, text) FACT_##name,
    FACT_TABLE(X)
#undef X
};

struct fact {
    enum fact_kind kind;
    char *name;        /* owned; "T+0", a node's id, "Security Lead: sam"; unique within its kind */
    const char *label; /* of a node, else NULL; lives as the deployment */
    char *text;        /* owned: what holds: "pass", "recorded: 187 ms" */
    struct mark by;    /* the act behind it, if there is one */
};

struct facts {
    struct fact *list;
    size_t count, cap;
};

/**
 * facts_of(deployment, from, ret): All that holds, in order: the course, gates, nodes and
 * thresholds as they stand in the document, then the rest as it came; of samples and notes, which
 * only ever get more, those from position ${from} on.  What says nothing (a node nobody touched) is
 * not among them, but for phase and gates.  Free with facts_free.
 * facts_forget_told(facts): Take samples and notes out of it.
 * facts_kind(kind): "course"; static.
 */
void facts_of(const struct deployment *deployment, uint64_t from, struct facts *ret);
void facts_forget_told(struct facts *facts);
void facts_free(struct facts *facts);
const char *facts_kind(enum fact_kind kind);

#endif
