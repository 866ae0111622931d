#include "replay/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOOK_MS 100   /* longest wait before looking at the child and the time */
#define ASK_MS 1000   /* from the first signal to SIGTERM */
#define GRACE_MS 5000 /* from the first signal to SIGKILL */
#define SIGNALLED 128 /* a shell's status for a command that a signal ended */

struct child {
    const struct child_config *config;
    struct child_end *end;
    pid_t pid;
    int fd;           /* what it writes; -1 behind its end */
    int64_t limit_ms; /* when its time is up */
    int64_t end_ms;   /* when it was first asked to end; 0: it was not */
    size_t asked;     /* signals that it got */
    crypto_hash_sha256_state hash;
};

static int64_t now_ms(void)
{
    return clock_monotonic_us() / 1000;
}

/* Start the shell; 0, or the error number. */
static int start(struct child *child)
{
    const struct child_config *config = child->config;
    char *const argv[] = {mem_text(config->shell), mem_text("-c"), mem_text(config->command), NULL};
    int out[2] = {-1, -1}, failed = 0;
    sigset_t all, none;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ASSERT(posix_spawn_file_actions_init(&actions) == 0);
    ASSERT(posix_spawnattr_init(&attributes) == 0);
    ASSERT(sigfillset(&all) == 0 && sigemptyset(&none) == 0);
    ASSERT(posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETSIGMASK) == 0);
    ASSERT(posix_spawnattr_setsigdefault(&attributes, &all) == 0);
    ASSERT(posix_spawnattr_setsigmask(&attributes, &none) == 0);
    if (pipe2(out, O_CLOEXEC) != 0) {
        failed = errno;
        goto out;
    }
    ASSERT(posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0);
    ASSERT(posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO) == 0);
    ASSERT(posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO) == 0);
    failed = posix_spawn(&child->pid, argv[0], &actions, &attributes, argv, config->environment);
    child->fd = out[0];
    close(out[1]);
    if (failed != 0)
        close(out[0]);
out:
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
    return failed;
}

/* To its last RUN_KEPT_BYTES, which it has. */
static void cut_tail(struct buf *tail)
{
    memmove(tail->data, tail->data + tail->bytes - RUN_KEPT_BYTES, RUN_KEPT_BYTES);
    tail->bytes = RUN_KEPT_BYTES;
}

/* Keep the first bytes, and of the rest the last. */
static void keep(struct child_end *end, const uint8_t *data, size_t bytes)
{
    size_t room = RUN_KEPT_BYTES - end->head.bytes;
    size_t first = bytes < room ? bytes : room;
    buf_add(&end->head, data, first);
    buf_add(&end->tail, data + first, bytes - first);
    if (end->tail.bytes > 2 * RUN_KEPT_BYTES)
        cut_tail(&end->tail);
}

static void pass_on(int fd, const uint8_t *data, size_t bytes)
{
    while (fd >= 0 && bytes > 0) {
        ssize_t done = write(fd, data, bytes);
        if (done < 0 && errno != EINTR)
            return; /* nobody looks any more; the command goes on */
        data += done > 0 ? done : 0;
        bytes -= done > 0 ? (size_t)done : 0;
    }
}

/* Read once; false where there is nothing more. */
static bool take(struct child *child)
{
    uint8_t data[16384];
    ssize_t bytes = read(child->fd, data, sizeof(data));
    if (bytes < 0 && (errno == EINTR || errno == EAGAIN))
        return errno == EINTR;
    if (bytes <= 0) {
        close(child->fd);
        child->fd = -1;
        return false;
    }
    crypto_hash_sha256_update(&child->hash, data, (size_t)bytes);
    child->end->bytes += (uint64_t)bytes;
    keep(child->end, data, (size_t)bytes);
    pass_on(child->config->out_fd, data, (size_t)bytes);
    return true;
}

/* How it is made to end, step by step. */
static const struct step {
    int signal;
    int64_t after_ms; /* the first */
} interrupt[] = {{SIGINT, 0}, {SIGTERM, ASK_MS}, {SIGKILL, GRACE_MS}},
  time_is_up[] = {{SIGTERM, 0}, {SIGTERM, ASK_MS}, {SIGKILL, GRACE_MS}};

#define STEPS (sizeof(interrupt) / sizeof(interrupt[0]))

/* End what is over its time, or unwanted. */
static void look(struct child *child)
{
    int64_t now = now_ms();
    bool stopped = child->config->stopped != NULL && child->config->stopped();
    if (child->end_ms == 0 && (stopped || now >= child->limit_ms)) {
        child->end->stopped = stopped;
        child->end->timed_out = !stopped;
        child->end_ms = now;
    }
    const struct step *steps = child->end->stopped ? interrupt : time_is_up;
    if (child->end_ms != 0 && child->asked < STEPS &&
        now >= child->end_ms + steps[child->asked].after_ms)
        kill(-child->pid, steps[child->asked++].signal);
}

/* Whether the shell is over; then its status is known. */
static bool is_over(struct child *child)
{
    int status = 0;
    pid_t pid = waitpid(child->pid, &status, WNOHANG);
    ASSERT(pid >= 0);
    if (pid == 0)
        return false;
    child->end->exit = WIFEXITED(status) ? WEXITSTATUS(status) : SIGNALLED + WTERMSIG(status);
    return true;
}

static void watch(struct child *child)
{
    while (!is_over(child)) {
        struct pollfd poll_fd = {.fd = child->fd, .events = POLLIN};
        int ready = poll(&poll_fd, 1, child->fd >= 0 ? LOOK_MS : LOOK_MS / 10);
        if (ready > 0)
            (void)take(child);
        look(child);
    }
    if (child->end_ms != 0)
        kill(-child->pid, SIGKILL); /* what it started too */
    if (child->fd >= 0 && fcntl(child->fd, F_SETFL, O_NONBLOCK) == 0) {
        while (take(child))
            ;
    }
    if (child->fd >= 0)
        close(child->fd);
}

enum err child_run(const struct child_config *config, struct child_end *ret_end,
                   struct err_text *ret_why)
{
    struct child_end end = {0};
    struct child child = {.config = config, .end = &end, .fd = -1};
    crypto_hash_sha256_init(&child.hash);
    end.started_us = clock_real_us();
    child.limit_ms = now_ms() + config->timeout_ms;
    int failed = start(&child);
    if (failed != 0)
        return err_say(ret_why, ERR_IO, "%s could not be started: %s", config->shell,
                       strerror(failed));
    watch(&child);
    end.ended_us = clock_real_us();
    crypto_hash_sha256_final(&child.hash, end.sha256);
    if (end.tail.bytes > RUN_KEPT_BYTES)
        cut_tail(&end.tail);
    *ret_end = end;
    return ERR_OK;
}

void child_end_free(struct child_end *end)
{
    buf_free(&end->head);
    buf_free(&end->tail);
}
