/* endorsement - which enrolled keys signed a foreign envelope (evidence), as of a position.  Pure.
 */
#ifndef LEDGER_ENDORSEMENT_H
#define LEDGER_ENDORSEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/dsse.h"
#include "ledger/registry.h"

/* What one signature of an envelope came to. */
struct endorsement {
    const struct registry_key *key; /* that made it, enrolled before the position; NULL: none is */
    bool valid;                     /* and it was not revoked before the position */
    bool repeated;                  /* it signed further up already, and counts once */
};

/**
 * endorsement_find(registry, seq, dsse, ret, ret_all_tried):
 * Hold each signature of ${dsse} against the keys that were enrolled before position ${seq}: 64 raw
 * bytes against each Ed25519 key over the PAE, the one that keyid names first, for it is only a
 * hint; an SSH signature against the key that it carries, over the payload.  ret[i] is of sigs[i].
 * Past ENDORSEMENT_TRIES_MAX checks no more are made, and *${ret_all_tried} is false.
 */
void endorsement_find(const struct registry *registry, uint64_t seq, const struct dsse *dsse,
                      struct endorsement ret[DSSE_SIGS_MAX], bool *ret_all_tried);

#endif
