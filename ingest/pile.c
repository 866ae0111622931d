#include "ingest/pile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGITS ((size_t)10)
#define SUFFIX ".q"
#define NUMBER_MAX 9999999999ULL
#define NAME_BYTES 32
#define READ_BYTES 65536

static void name_of(uint64_t file, char ret[NAME_BYTES])
{
    ASSERT(file >= 1 && file <= NUMBER_MAX);
    snprintf(ret, NAME_BYTES, "%010" PRIu64 SUFFIX, file);
}

/* The number of a file by its name; 0 for any other name. */
static uint64_t number_of(const char *name)
{
    uint64_t number = 0;
    if (strlen(name) != DIGITS + sizeof(SUFFIX) - 1 || strcmp(name + DIGITS, SUFFIX) != 0)
        return 0;
    for (size_t i = 0; i < DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9')
            return 0;
        number = 10 * number + (uint64_t)(name[i] - '0');
    }
    return number;
}

static enum err failed(const char *dir, const char *name, struct err_text *ret_why)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return err_say(ret_why, full ? ERR_DISK_LOW : ERR_IO, "%s/%s: %s", dir, name, strerror(errno));
}

enum err pile_size(const char *dir, uint64_t file, uint64_t *ret_bytes, struct err_text *ret_why)
{
    char name[NAME_BYTES];
    struct stat info;
    enum err err = ERR_OK;
    name_of(file, name);
    char *path = files_path(dir, name);
    bool there = stat(path, &info) == 0;
    if (!there && errno != ENOENT)
        err = failed(dir, name, ret_why);
    else
        *ret_bytes = there ? (uint64_t)info.st_size : 0;
    free(path);
    return err;
}

/* The files above ${above}: how they lie. */
static enum err look(const char *dir, uint64_t above, bool sizes, struct pile_span *ret_span,
                     struct err_text *ret_why)
{
    struct pile_span span = {0};
    DIR *list = opendir(dir);
    enum err err = ERR_OK;
    if (list == NULL)
        return err_say(ret_why, ERR_IO, "%s: %s", dir, strerror(errno));
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir(list);
        if (found == NULL || err != ERR_OK)
            break;
        uint64_t number = number_of(found->d_name), bytes = 0;
        if (number <= above)
            continue;
        if (sizes)
            err = pile_size(dir, number, &bytes, ret_why);
        span.first = span.first == 0 || number < span.first ? number : span.first;
        span.last = number > span.last ? number : span.last;
        span.bytes += bytes;
    }
    if (err == ERR_OK && errno != 0)
        err = err_say(ret_why, ERR_IO, "%s: %s", dir, strerror(errno));
    closedir(list);
    if (err == ERR_OK)
        *ret_span = span;
    return err;
}

enum err pile_look(const char *dir, struct pile_span *ret_span, struct err_text *ret_why)
{
    return look(dir, 0, true, ret_span, ret_why);
}

enum err pile_next(const char *dir, uint64_t file, uint64_t *ret_file, struct err_text *ret_why)
{
    struct pile_span span = {0};
    enum err err = look(dir, file, false, &span, ret_why);
    if (err == ERR_OK)
        *ret_file = span.first;
    return err;
}

static bool write_all(int fd, const struct buf *data)
{
    for (size_t done = 0; done < data->bytes;) {
        ssize_t bytes = write(fd, data->data + done, data->bytes - done);
        if (bytes < 0 && errno != EINTR)
            return false;
        done += bytes > 0 ? (size_t)bytes : 0;
    }
    return true;
}

/* Add to an open file; whatever fails, it is left as it was. */
static bool add_to(int fd, const struct buf *data, uint64_t *ret_at)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return false;
    *ret_at = (uint64_t)info.st_size;
    if (write_all(fd, data) && fdatasync(fd) == 0)
        return true;
    int code = errno;
    if (ftruncate(fd, info.st_size) == 0 && fdatasync(fd) != 0)
        code = errno;
    errno = code;
    return false;
}

static enum err append(const char *dir, const char *name, const struct buf *data, uint64_t *ret_at,
                       struct err_text *ret_why)
{
    char *path = files_path(dir, name);
    uint64_t at = 0;
    enum err err = ERR_OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || !add_to(fd, data, &at))
        err = failed(dir, name, ret_why);
    if (fd >= 0 && close(fd) != 0 && err == ERR_OK)
        err = failed(dir, name, ret_why);
    if (err == ERR_OK && at == 0)
        err = files_sync_dir(dir, ret_why);
    if (err == ERR_OK)
        *ret_at = at;
    free(path);
    return err;
}

enum err pile_append(const char *dir, uint64_t file, const struct buf *data, uint64_t *ret_at,
                     struct err_text *ret_why)
{
    char name[NAME_BYTES];
    name_of(file, name);
    return append(dir, name, data, ret_at, ret_why);
}

enum err pile_log(const char *dir, const char *name, const struct buf *data,
                  struct err_text *ret_why)
{
    uint64_t at = 0;
    return append(dir, name, data, &at, ret_why);
}

static bool read_all(int fd, uint64_t from, struct buf *buf)
{
    uint8_t chunk[READ_BYTES];
    for (;;) {
        ssize_t bytes = pread(fd, chunk, sizeof(chunk), (off_t)from);
        if (bytes < 0 && errno != EINTR)
            return false;
        if (bytes == 0)
            return true;
        buf_add(buf, chunk, bytes > 0 ? (size_t)bytes : 0);
        from += bytes > 0 ? (uint64_t)bytes : 0;
    }
}

enum err pile_read(const char *dir, uint64_t file, uint64_t from, struct buf *buf,
                   struct err_text *ret_why)
{
    char name[NAME_BYTES];
    enum err err = ERR_OK;
    name_of(file, name);
    char *path = files_path(dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if ((fd < 0 && errno != ENOENT) || (fd >= 0 && !read_all(fd, from, buf)))
        err = failed(dir, name, ret_why);
    if (fd >= 0)
        close(fd);
    free(path);
    return err;
}

enum err pile_remove(const char *dir, uint64_t file, struct err_text *ret_why)
{
    char name[NAME_BYTES];
    enum err err = ERR_OK;
    name_of(file, name);
    char *path = files_path(dir, name);
    if (unlink(path) != 0 && errno != ENOENT)
        err = failed(dir, name, ret_why);
    free(path);
    return err;
}
