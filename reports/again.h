/* again - a file of a report made again from the ledger, and held against what it was. */
#ifndef REPORTS_AGAIN_H
#define REPORTS_AGAIN_H

#include "reports/casefile.h"
#include "reports/format.h"

/* A file of a report or a dossier, as it is. */
struct again {
    const char *path; /* borrowed */
    struct format_file file;
    bool dossier;
    struct params params;      /* as the file of a report says, without the platform's bytes */
    struct casefile_want want; /* as that of a dossier says */
    json_t *made_with;         /* owned; `want` borrows from it */
    void *bytes;               /* mapped */
    size_t count;
};

/**
 * again_open(path, ret, ret_why): Look at a file, and read with what it was made: it says so
 * itself, of a CSV file `report.csv` beside it.  Free with again_close.
 * Errors: NOT_FOUND, INVALID (no file of a report), IO.
 * again_report(again, report, ret_end, ret_why), again_dossier(again, casefile, ret_end, ret_why):
 * Write the same file of ${report}, or of ${casefile}, against it.
 * again_otherwise(again): Whether a file that differs was made by other versions of libraries than
 * are here, so that it cannot be compared.
 * again_close(again): What again_open has not opened is fine.
 */
MUST_CHECK enum err again_open(const char *path, struct again *ret, struct err_text *ret_why);
MUST_CHECK enum err again_report(const struct again *again, const struct report *report,
                                 struct output_end *ret_end, struct err_text *ret_why);
MUST_CHECK enum err again_dossier(const struct again *again, struct casefile *casefile,
                                  struct output_end *ret_end, struct err_text *ret_why);
bool again_otherwise(const struct again *again);
void again_close(struct again *again);

#endif
