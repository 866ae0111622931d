/* args - a command line taken apart: operands, and long options in the order given.
 * Prints usage and complaints itself, so that every command words them alike.
 */
#ifndef LEDGER_ARGS_H
#define LEDGER_ARGS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>

#include "ledger/err.h"
#include "ledger/submit.h"

#define ARGS_OPERANDS_MAX 8
#define ARGS_HELP 0xfff /* val of --help in a command's table */

/* What a command takes. */
struct args_spec {
    const char *name;             /* the command's, for complaints */
    const char *operands;         /* "LEDGER ID [NODE]" */
    const char *about;            /* what it does, and its options: lines, each with its newline */
    const struct option *options; /* zero-terminated; SUBMIT_LONG_OPTIONS among them if it writes */
    size_t operands_min, operands_max; /* at most ARGS_OPERANDS_MAX */
    bool writes;                       /* it takes the options of submit.h */
    bool at_once;                      /* but not --offline: it cannot wait for a signature */
};

struct args_choice {
    int option; /* val of its row in the table */
    const char *value;
};

/* Values are borrowed from argv. */
struct args {
    const char *operand[ARGS_OPERANDS_MAX]; /* NULL behind the last */
    size_t operand_count;
    struct args_choice *choices; /* owned */
    size_t choice_count;
    size_t choice_cap;
    struct submit_options submit;
};

/**
 * args_parse(argc, argv, spec, ret_args, ret_exit):
 * Take the command line apart.  False if the command is over: --help was printed (*${ret_exit} 0),
 * or usage was wrong and was explained on standard error (2).  Free with args_free in any case.
 */
MUST_CHECK bool args_parse(int argc, char *argv[], const struct args_spec *spec,
                           struct args *ret_args, int *ret_exit);
void args_free(struct args *args);

/**
 * args_value(args, option): The value given last for an option ("" for one that takes none), or
 * NULL.
 * args_next(args, option, at): The next value at or behind *${at}, which moves behind it; NULL
 * after the last.
 */
const char *args_value(const struct args *args, int option);
const char *args_next(const struct args *args, int option, size_t *at);

/**
 * args_number(text, ret): A whole number from 0 on, decimal digits alone; false if it is anything
 * else.
 */
MUST_CHECK bool args_number(const char *text, uint64_t *ret);

/**
 * args_moment(text, ret_us): A moment as instant_parse has it, or a day, "2026-03-01", for its
 * midnight UTC; false if it is anything else.
 */
MUST_CHECK bool args_moment(const char *text, int64_t *ret_us);

/**
 * args_wrong(name, format, ...): Say on standard error what is wrong with the usage; gives 2.
 * args_failed(name, err, why): Say on standard error why the command failed; gives its exit code.
 * args_unopened(name, err, why): The same of a LEDGER that could not be opened: also where there is
 * none, it is an input that could not be had (3).
 */
int args_wrong(const char *name, const char *format, ...) PRINTF_LIKE(2, 3);
int args_failed(const char *name, enum err err, const struct err_text *why);
int args_unopened(const char *name, enum err err, const struct err_text *why);

/**
 * args_print(name, text, exit_code): Print all of ${text} on standard output; gives ${exit_code},
 * or 3, with a word on standard error, if it could not all be written.
 */
int args_print(const char *name, const struct buf *text, int exit_code);

#endif
