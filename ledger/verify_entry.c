#include "ledger/verify_entry.h"

#include <sodium.h>
#include <string.h>

#include "ledger/dsse.h"
#include "ledger/event.h"
#include "ledger/sshsig.h"
#include "ledger/verify_state.h"

/* One entry under check. */
struct subject {
    struct verify_state *state;
    const struct row *row;
    struct event *event; /* owned; NULL if erased */
    uint8_t leaf[HASH_BYTES];
};

static enum err bad(const struct subject *subject, const char *what)
{
    uint64_t seq = subject->state->next;
    return verify_state_bad(subject->state, seq, "entry %llu: %s", (unsigned long long)seq, what);
}

static bool zeros(const void *data, size_t bytes)
{
    return sodium_is_zero(data, bytes) == 1;
}

static enum err check_chain(const struct subject *subject)
{
    const struct rows_head *head = &subject->state->head;
    const struct entry *entry = &subject->row->entry;
    int64_t time_us =
        entry->part.admitted_us > head->time_us ? entry->part.admitted_us : head->time_us;
    if (memcmp(entry->prev, head->leaf, HASH_BYTES) != 0)
        return bad(subject, "it does not follow from the entry before it");
    if (entry->time_us != time_us)
        return bad(subject, "its time does not follow from its admission and the entry before it");
    return ERR_OK;
}

/* Its row of the index, and the entry before it in its stream.  That the index has no other rows is
 * seen from their number. */
static enum err check_stream(const struct subject *subject)
{
    struct verify_state *state = subject->state;
    const struct entry *entry = &subject->row->entry;
    const char *stream = entry->part.stream;
    uint64_t seq = 0;
    uint8_t leaf[HASH_BYTES];
    bool found = false;
    enum err err = rows_stream_find(state->txn, stream, entry->stream_pos, &seq, &found);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK || !found || seq != entry->seq)
        return bad(subject, "the index of streams does not have it where it says it is");
    if (entry->stream_pos == 0)
        return zeros(entry->stream_prev, HASH_BYTES)
                   ? ERR_OK
                   : bad(subject, "it is its stream's first and follows another");
    err = rows_stream_find(state->txn, stream, entry->stream_pos - 1, &seq, &found);
    if (err == ERR_OK && found && seq < entry->seq)
        err = rows_node_read(state->txn, 0, seq, leaf);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK || !found || seq >= entry->seq ||
        memcmp(leaf, entry->stream_prev, HASH_BYTES) != 0)
        return bad(subject, "it does not follow from the entry before it in its stream");
    return ERR_OK;
}

/* A tree_write_fn that compares with what is stored. */
static enum err compare_node(void *ctx, unsigned level, uint64_t index,
                             const uint8_t hash[HASH_BYTES])
{
    const struct subject *subject = ctx;
    uint8_t stored[HASH_BYTES];
    enum err err = rows_node_read(subject->state->txn, level, index, stored);
    if (err == ERR_IO)
        return err;
    if (err == ERR_OK && memcmp(stored, hash, HASH_BYTES) == 0)
        return ERR_OK;
    return bad(subject, level == 0 ? "it has not the leaf hash that the tree has of it"
                                   : "a node of the tree above it is not what its leaves give");
}

static enum err check_tree(struct subject *subject)
{
    entry_leaf(subject->row->bytes.data, subject->row->bytes.bytes, subject->leaf);
    return tree_edge_push(&subject->state->head.edge, subject->leaf, compare_node, subject);
}

/* What the event says of itself against where it was put. */
static enum err check_event(struct subject *subject)
{
    struct verify_state *state = subject->state;
    const struct row *row = subject->row;
    const struct admitted_part *part = &row->entry.part;
    uint8_t name[HASH_BYTES];
    uint64_t seq = 0;
    bool found = false;
    if (row->event.bytes == 0) {
        state->erased++;
        return ERR_OK;
    }
    if (event_parse(row->event.data, row->event.bytes, &subject->event, NULL) != ERR_OK)
        return bad(subject, "its event is no CloudEvent");
    const struct event *event = subject->event;
    rows_id_name(part->principal, event->source, name);
    enum err err = rows_id_find(state->txn, name, event->id, &seq, &found);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK || !found || seq != row->entry.seq)
        return bad(subject, "the index of ids does not have its event");
    const char *stream = event->deployment;
    if (stream == NULL && event_subject_verb(event) != NULL && part->origin != ORIGIN_LEDGER)
        stream = "ledger";
    if (stream != NULL && strcmp(stream, part->stream) != 0)
        return bad(subject, "its event names another stream");
    if (part->sig_count > 0 && event_is_own(event) &&
        (event->ledger == NULL || strcmp(event->ledger, state->ledger_hex) != 0))
        return bad(subject, "its event was signed for another ledger");
    return ERR_OK;
}

static enum err check_admission(const struct subject *subject)
{
    struct verify_state *state = subject->state;
    const struct entry *entry = &subject->row->entry;
    struct buf part = {0}, message = {0};
    entry_encode_part(&entry->part, &part);
    entry_admission_message(state->ledger_id, part.data, part.bytes, &message);
    bool good = crypto_sign_verify_detached(entry->admission, message.data, message.bytes,
                                            state->admission_key) == 0;
    buf_free(&part);
    buf_free(&message);
    if (!good)
        return bad(subject, "the signature of admission does not verify");
    state->result->signatures++;
    bool own = entry->part.origin == ORIGIN_LEDGER;
    if (own && (strcmp(entry->part.principal, "ledger") != 0 || entry->part.sig_count != 0 ||
                !zeros(entry->part.credential, HASH_BYTES)))
        return bad(subject, "it says that it is the ledger's own, and somebody's");
    return ERR_OK;
}

static bool signature_good(const struct entry_sig *sig, const struct registry_key *key,
                           const struct slice *event)
{
    struct sshsig blob;
    struct buf message = {0};
    if (sig->alg == SIG_SSHSIG)
        return sshsig_parse(sig->data, sig->bytes, &blob, NULL) == ERR_OK &&
               memcmp(blob.key.id, sig->key_id, KEY_ID_BYTES) == 0 &&
               sshsig_check(&blob, event->data, event->bytes) == ERR_OK;
    if (sig->alg != SIG_DSSE_ED25519 || sig->bytes != ED25519_SIG_BYTES)
        return false;
    dsse_pae(EVENT_MEDIA_TYPE, event->data, event->bytes, &message);
    bool good =
        crypto_sign_verify_detached(sig->data, message.data, message.bytes, key->key.ed25519) == 0;
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

/* Each signature, under the keys as they were at this position.  A key that was revoked still says
 * who signed; what it was good for is the rules' to judge. */
static enum err check_signatures(const struct subject *subject)
{
    struct verify_state *state = subject->state;
    const struct admitted_part *part = &subject->row->entry.part;
    for (size_t i = 0; i < part->sig_count; i++) {
        const struct entry_sig *sig = &part->sigs[i];
        const struct registry_key *key = registry_key(state->registry, sig->key_id);
        if (key == NULL)
            return bad(subject, "it is signed by a key that was not enrolled");
        if (i == 0 && strcmp(key->principal, part->principal) != 0)
            return bad(subject, "the key that signed it is not its principal's");
        if (signed_before(part, i))
            return bad(subject, "one key signed it twice");
        if (sig->alg == SIG_WEBAUTHN) {
            state->webauthn++;
            continue;
        }
        if (subject->event == NULL)
            continue;
        if (!signature_good(sig, key, &subject->row->event))
            return bad(subject, "a signature over its event does not verify");
        state->result->signatures++;
    }
    return ERR_OK;
}

static void fold(const struct subject *subject)
{
    struct verdict verdict = {0};
    if (subject->event == NULL || strcmp(subject->row->entry.part.stream, "ledger") != 0)
        return;
    registry_apply(subject->state->registry, &subject->row->entry, subject->event, &verdict);
    verdict_clear(&verdict);
}

enum err verify_entry_check(struct verify_state *state, const struct row *row)
{
    struct subject subject = {.state = state, .row = row};
    enum err err = check_chain(&subject);
    if (err == ERR_OK)
        err = check_tree(&subject);
    if (err == ERR_OK)
        err = check_stream(&subject);
    if (err == ERR_OK)
        err = check_event(&subject);
    if (err == ERR_OK && !state->options->only_hashes)
        err = check_admission(&subject);
    if (err == ERR_OK && !state->options->only_hashes)
        err = check_signatures(&subject);
    if (err == ERR_OK) {
        fold(&subject);
        state->head.time_us = row->entry.time_us;
        memcpy(state->head.leaf, subject.leaf, HASH_BYTES);
        state->result->entries++;
        state->next++;
    }
    event_free(subject.event);
    return err;
}
