/* act - one event of ours in a deployment's stream while it is judged: what its type asks for, and
 * what its data say.  The table of act.c has one row for each type: {name, starred, parse, tests,
 * effect}.  Private to the files of the reducer.
 */
#ifndef REPLAY_ACT_H
#define REPLAY_ACT_H

#include "replay/fold.h"

/* Who may do it (RULES.md 2). */
enum act_authority {
    BY_ANYONE,     /* any principal with the write scope */
    BY_DEPLOYER,   /* who was granted `deployer` */
    BY_ASSIGNER,   /* an admin, the lead, or a holder of the role */
    BY_WAIVER,     /* the authority of the first gate that is not open, else of the last */
    BY_ITEM_ROLE,  /* of an item that carries a role: a holder of it */
    BY_APPROVER,   /* a holder of the approval's role */
    BY_WITHDRAWER, /* who gave it, or an admin */
    BY_DECIDER,    /* as the decision node says */
    BY_ANY_HOLDER, /* a holder of any role */
    BY_LAST_GATE   /* a holder of the last gate's authority */
};

/* What it is, and thereby which tests it meets. */
#define ACT_OPENS 1u       /* is the opening */
#define ACT_NODE 2u        /* must name a node */
#define ACT_MAY_NODE 4u    /* may name one */
#define ACT_WORK 8u        /* is work (decisions of gates and of rollback are not) */
#define ACT_WELCOME 16u    /* also after closing, and on any node at any time */
#define ACT_ROLLBACK 32u   /* only while rollback is open */
#define ACT_APPROVES 64u   /* approval.given: rests on a basis */
#define ACT_DECIDES 128u   /* decision.made: with its first option it rests on a basis */
#define ACT_SCHEDULES 256u /* only before the clock has started */
#define ACT_CLOSES 512u    /* is the closing */

struct act;

/* A parse function takes the data; false if it has refused them as bad-value. */
typedef bool act_parse_fn(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict);
/* An effect changes the state; it cannot fail. */
typedef void act_effect_fn(struct deployment *deployment, const struct act *act);

struct act_type {
    const char *name; /* "item.checked" */
    bool starred;     /* needs the person's own signature */
    unsigned tests;   /* ACT_* */
    unsigned kinds;   /* of nodes that it may name: bits 1 << enum node_kind; 0: any */
    enum act_authority authority;
    act_parse_fn *parse;
    act_effect_fn *effect;
};

/* What the signer saw. */
struct basis {
    bool given;
    uint64_t pos;
    uint8_t leaf[HASH_BYTES];
};

/* Text, numbers and lists are borrowed from the event unless said otherwise. */
struct act {
    bool own;                    /* its event's type is one of ours */
    const struct act_type *type; /* NULL: none of a deployment's */
    const struct record *record;
    const struct event *event;
    struct mark mark;
    const struct registry_key *key; /* the principal's own that signed it, or NULL */
    bool person;                    /* a valid key of the principal signed it */
    bool key_revoked;               /* its only such key is revoked */
    char *counter;                  /* which security key's counter did not grow; owned, or NULL */

    size_t node;   /* or CHECKLIST_NONE */
    size_t option; /* of the node, that `value` names; or CHECKLIST_NONE */
    bool stop;     /* a decision for any option but the first */
    enum result result;
    char *value; /* as its source text; owned */
    bool numeric;
    double number;
    const char *text; /* note, comment, reason, text: why */
    const char *unit, *role, *principal, *metric, *issue, *title, *status, *command;
    int64_t exit;
    bool matched;
    int severity;
    bool has_t0, has_window, emergency;
    int64_t t0_us, window_from_us, window_to_us, until_us;
    const json_t *criteria;
    struct basis basis;
    const struct checklist *checklist; /* opening: the one it names */
};

/**
 * act_read(deployment, record, event, ret): Fill ${ret} with who did what: type, mark, key.  The
 * data are read by the parse function of its type (rules.c).
 * act_clear(act): Free what it owns.
 */
void act_read(struct deployment *deployment, const struct record *record, const struct event *event,
              struct act *ret);
void act_clear(struct act *act);

/**
 * act_is_work(deployment, act): Whether it is work (RULES.md "work").
 * act_proceeds(act): Whether it is an approval or a decision for the first option: what rests on a
 * basis.
 * act_is_pass(act): Whether it is an item's pass.
 * act_is(act, name): Whether its type is "<subject>.<verb>".
 */
bool act_is_work(const struct deployment *deployment, const struct act *act);
bool act_proceeds(const struct act *act);
bool act_is_pass(const struct act *act);
bool act_is(const struct act *act, const char *name);

#endif
