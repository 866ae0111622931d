/* journal - the daemon's log: one line of key=value on standard error for each happening. */
#ifndef INGEST_JOURNAL_H
#define INGEST_JOURNAL_H

#include "ledger/ledger.h"

/**
 * journal_line(what, key, value, ..., NULL): Write "time=… what=…" and the pairs of strings; values
 * that are not plain words are quoted and made harmless.  One write, from any thread.
 */
void journal_line(const char *what, ...) __attribute__((sentinel));

/* Holds down lines that anyone outside can cause.  Zero-initialised is fresh. */
struct journal_limit {
    int64_t second;
    unsigned lines;
    unsigned long held_back;
};

/**
 * journal_allows(limit): Whether one more such line may be written in this second; after a second
 * in which lines were held back, their number is written first.
 */
MUST_CHECK bool journal_allows(struct journal_limit *limit);

#endif
