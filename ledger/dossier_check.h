/* dossier_check - whether an evidence bundle holds together, and what it shows.
 * Everything follows from its bytes and, if one is given, the vkey.  Pure.
 */
#ifndef LEDGER_DOSSIER_CHECK_H
#define LEDGER_DOSSIER_CHECK_H

#include "ledger/dossier.h"

/* What a bundle shows. */
struct dossier_finding {
    struct checkpoint checkpoint;
    struct note_key keys[REGISTRY_PAIRS_MAX]; /* of the ledger, that sign such a checkpoint */
    size_t key_count;
    struct registry *registry; /* owned: from the stream `ledger` that it holds */
    struct event *event;       /* owned: the act's */
    bool whole_then;           /* that stream is shown without a gap up to the act's position */
    bool whole_now; /* and up to the checkpoint's end: nothing in it was revoked unseen */
    char *against;  /* owned; why the act does not count though all holds together; NULL */
};

/**
 * dossier_check_whole(dossier, key, ret_finding, ret_why):
 * Check all of it: every entry leads to the root of the one checkpoint, which the ledger's own keys
 * and ${key} (NULL: none was given) have signed; the stream `ledger` has no gap from entry 0 on,
 * each of its entries shows its event, and nothing of it stands behind its last one shown;
 * admission and the signers of each event have signed it; the act's event is that of its entry, and
 * of this ledger and deployment.
 * Free with dossier_check_free.  Errors: PROOF, INVALID, both with the member and the reason.
 *
 * dossier_check_free(finding): Free what it owns.
 */
MUST_CHECK enum err dossier_check_whole(const struct dossier *dossier, const struct note_key *key,
                                        struct dossier_finding *ret_finding,
                                        struct err_text *ret_why);
void dossier_check_free(struct dossier_finding *finding);

#endif
