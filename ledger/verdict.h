/* verdict - how the rules judge one entry (RULES.md): accepted, perhaps with flags, or refused by a
 * rule. */
#ifndef LEDGER_VERDICT_H
#define LEDGER_VERDICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"

/* Rules in the order in which they are tested (RULES.md "Refusals"). */
#define RULE_TABLE(X)                                                                              \
    X(NONE, "")                                                                                    \
    X(WRONG_STREAM, "wrong-stream")                                                                \
    X(UNKNOWN_DEPLOYMENT, "unknown-deployment")                                                    \
    X(UNKNOWN_CHECKLIST, "unknown-checklist")                                                      \
    X(UNKNOWN_NODE, "unknown-node")                                                                \
    X(WRONG_KIND, "wrong-kind")                                                                    \
    X(BAD_VALUE, "bad-value")                                                                      \
    X(UNSIGNED, "unsigned")                                                                        \
    X(NOT_AUTHORIZED, "not-authorized")                                                            \
    X(KEY_REVOKED, "key-revoked")                                                                  \
    X(DEPLOYMENT_CLOSED, "deployment-closed")                                                      \
    X(ROLLED_BACK, "rolled-back")                                                                  \
    X(NOT_ROLLING_BACK, "not-rolling-back")                                                        \
    X(PHASE_CLOSED, "phase-closed")                                                                \
    X(CRITERION_OPEN, "criterion-open")                                                            \
    X(CHILDREN_OPEN, "children-open")                                                              \
    X(CONTRADICTED, "contradicted")                                                                \
    X(LATE, "late")                                                                                \
    X(SEPARATION, "separation-of-duties")                                                          \
    X(BAD_BASIS, "bad-basis")                                                                      \
    X(STALE_BASIS, "stale-basis")                                                                  \
    X(GATE_NOT_READY, "gate-not-ready")                                                            \
    X(SUPERSEDED, "superseded")                                                                    \
    X(NOT_CLOSABLE, "not-closable")

enum rule {
#define X(name, text) RULE_##name,
    RULE_TABLE(X)
#undef X
};

/* Flags of accepted events, in the order in which they are listed. */
#define FLAG_TABLE(X)                                                                              \
    X(LATE, "late")                                                                                \
    X(EARLY, "early")                                                                              \
    X(OUTSIDE_WINDOW, "outside-window")                                                            \
    X(CLOCK_SKEW, "clock-skew")                                                                    \
    X(SPOOLED, "spooled")                                                                          \
    X(WAIVED, "waived")                                                                            \
    X(EMERGENCY, "emergency")                                                                      \
    X(RETROACTIVE, "retroactive")                                                                  \
    X(BLIND, "blind")                                                                              \
    X(UNMEASURED, "unmeasured")                                                                    \
    X(JUDGEMENT, "judgement")                                                                      \
    X(OTHER_COMMAND, "other-command")                                                              \
    X(NO_TOUCH, "no-touch")                                                                        \
    X(COUNTER, "counter")                                                                          \
    X(NEW_KEY, "new-key")                                                                          \
    X(KEY_BY_ADMIN, "key-by-admin")                                                                \
    X(SUSPECT, "suspect")                                                                          \
    X(AFTER_CLOSE, "after-close")                                                                  \
    X(REPLAYED, "replayed")

enum flag {
#define X(name, text) FLAG_##name,
    FLAG_TABLE(X)
#undef X
        FLAG_COUNT
};

struct verdict {
    enum rule rule;       /* RULE_NONE: accepted */
    uint32_t flags;       /* bit 1 << enum flag */
    uint32_t blind_count; /* unmet items and statuses that a blind approval did not see met */
    char *reason;         /* owned; what was found, for a person; NULL if there is nothing to say */
};

/**
 * verdict_refuse(verdict, rule, format, ...):
 * Make it a refusal with the formatted reason, without flags.
 *
 * verdict_flag(verdict, flag), verdict_has(verdict, flag): Set, or ask for, one flag.
 * verdict_clear(verdict): Free what it owns; it is accepted without flags again.
 */
void verdict_refuse(struct verdict *verdict, enum rule rule, const char *format, ...)
    PRINTF_LIKE(3, 4);
void verdict_flag(struct verdict *verdict, enum flag flag);
bool verdict_has(const struct verdict *verdict, enum flag flag);
void verdict_clear(struct verdict *verdict);

/**
 * rule_name(rule), flag_name(flag): As RULES.md writes them; static.
 */
const char *rule_name(enum rule rule);
const char *flag_name(enum flag flag);

/**
 * verdict_json(verdict, object):
 * Add to ${object}: verdict ("accepted" or "refused"), rule (only of a refusal), flags (array of
 * names), reason ("rule: what was found" of a refusal, else text or null).
 */
void verdict_json(const struct verdict *verdict, json_t *object);

#endif
