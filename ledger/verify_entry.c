#include "ledger/verify_entry.h"

#include <sodium.h>
#include <string.h>

#include "ledger/dsse.h"
#include "ledger/event.h"
#include "ledger/event_scan.h"
#include "ledger/sshsig.h"
#include "ledger/verify_state.h"

#define PART_OFFSET 92 /* of the admitted part in an entry */

/* One entry under check. */
struct subject {
    const struct verify_state *state;
    struct verify_piece *piece;
    unsigned at;
    struct row row;
    const struct event *event; /* borrowed from one of the two below; NULL if erased */
    struct event *parsed;      /* owned */
    struct event_scan scan;
};

static bool bad(const struct subject *subject, const char *what)
{
    return verify_piece_bad(subject->piece, subject->at, "entry %llu: %s",
                            verify_piece_seq(subject->piece, subject->at), what);
}

static bool zeros(const void *data, size_t bytes)
{
    return sodium_is_zero(data, bytes) == 1;
}

static bool check_form(struct subject *subject)
{
    struct verify_piece *piece = subject->piece;
    const unsigned at = subject->at;
    const struct slice *entry = &piece->entries[at];
    struct err_text why;
    if (rows_parse(piece->from + at, *entry, piece->events[at], &subject->row, &why) != ERR_OK)
        return verify_piece_bad(piece, at, "%s", why.s);
    entry_leaf(entry->data, entry->bytes, piece->leaves[at]);
    piece->leaf_count = at + 1;
    return true;
}

/* Against the entry before it; of a piece's first that is left for when it is taken in order. */
static bool check_chain(const struct subject *subject)
{
    struct verify_piece *piece = subject->piece;
    const struct entry *entry = &subject->row.entry;
    const int64_t admitted_us = entry->part.admitted_us;
    const int64_t before_us = piece->last_us;
    if (subject->at == piece->skip) {
        piece->first_us = entry->time_us;
        piece->first_admitted = admitted_us;
        memcpy(piece->first_prev, entry->prev, HASH_BYTES);
        return true;
    }
    if (memcmp(entry->prev, piece->leaves[subject->at - 1], HASH_BYTES) != 0)
        return bad(subject, "it does not follow from the entry before it");
    if (entry->time_us != (admitted_us > before_us ? admitted_us : before_us))
        return bad(subject, "its time does not follow from its admission and the entry before it");
    return true;
}

/* The link of a stream that an entry of this piece has begun, or a new one. */
static struct verify_link *find_link(struct verify_piece *piece, const uint8_t key[16],
                                     bool *ret_new)
{
    uint16_t *slot;
    uint16_t at;
    memcpy(&at, key, sizeof(at));
    for (;; at++) {
        slot = &piece->link_slots[at % (2 * TILE_WIDTH)];
        if (*slot == 0)
            break;
        if (memcmp(piece->links[*slot - 1].stream, key, sizeof(piece->links->stream)) == 0)
            return &piece->links[*slot - 1];
    }
    *ret_new = true;
    *slot = (uint16_t)++piece->link_count;
    return &piece->links[*slot - 1];
}

/* With entries that are not checked again, what is before the first of a stream is found by the
 * index, which has no two rows for a position. */
static enum err trust_link(const struct subject *subject, struct verify_link *link)
{
    const struct verify_state *state = subject->state;
    struct verify_source *source = state->source;
    uint64_t seq = 0;
    uint8_t leaf[HASH_BYTES];
    bool found = false;
    if (state->options->since == NULL || link->first_pos == 0)
        return ERR_OK;
    enum err err = source->find_stream(subject->piece, subject->row.entry.part.stream,
                                       link->first_pos - 1, &seq, &found);
    if (err == ERR_OK && found && seq < state->options->since->size) {
        err = source->find_leaf(subject->piece, seq, leaf);
        link->trusted = err == ERR_OK && memcmp(leaf, link->first_prev, HASH_BYTES) == 0;
    }
    return err == ERR_IO ? err : ERR_OK;
}

static enum err check_stream(const struct subject *subject, bool *ret_good)
{
    struct verify_piece *piece = subject->piece;
    const struct entry *entry = &subject->row.entry;
    const char *stream = entry->part.stream;
    uint8_t key[16];
    bool first = false;
    verify_streams_key(subject->state->streams, stream, strlen(stream), key);
    struct verify_link *link = find_link(piece, key, &first);
    if (first) {
        memcpy(link->stream, key, sizeof(link->stream));
        memcpy(link->first_prev, entry->stream_prev, HASH_BYTES);
        link->first = link->last = subject->at;
        link->first_pos = link->last_pos = entry->stream_pos;
        link->trusted = false;
        return trust_link(subject, link);
    }
    *ret_good = entry->stream_pos == link->last_pos + 1 &&
                memcmp(entry->stream_prev, piece->leaves[link->last], HASH_BYTES) == 0;
    if (!*ret_good)
        bad(subject, "it does not follow from the entry before it in its stream");
    link->last = subject->at;
    link->last_pos = entry->stream_pos;
    return ERR_OK;
}

/* What the event says of itself against where it was put. */
static bool check_event(const struct subject *subject)
{
    const struct verify_state *state = subject->state;
    const struct admitted_part *part = &subject->row.entry.part;
    const struct event *event = subject->event;
    const char *stream = event->deployment;
    if (stream == NULL && event_subject_verb(event) != NULL && part->origin != ORIGIN_LEDGER)
        stream = "ledger";
    if (stream != NULL && strcmp(stream, part->stream) != 0)
        return bad(subject, "its event names another stream");
    if (part->sig_count > 0 && event_is_own(event) && !state->blind &&
        (event->ledger == NULL || strcmp(event->ledger, state->info.id_hex) != 0))
        return bad(subject, "its event was signed for another ledger");
    return true;
}

/* Its rows of the indexes.  That they have no other rows is seen from their number. */
static enum err check_indexes(const struct subject *subject, bool *ret_good)
{
    struct verify_piece *piece = subject->piece;
    const struct verify_source *source = subject->state->source;
    const struct entry *entry = &subject->row.entry;
    const struct event *event = subject->event;
    uint8_t name[HASH_BYTES];
    uint64_t seq = 0;
    bool found = false;
    if (!source->indexed)
        return ERR_OK;
    enum err err = source->find_stream(piece, entry->part.stream, entry->stream_pos, &seq, &found);
    if (err == ERR_IO)
        return err;
    *ret_good = err == ERR_OK && found && seq == entry->seq;
    if (!*ret_good)
        bad(subject, "the index of streams does not have it where it says it is");
    if (!*ret_good || event == NULL)
        return ERR_OK;
    rows_id_name(entry->part.principal, event->source, name);
    err = source->find_id(piece, name, event->id, &seq, &found);
    if (err == ERR_IO)
        return err;
    *ret_good = err == ERR_OK && found && seq == entry->seq;
    if (!*ret_good)
        bad(subject, "the index of ids does not have its event");
    return ERR_OK;
}

/* By one of the keys that may have admitted it: the bytes of the admitted part stand in the entry
 * as they were signed. */
static bool admission_good(const struct subject *subject, struct buf *message)
{
    const struct verify_state *state = subject->state;
    const struct slice *bytes = &subject->row.bytes;
    const struct entry *entry = &subject->row.entry;
    const uint8_t *keys[REGISTRY_PAIRS_MAX];
    size_t key_count = registry_admission_keys(state->registry, entry->seq, entry->time_us, keys);
    entry_admission_message(state->info.id, bytes->data + PART_OFFSET,
                            bytes->bytes - PART_OFFSET - ED25519_SIG_BYTES, message);
    for (size_t i = 0; i < key_count; i++) {
        if (crypto_sign_verify_detached(entry->admission, message->data, message->bytes, keys[i]) ==
            0)
            return true;
    }
    return false;
}

static bool check_admission(const struct subject *subject)
{
    const struct entry *entry = &subject->row.entry;
    struct buf message = {0};
    bool good = admission_good(subject, &message);
    buf_free(&message);
    if (!good)
        return bad(subject, "the signature of admission does not verify");
    subject->piece->signatures++;
    bool own = entry->part.origin == ORIGIN_LEDGER;
    if (own && (strcmp(entry->part.principal, "ledger") != 0 || entry->part.sig_count != 0 ||
                !zeros(entry->part.credential, HASH_BYTES)))
        return bad(subject, "it says that it is the ledger's own, and somebody's");
    return true;
}

bool verify_entry_signature(const struct entry_sig *sig, const struct registry_key *key,
                            const struct slice *event)
{
    struct sshsig blob;
    struct buf message = {0};
    if (sig->alg == SIG_SSHSIG)
        return sshsig_parse(sig->data, sig->bytes, &blob, NULL) == ERR_OK &&
               memcmp(blob.key.id, sig->key_id, KEY_ID_BYTES) == 0 &&
               sshsig_check(&blob, event->data, event->bytes) == ERR_OK;
    if (sig->alg != SIG_DSSE_ED25519 || sig->bytes != ED25519_SIG_BYTES ||
        key->key.type != SSHKEY_ED25519)
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

/* One signature, under its key as it was at this position.  A key that was revoked still says who
 * signed; what it was good for is the rules' to judge. */
static bool check_signature(const struct subject *subject, size_t at)
{
    const struct verify_state *state = subject->state;
    const struct admitted_part *part = &subject->row.entry.part;
    const struct entry_sig *sig = &part->sigs[at];
    const struct registry_key *key = registry_key(state->registry, sig->key_id);
    if (signed_before(part, at))
        return bad(subject, "one key signed it twice");
    if (key == NULL && state->hidden) {
        subject->piece->unknown++;
        return true;
    }
    if (key == NULL || key->enrolled_seq >= subject->row.entry.seq)
        return bad(subject, "it is signed by a key that was not enrolled");
    if (at == 0 && strcmp(key->principal, part->principal) != 0)
        return bad(subject, "the key that signed it is not its principal's");
    if (sig->alg == SIG_WEBAUTHN) {
        subject->piece->webauthn++;
        return true;
    }
    if (subject->event == NULL)
        return true;
    if (!verify_entry_signature(sig, key, &subject->row.event))
        return bad(subject, "a signature over its event does not verify");
    subject->piece->signatures++;
    return true;
}

static bool read_event(struct subject *subject)
{
    const struct slice *event = &subject->row.event;
    if (event_scan_read(event->data, event->bytes, &subject->scan)) {
        subject->event = &subject->scan.event;
        return true;
    }
    if (event_parse(event->data, event->bytes, &subject->parsed, NULL) != ERR_OK)
        return bad(subject, "its event is no CloudEvent");
    subject->event = subject->parsed;
    return true;
}

/* What costs more than hashes. */
static enum err check_deep(struct subject *subject, bool *ret_good)
{
    const struct row *row = &subject->row;
    *ret_good = row->event.bytes == 0 || read_event(subject);
    if (!*ret_good)
        return ERR_OK;
    enum err err = check_indexes(subject, ret_good);
    if (err != ERR_OK || !*ret_good)
        return err;
    *ret_good = subject->event == NULL || check_event(subject);
    const char *type = subject->state->options->type;
    if (type != NULL && subject->event != NULL)
        subject->piece->of_type[subject->at] = strcmp(subject->event->type, type) == 0;
    if (!*ret_good || subject->state->options->no_signatures || subject->state->blind)
        return ERR_OK;
    *ret_good = check_admission(subject);
    for (size_t i = 0; *ret_good && i < row->entry.part.sig_count; i++)
        *ret_good = check_signature(subject, i);
    return ERR_OK;
}

static enum err check_opaque(struct verify_piece *piece, unsigned at)
{
    if (piece->entries[at].data != NULL)
        entry_leaf(piece->entries[at].data, piece->entries[at].bytes, piece->leaves[at]);
    else
        memcpy(piece->leaves[at], piece->nodes[at], HASH_BYTES);
    piece->done = piece->leaf_count = at + 1;
    return ERR_OK;
}

enum err verify_entry_check(const struct verify_state *state, struct verify_piece *piece,
                            unsigned at)
{
    struct subject subject;
    bool good = true;
    enum err err = ERR_OK;
    if (state->source->opaque)
        return check_opaque(piece, at);
    subject.state = state;
    subject.piece = piece;
    subject.at = at;
    subject.event = NULL;
    subject.parsed = NULL;
    if (!check_form(&subject) || !check_chain(&subject))
        return ERR_OK;
    err = check_stream(&subject, &good);
    if (err == ERR_OK && good && !state->options->only_hashes)
        err = check_deep(&subject, &good);
    if (err == ERR_OK && good) {
        piece->erased += subject.row.event.bytes == 0;
        piece->last_us = subject.row.entry.time_us;
        piece->done = at + 1;
    }
    event_free(subject.parsed);
    return err;
}
