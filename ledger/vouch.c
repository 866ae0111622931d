#include "ledger/vouch.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "ledger/bytes.h"
#include "ledger/ijson.h"
#include "ledger/store.h"
#include "ledger/verify_entry.h"

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

/* One signature over the event. */
static enum err hold_one(const struct vouch_ledger *ledger, const struct vouch_entry *entry,
                         size_t at, struct vouch_count *count, struct err_text *ret_why)
{
    const struct admitted_part *part = &entry->entry->part;
    const uint64_t seq = entry->entry->seq;
    const struct slice event = {entry->event, entry->event_bytes};
    const struct registry_key *key = registry_key(ledger->registry, part->sigs[at].key_id);
    if (signed_before(part, at))
        return err_say(ret_why, ERR_PROOF, "entry %" PRIu64 ": one key signed it twice", seq);
    if (key == NULL || key->enrolled_seq >= seq)
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 " is signed by a key that was not enrolled", seq);
    if (at == 0 && strcmp(key->principal, part->principal) != 0)
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 ": the key that signed it is not its principal's", seq);
    if (part->sigs[at].alg == SIG_WEBAUTHN) {
        count->webauthn++;
        return ERR_OK;
    }
    if (entry->event == NULL)
        return ERR_OK;
    if (!verify_entry_signature(&part->sigs[at], key, &event))
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 ": a signature over its event does not verify", seq);
    count->signatures++;
    return ERR_OK;
}

enum err vouch_signatures(const struct vouch_ledger *ledger, const struct vouch_entry *entry,
                          struct vouch_count *count, struct err_text *ret_why)
{
    const struct admitted_part *part = &entry->entry->part;
    const uint64_t seq = entry->entry->seq;
    enum err err = ERR_OK;
    if (!admitted(ledger, entry))
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 ": the signature of admission does not verify", seq);
    if (part->origin == ORIGIN_LEDGER &&
        (strcmp(part->principal, "ledger") != 0 || part->sig_count != 0 ||
         sodium_is_zero(part->credential, HASH_BYTES) != 1))
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 " says that it is the ledger's own, and somebody's", seq);
    count->signatures++;
    for (size_t i = 0; err == ERR_OK && i < part->sig_count; i++)
        err = hold_one(ledger, entry, i, count, ret_why);
    return err;
}

enum err vouch_event(const struct vouch_ledger *ledger, const struct entry *entry,
                     const struct event *event, struct err_text *ret_why)
{
    const struct admitted_part *part = &entry->part;
    const char *stream = event->deployment;
    if (stream == NULL && event_subject_verb(event) != NULL && part->origin != ORIGIN_LEDGER)
        stream = "ledger";
    if (stream != NULL && strcmp(stream, part->stream) != 0)
        return err_say(ret_why, ERR_PROOF, "entry %" PRIu64 ": its event names another stream",
                       entry->seq);
    if (part->sig_count > 0 && event_is_own(event) &&
        (event->ledger == NULL || strcmp(event->ledger, ledger->id_hex) != 0))
        return err_say(ret_why, ERR_PROOF,
                       "entry %" PRIu64 ": its event was signed for another ledger", entry->seq);
    return ERR_OK;
}
