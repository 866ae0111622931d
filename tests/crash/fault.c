/* fault - preloaded into the program by fault.py: counts what it does to the files of one
 * directory, and lets one of these system calls go wrong.
 *   FAULT_DIR   the directory, as realpath gives it; all below it counts
 *   FAULT_LOG   a file that gets one line for each: number, call, name of the file
 *   FAULT_AT    number of the call that goes wrong, from 1; unset: none
 *   FAULT_KIND  eio, enospc: it fails and does nothing; done: it does its work and reports EIO;
 *               short: half of a write is written; before, after: SIGKILL around it
 *   FAULT_ON    set: all that follow fail too (enospc: those that take space; short: with ENOSPC)
 * It makes the system calls itself, so that nothing is looked up in libc.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS 1024

enum verdict { GO, FAIL, HALF, GO_THEN_FAIL, GO_THEN_DIE };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *dir, *kind;
static size_t dir_bytes;
static long at, number;
static bool on;
static int log_fd = -1;
static bool tracked[FDS];
static char names[FDS][64];

__attribute__((constructor)) static void start(void)
{
    const char *text = getenv("FAULT_AT"), *path = getenv("FAULT_LOG");
    dir = getenv("FAULT_DIR");
    dir_bytes = dir != NULL ? strlen(dir) : 0;
    kind = getenv("FAULT_KIND");
    at = text != NULL ? strtol(text, NULL, 10) : 0;
    on = getenv("FAULT_ON") != NULL;
    if (path != NULL)
        log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                              0600);
}

static void note(const char *call, const char *name)
{
    char line[200];
    int bytes = snprintf(line, sizeof(line), "%ld %s %s\n", number, call, name);
    if (log_fd >= 0 && syscall(SYS_write, log_fd, line, bytes) != bytes)
        abort();
}

/* What becomes of the next call; ${takes} says that it takes space on the disk. */
static enum verdict judge(const char *call, const char *name, bool takes)
{
    pthread_mutex_lock(&lock);
    number++;
    note(call, name);
    bool now = number == at, later = on && at > 0 && number > at;
    pthread_mutex_unlock(&lock);
    if (!now && !later)
        return GO;
    bool full = strcmp(kind, "enospc") == 0 || strcmp(kind, "short") == 0;
    errno = full ? ENOSPC : EIO;
    if (later)
        return takes || !full ? FAIL : GO;
    if (strcmp(kind, "before") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(kind, "after") == 0)
        return GO_THEN_DIE;
    if (strcmp(kind, "done") == 0)
        return GO_THEN_FAIL;
    return strcmp(kind, "short") == 0 ? HALF : FAIL;
}

/* The result of a call that was made. */
static long finish(enum verdict verdict, long result)
{
    if (verdict == GO_THEN_DIE)
        kill(getpid(), SIGKILL);
    if (verdict != GO_THEN_FAIL || result < 0)
        return result;
    errno = EIO;
    return -1;
}

static const char *base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool below(const char *path)
{
    return dir_bytes > 0 && strncmp(path, dir, dir_bytes) == 0 &&
           (path[dir_bytes] == '\0' || path[dir_bytes] == '/');
}

/* Whether a path, which need not be there, is below the directory. */
static bool path_counts(const char *path)
{
    char parent[PATH_MAX], real[PATH_MAX];
    if (dir_bytes == 0)
        return false;
    snprintf(parent, sizeof(parent), "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        snprintf(parent, sizeof(parent), ".");
    else
        slash[slash == parent ? 1 : 0] = '\0';
    return realpath(parent, real) != NULL && below(real);
}

static bool counts(int fd)
{
    return fd >= 0 && fd < FDS && tracked[fd];
}

static void track(int fd)
{
    char link[64], path[PATH_MAX];
    if (fd < 0 || fd >= FDS)
        return;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t bytes = readlink(link, path, sizeof(path) - 1);
    path[bytes > 0 ? bytes : 0] = '\0';
    tracked[fd] = below(path);
    snprintf(names[fd], sizeof(names[fd]), "%.60s", base(path));
}

static int open_at(int dir_fd, const char *path, int flags, mode_t mode)
{
    enum verdict verdict = GO;
    if ((flags & O_CREAT) != 0 && dir_fd == AT_FDCWD && path_counts(path))
        verdict = judge("open", base(path), true);
    if (verdict == FAIL || verdict == HALF)
        return -1;
    int fd = (int)syscall(SYS_openat, dir_fd, path, flags, mode);
    int made = (int)finish(verdict, fd);
    if (made < 0 && fd >= 0) {
        syscall(SYS_close, fd);
        errno = EIO;
    }
    track(made);
    return made;
}

#define OPEN(name, ...)                                                                            \
    int name(__VA_ARGS__, ...);                                                                    \
    int name(__VA_ARGS__, ...)                                                                     \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, flags);                                                                     \
        mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;             \
        va_end(args);                                                                              \
        return open_at(DIR_FD, path, flags, mode);                                                 \
    }

#define DIR_FD AT_FDCWD
OPEN(open, const char *path, int flags)
OPEN(open64, const char *path, int flags)
#undef DIR_FD
#define DIR_FD dir_fd
OPEN(openat, int dir_fd, const char *path, int flags)
OPEN(openat64, int dir_fd, const char *path, int flags)

int close(int fd)
{
    if (counts(fd))
        tracked[fd] = false;
    return (int)syscall(SYS_close, fd);
}

/* A call on a file that takes no bytes. */
#define ON_FILE(name, takes, type, parameters, make)                                               \
    type name parameters;                                                                          \
    type name parameters                                                                           \
    {                                                                                              \
        enum verdict verdict = counts(fd) ? judge(#name, names[fd], takes) : GO;                   \
        if (verdict == FAIL || verdict == HALF)                                                    \
            return -1;                                                                             \
        return (type)finish(verdict, make);                                                        \
    }
ON_FILE(fsync, false, int, (int fd), syscall(SYS_fsync, fd))
ON_FILE(fdatasync, false, int, (int fd), syscall(SYS_fdatasync, fd))
ON_FILE(ftruncate, true, int, (int fd, off_t bytes), syscall(SYS_ftruncate, fd, bytes))
ON_FILE(ftruncate64, true, int, (int fd, off_t bytes), syscall(SYS_ftruncate, fd, bytes))
ON_FILE(lseek, false, off_t, (int fd, off_t offset, int whence),
        syscall(SYS_lseek, fd, offset, whence))
ON_FILE(lseek64, false, off_t, (int fd, off_t offset, int whence),
        syscall(SYS_lseek, fd, offset, whence))

/* Writes of one piece; ${bytes} is halved for a short one. */
#define WRITE(name, parameters, make)                                                              \
    ssize_t name parameters;                                                                       \
    ssize_t name parameters                                                                        \
    {                                                                                              \
        enum verdict verdict = counts(fd) ? judge(#name, names[fd], true) : GO;                    \
        if (verdict == FAIL)                                                                       \
            return -1;                                                                             \
        if (verdict == HALF)                                                                       \
            bytes /= 2;                                                                            \
        return finish(verdict, make);                                                              \
    }
WRITE(write, (int fd, const void *data, size_t bytes), syscall(SYS_write, fd, data, bytes))
WRITE(pwrite, (int fd, const void *data, size_t bytes, off_t offset),
      syscall(SYS_pwrite64, fd, data, bytes, offset))
WRITE(pwrite64, (int fd, const void *data, size_t bytes, off_t offset),
      syscall(SYS_pwrite64, fd, data, bytes, offset))

/* Writes of several pieces; a short one leaves out the later half, or half of a lone one. */
static ssize_t write_pieces(const char *call, int fd, const struct iovec *pieces, int count,
                            off_t offset)
{
    enum verdict verdict = counts(fd) ? judge(call, names[fd], true) : GO;
    struct iovec first = count > 0 ? pieces[0] : (struct iovec){NULL, 0};
    if (verdict == FAIL)
        return -1;
    if (verdict == HALF && count == 1) {
        first.iov_len /= 2;
        pieces = &first;
    } else if (verdict == HALF) {
        count /= 2;
    }
    return finish(verdict, offset < 0 ? syscall(SYS_writev, fd, pieces, count)
                                      : syscall(SYS_pwritev, fd, pieces, count, offset, 0));
}

ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    return write_pieces("writev", fd, pieces, count, -1);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t offset)
{
    return write_pieces("pwritev", fd, pieces, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off_t offset)
{
    return write_pieces("pwritev", fd, pieces, count, offset);
}

int msync(void *data, size_t bytes, int flags)
{
    enum verdict verdict = dir_bytes > 0 ? judge("msync", "map", false) : GO;
    if (verdict == FAIL || verdict == HALF)
        return -1;
    return (int)finish(verdict, syscall(SYS_msync, data, bytes, flags));
}

/* A call on a name. */
#define ON_NAME(name, takes, parameters, make)                                                     \
    int name parameters                                                                            \
    {                                                                                              \
        enum verdict verdict = path_counts(path) ? judge(#name, base(path), takes) : GO;           \
        if (verdict == FAIL || verdict == HALF)                                                    \
            return -1;                                                                             \
        return (int)finish(verdict, make);                                                         \
    }
ON_NAME(unlink, false, (const char *path), syscall(SYS_unlinkat, AT_FDCWD, path, 0))
ON_NAME(rmdir, false, (const char *path), syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR))
ON_NAME(mkdir, true, (const char *path, mode_t mode), syscall(SYS_mkdirat, AT_FDCWD, path, mode))
ON_NAME(rename, false, (const char *from, const char *path),
        syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, path, 0))
ON_NAME(link, false, (const char *from, const char *path),
        syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, path, 0))
