/* remark - what somebody who writes a checklist ought to know of it: a rule, a line, what is wrong
 * there, what to do.  Pure.
 */
#ifndef REPLAY_REMARK_H
#define REPLAY_REMARK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "ledger/ledger.h"

/* A warning is of what could not be read, or of what makes a record weak; a note is of what is read
 * as it was meant, perhaps, and may be left as it is.
 *
 *     rule                name                   warning  what to do                            */
#define REMARK_TABLE(X)                                                                            \
    X(TOO_DEEP, "too-deep", true, "take it out of some of the lists and quotes around it")         \
    X(NO_SECTION, "no-section", true, "sections are ## and the ### in them, outside of lists")     \
    X(SUBTITLE, "subtitle", true, "put a line of text above it if it is a section")                \
    X(HEADING_TIME, "heading-time", true,                                                          \
      "write (T-24 hours to T-0), (T+5 to T+25 min), (T-1 hour) or Hour 6-12")                     \
    X(HEADING_MARK, "heading-mark", true, "put it on a line of its own under the heading")         \
    X(NO_LABEL, "no-label", true, "write a label before the blank: Lag: ____ ms")                  \
    X(NO_NAME, "no-name", true, "write what the alternative is behind its box or mark")            \
    X(SAME_NAME, "same-name", true, "give each alternative a name of its own")                     \
    X(LONE_BOX, "lone-box", true,                                                                  \
      "begin the line with `- [ ] ` for a step, or offer two boxes or more")                       \
    X(LOOSE_MARKS, "loose-marks", true, "make the whole line bold: **Status: ✓ GOOD / ✗ BAD**")    \
    X(HTML, "html", true, "write it as Markdown, with blank lines around it")                      \
    X(INDENTED_CODE, "indented-code", true, "indent it less, or put it into a fence")              \
    X(OPEN_COMMENT, "open-comment", true, "end the comment with -->")                              \
    X(NOT_A_BOX, "not-a-box", true, "write `- [ ] ` or `- [x] ` and the text")                     \
    X(NOT_A_BLANK, "not-a-blank", true, "write three underscores or more: ____")                   \
    X(EMPTY_BOX, "empty-box", true, "say behind the box what is to be done")                       \
    X(NO_ROLE, "no-role", true, "write the role before (Signature) or the blank")                  \
    X(SIGNATURE, "signature", true, "end the line with it: - [ ] Role: ____ (Signature)")          \
    X(SECOND_DECISION, "second-decision", true, "give it a section and an authority of its own")   \
    X(NO_DECISION, "no-decision", true, "add a line **Decision: [ ] GO [ ] NO-GO**")               \
    X(LOOSE_FENCE, "loose-fence", true, "indent the fence to the text of its item")                \
    X(UNREAD, "unread", true, "put it where it can be read, or write it in other words")           \
    X(HIDDEN_EXIT, "hidden-exit", true, "let the command fail when what it checks fails")          \
    X(THRESHOLD_NUMBER, "threshold-number", true, "write a number: < 200 ms")                      \
    X(THRESHOLD_SECOND, "threshold-second", true, "give each bound an item of its own")            \
    X(GATE_AUTHORITY, "gate-authority", true,                                                      \
      "name who decides in its section: **Decision Authority:** Role")                             \
    X(ROLE_UNHELD, "role-unheld", true, "grant it: role grant LEDGER PRINCIPAL ROLE")              \
    X(SAME_LABEL, "same-label", true, "tell them apart by their words")                            \
    X(LATE_APPROVAL, "late-approval", true, "move it to a section that starts before its gate")    \
    X(ROLLBACK_STATUS, "rollback-status", true,                                                    \
      "end the section with **Rollback: ✓ DONE / ✗ FAILED**")                                      \
    X(ROLE_HELD, "role-held", false, "see that it is who you mean")                                \
    X(UNJUDGED, "unjudged", false,                                                                 \
      "give it a command, a value to record, a threshold or the role who must tick it")            \
    X(NO_GATE, "no-gate", false, "add a section with **Decision Authority:** and a decision")      \
    X(NO_SIGN_OFF, "no-sign-off", false, "add a line - [ ] Role: ____ (Signature)")                \
    X(NO_ROLLBACK, "no-rollback", false, "add a section ## Rollback with the way back")            \
    X(THRESHOLD_WORDS, "threshold-words", false, "write the bound as a number: < 200 ms")          \
    X(THRESHOLD_UNREAD, "threshold-unread", false,                                                 \
      "write it on the item's own line, with no word of waiting")                                  \
    X(REPEATED, "repeated", false, "tell them apart, so that each can be named")                   \
    X(OVERLAP, "overlap", false, "let one window end where the next begins, if they are steps")    \
    X(COMMENT, "comment", false, "take it out of the comment if it is to be done")                 \
    X(REFERENCE, "reference", false, "take it out of the fence if it is to be recorded")           \
    X(MARK_AS_TEXT, "mark-as-text", false, "leave it, or write it as a mark that is read")         \
    X(NEAR_CHOICE, "near-choice", false,                                                           \
      "if one is to be chosen, write capitals and blanks: Results: PASS / FAIL")                   \
    X(LABEL_ALONE, "label-alone", false,                                                           \
      "put a blank (____) behind the label if something is to be recorded")

enum remark_rule {
#define X(rule, name, warning, advice) REMARK_##rule,
    REMARK_TABLE(X)
#undef X
};

struct remark {
    enum remark_rule rule;
    unsigned line, last; /* 1-based, inclusive; 1 where it is of the whole checklist */
    char *text;          /* what is wrong; owned */
};

struct remark_list {
    struct remark *remarks; /* owned */
    size_t count, cap;
};

/**
 * remark_add(list, rule, line, last, text): Add one; ${text} is copied.
 * remark_free(list): Free all of them, and the list is empty.
 * remark_sort(list): By line; of one line in the order in which they were added.
 */
void remark_add(struct remark_list *list, enum remark_rule rule, unsigned line, unsigned last,
                const char *text);
void remark_free(struct remark_list *list);
void remark_sort(struct remark_list *list);

/**
 * remark_name(rule), remark_advice(rule): "hidden-exit"; what to do about it.  Static.
 * remark_warns(rule): Whether it is a warning rather than a note.
 * remark_warnings(list): How many of them are warnings.
 */
const char *remark_name(enum remark_rule rule);
const char *remark_advice(enum remark_rule rule);
bool remark_warns(enum remark_rule rule);
size_t remark_warnings(const struct remark_list *list);

/**
 * remark_print(list, path, buf): Add a line each, "PATH:LINE: rule: what; what to do".
 * remark_json(list): An array of {line, last, rule, severity, text, advice}; a new reference.
 */
void remark_print(const struct remark_list *list, const char *path, struct buf *buf);
json_t *remark_json(const struct remark_list *list);

#endif
