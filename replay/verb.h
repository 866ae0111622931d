/* verb - the acts that a person or a pipeline records on a deployment, each with what it takes and
 * the event that it makes (RULES.md "Events").
 */
#ifndef REPLAY_VERB_H
#define REPLAY_VERB_H

#include "replay/errand.h"

/* The options of all verbs; each verb takes some of them. */
#define VERB_OPTION_TABLE(X)                                                                       \
    X(NOTE, "note")                                                                                \
    X(REASON, "reason")                                                                            \
    X(UNIT, "unit")                                                                                \
    X(NODE, "node")                                                                                \
    X(SOURCE, "source")                                                                            \
    X(QUERY, "query")                                                                              \
    X(WINDOW, "window")                                                                            \
    X(MEDIA, "media")                                                                              \
    X(URI, "uri")                                                                                  \
    X(ABOUT, "about")                                                                              \
    X(TITLE, "title")                                                                              \
    X(SEVERITY, "severity")                                                                        \
    X(STARTED, "started")                                                                          \
    X(TEXT, "text")                                                                                \
    X(T0, "t0")                                                                                    \
    X(UNTIL, "until")                                                                              \
    X(REMOVE, "remove")

enum verb_option {
    VERB_OPTION_BASE = 0x2000,
#define X(name, text) VERB_##name,
    VERB_OPTION_TABLE(X)
#undef X
};
#define VERB_BIT(name) (1u << (VERB_##name - VERB_OPTION_BASE))

/* Makes the event's type and data of the arguments (operands from the third on are the verb's). */
typedef enum err verb_make_fn(const struct args *args, struct errand_event *ret_event,
                              struct err_text *ret_why);

struct verb {
    const char *name;
    const char *operands;
    const char *about; /* for --help */
    size_t operands_min, operands_max;
    uint32_t options; /* VERB_BIT of those it takes */
    verb_make_fn *make;
};

/**
 * verb_find(name): The verb of a command's name, or NULL.
 * verb_option_name(option): "note"; static.
 */
const struct verb *verb_find(const char *name);
const char *verb_option_name(enum verb_option option);

#endif
