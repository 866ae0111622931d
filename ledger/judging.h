/* judging - verdicts on what a commit has appended, made of the events at hand: nothing that was
 * just written is read again.
 */
#ifndef LEDGER_JUDGING_H
#define LEDGER_JUDGING_H

#include "ledger/ledger.h"

struct judging_place;

/* Where the events of one commit have come to stand.  Starts as zeros. */
struct judging {
    uint64_t first;               /* seq of the first */
    struct judging_place *places; /* owned: of one after the other */
    size_t count, cap;
};

/**
 * judging_note(judging, entry): Remember a new entry's place; those behind it were taken back.
 * judging_end(judging): Forget all.
 */
void judging_note(struct judging *judging, const struct entry *entry);
void judging_end(struct judging *judging);

/**
 * judging_verdict(judging, ledger, judge, admitted, receipt, ret_why): Fill in the verdict on an
 * event that is on disk, as its receipt says; ${judge} may be NULL (ledger_append).  One that was
 * there before is read.  Errors: IO, DAMAGED, BUSY, those of ${judge}.
 */
MUST_CHECK enum err judging_verdict(const struct judging *judging, struct ledger *ledger,
                                    const struct judge *judge, const struct admitted *admitted,
                                    struct receipt *receipt, struct err_text *ret_why);

#endif
