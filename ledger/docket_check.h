/* docket_check - whether an evidence bundle of whole streams holds together, and what it shows.
 * Everything follows from its bytes and, if one is given, the vkey; it is read as it is needed.
 */
#ifndef LEDGER_DOCKET_CHECK_H
#define LEDGER_DOCKET_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/docket.h"
#include "ledger/docket_front.h"
#include "ledger/docket_parts.h"
#include "ledger/docket_whole.h"
#include "ledger/err.h"
#include "ledger/note.h"
#include "ledger/registry.h"

/* Told how many bytes of how many are done; true: it is to end. */
typedef bool docket_stop_fn(void *ctx, uint64_t done, uint64_t total);

struct docket_options {
    const struct note_key *key; /* checks the checkpoint; NULL: none was given */
    unsigned threads;           /* 0: one a core, at most 16 */
    docket_stop_fn *progress;   /* NULL: nobody is told */
    void *ctx;
};

/* What a bundle shows. */
struct docket_finding {
    struct docket_parts parts;      /* owned: names of streams and reports */
    struct docket_front front;      /* owned */
    struct docket_found *found;     /* owned: of each stream */
    uint64_t heads_seq, heads_size; /* of the last ledger.heads, if it is shown; 0 */
    size_t others;                  /* streams that had no entry in the period, by that */
    bool complete;                  /* nor had any that began later */
    uint64_t entries, signatures;
    uint64_t webauthn; /* signatures that were not checked */
    uint64_t hidden;   /* events that are not shown */
    bool own_readme;   /* README.txt is as this version writes it */
};

/**
 * docket_check_whole(source, index, options, ret_finding, ret_why):
 * Check all of it: each entry leads by the tiles to the root of the checkpoint, which the ledger's
 * own keys and options->key have signed; each stream is gapless from its first entry on, `ledger`
 * shows all its events, and none of it stands in the tail; admission and the signers of each event
 * have signed it; every event is that of its entry, and of that ledger and stream; the streams are
 * those of the plan, and no shorter than the last ledger.heads and the tail say; nothing else is
 * there, and SHA256SUMS has the digest of every member.
 * *${index} is that of ${source} and is taken.  Cost: one pass on all cores, in memory for some
 * pieces and what is said of the members.
 * Free with docket_check_free.  Errors: PROOF (with the member and the reason), TOO_BIG, IO, BUSY
 * (it was to end).
 * docket_check_free(finding): Free what it owns; an empty one is fine.
 */
MUST_CHECK enum err docket_check_whole(const struct tar_source *source, struct tar_index *index,
                                       const struct docket_options *options,
                                       struct docket_finding *ret_finding,
                                       struct err_text *ret_why);
void docket_check_free(struct docket_finding *finding);

#endif
