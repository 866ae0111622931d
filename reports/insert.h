/* insert - the files that go into an evidence bundle beside the evidence: the report of its period,
 * and whatever a command line names.
 */
#ifndef REPORTS_INSERT_H
#define REPORTS_INSERT_H

#include "replay/replay.h"
#include "reports/params.h"

/* Their data are in a file without a name, in the directory of the bundle. */
struct inserts {
    struct docket_file *files; /* owned, and each name; by the bytes of their names */
    size_t count, cap;
    struct tar_source source; /* owned: its file; -1 before there are any */
    const char *beside;       /* borrowed: where the bundle goes, `-` for standard output */
};

/* Which report. */
struct insert_want {
    struct period period; /* not of a deployment */
    uint64_t size;        /* as of so many entries */
    unsigned formats;     /* format.h; of a deployment casefile_files.h; 0: none */
};

/**
 * insert_begin(path, ret_inserts): There are none yet; ${path} is where the bundle goes.
 *
 * insert_report(inserts, ledger, want, ret_why):
 * Add the report of the period, in those formats, with the parameters that `report` has unless it
 * is told otherwise, and nothing verified before.  Errors: those of report_make and format_write,
 * BUSY (a signal came).
 *
 * insert_dossier(inserts, ledger, id, want, ret_why): Add the dossier of a deployment, ID.html and
 * ID.pdf, likewise.  Errors: those of casefile_make.
 *
 * insert_file(inserts, path, ret_why): Add a file by the last part of its path.  Errors: INVALID
 * (its name cannot be one in a bundle), TOO_BIG, IO.
 * insert_order(inserts, ret_why): Put them in order, once all are there.  Errors: INVALID (two of
 * one name).
 * insert_free(inserts): Free them.
 */
void insert_begin(const char *path, struct inserts *ret_inserts);
MUST_CHECK enum err insert_report(struct inserts *inserts, struct ledger *ledger,
                                  const struct insert_want *want, struct err_text *ret_why);
MUST_CHECK enum err insert_dossier(struct inserts *inserts, struct ledger *ledger, const char *id,
                                   const struct insert_want *want, struct err_text *ret_why);
MUST_CHECK enum err insert_file(struct inserts *inserts, const char *path,
                                struct err_text *ret_why);
MUST_CHECK enum err insert_order(struct inserts *inserts, struct err_text *ret_why);
void insert_free(struct inserts *inserts);

#endif
