/* admin - acts of an admin from the command line, and the lists of what they made. */
#ifndef LEDGER_ADMIN_H
#define LEDGER_ADMIN_H

#include <jansson.h>

#include "ledger/args.h"

struct ledger;

/* One act in the stream `ledger`. */
struct admin_act {
    const char *name;  /* the command's, for complaints: "key enroll" */
    const char *type;  /* "<subject>.<verb>" */
    json_t *data;      /* a reference of the act's own */
    const char *vouch; /* a second key that signs it; NULL: none */
};

/**
 * admin_deliver(args, act, ret_receipt):
 * Open the ledger that is the first operand, sign with the admin's key, deliver; act->data is
 * stolen.  Complains on standard error; the exit code.  *${ret_receipt} is a new reference where it
 * is 0 or 1 and the act was recorded, else NULL.
 * admin_run(args, act): The same, and the receipt is printed.
 */
int admin_deliver(const struct args *args, const struct admin_act *act, json_t **ret_receipt);
int admin_run(const struct args *args, const struct admin_act *act);

/**
 * An admin_list_fn appends what it has to say of the ledger: lines of text, or with ${rows} (an
 * array) an object each instead.
 */
typedef void admin_list_fn(const struct ledger *ledger, struct buf *text, json_t *rows);

/**
 * admin_list(argc, argv, spec, fn): The whole of a command `list LEDGER [--json]`; the exit code.
 * admin_list_options: its options.
 * admin_rows(name, args, fn): The same of a command line that was taken apart before.
 */
int admin_rows(const char *name, const struct args *args, admin_list_fn *fn);
int admin_list(int argc, char *argv[], const struct args_spec *spec, admin_list_fn *fn);
extern const struct option admin_list_options[];

/* A command of a command: "key enroll". */
struct admin_verb {
    const char *name;
    int (*run)(int argc, char *argv[]);
    const char *help; /* one line of operands and purpose */
};

/**
 * admin_verbs(argc, argv, verbs): Run the verb that argv[1] names, out of a list that ends in a
 * NULL name; the exit code.
 */
int admin_verbs(int argc, char *argv[], const struct admin_verb *verbs);

#endif
