#include "ledger/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/checkpoint.h"
#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/ledger.h"
#include "ledger/recover.h"
#include "ledger/store.h"

#define DATA "data.mdb"
#define KEY_ENDING ".key"

struct backup {
    char *source; /* the ledger */
    char *dir;    /* its name in the end */
    char *place;  /* where it is made */
    char *data;   /* of the place */
};

/* Whether a directory may take the name: it is not there, or empty. */
static enum err name_check(const char *dir, struct err_text *ret_why)
{
    DIR *listing = opendir(dir);
    bool empty = true;
    if (listing == NULL && errno == ENOENT)
        return ERR_OK;
    if (listing == NULL)
        return err_say(ret_why, errno == ENOTDIR ? ERR_CONFLICT : ERR_IO, "%s: %s", dir,
                       strerror(errno));
    for (struct dirent *at = readdir(listing); at != NULL; at = readdir(listing))
        empty = empty && (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0);
    closedir(listing);
    return empty ? ERR_OK
                 : err_say(ret_why, ERR_CONFLICT,
                           "%s is there and not empty: a backup gets a directory of its own", dir);
}

enum err backup_new(const char *ledger_dir, const char *dir, struct backup **ret_backup,
                    struct err_text *ret_why)
{
    struct buf place = {0};
    size_t bytes = strlen(dir);
    enum err err = name_check(dir, ret_why);
    if (err != ERR_OK)
        return err;
    while (bytes > 1 && dir[bytes - 1] == '/')
        bytes--;
    buf_add(&place, dir, bytes);
    buf_text(&place, ".partial-XXXXXX");
    char *made = buf_take_text(&place);
    if (mkdtemp(made) == NULL) {
        err = err_say(ret_why, ERR_IO, "%s cannot be made: %s", made, strerror(errno));
        free(made);
        return err;
    }
    struct backup *backup = mem_zero(1, sizeof(*backup));
    backup->source = mem_text(ledger_dir);
    backup->dir = mem_text(dir);
    backup->place = made;
    backup->data = files_path(made, DATA);
    *ret_backup = backup;
    return ERR_OK;
}

uint64_t backup_bytes(const struct backup *backup)
{
    struct stat info;
    return stat(backup->data, &info) == 0 ? (uint64_t)info.st_size : 0;
}

static void lock_remove(const char *place)
{
    char *lock = files_path(place, "lock.mdb");
    unlink(lock);
    free(lock);
}

void backup_drop(const struct backup *backup)
{
    DIR *listing = opendir(backup->place);
    if (listing == NULL)
        return;
    for (struct dirent *at = readdir(listing); at != NULL; at = readdir(listing))
        (void)!unlinkat(dirfd(listing), at->d_name, 0);
    closedir(listing);
    rmdir(backup->place);
}

void backup_free(struct backup *backup)
{
    if (backup == NULL)
        return;
    free(backup->source);
    free(backup->dir);
    free(backup->place);
    free(backup->data);
    free(backup);
}

/* The environment of a ledger that has no failed commit in it. */
static enum err copy_data(const struct backup *backup, struct err_text *ret_why)
{
    struct store *store = NULL;
    enum err err = store_open(backup->source, STORE_SHARED, &store, ret_why);
    if (err == ERR_OK)
        err = store_copy(store, backup->data, ret_why);
    store_close(store);
    if (err == ERR_OK && recover_marked(backup->source))
        err = err_say(ret_why, ERR_IO, "a commit to %s failed: start it again to recover it first",
                      backup->source);
    return err;
}

/* The copy's own last checkpoint becomes the one outside. */
static enum err copy_checkpoint(const struct backup *backup, struct backup_result *result,
                                struct err_text *ret_why)
{
    struct ledger *copy = NULL;
    struct checkpoint checkpoint;
    struct buf note = {0};
    enum err err = ledger_open(backup->place, false, &copy, ret_why);
    if (err == ERR_OK)
        err = ledger_checkpoint(copy, &note, ret_why);
    ledger_close(copy);
    if (err == ERR_OK &&
        checkpoint_parse((const char *)note.data, note.bytes, &checkpoint) != ERR_OK)
        err =
            err_say(ret_why, ERR_DAMAGED, "the ledger's last checkpoint is malformed: run verify");
    if (err == ERR_OK)
        err = files_make(backup->place, COPY_NAME, note.data, note.bytes, ret_why);
    if (err == ERR_OK) {
        result->size = checkpoint.size;
        memcpy(result->root, checkpoint.root, HASH_BYTES);
        result->bytes = backup_bytes(backup);
    }
    buf_free(&note);
    return err;
}

static enum err copy_verify(const struct backup *backup, const struct backup_options *options,
                            struct err_text *ret_why)
{
    const struct verify_options verify = {.progress = options->progress, .ctx = options->ctx};
    struct verify_result *result = NULL;
    enum err err = verify_ledger(backup->place, &verify, &result, ret_why);
    if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED, "the copy does not verify (%.200s): verify the ledger",
                      result->first_bad.what);
    verify_result_free(result);
    return err;
}

/* From file to file without a buffer of ours: it is a secret. */
static enum err copy_key(const struct backup *backup, const char *name, struct err_text *ret_why)
{
    char *from = files_path(backup->source, name), *to = files_path(backup->place, name);
    struct stat info;
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err err = ERR_OK;
    if (in < 0 || out < 0 || fstat(in, &info) != 0 ||
        sendfile(out, in, NULL, (size_t)info.st_size) != info.st_size || fsync(out) != 0)
        err = err_say(ret_why, ERR_IO, "%s cannot be copied to %s: %s", from, to, strerror(errno));
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    free(from);
    free(to);
    return err;
}

/* All keys that the ledger has: while they are being replaced, the new ones too. */
static enum err copy_keys(const struct backup *backup, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    DIR *listing = opendir(backup->source);
    if (listing == NULL)
        return err_say(ret_why, ERR_IO, "%s: %s", backup->source, strerror(errno));
    for (struct dirent *at = readdir(listing); err == ERR_OK && at != NULL; at = readdir(listing)) {
        size_t bytes = strlen(at->d_name), ending = strlen(KEY_ENDING);
        if (bytes > ending && strcmp(at->d_name + bytes - ending, KEY_ENDING) == 0)
            err = copy_key(backup, at->d_name, ret_why);
    }
    closedir(listing);
    return err;
}

static enum err take_name(const struct backup *backup, struct err_text *ret_why)
{
    char *path = mem_text(backup->dir);
    enum err err = files_sync_dir(backup->place, ret_why);
    if (err == ERR_OK && rename(backup->place, backup->dir) != 0)
        err =
            err_say(ret_why, errno == ENOTEMPTY || errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                    "%s cannot be renamed to %s: %s", backup->place, backup->dir, strerror(errno));
    if (err == ERR_OK)
        err = files_sync_dir(dirname(path), ret_why);
    free(path);
    return err;
}

enum err backup_make(struct backup *backup, const struct backup_options *options,
                     struct backup_result *ret_result, struct err_text *ret_why)
{
    struct backup_result result = {0};
    enum err err = copy_data(backup, ret_why);
    if (err == ERR_OK)
        err = copy_checkpoint(backup, &result, ret_why);
    if (err == ERR_OK && !options->unverified)
        err = copy_verify(backup, options, ret_why);
    lock_remove(backup->place);
    if (err == ERR_OK && options->with_keys)
        err = copy_keys(backup, ret_why);
    if (err == ERR_OK)
        err = take_name(backup, ret_why);
    if (err == ERR_OK)
        *ret_result = result;
    else
        backup_drop(backup);
    return err;
}
