/* visit - the frame of a command that reads a ledger and prints what it found. */
#ifndef LEDGER_VISIT_H
#define LEDGER_VISIT_H

#include "ledger/args.h"

struct ledger;

/* Appends what the command prints; what it makes is a whole or nothing. */
typedef enum err visit_fn(void *ctx, const struct args *args, struct ledger *ledger,
                          struct buf *text, struct err_text *ret_why);

/**
 * visit_ledger(name, args, fn, ctx): Open the ledger that is the first operand for reading, make
 * and print, or say what went wrong; the exit code.
 */
int visit_ledger(const char *name, const struct args *args, visit_fn *fn, void *ctx);

#endif
