/* replay - the folder's public face: from a ledger's entries to the state of its deployments, at
 * any position. reports and main include this header alone; the folder's other headers are private.
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include "ledger/ledger.h"
#include "replay/checklist.h"
#include "replay/closings.h"
#include "replay/cmd.h"
#include "replay/deployment.h"
#include "replay/layout.h"
#include "replay/needs.h"
#include "replay/offset.h"
#include "replay/standing.h"
#include "replay/timeline.h"
#include "replay/views.h"

/* Compiled checklists by digest, compiled once each from what the registry holds. */
struct catalog;

/**
 * catalog_new(registry), catalog_free(catalog): An empty catalog over a borrowed registry.
 * catalog_find(catalog, sha256, seq): The compiled checklist published before ${seq}, or NULL.
 * Borrowed.
 */
struct catalog *catalog_new(const struct registry *registry);
void catalog_free(struct catalog *catalog);
const struct checklist *catalog_find(struct catalog *catalog, const uint8_t sha256[HASH_BYTES],
                                     uint64_t seq);

/* A ledger seen by the reducer. */
struct replay;

/**
 * replay_open(ledger, ret_replay): Look at ${ledger} (borrowed; must be opened, and its registry is
 * used as it is).
 *
 * replay_close(replay): NULL is fine.
 */
MUST_CHECK enum err replay_open(struct ledger *ledger, struct replay **ret_replay);
void replay_close(struct replay *replay);

/* One step of a replay: the state is that after the entry. All borrowed for the call. */
struct replay_step {
    const struct deployment *deployment;
    const struct record *record;
    const struct event *event; /* NULL if erased */
    const struct verdict *verdict;
};
typedef void replay_step_fn(void *ctx, const struct replay_step *step);

/* Who watches a replay. */
struct replay_view {
    replay_step_fn *fn; /* may be NULL */
    void *ctx;
    bool lean; /* fn does not look into the event: its json and data may be NULL */
};

/**
 * replay_fold(replay, id, to_seq, view, ret_deployment, ret_why):
 * Fold the deployment's entries with seq < ${to_seq}, calling view->fn after each (${view} may be
 * NULL), and then what the ledger stream says below it (deployment_settle).  An id without entries
 * gives an unopened deployment with none.  With other threads about, between
 * ledger_lock(ledger, false) and ledger_unlock.  Cost: one read an entry.
 * Errors: IO, DAMAGED.
 */
MUST_CHECK enum err replay_fold(struct replay *replay, const char *id, uint64_t to_seq,
                                const struct replay_view *view, struct deployment **ret_deployment,
                                struct err_text *ret_why);

/**
 * replay_judge(replay): The live reducer as ledger_append wants it: keeps the state of each
 * deployment it has judged, and folds on from there; what it has judged before has its first
 * verdict.  Valid as long as ${replay}.  The caller serialises its use.
 */
struct judge replay_judge(struct replay *replay);

/**
 * replay_is_deployment(stream): Whether a stream is a deployment's: not `ledger`, not `inbox`.
 */
bool replay_is_deployment(const char *stream);

#endif
