/* account - messages that were refused before any commit could count them, told to custody. */
#ifndef INGEST_ACCOUNT_H
#define INGEST_ACCOUNT_H

#include "ingest/job.h"

/**
 * account_refused(ledger, job): Count a job that came back, or never got in, with job->err; one
 * that its commit has counted already is left alone.
 * account_head(ledger, err): Count a message over HTTP of which no more than the head was read.
 * account_dead(ledger, courier): Count a message that was left with the broker.
 */
void account_refused(struct ledger *ledger, const struct job *job);
void account_head(struct ledger *ledger, enum err err);
void account_dead(struct ledger *ledger, const struct courier *courier);

#endif
