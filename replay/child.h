/* child - a command run by a shell in a session of its own: what it writes passed on, kept and
 * digested, its time bounded, all of it killed when that is up or when it is told to stop.
 */
#ifndef REPLAY_CHILD_H
#define REPLAY_CHILD_H

#include "ledger/ledger.h"

struct child_config {
    const char *shell; /* path of the shell; called as SHELL -c COMMAND */
    const char *command;
    char *const *environment; /* all that it gets; ends in NULL */
    int64_t timeout_ms;       /* then it is killed */
    int out_fd;               /* gets what it writes as it comes; -1: nothing does */
    bool (*stopped)(void);    /* asked now and then; true kills it */
};

/* What became of it. */
struct child_end {
    int exit; /* its status; 128 + the signal that ended it */
    bool timed_out, stopped;
    int64_t started_us, ended_us;
    uint8_t sha256[HASH_BYTES]; /* of all that it wrote */
    uint64_t bytes;             /* of that */
    struct buf head, tail; /* its first and last bytes, RUN_KEPT_BYTES each; nothing is twice */
};

/**
 * child_run(config, ret_end, ret_why): Run it with nothing to read (standard input is /dev/null,
 * and there is no terminal), standard output and error as one.  It is over when the shell is; what
 * it left running writes to nobody.  Free with child_end_free.  Errors: IO (it could not be
 * started).
 */
MUST_CHECK enum err child_run(const struct child_config *config, struct child_end *ret_end,
                              struct err_text *ret_why);
void child_end_free(struct child_end *end);

#endif
