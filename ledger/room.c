#include "ledger/room.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/files.h"

static void remove_file(const char *dir, const char *name)
{
    char *path = files_path(dir, name);
    unlink(path);
    free(path);
}

void room_clear(const char *dir)
{
    char *room = files_path(dir, ROOM_NAME);
    remove_file(room, "data.mdb");
    remove_file(room, "lock.mdb");
    rmdir(room);
    free(room);
}

enum err room_make(const char *dir, char **ret_path, struct err_text *ret_why)
{
    char *room = files_path(dir, ROOM_NAME);
    room_clear(dir);
    if (mkdir(room, 0700) != 0) {
        enum err err = err_say(ret_why, ERR_IO, "%s cannot be made: %s", room, strerror(errno));
        free(room);
        return err;
    }
    *ret_path = room;
    return ERR_OK;
}

enum err room_verify(const char *dir, const struct verify_options *options,
                     struct err_text *ret_why)
{
    char *room = files_path(dir, ROOM_NAME);
    struct verify_result *result = NULL;
    enum err err = verify_ledger(room, options, &result, ret_why);
    if (err == ERR_OK && result->stopped && !result->first_bad.found)
        err = err_say(ret_why, ERR_BUSY, "stopped");
    else if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED, "%s", result->first_bad.what);
    verify_result_free(result);
    free(room);
    return err;
}

static enum err keep_old(const char *data, const char *dir, const char *kept,
                         struct err_text *ret_why)
{
    char *path = files_path(dir, kept);
    enum err err = ERR_OK;
    if (link(data, path) != 0)
        err = err_say(ret_why, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                      "%s cannot be kept as %s: %s", data, path, strerror(errno));
    free(path);
    return err;
}

enum err room_swap(const char *dir, const char *kept, struct err_text *ret_why)
{
    char *from = files_path(dir, ROOM_NAME "/data.mdb"), *to = files_path(dir, "data.mdb");
    char *lock = files_path(dir, "lock.mdb");
    enum err err = kept != NULL ? keep_old(to, dir, kept, ret_why) : ERR_OK;
    if (err == ERR_OK && rename(from, to) != 0)
        err = err_say(ret_why, ERR_IO, "the new %s cannot be put in its place: %s", to,
                      strerror(errno));
    /* The lock file knows only the old one's readers. */
    if (err == ERR_OK && unlink(lock) != 0 && errno != ENOENT)
        err = err_say(ret_why, ERR_IO, "%s cannot be removed: %s", lock, strerror(errno));
    if (err == ERR_OK)
        err = files_sync_dir(dir, ret_why);
    free(from);
    free(to);
    free(lock);
    return err;
}
