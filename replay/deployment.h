/* deployment - the state of one deployment: a pure fold of its entries and of the ledger stream
 * below the same position (RULES.md).  No clock, no I/O, no randomness; same entries, same state.
 */
#ifndef REPLAY_DEPLOYMENT_H
#define REPLAY_DEPLOYMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "replay/checklist.h"

/* Who did it, and where it stands in the ledger; `set` is false for what has not happened. */
struct mark {
    bool set;
    uint64_t seq;
    uint64_t pos;          /* position in the deployment's stream */
    int64_t time_us;       /* the entry's time_us */
    const char *principal; /* owned by the deployment; lives as long */
    const uint8_t *key_id; /* the principal's own signing key, or NULL; lives as long */
    struct touch touch;    /* what that key attests; zeros without one */
    uint32_t flags;        /* of its verdict */
};

enum result { RESULT_NONE, RESULT_PASS, RESULT_FAIL, RESULT_NA };

/* The last command.finished of an item. */
struct command_run {
    struct mark mark;
    int64_t exit;
    bool matched; /* whether the expectation held; true where the event does not say */
};

/* The latest value that judged the threshold of an item. */
struct measured {
    struct mark mark;
    bool within;
    char *text;  /* "0.4 of 3.3.10 is not < 0.1 %" */
    char *value; /* "0.4 %", as it was written */
};

/* What is known of one node of the checklist. */
struct node_state {
    struct mark
        mark; /* latest accepted act that counts: check, value, status, approval, decision */
    enum result result; /* item: latest accepted; NONE again once reopened */
    char *note;         /* its note, comment or reason; NULL */
    char *
        value; /* field, choice, status, decision: latest accepted value as its source text; NULL */
    size_t option; /* decision, status, choice: index of its value among the node's options, or
                      CHECKLIST_NONE */
    char *unit;    /* as recorded; NULL */
    bool numeric;
    double number;
    struct mark waived; /* item, status, field, choice: the waiver in force */
    char *waive_reason;
    struct mark undone; /* latest reopening, rejection or withdrawal */
    bool rejected;      /* approval: that was a rejection */
    char *undo_reason;
    struct command_run command;
    struct measured measured; /* item with a threshold */
    bool suspect;             /* signed by a key revoked since before that: it counts for nothing */
    bool met;           /* RULES.md "met", optional nodes and closed rollback sections aside */
    uint64_t met_since; /* position since which it has been met without a break; only while met */
    size_t refused;     /* refused attempts on it */
};

/* A principal's assignment to a role in this deployment, over stream positions [from, to). */
struct assignment {
    char *role;
    char *principal;
    struct mark made; /* by whom; an assignment by a suspect signature counts for nothing */
    int64_t until_us; /* INT64_MAX: open */
    uint64_t from_pos;
    uint64_t to_pos; /* SEQ_NONE while it holds */
};

/* Something that must not stay (RULES.md "criterion"). */
struct criterion {
    char *id;       /* "threshold:2.3.1", "status:…", "issue:…" */
    size_t node;    /* its node, or CHECKLIST_NONE */
    size_t section; /* where it arose, or CHECKLIST_NONE (an issue) */
    char *text;     /* what was found, for a person */
    struct mark arose;
    struct mark resolved; /* unresolved while not set; what arises again is another criterion */
};

struct issue {
    char *id;
    char *title;
    int severity; /* 1..4 */
    struct mark opened;
    struct mark changed; /* latest issue.changed */
    struct mark resolved;
};

struct note_taken {
    char *text;
    size_t node; /* or CHECKLIST_NONE */
    struct mark mark;
};

/* Evidence that was attached here. */
struct attached {
    size_t node; /* or CHECKLIST_NONE */
    struct mark mark;
    struct attestation found; /* as of its own position */
};

struct sample {
    char *metric;
    char *value_text;
    double value;
    char *unit;  /* "" without one */
    size_t node; /* or CHECKLIST_NONE */
    struct mark mark;
};

enum deployment_phase {
    PHASE_UNOPENED,
    PHASE_OPEN,
    PHASE_ROLLING_BACK,
    PHASE_ROLLED_BACK,
    PHASE_CLOSED
};

struct deployment {
    uint32_t magic;
    char id[STREAM_BYTES_MAX + 1];
    const struct registry
        *registry; /* borrowed; must hold the ledger stream at least up to each entry folded */
    const struct checklist *checklist; /* borrowed; NULL before opening */
    enum deployment_phase phase;
    uint64_t entries; /* positions folded; the last is entries - 1 */
    struct mark first, last;
    uint8_t (*leaves)[HASH_BYTES]; /* [entries] leaf hash by position */

    struct mark opened;
    json_t *opening; /* data of deployment.opened, owned; NULL before */
    char *title, *release, *environment, *reason; /* NULL where not given */
    char *lead;
    char **authors;
    size_t author_count;
    char **artifacts; /* sha256, hex */
    size_t artifact_count;
    const struct registry_policy *policy; /* in force at opening */
    bool has_t0;
    int64_t t0_us; /* in force: clock.started, else t0 of opening or the last rescheduling */
    struct mark clock_started;
    bool has_window;
    int64_t window_from_us, window_to_us;
    struct mark emergency; /* declared, or opened as one */
    char *emergency_reason;

    struct node_state *nodes; /* [checklist->node_count] */
    struct assignment *assignments;
    size_t assignment_count;
    struct criterion *criteria;
    size_t criterion_count;
    struct issue *issues;
    size_t issue_count;
    struct note_taken *notes;
    size_t note_count;
    struct sample *samples;
    size_t sample_count;
    struct attached *evidence;
    size_t evidence_count;

    struct mark rollback_started, rollback_finished;
    char *rollback_reason;
    char *rollback_status; /* option label of rollback.finished */
    bool rollback_good;    /* finished with a ✓ */
    struct mark closed;
    char *outcome; /* successful, rolled-back, failed, abandoned; NULL while open */

    size_t accepted, refused,
        flagged;       /* entries by verdict; flagged are accepted ones with a flag */
    size_t newer;      /* evidence that a newer program meant as an act: it is not judged */
    struct fold *fold; /* what only the reducer needs; private to it */
};

/**
 * deployment_new(id, registry, catalog): An unopened deployment.  ${registry} and ${catalog} are
 * borrowed for its life.
 *
 * deployment_apply(deployment, record, event, ret_verdict): Fold the next entry of its stream, in
 * order of stream_pos, and judge it; ${event} is its parsed event (NULL if erased: accepted, no
 * effect).  *${ret_verdict} starts cleared.
 *
 * deployment_free(deployment): NULL is fine.
 */
struct catalog;
struct deployment *deployment_new(const char *id, const struct registry *registry,
                                  struct catalog *catalog);
void deployment_apply(struct deployment *deployment, const struct record *record,
                      const struct event *event, struct verdict *ret_verdict);
void deployment_free(struct deployment *deployment);

/**
 * deployment_suppose(deployment, policy): Judge what follows by ${policy} (borrowed for its life)
 * instead of the one in force at its opening; NULL changes nothing.  Before the opening.
 * deployment_settle(deployment, seq): Take in what the ledger stream says below ${seq} without an
 * entry of this deployment: revocations that make signatures suspect.  Applying an entry does so
 * for its own seq first.
 */
void deployment_suppose(struct deployment *deployment, const struct registry_policy *policy);
void deployment_settle(struct deployment *deployment, uint64_t seq);

/**
 * deployment_met(deployment, node): Whether the node counts as met now: met, optional, or in a
 * rollback section while no rollback is open.
 *
 * deployment_holder(deployment, principal, role, seq, time_us): Granted on the ledger at ${seq},
 * and assigned here now.
 *
 * deployment_gate_open(deployment, gate): Whether the gate's first option stands.
 * deployment_gate_opened(deployment, gate, pos): Whether it stands since just that position.
 *
 * deployment_next_gate(deployment): The first gate that is not open, or CHECKLIST_NONE.
 *
 * deployment_phase_name(phase): "unopened", "open", "rolling-back", "rolled-back", "closed";
 * static.
 */
bool deployment_met(const struct deployment *deployment, size_t node);
bool deployment_holder(const struct deployment *deployment, const char *principal, const char *role,
                       uint64_t seq, int64_t time_us);
bool deployment_gate_open(const struct deployment *deployment, size_t gate);
bool deployment_gate_opened(const struct deployment *deployment, size_t gate, uint64_t pos);
size_t deployment_next_gate(const struct deployment *deployment);
const char *deployment_phase_name(enum deployment_phase phase);

/**
 * deployment_gate_missing(deployment, gate, buf):
 * Append what the gate still lacks now, one "node: what" per line; nothing if it is ready.  Returns
 * the number.
 */
size_t deployment_gate_missing(const struct deployment *deployment, size_t gate, struct buf *buf);

#endif
