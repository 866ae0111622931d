/* criterion - what must not stay: how it arises and how it is resolved (RULES.md "criterion").
 * Private to the files of the reducer.
 */
#ifndef REPLAY_CRITERION_H
#define REPLAY_CRITERION_H

#include "replay/fold.h"

/* What a criterion is about. */
struct criterion_of {
    enum criterion_kind kind;
    size_t node;      /* or CHECKLIST_NONE, of an issue or an artifact */
    size_t section;   /* where it arises, or CHECKLIST_NONE */
    const char *name; /* issue or digest; NULL of a node's */
};

/**
 * criterion_arise(deployment, of, mark, format, ...): It is found.  While the same one is
 * unresolved, only its text changes.
 * criterion_resolve(deployment, of, mark): It is resolved, if it is unresolved.
 * criterion_resolve_node(deployment, node, mark): All of a node are.
 * criterion_resolve_id(deployment, id, mark): The one of this id is.
 * Cost: O(log n), or O(unresolved ones).
 */
void criterion_arise(struct deployment *deployment, struct criterion_of of, const struct mark *mark,
                     const char *format, ...) PRINTF_LIKE(4, 5);
void criterion_resolve(struct deployment *deployment, struct criterion_of of,
                       const struct mark *mark);
void criterion_resolve_node(struct deployment *deployment, size_t node, const struct mark *mark);
void criterion_resolve_id(struct deployment *deployment, const char *id, const struct mark *mark);

/**
 * criterion_at(deployment, kind, node): A node's criterion of its own section.
 */
struct criterion_of criterion_at(const struct deployment *deployment, enum criterion_kind kind,
                                 size_t node);

#endif
