/* history - the rows of one deployment: its line in the population, and what of its events the
 * sheets keep. */
#ifndef REPORTS_HISTORY_H
#define REPORTS_HISTORY_H

#include "reports/tables.h"

/* Where histories are read from; one thread at a time. */
struct history_source {
    struct ledger *ledger; /* borrowed */
    struct replay *replay; /* borrowed */
    int64_t end_us; /* as of when the report speaks: the period's end, or the last entry's time if
                       earlier */
    const struct checklist *checklist; /* whose items with a threshold are listed; or NULL */
    size_t *items;                     /* owned by the source: freed by history_forget */
    size_t item_count, item_cap;
};

/**
 * history_add(tables, source, id, ret_belongs, ret_why):
 * Replay the deployment ${id} below the report's size into *${tables}, which are empty; whether it
 * was open in the period or has an entry in it.  If not, only its sums count.  Errors: IO, DAMAGED.
 * history_forget(source): Free what it keeps for the next call.
 */
MUST_CHECK enum err history_add(struct tables *tables, struct history_source *source,
                                const char *id, bool *ret_belongs, struct err_text *ret_why);
void history_forget(struct history_source *source);

#endif
