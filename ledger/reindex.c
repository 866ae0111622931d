#include "ledger/reindex.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/copy.h"
#include "ledger/event.h"
#include "ledger/files.h"
#include "ledger/mem.h"
#include "ledger/room.h"
#include "ledger/rows.h"
#include "ledger/space.h"
#include "ledger/store.h"

#define KEPT "data.mdb.before-repair"
#define COMMIT_ROWS 4096      /* entries of one commit to the new environment */
#define COMMIT_BYTES 16777216 /* or so many bytes of them */
#define LOOK_ROWS 256         /* entries between two looks at the clock and at `stop` */

static const enum store_table derived[REINDEX_TABLES] = {
    [REINDEX_NODES] = STORE_NODES,
    [REINDEX_IDS] = STORE_IDS,
    [REINDEX_STREAMS] = STORE_STREAMS,
};

/* One ledger being made again. */
struct work {
    const char *dir;
    const struct reindex_options *options;
    struct store *old, *fresh;
    struct store_txn *from; /* of the old one */
    struct store_txn *to;   /* of the fresh one; committed now and then */
    struct store_walk *entries, *events;
    uint64_t total;        /* entries of the old one */
    size_t pending_bytes;  /* put since the last commit */
    struct rows_head head; /* of what was put */
    uint64_t erased;       /* events that are not there any more */
    struct reindex_result result;
    struct err_text *why; /* empty until something has failed */
};

/* What is wrong with the row that comes next; ${what} says whose it is. */
static enum err damaged_row(struct work *work, const char *what)
{
    return err_say(work->why, ERR_DAMAGED,
                   "%.200s; no index is at fault: restore the ledger from a backup", what);
}

static enum err damaged(struct work *work, const char *what)
{
    struct err_text text;
    uint64_t seq = work->head.edge.size;
    (void)err_say(&text, ERR_DAMAGED, "entry %llu: %s", (unsigned long long)seq, what);
    return damaged_row(work, text.s);
}

/* Says what a failure was about, where that has not been said. */
static enum err failed(struct work *work, enum err err, const char *what)
{
    if (err == ERR_OK || work->why->s[0] != '\0')
        return err;
    return err_say(work->why, err, "%s: %s", what, err_text(err));
}

static enum err commit(struct work *work)
{
    struct store_txn *txn = work->to;
    work->to = NULL;
    work->pending_bytes = 0;
    return store_commit(txn, work->why);
}

static enum err begin(struct work *work)
{
    return store_begin(work->fresh, true, &work->to, work->why);
}

static enum err commit_some(struct work *work)
{
    uint64_t done = work->head.edge.size;
    if (done % COMMIT_ROWS != 0 && work->pending_bytes < COMMIT_BYTES)
        return ERR_OK;
    enum err err = commit(work);
    return err == ERR_OK ? begin(work) : err;
}

static enum err look(struct work *work)
{
    const struct reindex_options *options = work->options;
    if (options->stop != NULL && options->stop(options->ctx))
        return err_say(work->why, ERR_BUSY, "stopped; %s is as it was", work->dir);
    if (options->progress != NULL)
        options->progress(options->ctx, "rebuilt", work->head.edge.size, work->total);
    return ERR_OK;
}

static bool key_is(const struct store_row *row, uint64_t seq)
{
    uint8_t key[8];
    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(seq >> (56 - 8 * i));
    return row->found && row->key.bytes == 8 && memcmp(row->key.data, key, 8) == 0;
}

/* The next row of entries and of events, which must be of one seq; *${ret_more} is false behind the
 * last of both. */
static enum err next_row(struct work *work, struct row *ret_row, bool *ret_more)
{
    uint64_t seq = work->head.edge.size;
    struct store_row entry, event;
    struct err_text what;
    enum err err = store_walk_next(work->entries, &entry);
    if (err == ERR_OK)
        err = store_walk_next(work->events, &event);
    if (err == ERR_DAMAGED)
        return damaged(work, "a value is longer than it may be");
    if (err != ERR_OK)
        return failed(work, err, "the old tables cannot be read");
    *ret_more = entry.found || event.found;
    if (!*ret_more)
        return ERR_OK;
    if (!key_is(&entry, seq))
        return damaged(work, entry.found ? "it is missing" : "there is an event, and no entry");
    struct slice value = key_is(&event, seq) ? event.value : (struct slice){NULL, 0};
    if (rows_parse(seq, entry.value, value, ret_row, &what) != ERR_OK)
        return damaged_row(work, what.s);
    return ERR_OK;
}

/* Whether it follows from the entry before it, in the ledger and in its stream. */
static enum err check_row(struct work *work, const struct row *row)
{
    const struct entry *entry = &row->entry;
    int64_t admitted_us = entry->part.admitted_us;
    uint64_t count = 0, last = 0;
    uint8_t leaf[HASH_BYTES] = {0};
    if (memcmp(entry->prev, work->head.leaf, HASH_BYTES) != 0 ||
        entry->time_us != (admitted_us > work->head.time_us ? admitted_us : work->head.time_us))
        return damaged(work, "it does not follow from the entry before it");
    enum err err = rows_stream_count(work->to, entry->part.stream, &count, &last);
    if (err == ERR_OK && count > 0)
        err = rows_node_read(work->to, 0, last, leaf);
    if (err != ERR_OK)
        return failed(work, err, "the new tables cannot be read");
    if (count != entry->stream_pos || memcmp(leaf, entry->stream_prev, HASH_BYTES) != 0)
        return damaged(work, "it does not follow from the entry before it in its stream");
    return ERR_OK;
}

static enum err put_id(struct work *work, const struct row *row)
{
    struct event *event = NULL;
    uint8_t name[HASH_BYTES];
    if (row->event.bytes == 0) {
        work->erased++;
        return ERR_OK;
    }
    if (event_parse(row->event.data, row->event.bytes, &event, NULL) != ERR_OK)
        return damaged(work, "its event is no CloudEvent");
    rows_id_name(row->entry.part.principal, event->source, name);
    enum err err = rows_id_put(work->to, name, event->id, row->entry.seq);
    event_free(event);
    if (err == ERR_CONFLICT)
        return damaged(work, "its event has the name of an earlier one");
    return failed(work, err, "the table ids cannot be written");
}

static enum err put_row(struct work *work, const struct row *row)
{
    const struct entry *entry = &row->entry;
    size_t value_bytes = SALT_BYTES + row->event.bytes; /* which stand behind each other */
    enum err err =
        store_put_seq(work->to, STORE_ENTRIES, entry->seq, row->bytes.data, row->bytes.bytes);
    if (err == ERR_OK)
        err = store_put_seq(work->to, STORE_EVENTS, entry->seq, row->salt, value_bytes);
    if (err == ERR_OK)
        err = rows_stream_put(work->to, entry->part.stream, entry->stream_pos, entry->seq);
    if (err == ERR_OK)
        err = put_id(work, row);
    if (err == ERR_OK) {
        entry_leaf(row->bytes.data, row->bytes.bytes, work->head.leaf);
        err = tree_edge_push(&work->head.edge, work->head.leaf, rows_node_write, work->to);
    }
    work->head.time_us = entry->time_us;
    work->pending_bytes += row->bytes.bytes + value_bytes;
    return err;
}

static enum err copy_entries(struct work *work)
{
    const struct slice all = {NULL, 0};
    bool more = true;
    enum err err = store_walk_open(work->from, STORE_ENTRIES, all, &work->entries);
    if (err == ERR_OK)
        err = store_walk_open(work->from, STORE_EVENTS, all, &work->events);
    while (err == ERR_OK) {
        struct row row = {0};
        err = next_row(work, &row, &more);
        if (err != ERR_OK || !more)
            break;
        err = check_row(work, &row);
        if (err == ERR_OK)
            err = put_row(work, &row);
        if (err == ERR_OK)
            err = commit_some(work);
        if (err == ERR_OK && (work->head.edge.size - 1) % LOOK_ROWS == 0)
            err = look(work);
    }
    store_walk_close(work->entries);
    store_walk_close(work->events);
    if (err == ERR_OK && work->head.edge.size == 0)
        return err_say(work->why, ERR_DAMAGED, "%s has no entry at all: restore it from a backup",
                       work->dir);
    return failed(work, err, "the new tables cannot be written");
}

/* The names of erased events follow from nothing any more: their rows are taken over. */
static enum err copy_erased(struct work *work)
{
    struct store_walk *walk = NULL;
    struct store_row row = {.found = true};
    uint64_t copied = 0;
    enum err err = ERR_OK;
    if (work->erased == 0)
        return ERR_OK;
    if (store_has(work->old, STORE_IDS))
        err = store_walk_open(work->from, STORE_IDS, (struct slice){NULL, 0}, &walk);
    while (err == ERR_OK && walk != NULL && row.found) {
        struct slice event = {NULL, 0};
        bool found = false;
        err = store_walk_next(walk, &row);
        if (err != ERR_OK || !row.found)
            break;
        if (row.value.bytes == 8)
            err = store_get(work->to, STORE_EVENTS, row.value.data, 8, &event, &found);
        if (err != ERR_OK || !found || event.bytes != SALT_BYTES)
            continue;
        err = store_put(work->to, STORE_IDS, row.key.data, row.key.bytes, row.value.data, 8);
        copied++;
    }
    store_walk_close(walk);
    if (err != ERR_OK || copied != work->erased)
        return err_say(work->why, ERR_DAMAGED,
                       "of %llu erased events %llu have their names in ids, and nothing else tells "
                       "them: restore the ledger from a backup",
                       (unsigned long long)work->erased, (unsigned long long)copied);
    return ERR_OK;
}

static enum err copy_table(struct work *work, enum store_table table)
{
    struct store_walk *walk = NULL;
    enum err err = store_walk_open(work->from, table, (struct slice){NULL, 0}, &walk);
    while (err == ERR_OK) {
        struct store_row row;
        err = store_walk_next(walk, &row);
        if (err != ERR_OK || !row.found)
            break;
        err = store_put(work->to, table, row.key.data, row.key.bytes, row.value.data,
                        row.value.bytes);
    }
    store_walk_close(walk);
    return err;
}

static enum err copy_all(struct work *work)
{
    enum err err = begin(work);
    if (err == ERR_OK)
        err = copy_entries(work);
    if (err == ERR_OK)
        err = copy_erased(work);
    if (err != ERR_OK)
        return err;
    err = copy_table(work, STORE_CHECKPOINTS);
    if (err == ERR_OK)
        err = copy_table(work, STORE_CUSTODY);
    if (err == ERR_OK)
        err = copy_table(work, STORE_META);
    if (err != ERR_OK)
        return failed(work, err, "checkpoints, custody and meta cannot be copied");
    work->result.size = work->head.edge.size;
    tree_edge_root(&work->head.edge, work->result.root);
    return commit(work);
}

static int key_order(const struct store_row *a, const struct store_row *b)
{
    if (!a->found || !b->found)
        return a->found ? -1 : b->found;
    size_t bytes = a->key.bytes < b->key.bytes ? a->key.bytes : b->key.bytes;
    int order = memcmp(a->key.data, b->key.data, bytes);
    return order != 0 ? order : (a->key.bytes > b->key.bytes) - (a->key.bytes < b->key.bytes);
}

/* Walks a table in both environments and counts the rows that differ. */
static enum err compare_rows(struct store_walk *old, struct store_walk *fresh,
                             struct reindex_found *found)
{
    struct store_row is, due;
    enum err err = store_walk_next(old, &is);
    if (err == ERR_OK)
        err = store_walk_next(fresh, &due);
    while (err == ERR_OK && (is.found || due.found)) {
        int order = key_order(&is, &due);
        if (order < 0)
            found->added++;
        else if (order > 0)
            found->missing++;
        else if (is.value.bytes != due.value.bytes ||
                 memcmp(is.value.data, due.value.data, due.value.bytes) != 0)
            found->wrong++;
        if (order <= 0)
            err = store_walk_next(old, &is);
        if (err == ERR_OK && order >= 0)
            err = store_walk_next(fresh, &due);
    }
    return err;
}

static enum err compare_table(struct work *work, enum store_table table,
                              struct reindex_found *found)
{
    struct store_walk *old = NULL, *fresh = NULL;
    found->unreadable = !store_has(work->old, table);
    if (found->unreadable)
        return ERR_OK;
    enum err err = store_walk_open(work->from, table, (struct slice){NULL, 0}, &old);
    if (err == ERR_OK)
        err = store_walk_open(work->to, table, (struct slice){NULL, 0}, &fresh);
    if (err == ERR_OK)
        err = compare_rows(old, fresh, found);
    store_walk_close(old);
    store_walk_close(fresh);
    if (err != ERR_DAMAGED)
        return failed(work, err, "the tables cannot be compared");
    *found = (struct reindex_found){.name = found->name, .unreadable = true};
    return ERR_OK;
}

/* What was wrong with the old tables; also with pages that belong to none of them. */
static enum err compare_all(struct work *work)
{
    static const char *const names[REINDEX_TABLES] = {"nodes", "ids", "streams"};
    struct pages_place place;
    struct err_text what = {""};
    enum err err = store_begin(work->fresh, false, &work->to, work->why);
    for (int i = 0; err == ERR_OK && i < REINDEX_TABLES; i++) {
        struct reindex_found *found = &work->result.found[i];
        found->name = names[i];
        err = compare_table(work, derived[i], found);
        work->result.changed |=
            found->unreadable || found->missing > 0 || found->added > 0 || found->wrong > 0;
    }
    store_abort(work->to);
    work->to = NULL;
    if (err == ERR_OK && !work->result.changed) {
        const struct pages_how how = {.stop = work->options->stop, .ctx = work->options->ctx};
        err = store_check(work->old, &how, &place, &what);
        work->result.changed = err == ERR_DAMAGED;
        if (err != ERR_OK && err != ERR_DAMAGED)
            err_say(work->why, err, "%s", what.s);
    }
    return err == ERR_DAMAGED ? ERR_OK : err;
}

static void verify_progress(void *ctx, uint64_t done, uint64_t total)
{
    const struct reindex_options *options = ctx;
    options->progress(options->ctx, "checked", done, total);
}

static bool verify_stop(void *ctx)
{
    const struct reindex_options *options = ctx;
    return options->stop(options->ctx);
}

/* The new environment whole, and that it has not lost what the copy of the checkpoint outside
 * covers. */
static enum err check_fresh(struct work *work)
{
    struct buf outside = {0};
    struct err_text what = {""};
    struct reindex_options options = *work->options;
    enum err err = files_read(work->dir, COPY_NAME, NOTE_BYTES_MAX, &outside, work->why);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    const struct verify_note note = {COPY_NAME, (const char *)outside.data, outside.bytes};
    const struct verify_options verify = {
        .against = &note,
        .against_count = err == ERR_OK ? 1 : 0,
        .progress = options.progress != NULL ? verify_progress : NULL,
        .stop = options.stop != NULL ? verify_stop : NULL,
        .ctx = &options,
    };
    err = room_verify(work->dir, &verify, &what);
    buf_free(&outside);
    if (err == ERR_DAMAGED)
        return damaged_row(work, what.s);
    if (err == ERR_BUSY)
        return err_say(work->why, err, "%s; %s is as it was", what.s, work->dir);
    if (err == ERR_INVALID)
        return err_say(work->why, err,
                       "%s/" COPY_NAME " is no checkpoint: restore it, or take it "
                       "away",
                       work->dir);
    return err == ERR_OK ? err : err_say(work->why, err, "%s", what.s);
}

/* Both files may be there until the old one goes. */
static enum err check_disk(const char *dir, struct err_text *ret_why)
{
    struct stat info = {0};
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err err = fd >= 0 && fstatat(fd, "data.mdb", &info, 0) == 0
                       ? space_for(fd, (unsigned long long)info.st_size, ret_why)
                       : err_say(ret_why, ERR_IO, "%s/data.mdb: %s", dir, strerror(errno));
    if (fd >= 0)
        close(fd);
    return err;
}

static enum err swap(struct work *work)
{
    char *kept = work->result.kept;
    if (work->options->discard_old)
        return room_swap(work->dir, NULL, work->why);
    snprintf(kept, sizeof(work->result.kept), "%s", KEPT);
    for (unsigned i = 2; files_there(work->dir, kept); i++)
        snprintf(kept, sizeof(work->result.kept), "%s.%u", KEPT, i);
    return room_swap(work->dir, kept, work->why);
}

/* Makes the new environment in the room, and puts it in its place. */
static enum err make_fresh(struct work *work, const char *room)
{
    enum err err = store_open(room, STORE_CREATE, &work->fresh, work->why);
    if (err == ERR_OK)
        err = store_begin(work->old, false, &work->from, work->why);
    if (err == ERR_OK)
        err = failed(work, store_count(work->from, STORE_ENTRIES, &work->total), "entries");
    if (err == ERR_OK)
        err = copy_all(work);
    if (err == ERR_OK)
        err = compare_all(work);
    store_abort(work->to);
    store_abort(work->from);
    store_close(work->fresh);
    if (err == ERR_OK)
        err = check_fresh(work);
    if (err == ERR_OK && work->result.changed)
        err = swap(work);
    return err;
}

enum err reindex_ledger(const char *dir, const struct reindex_options *options,
                        struct reindex_result *ret_result, struct err_text *ret_why)
{
    ASSERT(sodium_init() >= 0);
    struct err_text why = {""};
    struct work work = {.dir = dir, .options = options, .why = &why};
    char *room = NULL;
    enum err err = store_open(dir, STORE_SALVAGE, &work.old, &why);
    if (err == ERR_OK)
        err = check_disk(dir, &why);
    if (err == ERR_OK)
        err = room_make(dir, &room, &why);
    if (err == ERR_OK) {
        err = make_fresh(&work, room);
        room_clear(dir);
    }
    store_close(work.old);
    free(room);
    if (err != ERR_OK)
        return err_say(ret_why, err, "%s", why.s);
    *ret_result = work.result;
    return ERR_OK;
}
