/* kinds - kinds of exceptions: what each says, and how grave it is.  Static. */
#ifndef REPORTS_KINDS_H
#define REPORTS_KINDS_H

#include <stddef.h>

/* 1 is the gravest. */
enum {
    KINDS_BROKEN = 1,  /* what the ledger or a signature rests on */
    KINDS_CONTROL = 2, /* a control was gone round, or is missing */
    KINDS_REFUSED = 3, /* something was tried that the rules do not allow */
    KINDS_NOTICE = 4   /* accepted, and to be looked at */
};

/**
 * kinds_gravity(kind): Of "refusal:<rule>", "flag:<flag>", or a word of its own.
 * kinds_means(kind): What it says, in a sentence; static.
 */
unsigned kinds_gravity(const char *kind);
const char *kinds_means(const char *kind);

#endif
