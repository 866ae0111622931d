#include "ledger/registry_act.h"

#include <string.h>

#include "ledger/bytes.h"
#include "ledger/ijson.h"

bool registry_act_text(const struct registry_act *act, const char *name, const char **ret)
{
    const char *text = ijson_string(act->data, name);
    if (text == NULL || text[0] == '\0') {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`%s` must be a string that is not empty",
                       name);
        return false;
    }
    *ret = text;
    return true;
}

bool registry_act_principal(const struct registry_act *act, const char **ret)
{
    const char *principal = NULL;
    if (!registry_act_text(act, "principal", &principal))
        return false;
    if (!event_principal_ok(principal) || strcmp(principal, "ledger") == 0) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "'%s' cannot name a principal", principal);
        return false;
    }
    *ret = principal;
    return true;
}

bool registry_act_hash(const struct registry_act *act, const char *name, uint8_t ret[HASH_BYTES])
{
    const char *text = ijson_string(act->data, name);
    if (text == NULL || !bytes_from_hex(text, ret, HASH_BYTES)) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`%s` must be 64 lower-case hex digits", name);
        return false;
    }
    return true;
}

bool registry_act_seq(const struct registry_act *act, const char *name, uint64_t *ret)
{
    const json_t *value = ijson_get(act->data, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) > act->entry->seq) {
        verdict_refuse(act->verdict, RULE_BAD_VALUE, "`%s` must be a position up to %llu", name,
                       (unsigned long long)act->entry->seq);
        return false;
    }
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

bool registry_act_by_admin(const struct registry_act *act)
{
    const struct entry *entry = act->entry;
    const char *principal = entry->part.principal;
    bool signed_by_own = false;
    for (size_t i = 0; i < entry->part.sig_count; i++) {
        const struct registry_key *key = registry_key(act->registry, entry->part.sigs[i].key_id);
        signed_by_own = signed_by_own || (key != NULL && strcmp(key->principal, principal) == 0);
    }
    if (!signed_by_own)
        verdict_refuse(act->verdict, RULE_UNSIGNED, "it needs the signature of an admin");
    else if (!registry_holds(act->registry, principal, "admin", entry->seq))
        verdict_refuse(act->verdict, RULE_NOT_AUTHORIZED, "%s is not an admin", principal);
    else if (!registry_signed(act->registry, entry))
        verdict_refuse(act->verdict, RULE_KEY_REVOKED, "the key that %s signed with is revoked",
                       principal);
    else
        return true;
    return false;
}

bool registry_act_by_ledger(const struct registry_act *act)
{
    if (act->entry->part.origin == ORIGIN_LEDGER)
        return true;
    verdict_refuse(act->verdict, RULE_NOT_AUTHORIZED, "only the ledger itself says so");
    return false;
}
