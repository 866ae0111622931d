/* delivery - one line sent to a ledger over HTTP, and what its answer means for the line. */
#ifndef INGEST_DELIVERY_H
#define INGEST_DELIVERY_H

#include "ledger/ledger.h"

enum delivery_fate {
    DELIVERY_DONE,    /* the ledger has it; there is a receipt */
    DELIVERY_REFUSED, /* it will never take it as it is */
    DELIVERY_LATER,   /* not reached, or not now */
    DELIVERY_BARRED,  /* it takes nothing from this sender, or is no ledger */
};

/* What became of a line. */
struct delivery {
    enum delivery_fate fate;
    bool unsent;           /* LATER, BARRED: the ledger surely has not taken it */
    int64_t retry_after_s; /* LATER: as the ledger says; -1 if it does not */
    json_t *receipt;       /* DONE: owned; of a batch the array of them */
    enum err err;          /* not DONE: what stood against it */
    struct err_text why;
};

/**
 * delivery_send(post, line, late, ret): Send the event or envelope of ${line}, marked as late
 * (late.h) where ${late} and possible.  A bare event goes with the token.  A conflict with the same
 * event marked the other way is none: a run that is repeated finds what an earlier one delivered.
 * delivery_send_batch(post, lines, count, late, ret): Send ${count} bare events as one batch, which
 * the ledger takes whole or not at all; REFUSED: it may take some of them one by one.
 * delivery_fits_batch(line): Whether it can be in one: it is a well-formed event without signature.
 * delivery_free(delivery): Free what it holds.
 */
void delivery_send(struct post *post, const struct piece *line, bool late, struct delivery *ret);
void delivery_send_batch(struct post *post, const struct piece *lines, size_t count, bool late,
                         struct delivery *ret);
bool delivery_fits_batch(const struct piece *line);
void delivery_free(struct delivery *delivery);

#endif
