#include "ledger/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/mem.h"

#define FILE_MODE 0600

char *files_path(const char *dir, const char *name)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    return buf_take_text(&path);
}

bool files_there(const char *dir, const char *name)
{
    char *path = files_path(dir, name);
    bool there = access(path, F_OK) == 0;
    free(path);
    return there;
}

static bool write_whole(int fd, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t done = write(fd, data, bytes);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data += done;
        bytes -= (size_t)done;
    }
    return fsync(fd) == 0;
}

/* Writes a file of its own name: opened with ${flags} beside O_WRONLY. */
static enum err write_file(const char *path, int flags, const void *data, size_t bytes,
                           struct err_text *ret_why)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, FILE_MODE);
    if (fd < 0)
        return err_say(ret_why, errno == EEXIST ? ERR_CONFLICT : ERR_IO, "%s cannot be made: %s",
                       path, strerror(errno));
    bool whole = write_whole(fd, data, bytes);
    int code = errno;
    if (close(fd) != 0 && whole) {
        whole = false;
        code = errno;
    }
    if (whole)
        return ERR_OK;
    unlink(path);
    return err_say(ret_why, ERR_IO, "%s cannot be written: %s", path, strerror(code));
}

enum err files_make(const char *dir, const char *name, const void *data, size_t bytes,
                    struct err_text *ret_why)
{
    char *path = files_path(dir, name);
    enum err err = write_file(path, O_EXCL, data, bytes, ret_why);
    free(path);
    return err;
}

enum err files_replace(const char *dir, const char *name, const void *data, size_t bytes,
                       struct err_text *ret_why)
{
    char *path = files_path(dir, name);
    struct buf text = {0};
    buf_printf(&text, "%s.new", path);
    char *fresh = buf_take_text(&text);
    enum err err = write_file(fresh, O_TRUNC, data, bytes, ret_why);
    if (err == ERR_OK && rename(fresh, path) != 0) {
        err = err_say(ret_why, ERR_IO, "%s cannot be replaced: %s", path, strerror(errno));
        unlink(fresh);
    }
    if (err == ERR_OK)
        err = files_sync_dir(dir, ret_why);
    free(fresh);
    free(path);
    return err;
}

static enum err read_whole(int fd, size_t bytes_max, struct buf *buf)
{
    uint8_t piece[16384];
    size_t total = 0;
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            return ERR_OK;
        total += (size_t)got;
        if (total > bytes_max)
            return ERR_TOO_BIG;
        buf_add(buf, piece, (size_t)got);
    }
}

static enum err read_fd(int fd, const char *path, size_t bytes_max, struct buf *buf,
                        struct err_text *ret_why)
{
    struct buf read = {0};
    enum err err = read_whole(fd, bytes_max, &read);
    if (err == ERR_IO)
        err_say(ret_why, err, "%s: %s", path, strerror(errno));
    else if (err == ERR_TOO_BIG)
        err_say(ret_why, err, "%s has more than %zu bytes", path, bytes_max);
    else
        buf_add(buf, read.data, read.bytes);
    buf_free(&read);
    return err;
}

static enum err read_path(const char *path, size_t bytes_max, struct buf *buf,
                          struct err_text *ret_why)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_say(ret_why, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                       strerror(errno));
    enum err err = read_fd(fd, path, bytes_max, buf, ret_why);
    close(fd);
    return err;
}

enum err files_read(const char *dir, const char *name, size_t bytes_max, struct buf *buf,
                    struct err_text *ret_why)
{
    char *path = files_path(dir, name);
    enum err err = read_path(path, bytes_max, buf, ret_why);
    free(path);
    return err;
}

enum err files_input(const char *path, size_t bytes_max, struct buf *buf, struct err_text *ret_why)
{
    if (strcmp(path, "-") == 0)
        return read_fd(STDIN_FILENO, "standard input", bytes_max, buf, ret_why);
    return read_path(path, bytes_max, buf, ret_why);
}

enum err files_output(const char *path, const void *data, size_t bytes, struct err_text *ret_why)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    char *dir = slash == NULL   ? mem_text(".")
                : slash == path ? mem_text("/")
                                : mem_text_n(path, (size_t)(slash - path));
    enum err err = name[0] == '\0' ? err_say(ret_why, ERR_IO, "%s is a directory", path)
                                   : files_replace(dir, name, data, bytes, ret_why);
    free(dir);
    return err;
}

enum err files_directory(const char *path, struct err_text *ret_why)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return err_say(ret_why, ERR_IO, "%s cannot be made: %s", path, strerror(errno));
    return ERR_OK;
}

enum err files_sync_dir(const char *dir, struct err_text *ret_why)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    int code = errno;
    if (fd >= 0)
        close(fd);
    return synced ? ERR_OK
                  : err_say(ret_why, ERR_IO, "%s cannot be synced: %s", dir, strerror(code));
}
