#include "ledger/verify_kept.h"

#include "ledger/reader.h"
#include "ledger/rows.h"
#include "ledger/verify_notes.h"
#include "ledger/verify_state.h"

#define PAGE_NOTES 256 /* checkpoints checked in one transaction */

static enum err check_row(struct verify_state *state, const struct store_row *row)
{
    struct checkpoint checkpoint = {0};
    struct reader key = {.data = row->key.data, .bytes = row->key.bytes};
    struct verify_subject subject = {.name = "a kept checkpoint", .note = row->value};
    uint64_t size = reader_u64(&key), known = state->result->size;
    subject.placed = true;
    subject.seq = size == 0 || size > known ? known - 1 : size - 1;
    if (key.bad || key.bytes != 0)
        return verify_notes_bad(state, &subject, "has a key that is no size");
    enum err err = verify_notes_one(state, &subject, &checkpoint);
    if (err == ERR_OK && checkpoint.size != size) {
        subject.seq = checkpoint.size - 1;
        err = verify_notes_bad(state, &subject, "is kept under another size");
    }
    return err;
}

/* Whether the ledger has grown past a size since the check began. */
static bool grown_past(const struct verify_kept *kept, uint64_t size)
{
    uint64_t now = 0;
    return rows_size(*kept->txn, &now, NULL) == ERR_OK && size <= now;
}

/* Checks a page of kept checkpoints from *${size} on, and moves it behind the last of them. */
static enum err check_page(struct verify_state *state, const struct verify_kept *kept,
                           uint64_t *size, bool *ret_more)
{
    struct store_walk *walk = NULL;
    struct store_row row = {0};
    struct buf from = {0};
    buf_u64(&from, *size);
    enum err err = store_walk_open(*kept->txn, STORE_CHECKPOINTS,
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
        if (!key.bad && at > state->result->size && grown_past(kept, at)) {
            *ret_more = false;
            break;
        }
        if (at > state->result->size && !key.bad)
            err = verify_state_bad(state, state->result->size,
                                   "a checkpoint is kept of a size that the ledger has not");
        if (err == ERR_OK)
            err = check_row(state, &row);
        *size = at + 1;
    }
    store_walk_close(walk);
    buf_free(&from);
    return err;
}

static enum err renew(struct verify_state *state, const struct verify_kept *kept)
{
    store_abort(*kept->txn);
    *kept->txn = NULL;
    return store_begin(kept->store, false, kept->txn, state->why);
}

enum err verify_kept_check(struct verify_state *state, const struct verify_kept *kept)
{
    bool more = true;
    uint64_t size = 0;
    enum err err = ERR_OK;
    while (err == ERR_OK && more) {
        err = check_page(state, kept, &size, &more);
        if (err != ERR_OK || !more)
            break;
        err = verify_state_stop(state) ? err_say(state->why, ERR_BUSY, "it was stopped")
                                       : renew(state, kept);
    }
    return err;
}

enum err verify_kept_changes(struct verify_state *state, const struct verify_kept *kept)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(state->registry, &count);
    enum err err = ERR_OK;
    for (size_t i = 1; err == ERR_OK && i < count; i++) {
        struct checkpoint checkpoint = {0};
        struct verify_subject subject = {.name = "a kept checkpoint", .seq = pairs[i]->seq};
        bool found = false;
        uint64_t size = pairs[i]->seq + 1;
        if (size > state->result->size)
            break;
        err = store_get_seq(*kept->txn, STORE_CHECKPOINTS, size, &subject.note, &found);
        if (err == ERR_OK && !found)
            err = verify_state_bad(state, pairs[i]->seq,
                                   "entry %llu: it replaces the ledger's own keys, and no "
                                   "checkpoint that both sign is kept",
                                   (unsigned long long)pairs[i]->seq);
        /* All that are kept have been looked at, but where there was no time for that. */
        if (err == ERR_OK && state->options->only_checkpoints)
            err = verify_notes_one(state, &subject, &checkpoint);
    }
    return err;
}

enum err verify_kept_outside(struct verify_state *state, const struct verify_kept *kept)
{
    struct checkpoint checkpoint = {0};
    struct verify_subject subject = {.name = "the checkpoint outside the environment",
                                     .note = {kept->outside->data, kept->outside->bytes},
                                     .seq = state->next > 0 ? state->next - 1 : 0};
    if (kept->outside_err == ERR_TOO_BIG)
        return verify_notes_bad(state, &subject, "is too big for one");
    if (kept->outside_err == ERR_OK)
        return verify_notes_within(state, &subject, &checkpoint);
    verify_state_skip(state, "no checkpoint outside the environment was there to compare with");
    return ERR_OK;
}
