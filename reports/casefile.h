/* casefile - the dossier of one deployment: the checklist as it was filled in, who approved with
 * which key, what was refused or flagged, the evidence, the timeline, and the signed events
 * themselves.  A pure function of the entries below a size.
 */
#ifndef REPORTS_CASEFILE_H
#define REPORTS_CASEFILE_H

#include "reports/document.h"

struct casefile;

/**
 * casefile_make(ledger, id, size, ret_casefile, ret_why):
 * Gather that of the deployment ${id} as of the first ${size} entries.  Nothing is verified but
 * what reading checks.  Errors: NOT_FOUND (no such deployment below the size, or the size is above
 * the ledger's), IO, DAMAGED.
 * casefile_free(casefile): NULL is fine.
 * casefile_document(casefile): It as people read it; the case file's.
 */
MUST_CHECK enum err casefile_make(struct ledger *ledger, const char *id, uint64_t size,
                                  struct casefile **ret_casefile, struct err_text *ret_why);
void casefile_free(struct casefile *casefile);
struct document *casefile_document(struct casefile *casefile);

#endif
