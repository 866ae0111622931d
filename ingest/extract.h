/* extract - some entries of a ledger, from a position on, that pass a filter: bounded work, and
 * where to go on.
 */
#ifndef INGEST_EXTRACT_H
#define INGEST_EXTRACT_H

#include "ledger/ledger.h"

/* What is wanted, and how far it came.  Strings are borrowed. */
struct extract {
    uint64_t from;      /* the first seq to look at; behind the call: the one to go on from */
    const char *stream; /* NULL: any */
    const char *type;   /* the event's, exactly; NULL: any */
    uint64_t limit;     /* entries at most */
    size_t bytes_max;   /* of their events; the last one may go over */
    bool more;          /* out: the call ended for a bound; an entry to look at follows */
};

/**
 * An extract_fn takes one entry that passes, which is borrowed.
 */
typedef void extract_fn(void *ctx, const struct record *record);

/**
 * extract_each(ledger, extract, fn, ctx, ret_why):
 * Call ${fn} for each entry that passes, in order, until the head as it is when the call begins, or
 * a bound: extract->limit, extract->bytes_max, or PAGE_SCAN_MAX entries or
 * PAGE_SCAN_BYTES_MAX of events looked at.  Errors: IO,
 * DAMAGED, BUSY.
 */
MUST_CHECK enum err extract_each(struct ledger *ledger, struct extract *extract, extract_fn *fn,
                                 void *ctx, struct err_text *ret_why);

#endif
