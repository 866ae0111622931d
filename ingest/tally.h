/* tally - what push says of each line and of all: receipts, refusals, late deliveries, progress.
 */
#ifndef INGEST_TALLY_H
#define INGEST_TALLY_H

#include "ledger/ledger.h"

struct tally {
    bool json;         /* receipts and problems as JSON lines on standard output */
    bool progress;     /* on standard error */
    int64_t late_us;   /* a line that waited longer was late */
    uint64_t done;     /* that the ledger has */
    uint64_t late;     /* of these, late ones */
    uint64_t refused;  /* that it did not take */
    uint64_t against;  /* of those that it has: recorded, and refused by a rule */
    int64_t waited_us; /* the longest wait of a late one */
    int64_t shown_s;   /* when progress was last shown */
};

/* Which line is spoken of. */
struct tally_line {
    uint64_t number; /* in the input; 0: it came out of the spool */
    const struct piece *text;
    int64_t waited_us; /* in the spool; 0 without one */
};

/**
 * tally_done(tally, line, receipt), tally_refused(tally, line, err, why): The ledger has the line,
 * or will not take it.
 * tally_note(tally, format, ...): A line on standard error, for a person.
 * tally_end(tally, waiting): The last word: counts, and how many lines wait in the spool.
 */
void tally_done(struct tally *tally, const struct tally_line *line, const json_t *receipt);
void tally_refused(struct tally *tally, const struct tally_line *line, enum err err,
                   const struct err_text *why);
void tally_note(const struct tally *tally, const char *format, ...) PRINTF_LIKE(2, 3);
void tally_end(const struct tally *tally, uint64_t waiting);

#endif
