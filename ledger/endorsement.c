#include "ledger/endorsement.h"

#include <sodium.h>
#include <string.h>

#include "ledger/sshsig.h"

/* One envelope while its signatures are held against the keys. */
struct search {
    const struct registry *registry;
    uint64_t seq;
    const struct dsse *dsse;
    struct buf message; /* what raw signatures are over */
    size_t tries;
    bool all_tried;
};

/* The raw key of an ssh-ed25519 key; NULL of another type.  The wire form is two strings: the
 * type's name and 32 bytes. */
static const uint8_t *raw_key(const struct sshkey *key)
{
    static const uint8_t head[] = "\0\0\0\013ssh-ed25519\0\0\0\040";
    const size_t head_bytes = sizeof(head) - 1;
    if (key->wire_bytes != head_bytes + ED25519_KEY_BYTES ||
        memcmp(key->wire, head, head_bytes) != 0)
        return NULL;
    return key->wire + head_bytes;
}

static bool known(const struct search *search, const struct registry_key *key)
{
    return key != NULL && key->enrolled_seq < search->seq;
}

static bool made_by(struct search *search, const struct dsse_sig *sig,
                    const struct registry_key *key)
{
    const uint8_t *raw = known(search, key) ? raw_key(&key->key) : NULL;
    if (raw == NULL)
        return false;
    if (search->tries == ENDORSEMENT_TRIES_MAX) {
        search->all_tried = false;
        return false;
    }
    search->tries++;
    return crypto_sign_verify_detached(sig->data, search->message.data, search->message.bytes,
                                       raw) == 0;
}

static const struct registry_key *find_raw(struct search *search, const struct dsse_sig *sig)
{
    size_t count = 0;
    const struct registry_key *const *keys = registry_keys(search->registry, &count);
    const struct registry_key *hinted = registry_key(search->registry, sig->key_id);
    if (sig->bytes != ED25519_SIG_BYTES)
        return NULL;
    if (made_by(search, sig, hinted))
        return hinted;
    for (size_t i = 0; search->all_tried && i < count; i++) {
        if (keys[i] != hinted && made_by(search, sig, keys[i]))
            return keys[i];
    }
    return NULL;
}

static const struct registry_key *find_ssh(struct search *search, const struct dsse_sig *sig)
{
    const struct buf *payload = &search->dsse->payload;
    struct sshsig blob;
    if (sshsig_parse(sig->data, sig->bytes, &blob, NULL) != ERR_OK)
        return NULL;
    const struct registry_key *key = registry_key(search->registry, blob.key.id);
    if (!known(search, key) || sshsig_check(&blob, payload->data, payload->bytes) != ERR_OK)
        return NULL;
    return key;
}

void endorsement_find(const struct registry *registry, uint64_t seq, const struct dsse *dsse,
                      struct endorsement ret[DSSE_SIGS_MAX], bool *ret_all_tried)
{
    struct search search = {.registry = registry, .seq = seq, .dsse = dsse, .all_tried = true};
    dsse_pae(dsse->type, dsse->payload.data, dsse->payload.bytes, &search.message);
    for (size_t i = 0; i < dsse->sig_count; i++) {
        const struct dsse_sig *sig = &dsse->sigs[i];
        const struct registry_key *key =
            dsse_is_ssh(sig) ? find_ssh(&search, sig) : find_raw(&search, sig);
        ret[i] = (struct endorsement){key, key != NULL && registry_key_valid(key, seq), false};
        for (size_t j = 0; key != NULL && j < i; j++)
            ret[i].repeated = ret[i].repeated || ret[j].key == key;
    }
    *ret_all_tried = search.all_tried;
    buf_free(&search.message);
}
