/* signing - an act as a person signs it: what it is and what the ledger would answer is shown, the
 * person agrees, ssh-keygen signs, the daemon or the directory takes it.
 */
#ifndef REPLAY_SIGNING_H
#define REPLAY_SIGNING_H

#include "replay/errand.h"

/* One act. */
struct signing {
    const char *name; /* the command's */
    struct errand *errand;
    const struct submit_options *submit;
    const struct deployment *deployment; /* as the person sees it: the basis is its last entry */
    const struct signer_key *key;        /* NULL: a token brings it, or it is not known who signs */
    const char *type;                    /* of the event */
    json_t *data;                        /* of the event; its own reference, stolen */
    const char *node;
    const char *role; /* or NULL */
    const char *what; /* value, comment or reason; or NULL */
    bool yes;         /* --yes: no question */
    bool anyway;      /* --anyway: also what would be refused */
    bool show_event;  /* --show-event */
};

/**
 * signing_run(signing): All of it; prints, and gives the exit code.  The summary goes to standard
 * error, with --json also to standard output; the question, where standard error is a terminal, to
 * that.  Nothing is signed that would be refused, but with --anyway, and nothing without a yes.
 * What came since the summary is looked at once more before it is signed.
 */
int signing_run(const struct signing *signing);

/**
 * signing_refusal(verdict, ret_why): Say that an act would be refused; gives FORBIDDEN.
 */
enum err signing_refusal(const struct verdict *verdict, struct err_text *ret_why);

#endif
