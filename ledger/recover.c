#include "ledger/recover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/files.h"
#include "ledger/store.h"
#include "ledger/verify.h"

#define MARKER "commit-failed"
#define ROOM "recovery" /* directory of the copy until it is verified */

void recover_mark(const char *dir)
{
    static const char text[] = "A commit could not be written.  The next start recovers.\n";
    /* The process ends whatever comes of this. */
    if (files_make(dir, MARKER, text, sizeof(text) - 1, NULL) == ERR_OK &&
        files_sync_dir(dir, NULL) == ERR_OK)
        return;
    fprintf(stderr, "countersign: the marker %s/" MARKER " could not be written\n", dir);
}

bool recover_marked(const char *dir)
{
    return files_there(dir, MARKER);
}

/* Removes what is left of a recovery, begun now or before. */
static void room_clear(const char *room)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = files_path(room, names[i]);
        unlink(path);
        free(path);
    }
    rmdir(room);
}

static enum err room_verify(const char *room, struct err_text *ret_why)
{
    const struct verify_options options = {0};
    struct verify_result *result = NULL;
    enum err err = verify_ledger(room, &options, &result, ret_why);
    if (err == ERR_OK && !result->ok)
        err = err_say(ret_why, ERR_DAMAGED,
                      "after a failed commit the ledger does not verify (%.200s): restore it from "
                      "a backup",
                      result->first_bad.what);
    verify_result_free(result);
    return err;
}

/* Puts the verified copy in its place; the lock file knows only the old one's readers. */
static enum err room_swap(const char *dir, const char *room, struct err_text *ret_why)
{
    char *from = files_path(room, "data.mdb"), *to = files_path(dir, "data.mdb");
    char *lock = files_path(dir, "lock.mdb"), *marker = files_path(dir, MARKER);
    enum err err = ERR_OK;
    if (rename(from, to) != 0 || unlink(lock) != 0)
        err = err_say(ret_why, ERR_IO, "the recovered %s cannot be put in its place: %s", to,
                      strerror(errno));
    if (err == ERR_OK)
        err = files_sync_dir(dir, ret_why);
    if (err == ERR_OK && unlink(marker) != 0)
        err = err_say(ret_why, ERR_IO, "%s cannot be removed: %s", marker, strerror(errno));
    if (err == ERR_OK)
        err = files_sync_dir(dir, ret_why);
    free(from);
    free(to);
    free(lock);
    free(marker);
    return err;
}

enum err recover_ledger(const char *dir, struct err_text *ret_why)
{
    struct store *store = NULL;
    char *room = files_path(dir, ROOM), *copy = files_path(room, "data.mdb");
    enum err err = ERR_OK;
    if (!recover_marked(dir))
        goto out;
    err = store_open(dir, STORE_ALONE, &store, ret_why);
    if (err != ERR_OK)
        goto out;
    room_clear(room);
    if (mkdir(room, 0700) != 0) {
        err = err_say(ret_why, ERR_IO, "%s cannot be made: %s", room, strerror(errno));
        goto out;
    }
    err = store_copy(store, copy, ret_why);
    if (err == ERR_OK)
        err = room_verify(room, ret_why);
    if (err == ERR_OK)
        err = room_swap(dir, room, ret_why);
    room_clear(room);
out:
    store_close(store);
    free(copy);
    free(room);
    return err;
}
