#include "ledger/registry_keys.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/ijson.h"
#include "ledger/mem.h"
#include "ledger/registry_tokens.h"

static struct registry_key *find(const struct registry *registry,
                                 const uint8_t key_id[KEY_ID_BYTES])
{
    for (size_t i = 0; i < registry->key_count; i++) {
        if (memcmp(registry->keys[i]->key.id, key_id, KEY_ID_BYTES) == 0)
            return registry->keys[i];
    }
    return NULL;
}

const struct registry_key *registry_key(const struct registry *registry,
                                        const uint8_t key_id[KEY_ID_BYTES])
{
    return find(registry, key_id);
}

const struct registry_key *const *registry_keys(const struct registry *registry, size_t *ret_count)
{
    *ret_count = registry->key_count;
    return (const struct registry_key *const *)registry->keys;
}

bool registry_key_valid(const struct registry_key *key, uint64_t seq)
{
    return key->enrolled_seq < seq && seq <= key->revoked_seq;
}

bool registry_key_suspect(const struct registry_key *key, uint64_t signed_seq, uint64_t seq)
{
    return signed_seq >= key->suspect_seq && key->suspected_seq < seq;
}

bool registry_signed(const struct registry *registry, const struct entry *entry)
{
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        const struct registry_key *key = find(registry, entry->part.sigs[i].key_id);
        if (key != NULL && strcmp(key->principal, entry->part.principal) == 0 &&
            registry_key_valid(key, entry->seq))
            return true;
    }
    return false;
}

bool registry_keys_any(const struct registry *registry, const char *principal)
{
    for (size_t i = 0; i < registry->key_count; i++) {
        if (strcmp(registry->keys[i]->principal, principal) == 0)
            return true;
    }
    return false;
}

bool registry_keys_outside(const char *principal)
{
    return strncmp(principal, "amqp:", 5) == 0 || strncmp(principal, "tls:", 4) == 0;
}

/* Whether a valid key of ${principal} is among those that signed the act. */
static bool signed_by(const struct registry_act *act, const char *principal)
{
    const struct admitted_part *part = &act->entry->part;
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct registry_key *key = find(act->registry, part->sigs[i].key_id);
        if (key != NULL && strcmp(key->principal, principal) == 0 &&
            registry_key_valid(key, act->entry->seq))
            return true;
    }
    return false;
}

struct registry_key *registry_keys_add(struct registry *registry, const struct entry *entry,
                                       const char *principal, const struct sshkey *key)
{
    struct registry_key *made = mem_zero(1, sizeof(*made));
    made->key = *key;
    memcpy(made->principal, principal, strlen(principal) + 1);
    made->enrolled_seq = entry->seq;
    made->enrolled_us = entry->time_us;
    made->revoked_us = made->suspected_us = -1;
    made->revoked_seq = made->suspect_seq = made->suspected_seq = SEQ_NONE;
    struct registry_key **slot = MEM_PUSH(registry->keys, registry->key_count, registry->key_cap);
    *slot = made;
    return made;
}

void registry_keys_enrolled(const struct registry_act *act)
{
    const char *principal = NULL, *text = NULL;
    struct sshkey key;
    struct err_text why = {0};
    if (!registry_act_principal(act, &principal) || !registry_act_text(act, "public_key", &text))
        return;
    if (registry_keys_outside(principal))
        verdict_refuse(act->verdict, RULE_BAD_VALUE,
                       "%s is a broker user or a certificate, which cannot have keys", principal);
    else if (sshkey_from_text(text, &key, &why) != ERR_OK)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`public_key`: %s", why.s);
    else if (find(act->registry, key.id) != NULL)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "the key is enrolled to %s already",
                       find(act->registry, key.id)->principal);
    else if (registry_tokens_any(act->registry, principal))
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "%s has a token, and so cannot have keys",
                       principal);
    else if (registry_act_by_admin(act)) {
        bool by_admin = registry_keys_any(act->registry, principal) && !signed_by(act, principal);
        registry_keys_add(act->registry, act->entry, principal, &key)->by_admin = by_admin;
        if (by_admin)
            verdict_flag(act->verdict, FLAG_KEY_BY_ADMIN);
    }
}

/* The key that `key_id` names, as fingerprint or in hex; NULL if it is none that is enrolled. */
static struct registry_key *named(const struct registry_act *act)
{
    const char *text = ijson_string(act->data, "key_id");
    uint8_t id[KEY_ID_BYTES];
    if (text == NULL ||
        (sshkey_fingerprint_parse(text, id) != ERR_OK && !bytes_from_hex(text, id, KEY_ID_BYTES)))
        return NULL;
    return find(act->registry, id);
}

void registry_keys_revoked(const struct registry_act *act)
{
    struct registry_key *key = named(act);
    const char *reason = NULL;
    uint64_t since = SEQ_NONE;
    bool has_since =
        ijson_get(act->data, "since") != NULL && !json_is_null(ijson_get(act->data, "since"));
    if (key == NULL) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`key_id` names no key that is enrolled");
        return;
    }
    if (!registry_act_text(act, "reason", &reason) ||
        (has_since && !registry_act_seq(act, "since", &since)))
        return;
    if (strcmp(reason, "retired") != 0 && strcmp(reason, "compromised") != 0)
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`reason` must be retired or compromised");
    else if (key->revoked_seq != SEQ_NONE && (!has_since || key->suspect_seq != SEQ_NONE))
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "the key is revoked already");
    else if (registry_act_by_admin(act)) {
        if (key->revoked_seq == SEQ_NONE) {
            key->revoked_seq = act->entry->seq;
            key->revoked_us = act->entry->time_us;
        }
        if (has_since) {
            key->suspect_seq = since;
            key->suspected_seq = act->entry->seq;
            key->suspected_us = act->entry->time_us;
        }
    }
}

void registry_keys_free(struct registry *registry)
{
    for (size_t i = 0; i < registry->key_count; i++)
        free(registry->keys[i]);
    free(registry->keys);
}
