/* registry_act - one act in the stream `ledger` while it is judged: who did it, and what its data
 * hold; and the facts that such acts make.  Private to registry*.c.  Pure.
 */
#ifndef LEDGER_REGISTRY_ACT_H
#define LEDGER_REGISTRY_ACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/counters.h"
#include "ledger/registry.h"

/* A role given to a principal: holds at positions above `from`, up to and with `to`. */
struct registry_grant {
    char principal[PRINCIPAL_BYTES_MAX + 1];
    char *role;
    uint64_t from; /* seq of ledger.created or role.granted */
    uint64_t to;   /* seq of role.revoked, or SEQ_NONE */
};

/* A policy and the data that it borrows. */
struct registry_rules {
    struct registry_policy policy;
    json_t *json; /* owned */
};

/* All facts in order of their making; none is ever removed. */
struct registry {
    uint64_t size;                /* entries of the ledger up to the last one folded */
    json_t *created;              /* data of ledger.created; NULL before entry 0 */
    struct registry_pair **pairs; /* the ledger's own keys */
    size_t pair_count, pair_cap;
    struct registry_key **keys;
    size_t key_count, key_cap;
    struct registry_grant *grants;
    size_t grant_count, grant_cap;
    struct registry_token **tokens;
    size_t token_count, token_cap;
    struct registry_rules **rules;
    size_t rules_count, rules_cap;
    struct registry_restore *restores;
    size_t restore_count, restore_cap;
    struct registry_hold **holds;
    size_t hold_count, hold_cap;
    struct registry_report **reports;
    size_t report_count, report_cap;
    struct registry_heads *heads;
    size_t heads_count, heads_cap;
    struct registry_checklist **checklists;
    size_t checklist_count, checklist_cap;
    struct counters counters; /* of the security keys that signed in the stream */
};

struct registry_act {
    struct registry *registry;
    const struct entry *entry;
    const json_t *data;      /* the event's data: an object */
    struct verdict *verdict; /* its outcome so far */
};

/**
 * registry_act_text(act, name, ret), registry_act_principal(act, ret),
 * registry_act_hash(act, name, ret), registry_act_seq(act, name, ret):
 * Take a mandatory member of the data: a string that is not empty; the member `principal`, a name
 * that can be one (event_principal_ok) and is not the ledger's own; 64 hex digits; a position that
 * is not above the act's own.  False, and the act is refused as bad-value, where it is anything
 * else.
 */
MUST_CHECK bool registry_act_text(const struct registry_act *act, const char *name,
                                  const char **ret);
MUST_CHECK bool registry_act_principal(const struct registry_act *act, const char **ret);
MUST_CHECK bool registry_act_hash(const struct registry_act *act, const char *name,
                                  uint8_t ret[HASH_BYTES]);
MUST_CHECK bool registry_act_seq(const struct registry_act *act, const char *name, uint64_t *ret);

/**
 * registry_act_by_admin(act), registry_act_by_ledger(act):
 * Whether an admin's valid key signed it, or the ledger itself made it (origin 4).  If not, the act
 * is refused: unsigned, not-authorized, key-revoked, tested in this order.
 */
bool registry_act_by_admin(const struct registry_act *act);
bool registry_act_by_ledger(const struct registry_act *act);

#endif
