/* receipts - what a job that was appended is answered: its receipts as JSON, and their proofs. */
#ifndef INGEST_RECEIPTS_H
#define INGEST_RECEIPTS_H

#include "ingest/job.h"

/**
 * receipts_print(job, buf): Append the receipt of the job's event (ledger_receipt_json), or of a
 * batch the array of them, as a line of JSON.
 * receipts_prove(ledger, job, buf, ret_why): The same, each receipt with `checkpoint`, the last
 * signed one, and `proof`, the tlog-proof of its entry in it, both as they stand in files.  On
 * errors nothing is appended.  Errors: those of ledger_checkpoint and prove_entry.
 * receipts_duplicate(job): Whether every event of the job was there before.
 */
void receipts_print(const struct job *job, struct buf *buf);
MUST_CHECK enum err receipts_prove(struct ledger *ledger, const struct job *job, struct buf *buf,
                                   struct err_text *ret_why);
bool receipts_duplicate(const struct job *job);

#endif
