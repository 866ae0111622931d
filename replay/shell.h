/* shell - how a shell command of a checklist hides the exit status that it is judged by.  Pure.
 * A rough reading of the shell's grammar: quotes, comments, substitutions and here-documents are
 * passed over, and what stands in a loop or a condition is left to who wrote it.
 */
#ifndef REPLAY_SHELL_H
#define REPLAY_SHELL_H

#include "replay/span.h"

#define SHELL_NESTED_MAX 32   /* substitutions in substitutions: deeper ones are not looked at */
#define SHELL_DOCUMENTS_MAX 8 /* here-documents that begin on one line */

enum shell_hiding {
    SHELL_PIPE = 1,       /* `a | b` without `set -o pipefail` */
    SHELL_ANYWAY = 2,     /* `a || true` and its like */
    SHELL_SEQUENCE = 4,   /* `a; b`, or two lines, without `set -e` */
    SHELL_BACKGROUND = 8, /* `a &` without a `wait` */
    SHELL_HIDINGS = 16
};

/**
 * shell_hidings(command): The ways in which it hides exit statuses, or'ed; 0 if in none.  Cost:
 * one pass.
 * shell_hiding_text(hiding): What is wrong with one of them, and how to mend it; static.
 */
unsigned shell_hidings(struct span command);
const char *shell_hiding_text(enum shell_hiding hiding);

#endif
