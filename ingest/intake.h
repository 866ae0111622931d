/* intake - messages of a file taken in: admitted by all cores, appended in order, many a commit.
 * While one block of them is appended, the next one is admitted.  Each message meets the registry
 * as if it came alone, after those before it: one that a commit may have changed things for is
 * admitted again.
 */
#ifndef INGEST_INTAKE_H
#define INGEST_INTAKE_H

#include "ledger/ledger.h"

struct intake;

/**
 * An intake_done_fn is told what became of the message of ${line}, in order of the lines: OK and
 * its receipt, or an error with ${why}.
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
 * intake_new(config), intake_free(intake): What was added and not flushed is dropped; NULL is fine.
 */
struct intake *intake_new(const struct intake_config *config);
void intake_free(struct intake *intake);

/**
 * intake_add(intake, line, message, ret_why): Add one event or envelope (copied); appends what was
 * added before where that is much.
 * intake_reject(intake, line, err, why): Add a line that is no message: it takes its turn.
 * intake_flush(intake, ret_why): Append all that was added; it was told of when this returns.
 * Errors: IO, BUSY, DAMAGED, as ledger_append; what a message is refused for is no error here.
 */
MUST_CHECK enum err intake_add(struct intake *intake, uint64_t line, const struct piece *message,
                               struct err_text *ret_why);
void intake_reject(struct intake *intake, uint64_t line, enum err err, const struct err_text *why);
MUST_CHECK enum err intake_flush(struct intake *intake, struct err_text *ret_why);

/**
 * intake_is_envelope(message): Whether it is a DSSE envelope: it has the member payloadType, which
 * cannot name an attribute of an event.
 */
bool intake_is_envelope(const struct piece *message);

#endif
