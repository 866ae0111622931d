/* insert - the files that go into an evidence bundle beside the evidence: the report of its period,
 * and whatever a command line names.
 */
#ifndef REPORTS_INSERT_H
#define REPORTS_INSERT_H

#include "replay/replay.h"
#include "reports/params.h"

/* In memory; zero-initialised is empty. */
struct inserts {
    struct docket_file *files; /* owned, and each name and data; by the bytes of their names */
    size_t count, cap;
};

/**
 * insert_report(inserts, ledger, period, size, formats, ret_why):
 * Add the report of the period as of ${size} entries, in these formats (format.h), with the
 * parameters that `report` has unless it is told otherwise, and nothing verified before.
 * Errors: those of report_make and format_write.
 *
 * insert_dossier(inserts, ledger, id, size, ret_why): Add the dossier of a deployment, ID.html, as
 * of ${size} entries, likewise.  Errors: those of casefile_make.
 *
 * insert_file(inserts, path, ret_why): Add a file by the last part of its path.  Errors: INVALID
 * (its name cannot be one in a bundle), TOO_BIG, IO.
 * insert_order(inserts, ret_why): Put them in order, once all are there.  Errors: INVALID (two of
 * one name).
 * insert_free(inserts): Free them.
 */
MUST_CHECK enum err insert_report(struct inserts *inserts, struct ledger *ledger,
                                  const struct period *period, uint64_t size, unsigned formats,
                                  struct err_text *ret_why);
MUST_CHECK enum err insert_dossier(struct inserts *inserts, struct ledger *ledger, const char *id,
                                   uint64_t size, struct err_text *ret_why);
MUST_CHECK enum err insert_file(struct inserts *inserts, const char *path,
                                struct err_text *ret_why);
MUST_CHECK enum err insert_order(struct inserts *inserts, struct err_text *ret_why);
void insert_free(struct inserts *inserts);

#endif
