/* intake - messages of a file taken in: a front of its own, with an inlet to itself.
 */
#ifndef INGEST_INTAKE_H
#define INGEST_INTAKE_H

#include "ledger/ledger.h"

struct intake;

/**
 * An intake_done_fn is told what became of the message of ${line}, in order of the lines: OK and
 * its receipt, or an error with ${why} and NULL.
 */
typedef void intake_done_fn(void *ctx, uint64_t line, enum err err, const struct err_text *why,
                            const struct receipt *receipt);

struct intake_config {
    struct ledger *ledger;     /* opened for writing */
    const struct judge *judge; /* may be NULL */
    const char *token;         /* authenticates what is not signed; NULL: none */
    intake_done_fn *done;
    void *ctx;
};

/**
 * intake_new(config, ret_intake, ret_why): Errors: IO (no threads).
 * intake_free(intake): What was added and not flushed is appended, and nobody is told; NULL is
 * fine.
 */
MUST_CHECK enum err intake_new(const struct intake_config *config, struct intake **ret_intake,
                               struct err_text *ret_why);
void intake_free(struct intake *intake);

/**
 * intake_add(intake, line, message, ret_why): Add one event or envelope (copied); waits while too
 * many are under way.
 * intake_reject(intake, line, err, why, ret_why): Add a line that is no message: it takes its turn.
 * intake_flush(intake, ret_why): Wait until all that was added is appended or refused.
 * All of them tell of what has come back meanwhile.  Errors: IO, DAMAGED, as ledger_append; what a
 * message is refused for is no error here.
 */
MUST_CHECK enum err intake_add(struct intake *intake, uint64_t line, const struct piece *message,
                               struct err_text *ret_why);
MUST_CHECK enum err intake_reject(struct intake *intake, uint64_t line, enum err err,
                                  const struct err_text *why, struct err_text *ret_why);
MUST_CHECK enum err intake_flush(struct intake *intake, struct err_text *ret_why);

#endif
