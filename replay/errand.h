/* errand - a command's hold on a ledger: opened, with the reducer over it, and one act delivered.
 */
#ifndef REPLAY_ERRAND_H
#define REPLAY_ERRAND_H

#include "replay/replay.h"

#define ERRAND_NO_SUCH "%s: no such deployment; `countersign status LEDGER` lists them"

/* Zero-initialised is closed. */
struct errand {
    struct ledger *ledger;
    struct replay *replay;
    struct catalog *catalog; /* NULL until somebody folds on their own */
};

/**
 * errand_open(dir, ret_errand, ret_why): Open the ledger for reading one deployment, or a few, and
 * the reducer over it.  Errors: NOT_FOUND, IO, DAMAGED, DISK_LOW.
 * errand_open_all(dir, ret_errand, ret_why): The same for reading many of them.
 * errand_close(errand): Close both; a closed one is fine.
 */
MUST_CHECK enum err errand_open(const char *dir, struct errand *ret_errand,
                                struct err_text *ret_why);
MUST_CHECK enum err errand_open_all(const char *dir, struct errand *ret_errand,
                                    struct err_text *ret_why);
void errand_close(struct errand *errand);

/**
 * errand_id(id, ret_why): Check that ${id} can be a deployment's.  Errors: NOT_FOUND.
 * errand_exists(errand, id, ret_why): Check that there is such a deployment.  Cost: one descent.
 * Errors: NOT_FOUND (${ret_why} says so), IO, DAMAGED, BUSY.
 * errand_head(errand, id, ret_deployment, ret_why): The deployment's state now.  Errors: IO,
 * DAMAGED, NOT_FOUND (it has no entries; ${ret_why} says so).
 */
MUST_CHECK enum err errand_id(const char *id, struct err_text *ret_why);
MUST_CHECK enum err errand_exists(struct errand *errand, const char *id, struct err_text *ret_why);
MUST_CHECK enum err errand_head(struct errand *errand, const char *id,
                                struct deployment **ret_deployment, struct err_text *ret_why);

/* One event to be made. */
struct errand_event {
    const char *type;       /* "<subject>.<verb>"; static */
    const char *deployment; /* NULL: the stream `ledger` */
    json_t *data;           /* a reference of the event's own */
};

/**
 * errand_deliver(errand, options, event, ret_receipt, ret_why):
 * Build, sign if there is a key, and deliver to the daemon or append here, judged by the reducer;
 * steals event->data.  Errors: those of submit_act.
 */
MUST_CHECK enum err errand_deliver(struct errand *errand, const struct submit_options *options,
                                   const struct errand_event *event, json_t **ret_receipt,
                                   struct err_text *ret_why);

/**
 * errand_run(name, dir, options, event): The whole of a command that records one event: open,
 * deliver, print the receipt or what went wrong; the exit code.  A closing is given the state that
 * it is signed on (digest.h).  Steals event->data.
 */
int errand_run(const char *name, const char *dir, const struct submit_options *options,
               const struct errand_event *event);

/* Delivers what a command is about; ${ctx} is its own. */
typedef enum err errand_record_fn(const void *ctx, const struct args *args, struct errand *errand,
                                  json_t **ret_receipt, struct err_text *ret_why);

/**
 * errand_record(name, args, record, ctx): The whole of a command that delivers in a way of its own:
 * open the ledger that is its first operand, deliver, print the receipt or what went wrong; the
 * exit code.
 */
int errand_record(const char *name, const struct args *args, errand_record_fn *record,
                  const void *ctx);

/* Appends what a command prints; ${args} are its own. */
typedef enum err errand_make_fn(const struct args *args, struct errand *errand, struct buf *buf,
                                struct err_text *ret_why);

/**
 * errand_show(name, args, make): The whole of a command that reads and prints: open the ledger that
 * is its first operand, make, print, or say what went wrong; the exit code.  What is made is a
 * whole or nothing.
 */
int errand_show(const char *name, const struct args *args, errand_make_fn *make);

/**
 * errand_command(argc, argv, spec, make): The same from the command line on.
 * errand_command_all(argc, argv, spec, make): The same of one that reads many deployments.
 */
int errand_command(int argc, char *argv[], const struct args_spec *spec, errand_make_fn *make);
int errand_command_all(int argc, char *argv[], const struct args_spec *spec, errand_make_fn *make);

#endif
