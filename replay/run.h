/* run - an item's command and one run of it: what is shown before, how what it gave is judged, what
 * is recorded of it (RULES.md command.finished).
 */
#ifndef REPLAY_RUN_H
#define REPLAY_RUN_H

#include "replay/child.h"
#include "replay/deployment.h"
#include "replay/setting.h"

/* What is to be run.  Borrowed, but for what run_prepare makes. */
struct run {
    const struct deployment *deployment;
    const struct node *node; /* an item with a command */
    struct settings *settings;
    struct slots slots;
    struct mask *mask;
    char *command;  /* with its blanks filled */
    char *expected; /* with its variables expanded; NULL: there is none, or they cannot be */
    char *shell;
    const char *initiator; /* NULL: who is logged in here */
    int64_t timeout_ms;
};

/* Who or what says whether the expectation held. */
enum run_judge_by { RUN_BY_NOBODY, RUN_BY_OUTPUT, RUN_BY_EXIT, RUN_BY_PERSON };

struct run_verdict {
    bool matched;
    enum run_judge_by by;
};

/**
 * run_prepare(run, shell, as_is, ret_why): Find what the command leaves open, fill it and set up
 * its environment.  ${shell} NULL: /bin/bash where the checklist's fence says bash and there is
 * one, else /bin/sh.  With ${as_is} blanks stay as they are and variables may be unset. Errors:
 * USAGE (something is not filled, or a setting is for nothing; ${missing} has a line for each that
 * is not), INVALID (the node's masks).
 *
 * run_free(run): Free what run_prepare made.
 */
MUST_CHECK enum err run_prepare(struct run *run, const char *shell, bool as_is, struct buf *missing,
                                struct err_text *ret_why);
void run_free(struct run *run);

/**
 * run_show(run, buf): What is about to be run, how and where, for a person.
 * run_output(end, buf): All that is kept of what it wrote; false if something is left out between.
 * run_judge(run, end, ret_known): Whether the expectation held as far as a program can tell;
 * *${ret_known} false: it cannot.
 */
void run_show(const struct run *run, struct buf *buf);
bool run_output(const struct child_end *end, struct buf *buf);
bool run_judge(const struct run *run, const struct child_end *end, bool *ret_known);

/**
 * run_data(run, end, verdict): The data of command.finished; a new reference.  What is not in
 * RULES.md: ended, shell, judged (by `output`, `exit`, `person` or `nobody`), masked (how many
 * secrets were covered), set (what it was handed), timed_out, interrupted.
 */
json_t *run_data(const struct run *run, const struct child_end *end,
                 const struct run_verdict *verdict);

#endif
