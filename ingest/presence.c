#include "ingest/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct presence {
    char *dir;
    int lock_fd; /* holds the flock */
    atomic_bool announced;
};

static char *path_in(const char *dir, const char *name)
{
    struct buf path = {0};
    buf_printf(&path, "%s/%s", dir, name);
    return buf_take_text(&path);
}

/* The pid that the holder of the lock wrote into it, or 0. */
static long holder_pid(int lock_fd)
{
    char text[32] = "";
    ssize_t bytes = pread(lock_fd, text, sizeof(text) - 1, 0);
    return bytes > 0 ? strtol(text, NULL, 10) : 0;
}

/* Write our pid into the lock file, for whoever finds it held. */
static bool write_pid(int lock_fd)
{
    char text[32];
    int bytes = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
    return ftruncate(lock_fd, 0) == 0 && pwrite(lock_fd, text, (size_t)bytes, 0) == bytes;
}

/* Take the lock; presence_running of another process may hold it for a moment. */
static bool take_lock(int fd)
{
    for (int tries = 0; tries < 5; tries++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            return false;
        usleep(10000);
    }
    errno = EWOULDBLOCK;
    return false;
}

enum err presence_claim(const char *dir, struct presence **ret_presence, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    char *data = path_in(dir, "data.mdb");
    char *lock = path_in(dir, "serve.lock");
    char *stale = path_in(dir, "serve.json"); /* of a daemon that was killed */
    int fd = -1;
    if (access(data, F_OK) != 0) {
        err =
            err_say(ret_why, ERR_NOT_FOUND, "no ledger in '%s'; `countersign init` makes one", dir);
        goto out;
    }
    fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        err = err_say(ret_why, ERR_IO, "cannot open %s: %s", lock, strerror(errno));
        goto out;
    }
    if (!take_lock(fd)) {
        err = errno == EWOULDBLOCK
                  ? err_say(ret_why, ERR_BUSY, "a daemon runs over '%s' already: pid %ld", dir,
                            holder_pid(fd))
                  : err_say(ret_why, ERR_IO, "cannot lock %s: %s", lock, strerror(errno));
        goto out;
    }
    if (!write_pid(fd)) {
        err = err_say(ret_why, ERR_IO, "cannot write %s: %s", lock, strerror(errno));
        goto out;
    }
    unlink(stale);
    struct presence *presence = mem_zero(1, sizeof(*presence));
    presence->dir = mem_text(dir);
    presence->lock_fd = fd;
    fd = -1;
    *ret_presence = presence;
out:
    if (fd >= 0)
        close(fd);
    free(data);
    free(lock);
    free(stale);
    return err;
}

/* Write `text` to a new file at `path`. */
static bool write_file(const char *path, const struct buf *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    bool written = write(fd, text->data, text->bytes) == (ssize_t)text->bytes;
    return close(fd) == 0 && written;
}

enum err presence_announce(struct presence *presence, const char *url, const char *pin,
                           struct err_text *ret_why)
{
    enum err err = ERR_OK;
    struct buf text = {0};
    char *path = path_in(presence->dir, "serve.json");
    char *temporary = path_in(presence->dir, "serve.json.new");
    json_t *json = json_object();
    ASSERT(json_object_set_new(json, "pid", json_integer(getpid())) == 0);
    ASSERT(json_object_set_new(json, "url", ijson_text(url)) == 0);
    if (pin != NULL)
        ASSERT(json_object_set_new(json, "pin", json_string(pin)) == 0);
    ijson_print(json, &text);
    buf_text(&text, "\n");
    if (write_file(temporary, &text) && rename(temporary, path) == 0)
        atomic_store(&presence->announced, true);
    else
        err = err_say(ret_why, ERR_IO, "cannot write %s: %s", path, strerror(errno));
    json_decref(json);
    free(temporary);
    free(path);
    buf_free(&text);
    return err;
}

void presence_withdraw(struct presence *presence)
{
    if (!atomic_exchange(&presence->announced, false))
        return;
    char *path = path_in(presence->dir, "serve.json");
    unlink(path);
    free(path);
}

void presence_free(struct presence *presence)
{
    if (presence == NULL)
        return;
    presence_withdraw(presence);
    close(presence->lock_fd);
    free(presence->dir);
    free(presence);
}

bool presence_running(const char *dir)
{
    char *lock = path_in(dir, "serve.lock");
    int fd = open(lock, O_RDONLY | O_CLOEXEC);
    bool running = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (fd >= 0)
        close(fd);
    free(lock);
    return running;
}
