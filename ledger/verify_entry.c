#include "ledger/verify_entry.h"

#include <string.h>

#include "ledger/event.h"
#include "ledger/event_scan.h"
#include "ledger/verify_state.h"
#include "ledger/vouch.h"

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

/* What the event says of itself against where it was put, and who signed it and the entry. */
static bool check_word(const struct subject *subject)
{
    const struct verify_state *state = subject->state;
    const struct row *row = &subject->row;
    struct vouch_ledger ledger = {.registry = state->registry, .hidden = state->hidden};
    struct vouch_count count = {0};
    const char *wrong = NULL;
    memcpy(ledger.id, state->info.id, sizeof(ledger.id));
    memcpy(ledger.id_hex, state->info.id_hex, sizeof(ledger.id_hex));
    if (subject->event != NULL)
        wrong = vouch_event(&ledger, &row->entry, subject->event);
    if (wrong == NULL && !state->options->no_signatures && !state->blind) {
        const struct vouch_entry entry = {&row->entry, row->bytes.data, row->bytes.bytes,
                                          subject->event != NULL ? row->event.data : NULL,
                                          row->event.bytes};
        wrong = vouch_signatures(&ledger, &entry, &count);
    }
    subject->piece->signatures += count.signatures;
    subject->piece->webauthn += count.webauthn;
    subject->piece->unknown += count.unknown;
    return wrong == NULL || bad(subject, wrong);
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
    const char *type = subject->state->options->type;
    if (type != NULL && subject->event != NULL)
        subject->piece->of_type[subject->at] = strcmp(subject->event->type, type) == 0;
    *ret_good = check_word(subject);
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
