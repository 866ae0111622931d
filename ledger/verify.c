#include "ledger/verify.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/verify_env.h"
#include "ledger/verify_state.h"
#include "ledger/verify_tiles.h"

enum err verify_state_bad(struct verify_state *state, uint64_t seq, const char *format, ...)
{
    struct verify_bad *bad = &state->result->first_bad;
    if (bad->found)
        return ERR_DAMAGED;
    va_list args;
    va_start(args, format);
    vsnprintf(bad->what, sizeof(bad->what), format, args);
    va_end(args);
    bad->found = true;
    bad->seq = seq;
    return ERR_DAMAGED;
}

bool verify_state_stop(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    bool stop = options->stop != NULL && options->stop(options->ctx);
    state->result->stopped = state->result->stopped || stop;
    return stop;
}

void verify_state_skip(struct verify_state *state, const char *format, ...)
{
    struct buf text = {0};
    struct verify_result *result = state->result;
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    result->skipped = mem_grow(result->skipped, result->skipped_count + 1, sizeof(char *));
    result->skipped[result->skipped_count++] = buf_take_text(&text);
}

/* Entry 0 says whose ledger it is. */
enum err verify_state_learn(struct verify_state *state, const struct row *row)
{
    struct event *event = NULL;
    bool told = event_parse(row->event.data, row->event.bytes, &event, NULL) == ERR_OK &&
                inside_info(event->data, &state->info, NULL) == ERR_OK;
    event_free(event);
    return told ? ERR_OK
                : verify_state_bad(state, 0, "entry 0: it does not say what ledger this is");
}

void verify_state_fold(struct verify_state *state, const struct row *row)
{
    struct event *event = NULL;
    struct verdict verdict = {0};
    if (row->event.bytes == 0)
        state->hidden = true;
    else if (event_parse(row->event.data, row->event.bytes, &event, NULL) == ERR_OK)
        registry_apply(state->registry, &row->entry, event, &verdict);
    verdict_clear(&verdict);
    event_free(event);
}

static bool is_vkey(const struct verify_state *state, const struct note_key *key)
{
    return strcmp(key->name, state->vkey.name) == 0 &&
           memcmp(key->public_key, state->vkey.public_key, ED25519_KEY_BYTES) == 0;
}

/* Whether the vkey of the options is one that signs a checkpoint of the whole. */
static bool signs_last(struct verify_state *state)
{
    struct note_key keys[REGISTRY_PAIRS_MAX];
    uint64_t size = state->result->size;
    int64_t time_us = 0;
    bool found = false;
    if (size == 0 || state->source->time(state->source, size - 1, &time_us) != ERR_OK)
        return false;
    size_t count = registry_checkpoint_keys(state->registry, size, time_us, keys);
    for (size_t i = 0; i < count; i++)
        found = found || is_vkey(state, &keys[i]);
    return found;
}

enum err verify_state_vkey(struct verify_state *state)
{
    size_t count = 0;
    const struct registry_pair *const *pairs = registry_pairs(state->registry, &count);
    bool known = state->options->vkey == NULL;
    for (size_t i = 0; !known && i < count; i++) {
        known = is_vkey(state, &pairs[i]->checkpoint);
        state->result->vkey_from = pairs[i]->seq;
        state->result->vkey_to = i + 1 < count ? pairs[i + 1]->seq : UINT64_MAX;
    }
    if (known && state->options->vkey != NULL && !state->source->indexed && !signs_last(state))
        return verify_state_bad(state, state->result->size,
                                "the last checkpoint is not signed by the key given, which the "
                                "ledger had before: give the one that it has now");
    return known ? ERR_OK
                 : verify_state_bad(state, 0, "entry 0: it names another key than the one given");
}

static void say_skipped(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    if (options->only_checkpoints)
        verify_state_skip(state, "the entries, events, indexes, signatures and kept checkpoints, "
                                 "and of the tree all but the nodes that prove these checkpoints "
                                 "(only checkpoints)");
    else if (options->since != NULL && options->since->size > 0)
        verify_state_skip(state, "entries below %llu, but for the tree's nodes over them",
                          (unsigned long long)options->since->size);
    if (options->only_hashes)
        verify_state_skip(state, "the signatures of admission and of events%s (only hashes)",
                          state->tiles ? "" : ", and the indexes of ids and streams");
    else if (options->no_signatures)
        verify_state_skip(state, "the signatures of admission and of events");
    if (state->result->stopped && state->result->size > 0 && state->next == state->result->size)
        verify_state_skip(state, "checkpoints: the check was stopped");
    else if (state->result->stopped)
        verify_state_skip(state, "entries from %llu on: the check was stopped",
                          (unsigned long long)state->next);
    if (state->erased > 0)
        verify_state_skip(state, "%llu events that were erased%s",
                          (unsigned long long)state->erased,
                          state->tiles ? " or are not shown" : "");
    if (state->webauthn > 0)
        verify_state_skip(state, "%llu WebAuthn signatures", (unsigned long long)state->webauthn);
    if (state->unknown > 0)
        verify_state_skip(state, "%llu signatures by keys whose enrolment was erased%s",
                          (unsigned long long)state->unknown,
                          state->tiles ? " or is not shown" : "");
}

static enum err read_options(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    struct checkpoint checkpoint;
    if (options->vkey != NULL && note_key_parse(options->vkey, &state->vkey) != ERR_OK)
        return err_say(state->why, ERR_INVALID, "'%.200s' is no vkey", options->vkey);
    for (size_t i = 0; i < options->against_count; i++) {
        const struct verify_note *note = &options->against[i];
        if (checkpoint_parse(note->text, note->bytes, &checkpoint) != ERR_OK)
            return err_say(state->why, ERR_INVALID, "%s holds no checkpoint", note->name);
    }
    return ERR_OK;
}

typedef enum err check_fn(struct verify_state *state, const char *dir);

/* One check from beginning to end, whatever its source. */
static enum err run(const char *dir, const struct verify_options *options, check_fn *check,
                    struct verify_result **ret_result, struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct err_text why = {0};
    struct verify_state *state = mem_zero(1, sizeof(*state));
    state->magic = VERIFY_STATE_MAGIC;
    state->options = options;
    state->why = &why;
    state->result = mem_zero(1, sizeof(*state->result));
    state->result->vkey_to = UINT64_MAX;
    state->registry = registry_new();
    state->streams = verify_streams_new();
    enum err err = read_options(state);
    if (err == ERR_OK)
        err = check(state, dir);
    if (err == ERR_DAMAGED)
        verify_state_bad(state, state->next, "%s", why.s[0] != '\0' ? why.s : err_text(err));
    if (err == ERR_DAMAGED || state->result->stopped)
        err = ERR_OK;
    if (err == ERR_OK) {
        say_skipped(state);
        state->result->ok = !state->result->first_bad.found && !state->result->stopped;
        *ret_result = state->result;
        state->result = NULL;
    } else {
        err_say(ret_why, err, "%s", why.s[0] != '\0' ? why.s : err_text(err));
    }
    registry_free(state->registry);
    verify_streams_free(state->streams);
    verify_result_free(state->result);
    free(state);
    return err;
}

enum err verify_ledger(const char *dir, const struct verify_options *options,
                       struct verify_result **ret_result, struct err_text *ret_why)
{
    struct verify_result *result = NULL;
    const bool whole = options->since == NULL || options->since->size == 0;
    if (options->only_hashes && !options->only_checkpoints && whole && options->rate == 0 &&
        run(dir, options, verify_env_walk, &result, NULL) == ERR_OK &&
        (result->ok || result->stopped)) {
        *ret_result = result;
        return ERR_OK;
    }
    verify_result_free(result);
    return run(dir, options, verify_env_check, ret_result, ret_why);
}

enum err verify_tiles(const char *dir, const struct verify_options *options,
                      struct verify_result **ret_result, struct err_text *ret_why)
{
    return run(dir, options, verify_tiles_check, ret_result, ret_why);
}

void verify_result_free(struct verify_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->skipped_count; i++)
        free(result->skipped[i]);
    free(result->skipped);
    free(result->of_type);
    buf_free(&result->checkpoint);
    free(result);
}
