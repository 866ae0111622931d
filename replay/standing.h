/* standing - where the nodes of a deployment stand: one by a word and a mark, all by counts.  Pure.
 */
#ifndef REPLAY_STANDING_H
#define REPLAY_STANDING_H

#include "replay/deployment.h"

/*    name       in JSON     mark in text */
#define STANDING_TABLE(X)                                                                          \
    X(OPEN, "open", "[ ]")                                                                         \
    X(PASS, "pass", "[x]")                                                                         \
    X(FAIL, "fail", "[!]")                                                                         \
    X(NA, "na", "[-]")                                                                             \
    X(WAIVED, "waived", "[w]")                                                                     \
    X(UNDONE, "undone", "[<]")                                                                     \
    X(GIVEN, "given", "[x]")                                                                       \
    X(RECORDED, "recorded", "[=]")                                                                 \
    X(GOOD, "good", "[✓]")                                                                         \
    X(WARNING, "warning", "[⚠]")                                                                   \
    X(BAD, "bad", "[✗]")                                                                           \
    X(PROCEEDS, "proceeds", "[x]")                                                                 \
    X(STOPPED, "stopped", "[!]")

/* UNDONE: reopened, rejected or withdrawn, and nothing since. */
enum standing {
#define X(name, text, mark) STANDING_##name,
    STANDING_TABLE(X)
#undef X
};

/* Steps are what has to be done: items, approvals, statuses and gates that are neither optional
 * nor of a rollback section while no rollback is open. */
struct standing_counts {
    size_t steps;
    size_t met;     /* steps that count as met */
    size_t waived;  /* of them by a waiver, or as not applicable */
    size_t flagged; /* nodes whose act that counts carries a flag */
    size_t refused; /* refused attempts on nodes */
};

/**
 * standing_of(deployment, node): Where the node stands now.
 * standing_name(standing), standing_mark(standing): "pass", "[x]"; static.
 * standing_words(deployment, node): The same for people: "not checked", "rejected", "waived".
 * standing_step(deployment, node): Whether the node is a step now.
 * standing_count(deployment, nodes): Count over those nodes for which ${nodes} is true, all for
 * NULL.
 */
enum standing standing_of(const struct deployment *deployment, size_t node);
const char *standing_name(enum standing standing);
const char *standing_mark(enum standing standing);
const char *standing_words(const struct deployment *deployment, size_t node);
bool standing_step(const struct deployment *deployment, size_t node);
struct standing_counts standing_count(const struct deployment *deployment, const bool *nodes);

/**
 * standing_gate_number(checklist, node): 1 for the first gate in order of time; 0 for no gate.
 */
size_t standing_gate_number(const struct checklist *checklist, size_t node);

#endif
