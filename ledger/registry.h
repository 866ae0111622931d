/* registry - who may do what, by position: a pure fold of the stream `ledger`.
 * Keys, admins, roles, tokens, policies, checklists, holds, and the ledger's own keys; each fact is
 * asked for at a position (a seq), never by today's clock: what entry s makes holds at positions
 * above s, what entry s ends still holds at s.  Role names compare without regard to ASCII case and
 * to runs of white space. The role `admin` is held by whom ledger.created names, and by whom
 * role.granted gives it. A principal has keys or tokens, never both.  Source: RULES.md "Events",
 * DESIGN.md 2. Pure.
 */
#ifndef LEDGER_REGISTRY_H
#define LEDGER_REGISTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/event.h"
#include "ledger/note.h"
#include "ledger/sshkey.h"
#include "ledger/verdict.h"

#define SEQ_NONE UINT64_MAX /* "not yet": the end of a fact that still holds */

struct registry;

/* The ledger's own two keys, from one change to the next.  The first pair holds from entry 0 on, a
 * later one at positions above its entry's. */
struct registry_pair {
    struct note_key checkpoint;
    uint8_t admission_key[ED25519_KEY_BYTES];
    uint64_t seq;     /* of ledger.created or ledger.rekeyed */
    int64_t until_us; /* up to this time_us of entries the pair before holds too; -1: it does not */
};

#define REGISTRY_PAIRS_MAX 2 /* pairs that hold at one position */

struct registry_key {
    struct sshkey key;
    char principal[PRINCIPAL_BYTES_MAX + 1];
    uint64_t enrolled_seq;
    int64_t enrolled_us;  /* time_us of its enrolment */
    uint64_t revoked_seq; /* position of key.revoked, or SEQ_NONE */
    int64_t revoked_us;   /* time_us there; -1 without one */
    uint64_t suspect_seq; /* entries it signed from here on are suspect (data.since), or SEQ_NONE */
    uint64_t suspected_seq; /* position of the key.revoked that said so, or SEQ_NONE */
    int64_t suspected_us;   /* time_us there; -1 without one */
    bool by_admin; /* a further key of its principal that none of its valid keys signed for */
};

#define SCOPE_READ 1u
#define SCOPE_WRITE 2u

struct registry_token {
    uint8_t sha256[HASH_BYTES]; /* of the token's 32 bytes */
    char principal[PRINCIPAL_BYTES_MAX + 1];
    unsigned scopes;    /* SCOPE_* */
    int64_t expires_us; /* compared with admitted_us; INT64_MAX without an end */
    uint64_t issued_seq;
    uint64_t revoked_seq; /* or SEQ_NONE */
};

struct registry_policy {
    uint64_t seq;           /* position of policy.set; 0 for the default */
    bool separation;        /* true */
    int64_t retroactive_us; /* 72 hours */
    int64_t skew_us;        /* 300 seconds */
    bool late_refuses;      /* false */
    const json_t *json; /* touch, pin, quorum, retention as set; borrowed; NULL for the default */
};

/* An older copy of the ledger that was put in its place. */
struct registry_restore {
    uint64_t seq;  /* position of ledger.restored: what stood from there on is lost */
    uint64_t size; /* of the checkpoint that was given up */
    uint8_t root[HASH_BYTES];
};

/* A deployment must be kept until this is released; in force at positions above placed_seq, up to
 * and with released_seq. */
struct registry_hold {
    char deployment[STREAM_BYTES_MAX + 1];
    char placed_by[PRINCIPAL_BYTES_MAX + 1];
    char *reason;                              /* owned by the registry */
    uint64_t placed_seq;                       /* position of hold.placed */
    int64_t placed_us;                         /* time_us there */
    uint64_t released_seq;                     /* position of hold.released, or SEQ_NONE */
    int64_t released_us;                       /* time_us there; -1 without one */
    char released_by[PRINCIPAL_BYTES_MAX + 1]; /* "" without one */
    char *release_reason;                      /* owned by the registry; NULL without one */
};

/* A report that an admin has issued. */
struct registry_report {
    uint64_t seq; /* position of report.issued */
    int64_t time_us;
    char principal[PRINCIPAL_BYTES_MAX + 1];
    json_t *data; /* {parameters, files [{name, sha256}]}, and whatever else; the registry's */
};

/* Where all streams stood, as the ledger itself has said (heads.h). */
struct registry_heads {
    uint64_t seq;    /* position of ledger.heads */
    int64_t time_us; /* there */
    uint64_t size;   /* of entries [0, size), size <= seq */
    uint8_t root[HASH_BYTES];
};

struct registry_checklist {
    uint8_t sha256[HASH_BYTES]; /* of the Markdown */
    char *name;
    char *markdown; /* owned by the registry */
    size_t markdown_bytes;
    uint64_t seq; /* where it was first published */
};

/**
 * registry_new(), registry_free(registry): An empty registry, before entry 0.
 * registry_apply(registry, entry, event, ret_verdict):
 * Fold one entry of the stream `ledger`, in order of seq; ${event} is its parsed event (NULL if
 * erased: accepted, no effect).  *${ret_verdict} starts cleared; a refused event has no effect.
 * Refusals: wrong-stream, bad-value (members missing or malformed, key or token already known,
 * unknown key, role not held, a token for a principal with keys or the reverse), unsigned,
 * not-authorized (not by an admin at that position), key-revoked.  Flags: key-by-admin,
 * clock-skew, spooled, new-key, replayed, counter (compared with what the key signed in this stream
 * before, accepted or not).
 */
struct registry *registry_new(void);
void registry_free(struct registry *registry);
void registry_apply(struct registry *registry, const struct entry *entry, const struct event *event,
                    struct verdict *ret_verdict);

/**
 * registry_ledger(registry): data of `ledger.created`, borrowed; NULL before entry 0.
 * registry_size(registry): The seq after the last entry folded; 0 at first.
 */
const json_t *registry_ledger(const struct registry *registry);
uint64_t registry_size(const struct registry *registry);

/**
 * registry_checkpoint_keys(registry, size, time_us, ret):
 * The keys that sign a checkpoint of ${size} entries, the last of which has ${time_us}: one, or
 * during the change from one pair to the next two, the old one first.  A change without an overlap
 * has both sign the checkpoint that ends in its entry.  Gives their number; 0 before entry 0.
 * registry_admission_keys(registry, seq, time_us, ret):
 * The keys that may have admitted the entry at ${seq} with ${time_us}, borrowed, the newest first.
 * registry_note_signed(registry, note, size, time_us): Whether each of the keys that sign such a
 * checkpoint has signed the note.
 * registry_pairs(registry, ret_count): All pairs in order.
 * registry_rekeys(registry, entry, event, ret_pair): Whether ${entry} with ${event} would, as the
 * next one of its stream, be an accepted ledger.rekeyed, and what pair it makes.
 */
size_t registry_checkpoint_keys(const struct registry *registry, uint64_t size, int64_t time_us,
                                struct note_key ret[REGISTRY_PAIRS_MAX]);
size_t registry_admission_keys(const struct registry *registry, uint64_t seq, int64_t time_us,
                               const uint8_t *ret[REGISTRY_PAIRS_MAX]);
bool registry_note_signed(const struct registry *registry, const struct buf *note, uint64_t size,
                          int64_t time_us);
const struct registry_pair *const *registry_pairs(const struct registry *registry,
                                                  size_t *ret_count);
bool registry_rekeys(struct registry *registry, const struct entry *entry,
                     const struct event *event, struct registry_pair *ret_pair);

/**
 * registry_key(registry, key_id): The key, or NULL if it was never enrolled.  Borrowed; lives as
 * the registry.
 *
 * registry_keys(registry, ret_count): All keys in order of enrolment.
 *
 * registry_key_valid(key, seq): Enrolled before ${seq} and not revoked before it.
 *
 * registry_key_suspect(key, signed_seq, seq): As known at ${seq}, an entry it signed at
 * ${signed_seq} is suspect.
 */
const struct registry_key *registry_key(const struct registry *registry,
                                        const uint8_t key_id[KEY_ID_BYTES]);
const struct registry_key *const *registry_keys(const struct registry *registry, size_t *ret_count);
bool registry_key_valid(const struct registry_key *key, uint64_t seq);
bool registry_key_suspect(const struct registry_key *key, uint64_t signed_seq, uint64_t seq);

/**
 * registry_token(registry, sha256): The token, or NULL.
 *
 * registry_token_valid(token, seq, admitted_us): Issued before ${seq}, not revoked before it, not
 * expired.
 *
 * registry_tokens(registry, ret_count): All tokens in order of issue.
 */
const struct registry_token *registry_token(const struct registry *registry,
                                            const uint8_t sha256[HASH_BYTES]);
bool registry_token_valid(const struct registry_token *token, uint64_t seq, int64_t admitted_us);
const struct registry_token *const *registry_tokens(const struct registry *registry,
                                                    size_t *ret_count);

/**
 * registry_holds(registry, principal, role, seq): Whether ${principal} was granted ${role} at
 * ${seq}.
 *
 * registry_signed(registry, entry): A valid key of the entry's own principal signed it (at the
 * entry's position).
 *
 * registry_role_same(a, b): Whether two role names are the same.
 */
bool registry_holds(const struct registry *registry, const char *principal, const char *role,
                    uint64_t seq);
bool registry_signed(const struct registry *registry, const struct entry *entry);
bool registry_role_same(const char *a, const char *b);

/**
 * registry_grants(registry, fn, ctx): Call ${fn} for each grant in order: principal, role, the seq
 * that gave it, the seq that took it away (SEQ_NONE while it holds).
 */
typedef void registry_grant_fn(void *ctx, const char *principal, const char *role, uint64_t from,
                               uint64_t to);
void registry_grants(const struct registry *registry, registry_grant_fn *fn, void *ctx);

/**
 * registry_gave_up(registry, size, root): Whether a ledger.restored gave up that checkpoint.
 * registry_restore_of(registry, size): The first restore that gave up checkpoints of ${size}
 * entries, if they covered more than was left then; NULL if there is none.  Borrowed until the next
 * entry is folded.
 */
bool registry_gave_up(const struct registry *registry, uint64_t size,
                      const uint8_t root[HASH_BYTES]);
const struct registry_restore *registry_restore_of(const struct registry *registry, uint64_t size);

/**
 * registry_hold_list(registry, ret_count): All holds in the order of their placing, also those that
 * are released.
 * registry_hold_on(registry, deployment, seq, ret_count): The oldest hold on a deployment that is
 * in force at ${seq}, and how many are; NULL and 0 if none is.
 * registry_report_list(registry, ret_count): All reports issued, in order.
 * All are borrowed and live as the registry; the lists until the next entry is folded.
 */
const struct registry_hold *const *registry_hold_list(const struct registry *registry,
                                                      size_t *ret_count);
const struct registry_hold *registry_hold_on(const struct registry *registry,
                                             const char *deployment, uint64_t seq,
                                             size_t *ret_count);
const struct registry_report *const *registry_report_list(const struct registry *registry,
                                                          size_t *ret_count);

/**
 * registry_heads(registry, ret_count): All ledger.heads in order.  Borrowed until the next entry is
 * folded.
 */
const struct registry_heads *registry_heads(const struct registry *registry, size_t *ret_count);

/**
 * registry_checklist(registry, sha256, seq): The checklist published before ${seq}, or NULL.
 * registry_checklists(registry, ret_count): All, in order of publishing.
 * registry_policy(registry, seq): The policy in force at ${seq}; never NULL.
 * registry_policy_read(data, ret, ret_why): A policy as the data of `policy.set` give it, which it
 * borrows; what they do not name is as by default.  Errors: INVALID.
 * registry_policy_weaker(policy): Whether it is weaker than the default in any respect.
 * registry_policy_days(policy, name, ret_class): How many days a deployment whose environment is
 * ${name} (NULL: none) must be kept after its last event, and the class of the policy that says so,
 * borrowed from it: the one of that name, which compares as a role's does, else "default".
 */
const struct registry_checklist *registry_checklist(const struct registry *registry,
                                                    const uint8_t sha256[HASH_BYTES], uint64_t seq);
const struct registry_checklist *const *registry_checklists(const struct registry *registry,
                                                            size_t *ret_count);
const struct registry_policy *registry_policy(const struct registry *registry, uint64_t seq);
MUST_CHECK enum err registry_policy_read(const json_t *data, struct registry_policy *ret,
                                         struct err_text *ret_why);
bool registry_policy_weaker(const struct registry_policy *policy);
uint64_t registry_policy_days(const struct registry_policy *policy, const char *name,
                              const char **ret_class);

#endif
