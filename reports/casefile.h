/* casefile - the dossier of one deployment: the checklist as it was filled in, who approved with
 * which key, what was refused or flagged, the evidence, the timeline, and the signed events
 * themselves.  A pure function of the entries below a size.
 */
#ifndef REPORTS_CASEFILE_H
#define REPORTS_CASEFILE_H

#include "reports/document.h"
#include "reports/params.h"

struct casefile;

/* Of what it is made. */
struct casefile_want {
    const char *id;            /* the deployment */
    uint64_t size;             /* entries with seq < size count */
    enum params_verify verify; /* what was checked just before */
};

/**
 * casefile_make(ledger, want, ret_casefile, ret_why):
 * Gather it.  Nothing is verified but what reading checks.  Errors: NOT_FOUND (no such deployment
 * below the size, or the size is above the ledger's), IO, DAMAGED.
 * casefile_free(casefile): NULL is fine.
 * casefile_document(casefile): It as people read it; the case file's.
 * casefile_id(casefile): The deployment's id.
 * casefile_time_us(casefile): time_us of its last entry.
 * casefile_entries(casefile): The number of its entries.
 * casefile_carried(casefile): The word that each of its files carries (carried.h); the case file's.
 */
MUST_CHECK enum err casefile_make(struct ledger *ledger, const struct casefile_want *want,
                                  struct casefile **ret_casefile, struct err_text *ret_why);
void casefile_free(struct casefile *casefile);
struct document *casefile_document(struct casefile *casefile);
const char *casefile_id(const struct casefile *casefile);
int64_t casefile_time_us(const struct casefile *casefile);
uint64_t casefile_entries(const struct casefile *casefile);
const char *casefile_carried(const struct casefile *casefile);

/**
 * casefile_read(json, ret_want): Take of what it was made from what a file carries; ${ret_want}
 * borrows from ${json}.  False if it is no dossier that this program makes.
 */
MUST_CHECK bool casefile_read(const json_t *json, struct casefile_want *ret_want);

#endif
