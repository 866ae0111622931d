#include "ledger/shelf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/inside.h"

#define DIR_MODE 0777 /* as umask has it: others are to read it */

/* One export under way. */
struct shelf {
    struct ledger *ledger;
    const char *dir;
    int fd; /* of the directory; its lock */
    const struct shelf_options *options;
    struct checkpoint checkpoint;
    struct buf note;
    uint64_t old_size; /* of the checkpoint that is there; 0 without one */
    uint64_t total;    /* files */
    struct shelf_result result;
    struct err_text *why;
};

/* One row of tiles: all those of a level, or the bundles of a kind. */
struct row_of {
    enum tile_kind kind;
    unsigned level;
};

static uint64_t hashes_at(struct row_of row, uint64_t size)
{
    return row.level < 8 ? size >> (8 * row.level) : 0;
}

/* The rows in their order; false behind the last. */
static bool row_at(const struct shelf *shelf, unsigned number, struct row_of *ret)
{
    struct row_of row = {TILE_ENTRIES, 0};
    if (number == 1 && shelf->options->events)
        row.kind = TILE_EVENTS;
    else if (number > 0)
        row = (struct row_of){TILE_HASHES, number - 1 - shelf->options->events};
    *ret = row;
    return hashes_at(row, shelf->checkpoint.size) > 0;
}

/* Make the directories above a file. */
static void make_above(const char *path)
{
    char *copy = mem_text(path);
    for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, DIR_MODE);
        *slash = '/';
    }
    free(copy);
}

static bool write_file(const char *path, const struct buf *data, bool sync)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL && errno == ENOENT) {
        make_above(path);
        file = fopen(path, "wbe");
    }
    if (file == NULL)
        return false;
    bool ok = fwrite(data->data, 1, data->bytes, file) == data->bytes && fflush(file) == 0 &&
              (!sync || fsync(fileno(file)) == 0);
    int code = errno;
    if (fclose(file) != 0 && ok) {
        ok = false;
        code = errno;
    }
    if (!ok)
        unlink(path);
    errno = code;
    return ok;
}

/* Put a file in its place in one step. */
static enum err place(struct shelf *shelf, const char *path, const struct buf *data, bool sync)
{
    struct buf text = {0};
    buf_printf(&text, "%s.new", path);
    const char *fresh = (const char *)text.data;
    enum err err = ERR_OK;
    if (!write_file(fresh, data, sync) || rename(fresh, path) != 0)
        err = err_say(shelf->why, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
    buf_free(&text);
    return err;
}

/* Whether the file is there with just these bytes. */
static bool is_there(const char *path, const struct buf *data)
{
    struct stat info;
    struct buf old = {0};
    if (stat(path, &info) != 0 || (uint64_t)info.st_size != data->bytes)
        return false;
    bool same = files_input(path, data->bytes, &old, NULL) == ERR_OK && old.bytes == data->bytes &&
                memcmp(old.data, data->data, data->bytes) == 0;
    buf_free(&old);
    return same;
}

static char *tile_path(const struct shelf *shelf, const struct tile *tile)
{
    struct buf path = {0};
    buf_printf(&path, "%s/", shelf->dir);
    tile_format(tile, &path);
    return buf_take_text(&path);
}

/* A full tile that the checkpoint of before covers: its hashes cannot have changed. */
static bool is_covered(const struct shelf *shelf, const struct tile *tile, const char *path)
{
    struct stat info;
    const struct row_of row = {tile->kind, tile->level};
    if (tile->width < TILE_WIDTH || tile->index >= hashes_at(row, shelf->old_size) / TILE_WIDTH)
        return false;
    return stat(path, &info) == 0 &&
           (tile->kind == TILE_HASHES ? info.st_size == (off_t)TILE_WIDTH * HASH_BYTES
                                      : info.st_size > 0);
}

static enum err put_tile(struct shelf *shelf, const struct tile *tile)
{
    char *path = tile_path(shelf, tile);
    struct buf data = {0};
    bool left = is_covered(shelf, tile, path);
    enum err err = left ? ERR_OK : ledger_tile(shelf->ledger, tile, &data, shelf->why);
    if (err == ERR_NOT_FOUND)
        err = ERR_DAMAGED;
    left = left || (err == ERR_OK && is_there(path, &data));
    if (err == ERR_OK && !left)
        err = place(shelf, path, &data, false);
    if (err == ERR_OK) {
        *(left ? &shelf->result.left : &shelf->result.written) += 1;
        if (shelf->options->progress != NULL)
            shelf->options->progress(shelf->options->ctx,
                                     shelf->result.left + shelf->result.written, shelf->total);
    }
    buf_free(&data);
    free(path);
    return err;
}

static enum err put_row(struct shelf *shelf, struct row_of row)
{
    uint64_t hashes = hashes_at(row, shelf->checkpoint.size);
    enum err err = ERR_OK;
    for (uint64_t index = 0; err == ERR_OK && index * TILE_WIDTH < hashes; index++) {
        uint64_t rest = hashes - index * TILE_WIDTH;
        const struct tile tile = {row.kind, row.level, index,
                                  rest < TILE_WIDTH ? (unsigned)rest : TILE_WIDTH};
        err = put_tile(shelf, &tile);
    }
    return err;
}

/* Remove the partial tiles of one that is full now. */
static void drop_partials(const struct shelf *shelf, const struct tile *tile)
{
    struct buf dir = {0};
    char *path = tile_path(shelf, tile);
    buf_printf(&dir, "%s.p", path);
    free(path);
    DIR *stream = opendir((const char *)dir.data);
    const struct dirent *item;
    while (stream != NULL && (item = readdir(stream)) != NULL) {
        if (item->d_name[0] != '.')
            unlinkat(dirfd(stream), item->d_name, 0);
    }
    if (stream != NULL) {
        closedir(stream);
        rmdir((const char *)dir.data);
    }
    buf_free(&dir);
}

static void drop_row(const struct shelf *shelf, struct row_of row)
{
    uint64_t index = hashes_at(row, shelf->old_size) / TILE_WIDTH;
    uint64_t full = hashes_at(row, shelf->checkpoint.size) / TILE_WIDTH;
    for (; index < full; index++)
        drop_partials(shelf, &(struct tile){row.kind, row.level, index, TILE_WIDTH});
}

/* Open and lock the directory, made if it is not there. */
static enum err open_dir(struct shelf *shelf)
{
    enum err err = files_directory(shelf->dir, shelf->why);
    if (err != ERR_OK)
        return err;
    shelf->fd = open(shelf->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (shelf->fd < 0)
        return err_say(shelf->why, ERR_IO, "%s: %s", shelf->dir, strerror(errno));
    if (files_there(shelf->dir, "data.mdb"))
        return err_say(shelf->why, ERR_CONFLICT, "%s is a ledger, no directory for tiles",
                       shelf->dir);
    if (flock(shelf->fd, LOCK_EX | LOCK_NB) != 0)
        return err_say(shelf->why, ERR_BUSY, "another export to %s is running", shelf->dir);
    if (!shelf->options->events && files_there(shelf->dir, "tile/events"))
        return err_say(shelf->why, ERR_CONFLICT,
                       "%s has events too: export them again (--events), or to another directory",
                       shelf->dir);
    return ERR_OK;
}

/* Whether a key that this ledger has or had signed the note. */
static bool is_ours(struct ledger *ledger, const struct buf *note)
{
    size_t count = 0;
    ledger_lock(ledger, false);
    const struct registry_pair *const *pairs = registry_pairs(ledger->registry, &count);
    bool ours = false;
    for (size_t i = 0; i < count && !ours; i++)
        ours = note_check((const char *)note->data, note->bytes, &pairs[i]->checkpoint, 1, NULL) ==
               ERR_OK;
    ledger_unlock(ledger);
    return ours;
}

/* What is there must lie in the history of this ledger. */
static enum err hold_old(struct shelf *shelf, const struct buf *note)
{
    struct checkpoint old;
    uint8_t root[HASH_BYTES];
    enum err err = checkpoint_parse((const char *)note->data, note->bytes, &old);
    if (err != ERR_OK || strcmp(old.origin, shelf->checkpoint.origin) != 0)
        return err_say(shelf->why, ERR_CONFLICT,
                       "%s/" COPY_NAME " is not of this ledger: export to another directory",
                       shelf->dir);
    bool holds = old.size <= shelf->checkpoint.size;
    if (holds) {
        err = ledger_root(shelf->ledger, old.size, root, shelf->why);
        if (err != ERR_OK)
            return err;
        holds = memcmp(root, old.root, HASH_BYTES) == 0;
    }
    if (holds)
        shelf->old_size = old.size;
    else if (is_ours(shelf->ledger, note))
        err = err_say(shelf->why, ERR_DAMAGED,
                      "%s/" COPY_NAME " is signed by this ledger and is not in its history: run "
                      "verify --against it",
                      shelf->dir);
    else
        err = err_say(shelf->why, ERR_CONFLICT,
                      "%s/" COPY_NAME " is of another ledger of that name: export to another "
                      "directory",
                      shelf->dir);
    return err;
}

/* The checkpoint to export, and what the directory has of it. */
static enum err begin(struct shelf *shelf)
{
    struct buf old = {0};
    enum err err = ledger_checkpoint(shelf->ledger, &shelf->note, shelf->why);
    if (err == ERR_OK && checkpoint_parse((const char *)shelf->note.data, shelf->note.bytes,
                                          &shelf->checkpoint) != ERR_OK)
        err = err_say(shelf->why, ERR_DAMAGED, "the last checkpoint is malformed");
    if (err != ERR_OK)
        return err;
    err = files_read(shelf->dir, COPY_NAME, NOTE_BYTES_MAX, &old, shelf->why);
    if (err == ERR_OK)
        err = hold_old(shelf, &old);
    else if (err == ERR_NOT_FOUND)
        err = ERR_OK;
    buf_free(&old);
    struct row_of row;
    for (unsigned i = 0; row_at(shelf, i, &row); i++)
        shelf->total += (hashes_at(row, shelf->checkpoint.size) + TILE_WIDTH - 1) / TILE_WIDTH;
    shelf->result.size = shelf->checkpoint.size;
    memcpy(shelf->result.root, shelf->checkpoint.root, HASH_BYTES);
    return err;
}

/* All else is on disk: the checkpoint says so. */
static enum err finish(struct shelf *shelf)
{
    struct row_of row;
    if (syncfs(shelf->fd) != 0)
        return err_say(shelf->why, ERR_IO, "%s cannot be synced: %s", shelf->dir, strerror(errno));
    for (unsigned i = 0; row_at(shelf, i, &row); i++)
        drop_row(shelf, row);
    char *path = files_path(shelf->dir, COPY_NAME);
    enum err err = ERR_OK;
    if (!is_there(path, &shelf->note))
        err = place(shelf, path, &shelf->note, true);
    free(path);
    return err == ERR_OK ? files_sync_dir(shelf->dir, shelf->why) : err;
}

enum err shelf_export(struct ledger *ledger, const char *dir, const struct shelf_options *options,
                      struct shelf_result *ret_result, struct err_text *ret_why)
{
    struct shelf shelf = {
        .ledger = ledger, .dir = dir, .fd = -1, .options = options, .why = ret_why};
    struct row_of row;
    enum err err = open_dir(&shelf);
    if (err == ERR_OK)
        err = begin(&shelf);
    for (unsigned i = 0; err == ERR_OK && row_at(&shelf, i, &row); i++)
        err = put_row(&shelf, row);
    if (err == ERR_OK)
        err = finish(&shelf);
    if (err == ERR_OK)
        *ret_result = shelf.result;
    if (shelf.fd >= 0)
        close(shelf.fd);
    buf_free(&shelf.note);
    return err;
}
