#include "ledger/verify_notes.h"

#include <string.h>

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/reader.h"
#include "ledger/verify_state.h"

#define PAGE_NOTES 256 /* checkpoints checked in one transaction */

/* One note under check. */
struct subject {
    const char *name; /* what it is */
    struct slice note;
    bool placed;  /* it is known up to which entry it goes */
    uint64_t seq; /* that entry's, or the one to be named until it is known */
};

static enum err bad(struct verify_state *state, const struct subject *subject, const char *what)
{
    if (!subject->placed)
        return verify_state_bad(state, subject->seq, "%s %s", subject->name, what);
    return verify_state_bad(state, subject->seq, "%s, up to entry %llu: it %s", subject->name,
                            (unsigned long long)subject->seq, what);
}

/* Signature, form and origin; and the root, if the ledger has so many entries. */
static enum err check_note(struct verify_state *state, struct subject *subject,
                           struct checkpoint *ret)
{
    uint8_t root[HASH_BYTES];
    const char *text = (const char *)subject->note.data;
    if (note_check(text, subject->note.bytes, &state->key, 1, NULL) != ERR_OK)
        return bad(state, subject, "is not signed by the ledger's key");
    if (checkpoint_parse(text, subject->note.bytes, ret) != ERR_OK)
        return bad(state, subject, "is no checkpoint");
    if (strcmp(ret->origin, state->origin) != 0)
        return bad(state, subject, "is another ledger's");
    state->result->signatures++;
    if (ret->size > 0) {
        subject->placed = true;
        subject->seq = ret->size - 1;
    }
    if (ret->size > state->next)
        return ERR_OK;
    enum err err = rows_root(state->txn, ret->size, root, NULL);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK || memcmp(root, ret->root, HASH_BYTES) != 0)
        return bad(state, subject, "has another root than the entries");
    return ERR_OK;
}

/* The same, of a note that must not go beyond the ledger. */
static enum err check_within(struct verify_state *state, struct subject *subject,
                             struct checkpoint *ret)
{
    enum err err = check_note(state, subject, ret);
    if (err != ERR_OK || ret->size <= state->result->size)
        return err;
    return verify_state_bad(state, state->result->size,
                            "%s covers %llu entries, and the ledger has %llu: the rest is gone",
                            subject->name, (unsigned long long)ret->size,
                            (unsigned long long)state->result->size);
}

static enum err check_last(struct verify_state *state)
{
    struct checkpoint checkpoint = {0};
    struct subject subject = {.name = "the checkpoint of the last commit",
                              .note = {state->last.data, state->last.bytes},
                              .seq = state->next - 1};
    if (state->last.bytes == 0)
        return bad(state, &subject, "is missing");
    enum err err = check_within(state, &subject, &checkpoint);
    if (err == ERR_OK && checkpoint.size != state->result->size)
        err = verify_state_bad(state, checkpoint.size,
                               "%s covers %llu entries only: the rest was never committed",
                               subject.name, (unsigned long long)checkpoint.size);
    return err;
}

static enum err check_kept_row(struct verify_state *state, const struct store_row *row)
{
    struct checkpoint checkpoint = {0};
    struct reader key = {.data = row->key.data, .bytes = row->key.bytes};
    struct subject subject = {.name = "a kept checkpoint", .note = row->value};
    uint64_t size = reader_u64(&key), known = state->result->size;
    subject.placed = true;
    subject.seq = size == 0 || size > known ? known - 1 : size - 1;
    if (key.bad || key.bytes != 0)
        return bad(state, &subject, "has a key that is no size");
    enum err err = check_note(state, &subject, &checkpoint);
    if (err == ERR_OK && checkpoint.size != size) {
        subject.seq = checkpoint.size - 1;
        err = bad(state, &subject, "is kept under another size");
    }
    return err;
}

/* Whether the ledger has grown past a size since the check began. */
static bool grown_past(struct verify_state *state, uint64_t size)
{
    uint64_t now = 0;
    return rows_size(state->txn, &now, NULL) == ERR_OK && size <= now;
}

/* Checks a page of kept checkpoints from *${size} on, and moves it behind the last of them. */
static enum err check_kept_page(struct verify_state *state, uint64_t *size, bool *ret_more)
{
    struct store_walk *walk = NULL;
    struct store_row row = {0};
    struct buf from = {0};
    buf_u64(&from, *size);
    enum err err = store_walk_open(state->txn, STORE_CHECKPOINTS,
                                   (struct slice){from.data, from.bytes}, &walk);
    *ret_more = true;
    for (unsigned i = 0; err == ERR_OK && *ret_more && i < PAGE_NOTES; i++) {
        err = store_walk_next(walk, &row);
        if (err != ERR_OK || !row.found) {
            *ret_more = false;
            break;
        }
        struct reader key = {.data = row.key.data, .bytes = row.key.bytes};
        uint64_t at = reader_u64(&key);
        if (!key.bad && at > state->result->size && grown_past(state, at)) {
            *ret_more = false;
            break;
        }
        if (at > state->result->size && !key.bad)
            err = verify_state_bad(state, state->result->size,
                                   "a checkpoint is kept of a size that the ledger has not");
        if (err == ERR_OK)
            err = check_kept_row(state, &row);
        *size = at + 1;
    }
    store_walk_close(walk);
    buf_free(&from);
    return err;
}

static enum err renew(struct verify_state *state)
{
    store_abort(state->txn);
    state->txn = NULL;
    return store_begin(state->store, false, &state->txn, state->why);
}

static enum err check_kept(struct verify_state *state)
{
    bool more = true;
    uint64_t size = 0;
    enum err err = ERR_OK;
    while (err == ERR_OK && more) {
        err = check_kept_page(state, &size, &more);
        if (err != ERR_OK || !more)
            break;
        err = renew(state);
    }
    return err;
}

static enum err check_outside(struct verify_state *state)
{
    struct buf note = {0};
    struct checkpoint checkpoint = {0};
    enum err err = files_read(state->dir, COPY_NAME, NOTE_BYTES_MAX, &note, state->why);
    struct subject subject = {.name = "the checkpoint outside the environment",
                              .note = {note.data, note.bytes},
                              .seq = state->next - 1};
    if (err == ERR_NOT_FOUND) {
        verify_state_skip(state, "no checkpoint outside the environment was there to compare with");
        err = ERR_OK;
    } else if (err == ERR_TOO_BIG) {
        err = bad(state, &subject, "is too big for one");
    } else if (err == ERR_OK) {
        /* A writer may have moved it on since: what it covers is there by now. */
        err = renew(state);
        if (err == ERR_OK)
            err = check_note(state, &subject, &checkpoint);
        if (err == ERR_OK && !grown_past(state, checkpoint.size))
            err = check_within(state, &subject, &checkpoint);
    }
    buf_free(&note);
    return err;
}

static enum err check_against(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    struct checkpoint checkpoint = {0};
    struct subject subject = {
        .name = "the checkpoint given",
        .note = {(const uint8_t *)options->against, options->against_bytes},
    };
    return options->against == NULL ? ERR_OK : check_within(state, &subject, &checkpoint);
}

enum err verify_notes_check(struct verify_state *state)
{
    enum err err = renew(state);
    if (err == ERR_OK)
        err = check_kept(state);
    if (err == ERR_OK)
        err = check_last(state);
    if (err == ERR_OK)
        err = check_outside(state);
    if (err == ERR_OK)
        err = check_against(state);
    return err;
}
