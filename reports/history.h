/* history - the rows of one deployment: its line in the population, and what of its events the
 * tables keep. */
#ifndef REPORTS_HISTORY_H
#define REPORTS_HISTORY_H

#include "reports/tables.h"

/* Where histories are read from. */
struct history_source {
    struct ledger *ledger;
    struct replay *replay;
    uint64_t size;  /* entries with seq < size count */
    int64_t end_us; /* as of when the report speaks: the period's end, or the last entry's time if
                       earlier */
};

/**
 * history_add(tables, source, id, ret_why):
 * Replay the deployment ${id} and count its entries; add its rows, if it was open in the period.
 * Errors: IO, DAMAGED.
 */
MUST_CHECK enum err history_add(struct tables *tables, const struct history_source *source,
                                const char *id, struct err_text *ret_why);

#endif
