/* target - the node that a signer means: by its id, by a role, by a gate's name, or the only one
 * that waits for them.  Pure.
 */
#ifndef REPLAY_TARGET_H
#define REPLAY_TARGET_H

#include "replay/deployment.h"

/* Which nodes an act is for, where its name leaves it open. */
enum target_kind {
    TARGET_APPROVAL, /* approvals that are not given */
    TARGET_SIGNOFF,  /* sign-offs that are not given */
    TARGET_REJECTED, /* approvals and sign-offs */
    TARGET_GIVEN,    /* those that are given */
    TARGET_DECISION
};

struct target {
    const struct deployment *deployment;
    enum target_kind kind;
    const char *name;      /* as typed: an id, a role; of a decision also gate-N, rollback or the
                              gate's heading; NULL: none */
    const char *role;      /* --role; NULL: none */
    const char *principal; /* who signs; NULL: not known */
    uint64_t seq;          /* the next entry's */
    int64_t time_us;       /* and its time */
};

/**
 * target_find(target, ret_id, ret_why):
 * Give the id of the node, borrowed; where target->name names nothing, that name, for the rules to
 * refuse.  Without a name and a role: of the nodes of that kind the one whose role the principal
 * holds.  Errors: USAGE (decisions: no name), NOT_FOUND (no node waits), CONFLICT (several do:
 * ${ret_why} lists them).
 */
MUST_CHECK enum err target_find(const struct target *target, const char **ret_id,
                                struct err_text *ret_why);

/**
 * target_option(node, value): The option of the node that ${value} names, without regard to case;
 * or CHECKLIST_NONE.
 * target_options(node, buf): Append its options, joined by ", ".
 */
size_t target_option(const struct node *node, const char *value);
void target_options(const struct node *node, struct buf *buf);

#endif
