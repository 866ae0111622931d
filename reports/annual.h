/* annual - the audit report over a period: a pure function of the entries below a tree size and its
 * parameters. Made as one JSON document (DESIGN.md 8); every other format renders that document.
 */
#ifndef REPORTS_ANNUAL_H
#define REPORTS_ANNUAL_H

#include <jansson.h>

#include "reports/tables.h"

struct annual_params {
    struct period period;
    uint64_t size;      /* entries that count; not above the ledger's */
    bool verified;      /* `verify` found the whole ledger good just before */
    size_t sample_size; /* deployments to draw */
    const char *sample_seed;
};

/**
 * annual_make(ledger, params, ret_report, ret_why):
 * Gather the report; a new reference.  Same entries and parameters, same document.
 * Cost: one read an entry.  Errors: IO, DAMAGED, NOT_FOUND (size above the ledger's).
 */
MUST_CHECK enum err annual_make(struct ledger *ledger, const struct annual_params *params,
                                json_t **ret_report, struct err_text *ret_why);

#endif
