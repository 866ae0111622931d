#include "ledger/registry_pairs.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/mem.h"

static void add(struct registry *registry, const struct registry_pair *pair)
{
    struct registry_pair **slot =
        MEM_PUSH(registry->pairs, registry->pair_count, registry->pair_cap);
    *slot = mem_copy(pair, sizeof(*pair));
}

void registry_pairs_created(const struct registry_act *act)
{
    struct registry_pair pair = {.seq = act->entry->seq, .until_us = -1};
    const char *vkey = ijson_string(act->data, "vkey");
    const char *admission = ijson_string(act->data, "admission_key");
    /* A vkey that is none makes a ledger that nobody can open (inside_info). */
    if (note_key_parse(vkey, &pair.checkpoint) == ERR_OK &&
        bytes_from_hex(admission, pair.admission_key, ED25519_KEY_BYTES))
        add(act->registry, &pair);
}

/* The pair in force at a position; NULL before entry 0. */
static const struct registry_pair *pair_at(const struct registry *registry, uint64_t seq,
                                           const struct registry_pair **ret_before)
{
    size_t at = registry->pair_count;
    while (at > 1 && registry->pairs[at - 1]->seq >= seq)
        at--;
    *ret_before = at > 1 ? registry->pairs[at - 2] : NULL;
    return at > 0 ? registry->pairs[at - 1] : NULL;
}

size_t registry_checkpoint_keys(const struct registry *registry, uint64_t size, int64_t time_us,
                                struct note_key ret[REGISTRY_PAIRS_MAX])
{
    const struct registry_pair *before = NULL;
    const struct registry_pair *pair = pair_at(registry, size, &before);
    size_t count = 0;
    if (pair == NULL)
        return 0;
    if (before != NULL && (time_us <= pair->until_us || size == pair->seq + 1))
        ret[count++] = before->checkpoint;
    ret[count++] = pair->checkpoint;
    return count;
}

size_t registry_admission_keys(const struct registry *registry, uint64_t seq, int64_t time_us,
                               const uint8_t *ret[REGISTRY_PAIRS_MAX])
{
    const struct registry_pair *before = NULL;
    const struct registry_pair *pair = pair_at(registry, seq, &before);
    size_t count = 0;
    if (pair == NULL)
        return 0;
    ret[count++] = pair->admission_key;
    if (before != NULL && time_us <= pair->until_us)
        ret[count++] = before->admission_key;
    return count;
}

bool registry_note_signed(const struct registry *registry, const struct buf *note, uint64_t size,
                          int64_t time_us)
{
    struct note_key keys[REGISTRY_PAIRS_MAX];
    size_t count = registry_checkpoint_keys(registry, size, time_us, keys);
    bool all = count > 0;
    for (size_t i = 0; all && i < count; i++)
        all = note_check((const char *)note->data, note->bytes, &keys[i], 1, NULL) == ERR_OK;
    return all;
}

const struct registry_pair *const *registry_pairs(const struct registry *registry,
                                                  size_t *ret_count)
{
    *ret_count = registry->pair_count;
    return (const struct registry_pair *const *)registry->pairs;
}

static bool take_keys(const struct registry_act *act, struct registry_pair *pair)
{
    const char *vkey = NULL;
    if (!registry_act_text(act, "vkey", &vkey) ||
        !registry_act_hash(act, "admission_key", pair->admission_key))
        return false;
    const char *origin = ijson_string(act->registry->created, "origin");
    if (note_key_parse(vkey, &pair->checkpoint) != ERR_OK)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`vkey` is none");
    else if (origin == NULL || strcmp(pair->checkpoint.name, origin) != 0)
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "`vkey` must have the ledger's origin as name");
    else if (crypto_core_ed25519_is_valid_point(pair->checkpoint.public_key) != 1 ||
             crypto_core_ed25519_is_valid_point(pair->admission_key) != 1)
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "a key is no point of the curve's large group");
    else
        return true;
    return false;
}

static bool same_key(const uint8_t a[ED25519_KEY_BYTES], const uint8_t b[ED25519_KEY_BYTES])
{
    return memcmp(a, b, ED25519_KEY_BYTES) == 0;
}

/* Each key serves one purpose once; the short ids of checkpoint keys must tell them apart. */
static bool check_new(const struct registry_act *act, const struct registry_pair *pair)
{
    const struct registry *registry = act->registry;
    bool good = !same_key(pair->checkpoint.public_key, pair->admission_key);
    for (size_t i = 0; good && i < registry->pair_count; i++) {
        const struct registry_pair *old = registry->pairs[i];
        good = !same_key(pair->checkpoint.public_key, old->checkpoint.public_key) &&
               !same_key(pair->checkpoint.public_key, old->admission_key) &&
               !same_key(pair->admission_key, old->checkpoint.public_key) &&
               !same_key(pair->admission_key, old->admission_key) &&
               pair->checkpoint.id != old->checkpoint.id;
    }
    if (!good)
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "the keys must be two, and none that the ledger has or had");
    return good;
}

static bool take_until(const struct registry_act *act, struct registry_pair *pair)
{
    const json_t *until = ijson_get(act->data, "until");
    int64_t now_us = act->entry->time_us;
    if (until == NULL || json_is_null(until))
        return true;
    if (json_is_string(until) && instant_parse(json_string_value(until), &pair->until_us) &&
        pair->until_us > now_us && pair->until_us - now_us <= REKEY_OVERLAP_US_MAX)
        return true;
    verdict_refuse(act->verdict, RULE_BAD_VALUE,
                   "`until` must be a time within %d days after the entry's, or null",
                   REKEY_OVERLAP_DAYS_MAX);
    return false;
}

/* A change waits for the end of the one before it, but one without an overlap ends that too: of
 * keys that leaked. */
static bool check_alone(const struct registry_act *act, const struct registry_pair *pair)
{
    const struct registry *registry = act->registry;
    const struct registry_pair *last =
        registry->pair_count > 0 ? registry->pairs[registry->pair_count - 1] : NULL;
    char until[INSTANT_TEXT_BYTES];
    if (last != NULL && (act->entry->time_us > last->until_us || pair->until_us < 0))
        return true;
    if (last == NULL) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "there are no keys that could be replaced");
        return false;
    }
    instant_format(last->until_us, until);
    verdict_refuse(act->verdict, RULE_BAD_VALUE,
                   "the keys were replaced at entry %llu, and the old ones hold until %s: only a "
                   "change without an overlap ends them before",
                   (unsigned long long)last->seq, until);
    return false;
}

/* Judges the act; the pair it makes, if it is accepted. */
static bool judge(const struct registry_act *act, struct registry_pair *ret_pair)
{
    *ret_pair = (struct registry_pair){.seq = act->entry->seq, .until_us = -1};
    return take_keys(act, ret_pair) && take_until(act, ret_pair) && check_new(act, ret_pair) &&
           check_alone(act, ret_pair) && registry_act_by_admin(act);
}

void registry_pairs_rekeyed(const struct registry_act *act)
{
    struct registry_pair pair;
    if (judge(act, &pair))
        add(act->registry, &pair);
}

bool registry_rekeys(struct registry *registry, const struct entry *entry,
                     const struct event *event, struct registry_pair *ret_pair)
{
    struct verdict verdict = {0};
    const char *name = event_subject_verb(event);
    struct registry_act act = {
        .registry = registry, .entry = entry, .data = event->data, .verdict = &verdict};
    bool is_one = name != NULL && strcmp(name, "ledger.rekeyed") == 0 &&
                  strcmp(entry->part.stream, "ledger") == 0 && json_is_object(event->data) &&
                  judge(&act, ret_pair);
    verdict_clear(&verdict);
    return is_one;
}

void registry_pairs_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->pair_count; i++)
        free(registry->pairs[i]);
    free(registry->pairs);
}
