#include "ledger/verify_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/verify_state.h"

enum err verify_notes_bad(struct verify_state *state, const struct verify_subject *subject,
                          const char *what)
{
    if (!subject->placed)
        return verify_state_bad(state, subject->seq, "%s %s", subject->name, what);
    return verify_state_bad(state, subject->seq, "%s, up to entry %llu: it %s", subject->name,
                            (unsigned long long)subject->seq, what);
}

/* The keys that a checkpoint of ${size} entries must be signed by: those of its position; of one
 * beyond the ledger any that the ledger ever had. */
static size_t keys_of(struct verify_state *state, uint64_t size, struct note_key *ret,
                      bool *ret_all)
{
    int64_t time_us = 0;
    size_t count = 0;
    struct verify_source *source = state->source;
    *ret_all = size > 0 && size <= state->result->size &&
               source->time(source, size - 1, &time_us) == ERR_OK;
    if (*ret_all)
        return registry_checkpoint_keys(state->registry, size, time_us, ret);
    const struct registry_pair *const *pairs = registry_pairs(state->registry, &count);
    size_t first = count > REGISTRY_PAIRS_MAX ? count - REGISTRY_PAIRS_MAX : 0;
    for (size_t i = first; i < count; i++)
        ret[i - first] = pairs[i]->checkpoint;
    return count - first;
}

static bool signed_well(struct verify_state *state, const struct slice *note, uint64_t size)
{
    struct note_key keys[REGISTRY_PAIRS_MAX];
    const char *text = (const char *)note->data;
    bool all = false;
    if (state->blind)
        return note_check(text, note->bytes, &state->vkey, 1, NULL) == ERR_OK;
    size_t count = keys_of(state, size, keys, &all);
    if (!all)
        return count > 0 && note_check(text, note->bytes, keys, count, NULL) == ERR_OK;
    for (size_t i = 0; i < count; i++) {
        if (note_check(text, note->bytes, &keys[i], 1, NULL) != ERR_OK)
            return false;
    }
    return count > 0;
}

enum err verify_notes_one(struct verify_state *state, struct verify_subject *subject,
                          struct checkpoint *ret)
{
    struct verify_source *source = state->source;
    struct tree_edge edge;
    uint8_t root[HASH_BYTES] = {0};
    const char *text = (const char *)subject->note.data;
    bool is_one = checkpoint_parse(text, subject->note.bytes, ret) == ERR_OK;
    if (!signed_well(state, &subject->note, is_one ? ret->size : 0))
        return verify_notes_bad(state, subject, "is not signed by the ledger's key");
    if (!is_one)
        return verify_notes_bad(state, subject, "is no checkpoint");
    if (strcmp(ret->origin, state->info.origin) != 0)
        return verify_notes_bad(state, subject, "is another ledger's");
    state->result->signatures++;
    if (ret->size > 0) {
        subject->placed = true;
        subject->seq = ret->size - 1;
    }
    if (ret->size > state->next)
        return ERR_OK;
    enum err err = tree_edge_load(ret->size, source->node, source, &edge);
    if (err == ERR_IO)
        return err;
    if (err == ERR_OK)
        tree_edge_root(&edge, root);
    if (err != ERR_OK || memcmp(root, ret->root, HASH_BYTES) != 0)
        return verify_notes_bad(state, subject, "has another root than the entries");
    return ERR_OK;
}

enum err verify_notes_within(struct verify_state *state, struct verify_subject *subject,
                             struct checkpoint *ret)
{
    enum err err = verify_notes_one(state, subject, ret);
    if (err != ERR_OK || ret->size <= state->result->size)
        return err;
    return verify_state_bad(state, state->result->size,
                            "%s covers %llu entries, and the ledger has %llu: the rest is gone",
                            subject->name, (unsigned long long)ret->size,
                            (unsigned long long)state->result->size);
}

enum err verify_notes_last(struct verify_state *state, const struct buf *note)
{
    struct checkpoint checkpoint = {0};
    struct verify_subject subject = {.name = "the checkpoint of the last commit",
                                     .note = {note->data, note->bytes},
                                     .seq = state->next > 0 ? state->next - 1 : 0};
    if (note->bytes == 0)
        return verify_notes_bad(state, &subject, "is missing");
    enum err err = verify_notes_within(state, &subject, &checkpoint);
    if (err == ERR_OK && checkpoint.size != state->result->size)
        err = verify_state_bad(state, checkpoint.size,
                               "%s covers %llu entries only: the rest was never committed",
                               subject.name, (unsigned long long)checkpoint.size);
    if (err == ERR_OK)
        buf_add(&state->result->checkpoint, note->data, note->bytes);
    return err;
}

static int by_size(const void *a, const void *b)
{
    const struct checkpoint *left = a, *right = b;
    return left->size < right->size ? -1 : left->size > right->size;
}

/* Whether the bigger one's tree is the smaller one's grown, by a proof that anybody could check. */
static enum err check_growth(struct verify_state *state, const struct checkpoint *old,
                             const struct checkpoint *new)
{
    struct verify_source *source = state->source;
    struct tree_proof proof;
    if (old->size == 0)
        return ERR_OK;
    enum err err = tree_consistency(old->size, new->size, source->node, source, &proof);
    if (err == ERR_OK)
        err = tree_check_consistency(old->size, new->size, old->root, new->root, &proof);
    if (err == ERR_OK || err == ERR_IO)
        return err;
    return verify_state_bad(state, old->size - 1,
                            "the checkpoints of %llu and of %llu entries are not of one history",
                            (unsigned long long)old->size, (unsigned long long)new->size);
}

/* Of a checkpoint of so many entries that was just found bad: says that it was given up for an
 * older copy of the ledger, if it was. */
static void say_given_up(struct verify_state *state, uint64_t size)
{
    const struct registry_restore *restore = registry_restore_of(state->registry, size);
    char *what = state->result->first_bad.what;
    size_t bytes = strlen(what);
    if (restore != NULL)
        snprintf(what + bytes, sizeof(state->result->first_bad.what) - bytes,
                 "; an older copy was put in the ledger's place: entry %llu records that a history "
                 "of %llu entries was given up",
                 (unsigned long long)restore->seq, (unsigned long long)restore->size);
}

enum err verify_notes_against(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    struct checkpoint *all = mem_zero(options->against_count, sizeof(*all));
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < options->against_count; i++) {
        const struct verify_note *note = &options->against[i];
        struct buf name = {0};
        buf_printf(&name, "the checkpoint given (%.100s)", note->name);
        struct verify_subject subject = {.name = (const char *)name.data,
                                         .note = {(const uint8_t *)note->text, note->bytes}};
        err = verify_notes_within(state, &subject, &all[i]);
        if (err == ERR_DAMAGED)
            say_given_up(state, all[i].size);
        buf_free(&name);
    }
    qsort(all, options->against_count, sizeof(*all), by_size);
    for (size_t i = 1; err == ERR_OK && i < options->against_count; i++)
        err = check_growth(state, &all[i - 1], &all[i]);
    free(all);
    return err;
}
