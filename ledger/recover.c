#include "ledger/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "ledger/copy.h"
#include "ledger/files.h"
#include "ledger/room.h"
#include "ledger/store.h"

#define MARKER "commit-failed"
#define SPARE COPY_NAME /* a file that is always there, to be linked as the marker */

/* Where a file cannot be written, its name still may: a disk that is full has room for that. */
static bool mark_by_name(const char *dir)
{
    char *from = files_path(dir, SPARE), *to = files_path(dir, MARKER);
    bool marked = link(from, to) == 0 || errno == EEXIST;
    free(from);
    free(to);
    return marked;
}

void recover_mark(const char *dir)
{
    static const char text[] = "A commit could not be written.  The next start recovers.\n";
    /* The process ends whatever comes of this. */
    enum err err = files_make(dir, MARKER, text, sizeof(text) - 1, NULL);
    bool marked = err == ERR_OK || err == ERR_CONFLICT || mark_by_name(dir);
    if (marked && files_sync_dir(dir, NULL) == ERR_OK)
        return;
    fprintf(stderr, "countersign: the marker %s/" MARKER " could not be written\n", dir);
}

bool recover_marked(const char *dir)
{
    return files_there(dir, MARKER);
}

enum err recover_enter(const char *dir, int *ret_fd, struct err_text *ret_why)
{
    /* LMDB locks another file. */
    char *data = files_path(dir, "data.mdb");
    int fd = open(data, O_RDONLY | O_CLOEXEC);
    enum err err = ERR_OK;
    if (fd < 0 || flock(fd, LOCK_EX) != 0)
        err = err_say(ret_why, ERR_BUSY, "%s cannot be locked: %s", data, strerror(errno));
    else if (recover_marked(dir))
        err = err_say(ret_why, ERR_IO, "a commit to %s failed: start again to recover it", dir);
    *ret_fd = fd;
    free(data);
    return err;
}

void recover_leave(int fd)
{
    if (fd >= 0)
        close(fd);
}

static enum err marker_remove(const char *dir, struct err_text *ret_why)
{
    char *marker = files_path(dir, MARKER);
    enum err err = ERR_OK;
    if (unlink(marker) != 0)
        err = err_say(ret_why, ERR_IO, "%s cannot be removed: %s", marker, strerror(errno));
    free(marker);
    return err == ERR_OK ? files_sync_dir(dir, ret_why) : err;
}

static enum err copy_verify(const char *dir, struct err_text *ret_why)
{
    const struct verify_options options = {0};
    struct err_text what = {""};
    enum err err = room_verify(dir, &options, &what);
    if (err == ERR_DAMAGED)
        return err_say(ret_why, err,
                       "after a failed commit the ledger does not verify (%.200s): restore it from "
                       "a backup",
                       what.s);
    return err == ERR_OK ? err : err_say(ret_why, err, "%s", what.s);
}

enum err recover_ledger(const char *dir, struct err_text *ret_why)
{
    struct store *store = NULL;
    char *room = NULL, *copy = NULL;
    enum err err = ERR_OK;
    if (!recover_marked(dir)) {
        if (files_there(dir, ROOM_NAME))
            room_clear(dir); /* what a recovery has left that was ended behind its last step */
        goto out;
    }
    err = store_open(dir, STORE_ALONE, &store, ret_why);
    if (err == ERR_OK)
        err = room_make(dir, &room, ret_why);
    if (err != ERR_OK)
        goto out;
    copy = files_path(room, "data.mdb");
    err = store_copy(store, copy, ret_why);
    if (err == ERR_OK)
        err = copy_verify(dir, ret_why);
    if (err == ERR_OK)
        err = room_swap(dir, NULL, ret_why);
    if (err == ERR_OK)
        err = marker_remove(dir, ret_why);
    room_clear(dir);
    if (err == ERR_DISK_LOW) {
        const struct err_text what = *ret_why;
        err_say(ret_why, err, "a commit failed, and the recovery needs a copy: %.200s", what.s);
    }
out:
    store_close(store);
    free(copy);
    free(room);
    return err;
}
