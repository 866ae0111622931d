/* summary - what a person signs, shown before they sign it: the act, what is done, missing, waived
 * and flagged, the thresholds with their values, who else approved or refused, what must not stay,
 * the basis, the bytes, and what the ledger would answer.  Pure.
 */
#ifndef REPLAY_SUMMARY_H
#define REPLAY_SUMMARY_H

#include "replay/deployment.h"

/* What is about to be signed. */
struct summary {
    const struct deployment *deployment; /* as of its last entry; at least one */
    const struct ledger_info *info;
    const char *act;                /* "approve", "decide", ... */
    const char *node;               /* its id, as typed */
    const char *role;               /* or NULL */
    const char *what;               /* the option, comment or reason; or NULL */
    const char *principal;          /* who signs; NULL: not known */
    const struct signer_key *key;   /* with which key; or NULL */
    const struct buf *event;        /* the bytes to be signed */
    const struct verdict *expected; /* what the ledger would answer; NULL: not known */
};

/**
 * summary_json(summary): {act, deployment, title, release, environment, ledger, simulated, node,
 * label, role, text, principal, key, security_key, gate, due, counts {steps, met, missing, waived,
 * flagged, refused}, missing, waived, flagged, thresholds, approved, against, criteria, issues
 * (lists of lines for people, whole), basis {pos, seq, leaf, principal, time}, event {bytes,
 * sha256}, expected {verdict, rule, flags, reason}}; what is not known is null or left out.  What
 * is counted is what the node's gate needs, or the whole checklist where it has no gate.  New
 * reference.
 * summary_text(json, buf): Append it for a terminal; lists are cut where they are long, and say so.
 */
json_t *summary_json(const struct summary *summary);
void summary_text(const json_t *json, struct buf *buf);

#endif
