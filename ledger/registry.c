#include "ledger/registry.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/mem.h"
#include "ledger/registry_act.h"
#include "ledger/registry_checklists.h"
#include "ledger/registry_heads.h"
#include "ledger/registry_holds.h"
#include "ledger/registry_keys.h"
#include "ledger/registry_pairs.h"
#include "ledger/registry_policies.h"
#include "ledger/registry_reports.h"
#include "ledger/registry_restores.h"
#include "ledger/registry_roles.h"
#include "ledger/registry_tokens.h"

#define NEW_KEY_US INSTANT_DAY_US /* a key is new for its first day */

struct registry *registry_new(void)
{
    return mem_zero(1, sizeof(struct registry));
}

void registry_free(struct registry *registry)
{
    if (registry == NULL)
        return;
    registry_pairs_free(registry);
    registry_keys_free(registry);
    registry_roles_free(registry);
    registry_tokens_free(registry);
    registry_policies_free(registry);
    registry_restores_free(registry);
    registry_heads_free(registry);
    registry_holds_free(registry);
    registry_reports_free(registry);
    registry_checklists_free(registry);
    counters_free(&registry->counters);
    json_decref(registry->created);
    free(registry);
}

const json_t *registry_ledger(const struct registry *registry)
{
    return registry->created;
}

uint64_t registry_size(const struct registry *registry)
{
    return registry->size;
}

/* Take one of the first admins; false if it is malformed. */
static bool take_admin(const json_t *admin, const char **ret_principal, struct sshkey *ret_key)
{
    const char *principal = ijson_string(admin, "principal");
    const char *text = ijson_string(admin, "public_key");
    if (principal == NULL || text == NULL || !event_principal_ok(principal) ||
        strcmp(principal, "ledger") == 0 || registry_keys_outside(principal) ||
        sshkey_from_text(text, ret_key, NULL) != ERR_OK)
        return false;
    *ret_principal = principal;
    return true;
}

static bool check_admins(const struct registry_act *act)
{
    const json_t *admins = ijson_get(act->data, "admins");
    const char *principal = NULL;
    struct sshkey key;
    bool good = json_array_size(admins) > 0;
    for (size_t i = 0; good && i < json_array_size(admins); i++)
        good = take_admin(json_array_get(admins, i), &principal, &key);
    if (!good)
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "`admins` must name at least one, each with principal and public_key");
    return good;
}

static void ledger_created(const struct registry_act *act)
{
    struct registry *registry = act->registry;
    const json_t *admins = ijson_get(act->data, "admins");
    const char *text = NULL, *principal = NULL;
    uint8_t hash[HASH_BYTES];
    struct sshkey key;
    if (act->entry->seq != 0 || registry->created != NULL) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "a ledger is created once, by its entry 0");
        return;
    }
    if (!registry_act_hash(act, "ledger", hash) || !registry_act_text(act, "origin", &text) ||
        !registry_act_text(act, "vkey", &text) || !registry_act_hash(act, "admission_key", hash) ||
        !check_admins(act) || !registry_act_by_ledger(act))
        return;
    registry->created = json_deep_copy(act->data);
    registry_pairs_created(act);
    for (size_t i = 0; i < json_array_size(admins); i++) {
        if (!take_admin(json_array_get(admins, i), &principal, &key) ||
            registry_key(registry, key.id) != NULL)
            continue;
        registry_keys_add(registry, act->entry, principal, &key);
        registry_roles_add(registry, principal, "admin", act->entry->seq);
    }
}

static void clock_leapt(const struct registry_act *act)
{
    registry_act_by_admin(act);
}

/* Named by the design for a later version: whoever says so, it has no effect yet. */
static void reserved(const struct registry_act *act)
{
    verdict_refuse(act->verdict, RULE_BAD_VALUE, "the type is reserved for a later version");
}

static void ingest_denied(const struct registry_act *act)
{
    registry_act_by_ledger(act);
}

typedef void fold_fn(const struct registry_act *act);

/* The acts of the stream `ledger` (RULES.md "Events"). */
static const struct {
    const char *name;
    fold_fn *fold;
} acts[] = {
    {"ledger.created", ledger_created},
    {"checklist.published", registry_checklists_published},
    {"policy.set", registry_policies_set},
    {"key.enrolled", registry_keys_enrolled},
    {"key.revoked", registry_keys_revoked},
    {"role.granted", registry_roles_granted},
    {"role.revoked", registry_roles_revoked},
    {"token.issued", registry_tokens_issued},
    {"token.revoked", registry_tokens_revoked},
    {"hold.placed", registry_holds_placed},
    {"hold.released", registry_holds_released},
    {"report.issued", registry_reports_issued},
    {"ledger.heads", registry_heads_said},
    {"ingest.denied", ingest_denied},
    {"clock.leapt", clock_leapt},
    {"ledger.rekeyed", registry_pairs_rekeyed},
    {"ledger.restored", registry_restores_recorded},
    {"ledger.sealed", reserved},
    {"event.erased", reserved},
};

static fold_fn *find_act(const struct event *event)
{
    const char *name = event_subject_verb(event);
    for (size_t i = 0; name != NULL && i < sizeof(acts) / sizeof(acts[0]); i++) {
        if (strcmp(acts[i].name, name) == 0)
            return acts[i].fold;
    }
    return NULL;
}

/* The signature by which the act is the principal's own: the first by a valid key; or NULL. */
static const struct registry_key *own_key(const struct registry *registry,
                                          const struct entry *entry)
{
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        const struct registry_key *key = registry_key(registry, entry->part.sigs[i].key_id);
        if (key != NULL && strcmp(key->principal, entry->part.principal) == 0 &&
            registry_key_valid(key, entry->seq))
            return key;
    }
    return NULL;
}

/* The flags that an accepted act gets whatever it is. */
static void flag_act(const struct registry_act *act, const struct event *event)
{
    const struct entry *entry = act->entry;
    int64_t apart_us = event->time_us - entry->time_us;
    int64_t skew_us = registry_policy(act->registry, entry->seq)->skew_us;
    if (event->has_time && (apart_us > skew_us || apart_us < -skew_us))
        verdict_flag(act->verdict, FLAG_CLOCK_SKEW);
    if (event->spooled)
        verdict_flag(act->verdict, FLAG_SPOOLED);
    if (event->replayed)
        verdict_flag(act->verdict, FLAG_REPLAYED);
    const struct registry_key *key = own_key(act->registry, entry);
    if (key != NULL && entry->time_us - key->enrolled_us < NEW_KEY_US)
        verdict_flag(act->verdict, FLAG_NEW_KEY);
}

void registry_apply(struct registry *registry, const struct entry *entry, const struct event *event,
                    struct verdict *ret_verdict)
{
    bool stuck = counters_note(&registry->counters, entry, NULL);
    registry->size = entry->seq + 1;
    if (event == NULL)
        return;
    struct registry_act act = {
        .registry = registry, .entry = entry, .data = event->data, .verdict = ret_verdict};
    fold_fn *fold = find_act(event);
    if (fold == NULL || strcmp(entry->part.stream, "ledger") != 0)
        verdict_refuse(ret_verdict, RULE_WRONG_STREAM, "%s does not belong in the stream %s",
                       event->type, entry->part.stream);
    else if (!json_is_object(event->data))
        verdict_refuse(ret_verdict, RULE_BAD_VALUE, "`data` must be an object");
    else
        fold(&act);
    if (ret_verdict->rule == RULE_NONE)
        flag_act(&act, event);
    if (ret_verdict->rule == RULE_NONE && stuck)
        verdict_flag(ret_verdict, FLAG_COUNTER);
}
