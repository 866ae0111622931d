#include "ledger/verify.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/inside.h"
#include "ledger/verify_entry.h"
#include "ledger/verify_notes.h"
#include "ledger/verify_state.h"

#define PAGE_ENTRIES 256 /* entries checked in one transaction */

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

/* What the ledger holds at the beginning; later commits are not looked at. */
static enum err take_stock(struct verify_state *state)
{
    struct slice note = {0};
    bool found = false;
    enum err err = rows_size(state->txn, &state->result->size, state->why);
    for (int i = 0; err == ERR_OK && i < STORE_TABLES; i++)
        err = store_count(state->txn, (enum store_table)i, &state->counts[i]);
    if (err == ERR_OK)
        err = store_get(state->txn, STORE_META, ROWS_META_CHECKPOINT, strlen(ROWS_META_CHECKPOINT),
                        &note, &found);
    if (err == ERR_OK && found)
        buf_add(&state->last, note.data, note.bytes);
    return err;
}

/* Entry 0 says whose ledger it is. */
static enum err learn_ledger(struct verify_state *state)
{
    struct row row;
    struct event *event = NULL;
    struct ledger_info info;
    struct err_text why = {0};
    enum err err = rows_read(state->txn, 0, &row, &why);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK)
        return verify_state_bad(state, 0, "%s", why.s);
    if (event_parse(row.event.data, row.event.bytes, &event, NULL) != ERR_OK ||
        inside_info(event->data, &info, NULL) != ERR_OK) {
        event_free(event);
        return verify_state_bad(state, 0, "entry 0: it does not say what ledger this is");
    }
    event_free(event);
    if (state->options->vkey == NULL)
        state->key = info.key;
    else if (memcmp(&info.key.public_key, state->key.public_key, ED25519_KEY_BYTES) != 0 ||
             strcmp(info.key.name, state->key.name) != 0)
        return verify_state_bad(state, 0, "entry 0: it names another key than the one given");
    memcpy(state->ledger_id, info.id, sizeof(state->ledger_id));
    memcpy(state->ledger_hex, info.id_hex, sizeof(state->ledger_hex));
    memcpy(state->admission_key, info.admission_key, sizeof(state->admission_key));
    memcpy(state->origin, info.origin, sizeof(state->origin));
    return ERR_OK;
}

/* Takes the entries below options->since as they are: the tree over them, and the keys that they
 * enrolled. */
static enum err trust_below(struct verify_state *state, uint64_t since)
{
    struct err_text why = {0};
    struct row row;
    enum err err = rows_read(state->txn, since - 1, &row, &why);
    if (err == ERR_OK)
        err = tree_edge_load(since, rows_node_read, state->txn, &state->head.edge);
    for (uint64_t pos = 0; err == ERR_OK; pos++) {
        uint64_t seq;
        bool found;
        struct row fact;
        struct event *event = NULL;
        struct verdict verdict = {0};
        err = rows_stream_find(state->txn, "ledger", pos, &seq, &found);
        if (err != ERR_OK || !found || seq >= since)
            break;
        err = rows_read(state->txn, seq, &fact, &why);
        if (err == ERR_OK)
            err = event_parse(fact.event.data, fact.event.bytes, &event, &why);
        if (err == ERR_OK)
            registry_apply(state->registry, &fact.entry, event, &verdict);
        verdict_clear(&verdict);
        event_free(event);
    }
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK)
        return verify_state_bad(state, since - 1, "below %llu, which was to be trusted: %s",
                                (unsigned long long)since, why.s);
    state->next = since;
    state->head.time_us = row.entry.time_us;
    entry_leaf(row.bytes.data, row.bytes.bytes, state->head.leaf);
    verify_state_skip(state, "entries below %llu, but for the tree's nodes over them",
                      (unsigned long long)since);
    return ERR_OK;
}

/* Gives the next row of both tables, which must be that of state->next. */
static enum err next_row(struct verify_state *state, struct store_walk *entries,
                         struct store_walk *events, struct row *ret_row)
{
    uint64_t seq = state->next;
    uint8_t key[8];
    struct err_text why;
    struct store_row entry, event;
    struct slice value = {0};
    enum err err = store_walk_next(entries, &entry);
    if (err == ERR_OK)
        err = store_walk_next(events, &event);
    if (err == ERR_IO)
        return err;
    if (err != ERR_OK)
        return verify_state_bad(state, seq, "entry %llu: its page cannot be read",
                                (unsigned long long)seq);
    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(seq >> (56 - 8 * i));
    if (!entry.found || entry.key.bytes != 8 || memcmp(entry.key.data, key, 8) != 0)
        return verify_state_bad(state, seq, "entry %llu is missing", (unsigned long long)seq);
    if (event.found && event.key.bytes == 8 && memcmp(event.key.data, key, 8) == 0)
        value = event.value;
    if (rows_parse(seq, entry.value, value, ret_row, &why) != ERR_OK)
        return verify_state_bad(state, seq, "%s", why.s);
    return ERR_OK;
}

/* Checks a page of entries in a transaction of its own. */
static enum err check_page(struct verify_state *state)
{
    struct store_walk *entries = NULL, *events = NULL;
    struct buf from = {0};
    store_abort(state->txn);
    state->txn = NULL;
    enum err err = store_begin(state->store, false, &state->txn, state->why);
    if (err != ERR_OK)
        return err;
    buf_u64(&from, state->next);
    const struct slice key = {from.data, from.bytes};
    err = store_walk_open(state->txn, STORE_ENTRIES, key, &entries);
    if (err == ERR_OK)
        err = store_walk_open(state->txn, STORE_EVENTS, key, &events);
    for (unsigned i = 0; err == ERR_OK && i < PAGE_ENTRIES; i++) {
        struct row row;
        if (state->next == state->result->size)
            break;
        err = next_row(state, entries, events, &row);
        if (err == ERR_OK)
            err = verify_entry_check(state, &row);
    }
    store_walk_close(entries);
    store_walk_close(events);
    buf_free(&from);
    return err;
}

/* Each entry has its rows; so the tables have no others if their numbers are right. */
static enum err check_counts(struct verify_state *state)
{
    static const struct {
        enum store_table table;
        const char *name;
    } tables[] = {
        {STORE_ENTRIES, "entries"}, {STORE_EVENTS, "events"},   {STORE_NODES, "nodes"},
        {STORE_IDS, "ids"},         {STORE_STREAMS, "streams"},
    };
    uint64_t size = state->result->size;
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        uint64_t rows = state->counts[tables[i].table];
        uint64_t due =
            tables[i].table != STORE_NODES ? size : 2 * size - (uint64_t)__builtin_popcountll(size);
        if (rows != due)
            return verify_state_bad(state, size, "the table %s has %llu rows, and %llu are due",
                                    tables[i].name, (unsigned long long)rows,
                                    (unsigned long long)due);
    }
    if (state->counts[STORE_META] != 1)
        return verify_state_bad(state, size, "the table meta has %llu rows, and one is due",
                                (unsigned long long)state->counts[STORE_META]);
    return ERR_OK;
}

static void say_skipped(struct verify_state *state)
{
    if (state->options->only_hashes)
        verify_state_skip(state, "the signatures of admission and of events (only hashes)");
    if (state->erased > 0)
        verify_state_skip(state, "%llu events that were erased", (unsigned long long)state->erased);
    if (state->webauthn > 0)
        verify_state_skip(state, "%llu WebAuthn signatures", (unsigned long long)state->webauthn);
    if (state->counts[STORE_CUSTODY] > 0)
        verify_state_skip(state, "the %llu counters of custody, which nothing signs",
                          (unsigned long long)state->counts[STORE_CUSTODY]);
}

static void progress(const struct verify_state *state)
{
    if (state->options->progress != NULL)
        state->options->progress(state->options->ctx, state->next, state->result->size);
}

/* The shape of the file comes first: LMDB trusts it. */
static enum err check_shape(struct verify_state *state)
{
    struct pages_place place = {0};
    struct err_text why = {0};
    enum err err = store_check(state->store, &place, &why);
    if (err == ERR_OK)
        return err;
    if (err != ERR_DAMAGED)
        return err_say(state->why, err, "%s", why.s);
    bool by_seq = strcmp(place.table, "entries") == 0 || strcmp(place.table, "events") == 0;
    return verify_state_bad(state, by_seq ? place.row : 0, "%s", why.s);
}

static enum err check_all(struct verify_state *state)
{
    enum err err = check_shape(state);
    if (err == ERR_OK)
        err = store_begin(state->store, false, &state->txn, state->why);
    if (err == ERR_OK)
        err = take_stock(state);
    if (err == ERR_OK && state->result->size == 0)
        err = verify_state_bad(state, 0, "there is no entry at all");
    if (err == ERR_OK)
        err = learn_ledger(state);
    uint64_t since = state->options->since;
    if (err == ERR_OK && since > 0)
        err = trust_below(state, since < state->result->size ? since : state->result->size);
    while (err == ERR_OK && state->next < state->result->size) {
        err = check_page(state);
        progress(state);
    }
    if (state->next > 0)
        tree_edge_root(&state->head.edge, state->result->root);
    if (err == ERR_OK)
        err = check_counts(state);
    if (err == ERR_OK)
        err = verify_notes_check(state);
    say_skipped(state);
    return err;
}

static enum err read_options(struct verify_state *state)
{
    const struct verify_options *options = state->options;
    struct checkpoint checkpoint;
    if (options->vkey != NULL && note_key_parse(options->vkey, &state->key) != ERR_OK)
        return err_say(state->why, ERR_INVALID, "'%.200s' is no vkey", options->vkey);
    if (options->against != NULL &&
        checkpoint_parse(options->against, options->against_bytes, &checkpoint) != ERR_OK)
        return err_say(state->why, ERR_INVALID, "the checkpoint given is none");
    return ERR_OK;
}

enum err verify_ledger(const char *dir, const struct verify_options *options,
                       struct verify_result **ret_result, struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct err_text why = {0};
    struct verify_state state = {.dir = dir, .options = options, .why = &why};
    state.result = mem_zero(1, sizeof(*state.result));
    state.registry = registry_new();
    enum err err = read_options(&state);
    if (err == ERR_OK)
        err = store_open(dir, STORE_SHARED, &state.store, &why);
    if (err == ERR_OK)
        err = check_all(&state);
    if (err == ERR_DAMAGED) {
        verify_state_bad(&state, state.next, "%s", why.s[0] != '\0' ? why.s : err_text(err));
        err = ERR_OK;
    }
    if (err == ERR_OK) {
        state.result->ok = !state.result->first_bad.found;
        *ret_result = state.result;
        state.result = NULL;
    } else {
        err_say(ret_why, err, "%s", why.s[0] != '\0' ? why.s : err_text(err));
    }
    store_abort(state.txn);
    store_close(state.store);
    registry_free(state.registry);
    buf_free(&state.last);
    verify_result_free(state.result);
    return err;
}

void verify_result_free(struct verify_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->skipped_count; i++)
        free(result->skipped[i]);
    free(result->skipped);
    free(result);
}
