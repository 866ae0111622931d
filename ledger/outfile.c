#include "ledger/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/buf.h"
#include "ledger/files.h"
#include "ledger/hash.h"
#include "ledger/mem.h"

#define FILE_MODE 0600
#define HELD_BYTES ((size_t)262144) /* written at once */

struct outfile {
    char *dir, *path, *fresh; /* owned; dir and fresh are NULL of standard output */
    int fd;
    struct buf held; /* not yet written */
    uint64_t bytes;
    struct hash_run *hash;
};

static void release(struct outfile *file)
{
    if (file->fresh != NULL && file->fd >= 0)
        close(file->fd);
    buf_free(&file->held);
    hash_run_free(file->hash);
    free(file->dir);
    free(file->path);
    free(file->fresh);
    free(file);
}

enum err outfile_open(const char *path, struct outfile **ret_file, struct err_text *ret_why)
{
    const bool standard = strcmp(path, "-") == 0;
    const char *slash = strrchr(path, '/');
    struct buf fresh = {0};
    if (path[0] == '\0' || (slash != NULL && slash[1] == '\0'))
        return err_say(ret_why, ERR_IO, "%s names no file", path[0] == '\0' ? "''" : path);
    struct outfile *file = mem_zero(1, sizeof(*file));
    file->path = mem_text(standard ? "standard output" : path);
    file->hash = hash_run_new();
    file->fd = STDOUT_FILENO;
    if (!standard) {
        file->dir = slash == NULL   ? mem_text(".")
                    : slash == path ? mem_text("/")
                                    : mem_text_n(path, (size_t)(slash - path));
        buf_printf(&fresh, "%s.new", path);
        file->fresh = buf_take_text(&fresh);
        file->fd = open(file->fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    }
    if (file->fd < 0) {
        enum err err =
            err_say(ret_why, ERR_IO, "%s cannot be made: %s", file->fresh, strerror(errno));
        release(file);
        return err;
    }
    *ret_file = file;
    return ERR_OK;
}

enum err outfile_flush(struct outfile *file, struct err_text *ret_why)
{
    for (size_t done = 0; done < file->held.bytes;) {
        ssize_t got = write(file->fd, file->held.data + done, file->held.bytes - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_say(ret_why, ERR_IO, "%s cannot be written: %s", file->path,
                           strerror(errno));
        done += (size_t)got;
    }
    buf_clear(&file->held);
    return ERR_OK;
}

enum err outfile_add(struct outfile *file, const void *data, size_t bytes, struct err_text *ret_why)
{
    if (bytes == 0)
        return ERR_OK;
    hash_run_add(file->hash, data, bytes);
    file->bytes += bytes;
    buf_add(&file->held, data, bytes);
    return file->held.bytes < HELD_BYTES ? ERR_OK : outfile_flush(file, ret_why);
}

int outfile_written(const struct outfile *file)
{
    return file->fresh == NULL ? -1 : file->fd;
}

uint64_t outfile_digest(const struct outfile *file, uint8_t ret[HASH_BYTES])
{
    hash_run_end(file->hash, ret);
    return file->bytes;
}

/* On disk, and under its name. */
static enum err settle(struct outfile *file, struct err_text *ret_why)
{
    if (fsync(file->fd) != 0)
        return err_say(ret_why, ERR_IO, "%s cannot be synced: %s", file->fresh, strerror(errno));
    if (rename(file->fresh, file->path) != 0)
        return err_say(ret_why, ERR_IO, "%s cannot be replaced: %s", file->path, strerror(errno));
    return files_sync_dir(file->dir, ret_why);
}

enum err outfile_end(struct outfile *file, struct err_text *ret_why)
{
    enum err err = outfile_flush(file, ret_why);
    if (err == ERR_OK && file->fresh != NULL)
        err = settle(file, ret_why);
    if (err == ERR_OK)
        release(file);
    else
        outfile_drop(file);
    return err;
}

void outfile_drop(struct outfile *file)
{
    if (file == NULL)
        return;
    if (file->fresh != NULL)
        unlink(file->fresh);
    release(file);
}
