/* fold - what the reducer alone keeps of a deployment, beside its public state.
 * Private to the files of the reducer.
 */
#ifndef REPLAY_FOLD_H
#define REPLAY_FOLD_H

#include "replay/deployment.h"
#include "replay/names.h"

#define DEPLOYMENT_MAGIC MAGIC('D', 'E', 'P', 'L')

/* Kinds of criteria; the first six are of a node (RULES.md "criterion"). */
enum criterion_kind {
    CRITERION_THRESHOLD,
    CRITERION_STATUS,
    CRITERION_ITEM,
    CRITERION_COMMAND,
    CRITERION_APPROVAL,
    CRITERION_SIGNATURE,
    CRITERION_NODE_KINDS,
    CRITERION_ISSUE = CRITERION_NODE_KINDS,
    CRITERION_ARTIFACT
};

/* Who gave an approval that has not been taken back. */
struct giver {
    const char *principal; /* kept by the fold */
    struct mark mark;
    bool suspect;
};

/* Something that was undone, for stale-basis. */
struct undo {
    bool set;
    uint64_t pos; /* it was so before the entry at this position, and no more with it */
    char *what;
};

struct node_fold {
    size_t open[CRITERION_NODE_KINDS]; /* index + 1 of its unresolved criterion, 0: none */
    struct undo undo;                  /* the latest */
    struct mark noted;                 /* the latest note on it */
    bool waiver_suspect;               /* its waiver is by a key revoked since before it */
    bool opened_once;                  /* gate: its first option stood once */
    uint64_t open_since;               /* gate: position since which its first option has stood */
    struct giver *givers;
    size_t giver_count, giver_cap;
};

/* A key that accepted acts were signed with. */
struct key_used {
    const struct registry_key *key;
    bool settled; /* its suspicion has been taken in */
};

struct fold {
    struct catalog *catalog;
    const struct registry_policy *supposed; /* instead of the one in force at opening; NULL */
    uint64_t now_seq;         /* what the ledger stream says below it has been taken in */
    uint64_t *seqs;           /* [entries] seq by position */
    size_t leaf_cap, seq_cap; /* room in deployment->leaves and in seqs */
    struct names principals;
    struct names issues;     /* issue id > index + 1 of its unresolved criterion, 0: none */
    struct names issue_at;   /* issue id > index in deployment->issues */
    struct names artifacts;  /* digest or name > index + 1 of its unresolved criterion, 0: none */
    char **uris;             /* of the artifacts; [artifact_count], NULL where not given */
    struct node_fold *nodes; /* [checklist->node_count] */
    size_t *twins;           /* [checklist->gate_count] the gates' twins, or CHECKLIST_NONE */
    size_t *thresholds;      /* items with a threshold, in order */
    size_t threshold_count, threshold_cap;
    size_t *unresolved; /* indices of unresolved criteria, ascending */
    size_t unresolved_count, unresolved_cap;
    size_t *placed; /* those of them that arose in a section */
    size_t placed_count, placed_cap;
    uint64_t resolved_pos; /* position of the latest resolution of a criterion */
    struct undo t0_undo;   /* T0 was moved */
    struct key_used *keys;
    size_t key_count, key_cap;
    struct counters counters; /* of the security keys that signed here, accepted or not */
    uint64_t guarded_work;    /* accepted work in guarded sections */
    uint64_t emergency_since; /* position since which it has been one; only in an emergency */
    struct mark emergency_go; /* the first GO of an emergency */
    size_t assignment_cap, criterion_cap, issue_cap, note_cap, sample_cap, evidence_cap;
};

/**
 * fold_new(catalog): Of a deployment without entries.
 * fold_free(fold, deployment): Free it; ${deployment} still has its counts.
 * fold_set_text(text, to): Replace an owned text by a copy of ${to} (NULL: by none).
 * fold_undo(undo, pos, format, ...): What held before the entry at ${pos} does not with it.
 */
struct fold *fold_new(struct catalog *catalog);
void fold_free(struct fold *fold, const struct deployment *deployment);
void fold_set_text(char **text, const char *to);
void fold_undo(struct undo *undo, uint64_t pos, const char *format, ...) PRINTF_LIKE(3, 4);

#endif
