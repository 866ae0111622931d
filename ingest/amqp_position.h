/* amqp_position - how far the entries have been published: LEDGER/amqp-position, replaced whole.
 * Bytes:  "SEQ LEAF\n": the first entry that is not published, in decimal, and the leaf hash of the
 * one before it in lower-case hex, zeros if there is none.
 */
#ifndef INGEST_AMQP_POSITION_H
#define INGEST_AMQP_POSITION_H

#include "ledger/ledger.h"

struct amqp_position {
    uint64_t next;            /* seq of the first entry that is not confirmed */
    uint8_t leaf[HASH_BYTES]; /* of the entry before it; zeros if there is none */
};

/**
 * amqp_position_read(ledger, ret_position, ret_why):
 * Read the position; the ledger's beginning if there is none, or if it is of another history (an
 * older copy that goes on): entries are published at least once.  Errors: IO, DAMAGED, BUSY.
 * amqp_position_write(ledger, position, ret_why): Write it, synced.  Errors: IO.
 */
MUST_CHECK enum err amqp_position_read(struct ledger *ledger, struct amqp_position *ret_position,
                                       struct err_text *ret_why);
MUST_CHECK enum err amqp_position_write(struct ledger *ledger, const struct amqp_position *position,
                                        struct err_text *ret_why);

#endif
