#include "ledger/vouch.h"

#include <sodium.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/dsse.h"
#include "ledger/ijson.h"
#include "ledger/sshsig.h"
#include "ledger/store.h"

#define PART_OFFSET 92 /* of the admitted part in an entry */

enum err vouch_learn(const struct registry *registry, struct vouch_ledger *ret_ledger,
                     struct err_text *ret_why)
{
    struct vouch_ledger ledger = {.registry = registry};
    const char *id = ijson_string(registry_ledger(registry), "ledger");
    if (id == NULL || !bytes_from_hex(id, ledger.id, HASH_BYTES))
        return err_say(ret_why, ERR_PROOF, "entry 0 is not the making of a ledger");
    memcpy(ledger.id_hex, id, sizeof(ledger.id_hex));
    *ret_ledger = ledger;
    return ERR_OK;
}

/* By one of the keys that may have admitted it: the bytes of the admitted part stand in the entry
 * as they were signed. */
static bool admitted(const struct vouch_ledger *ledger, const struct vouch_entry *entry)
{
    const uint8_t *keys[REGISTRY_PAIRS_MAX];
    struct buf message = {0};
    bool good = false;
    size_t count =
        registry_admission_keys(ledger->registry, entry->entry->seq, entry->entry->time_us, keys);
    entry_admission_message(ledger->id, entry->bytes + PART_OFFSET,
                            entry->entry_bytes - PART_OFFSET - ED25519_SIG_BYTES, &message);
    for (size_t i = 0; !good && i < count; i++)
        good = crypto_sign_verify_detached(entry->entry->admission, message.data, message.bytes,
                                           keys[i]) == 0;
    buf_free(&message);
    return good;
}

static bool signed_before(const struct admitted_part *part, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (memcmp(part->sigs[i].key_id, part->sigs[at].key_id, KEY_ID_BYTES) == 0)
            return true;
    }
    return false;
}

/* Whether ${key} made the signature, which is not of alg 3, over the event. */
static bool signature_good(const struct entry_sig *sig, const struct registry_key *key,
                           const struct vouch_entry *entry)
{
    struct sshsig blob;
    struct buf message = {0};
    if (sig->alg == SIG_SSHSIG)
        return sshsig_parse(sig->data, sig->bytes, &blob, NULL) == ERR_OK &&
               memcmp(blob.key.id, sig->key_id, KEY_ID_BYTES) == 0 &&
               sshsig_check(&blob, entry->event, entry->event_bytes) == ERR_OK;
    if (sig->alg != SIG_DSSE_ED25519 || sig->bytes != ED25519_SIG_BYTES ||
        key->key.type != SSHKEY_ED25519)
        return false;
    dsse_pae(EVENT_MEDIA_TYPE, entry->event, entry->event_bytes, &message);
    bool good =
        crypto_sign_verify_detached(sig->data, message.data, message.bytes, key->key.ed25519) == 0;
    buf_free(&message);
    return good;
}

/* One signature over the event, under its key as it was at this position.  What a key that was
 * revoked is good for is the rules' to judge. */
static const char *hold_one(const struct vouch_ledger *ledger, const struct vouch_entry *entry,
                            size_t at, struct vouch_count *count)
{
    const struct admitted_part *part = &entry->entry->part;
    const struct registry_key *key = registry_key(ledger->registry, part->sigs[at].key_id);
    if (signed_before(part, at))
        return "one key signed it twice";
    if (key == NULL && ledger->hidden) {
        count->unknown++;
        return NULL;
    }
    if (key == NULL || key->enrolled_seq >= entry->entry->seq)
        return "it is signed by a key that was not enrolled";
    if (at == 0 && strcmp(key->principal, part->principal) != 0)
        return "the key that signed it is not its principal's";
    if (part->sigs[at].alg == SIG_WEBAUTHN) {
        count->webauthn++;
        return NULL;
    }
    if (entry->event == NULL)
        return NULL;
    if (!signature_good(&part->sigs[at], key, entry))
        return "a signature over its event does not verify";
    count->signatures++;
    return NULL;
}

const char *vouch_signatures(const struct vouch_ledger *ledger, const struct vouch_entry *entry,
                             struct vouch_count *count)
{
    const struct admitted_part *part = &entry->entry->part;
    const char *wrong = NULL;
    if (!admitted(ledger, entry))
        return "the signature of admission does not verify";
    count->signatures++;
    if (part->origin == ORIGIN_LEDGER &&
        (strcmp(part->principal, "ledger") != 0 || part->sig_count != 0 ||
         sodium_is_zero(part->credential, HASH_BYTES) != 1))
        return "it says that it is the ledger's own, and somebody's";
    for (size_t i = 0; wrong == NULL && i < part->sig_count; i++)
        wrong = hold_one(ledger, entry, i, count);
    return wrong;
}

const char *vouch_event(const struct vouch_ledger *ledger, const struct entry *entry,
                        const struct event *event)
{
    const struct admitted_part *part = &entry->part;
    const char *stream = event->deployment;
    if (stream == NULL && event_subject_verb(event) != NULL && part->origin != ORIGIN_LEDGER)
        stream = "ledger";
    if (stream != NULL && strcmp(stream, part->stream) != 0)
        return "its event names another stream";
    if (part->sig_count > 0 && event_is_own(event) && ledger->id_hex[0] != '\0' &&
        (event->ledger == NULL || strcmp(event->ledger, ledger->id_hex) != 0))
        return "its event was signed for another ledger";
    return NULL;
}
