/* report - the audit report of a period as data: a pure function of the entries below a tree size
 * and its parameters (DESIGN.md 8).  Each format renders the same sheets.
 */
#ifndef REPORTS_REPORT_H
#define REPORTS_REPORT_H

#include "reports/document.h"
#include "reports/forms.h"
#include "reports/output.h"
#include "reports/params.h"
#include "reports/sheet.h"

/* What the first page says beside the parameters; texts are owned. */
struct report_cover {
    char *origin;
    char *ledger; /* its id, hex */
    char *key;    /* the vkey that checks the checkpoint of that size */
    bool simulated;
    uint8_t root[HASH_BYTES];
    uint64_t entries;     /* read: of all streams, below the size */
    uint64_t signatures;  /* on them: of admission, and of events */
    uint64_t deployments; /* rows of the population */
    uint64_t counted;     /* of these, opened in the period */
    uint64_t exceptions;  /* rows of them */
    int64_t as_of_us;     /* the period's end, or the last entry's time if that is earlier */
    const char *platform; /* what the deployments were reconciled with, or that there is nothing */
    const char *verified; /* what was checked, in a sentence */
    const char *outside;  /* which outside times bracket the gates, or that there are none */
    const char *complete; /* how size, positions and checkpoint show that nothing is missing */
    const char *disposal; /* that nothing is disposed of */
};

struct report {
    struct params params;
    struct report_cover cover;
    struct sheet *sheets[FORM_COUNT]; /* owned, none NULL */
};

/* Who watches a report being made; zero-initialised: nobody. */
struct report_watch {
    void (*progress)(void *ctx, uint64_t done, uint64_t total); /* deployments, in any thread */
    bool (*stop)(void *ctx);                                    /* likewise */
    void *ctx;
    unsigned threads; /* 0: one a core; the report is the same */
};

/**
 * report_make(ledger, params, watch, ret_report, ret_why):
 * Gather the report of ${params}, whose size is set and whose texts are borrowed for the report's
 * life; ${watch} may be NULL.  Nothing is verified but what reading checks.  Free with report_free.
 * Cost: one read and one judgement an entry, on all cores.  Errors: IO, DAMAGED, NOT_FOUND (size
 * above the ledger's), INTERRUPTED.
 * report_free(report): NULL is fine.
 */
MUST_CHECK enum err report_make(struct ledger *ledger, const struct params *params,
                                const struct report_watch *watch, struct report **ret_report,
                                struct err_text *ret_why);
void report_free(struct report *report);

/**
 * report_json(report, output, ret_why): Write it as JSON: {report, parameters, carried, cover, and
 * a member a sheet: an array of its rows, one a line, without the cells that are empty}, as
 * report.schema.json says.
 * report_schema(buf): Append that schema.
 * report_csv(report, form, output, ret_why): Write one sheet as CSV (RFC 4180): a head of names,
 * CRLF, UTF-8.  A text that a spreadsheet would take for a formula gets an apostrophe before it.
 * report_csv_parameters(report, output, ret_why): The parameters and the cover, name and value.
 * Errors: those of the output.
 *
 * report_document(report): It as people read it, params.rows rows of a table at most, but the whole
 * population.  Borrows the report.
 */
MUST_CHECK enum err report_json(const struct report *report, struct output *output,
                                struct err_text *ret_why);
void report_schema(struct buf *buf);
MUST_CHECK enum err report_csv(const struct report *report, enum form form, struct output *output,
                               struct err_text *ret_why);
MUST_CHECK enum err report_csv_parameters(const struct report *report, struct output *output,
                                          struct err_text *ret_why);
struct document *report_document(const struct report *report);

#endif
