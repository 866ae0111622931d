#include "ledger/openssh.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/mem.h"
#include "ledger/reader.h"

#define OUTPUT_BYTES_MAX 65536 /* of what a program says; more is read and dropped */
#define ARGUMENTS_MAX 15
#define LOOK_MS 200 /* a signal may come just before one waits, here as there: look again */
#define KEY_FD 3    /* of OPENSSH_KEY_FILE */

extern char **environ;

/* A program under way, and our ends of its three pipes; -1 where closed. */
struct child {
    pid_t pid;
    int input, output, errors;
};

/* What ends programs.  While a child runs, the last one of these that came is kept here. */
static const int deadly[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
#define DEADLY (sizeof(deadly) / sizeof(deadly[0]))
static volatile sig_atomic_t came;

static void note_signal(int number)
{
    came = number;
}

static void catch_signals(struct sigaction before[DEADLY])
{
    const struct sigaction action = {.sa_handler = note_signal};
    came = 0;
    for (size_t i = 0; i < DEADLY; i++) {
        ASSERT(sigaction(deadly[i], NULL, &before[i]) == 0);
        if (before[i].sa_handler != SIG_IGN)
            ASSERT(sigaction(deadly[i], &action, NULL) == 0);
    }
}

static void release_signals(const struct sigaction before[DEADLY])
{
    for (size_t i = 0; i < DEADLY; i++)
        ASSERT(sigaction(deadly[i], &before[i], NULL) == 0);
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* No core dump of the child, nor of us from now on.  A limit of one byte, and not of none, also
 * keeps the kernel from piping a dump to a program. */
static void bar_dumps(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max == 0)
        return;
    limit.rlim_cur = 1;
    (void)setrlimit(RLIMIT_CORE, &limit);
}

/* The environment of the child: ours without our token.  Its standard input is no terminal, so that
 * it would not look for one if it had a desktop to ask on: tell it to. */
static char **make_environment(void)
{
    static const char token[] = "COUNTERSIGN_TOKEN=", *const never = "SSH_ASKPASS_REQUIRE=never";
    size_t count = 0, kept = 0;
    while (environ[count] != NULL)
        count++;
    char **made = mem_zero(count + 2, sizeof(*made));
    for (size_t i = 0; i < count; i++) {
        if (strncmp(environ[i], token, sizeof(token) - 1) != 0)
            made[kept++] = mem_text(environ[i]);
    }
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty >= 0 && getenv("SSH_ASKPASS_REQUIRE") == NULL)
        made[kept++] = mem_text(never);
    close_fd(&tty);
    return made;
}

static void free_texts(char **texts)
{
    for (size_t i = 0; texts[i] != NULL; i++)
        free(texts[i]);
    free(texts);
}

/* The text as a file of no directory; -1 with errno. */
static int make_file(const char *text)
{
    size_t bytes = strlen(text);
    int fd = memfd_create("key.pub", MFD_CLOEXEC);
    if (fd >= 0 && (fchmod(fd, 0400) != 0 || write(fd, text, bytes) != (ssize_t)bytes ||
                    lseek(fd, 0, SEEK_SET) != 0))
        close_fd(&fd);
    return fd;
}

/* Start the program with what it finds at 0, 1, 2 and, unless -1, at KEY_FD. */
static int spawn(const struct openssh_call *call, const int fds[KEY_FD + 1], pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    char **environment = make_environment();
    char **argv = mem_zero(ARGUMENTS_MAX + 1, sizeof(*argv));
    for (size_t i = 0; call->argv[i] != NULL; i++) {
        ASSERT(i < ARGUMENTS_MAX);
        argv[i] = mem_text(call->argv[i]);
    }
    ASSERT(posix_spawn_file_actions_init(&actions) == 0);
    for (int i = 0; i <= KEY_FD; i++) {
        if (fds[i] >= 0)
            ASSERT(posix_spawn_file_actions_adddup2(&actions, fds[i], i) == 0);
    }
    int failed = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    free_texts(argv);
    free_texts(environment);
    return failed;
}

/* Move a descriptor out of the way of those that the child gets; -1 stays. */
static int lift(int fd)
{
    int lifted = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, KEY_FD + 1);
    if (fd >= 0)
        close(fd);
    return lifted;
}

/* 0, or the error number. */
static int start(const struct openssh_call *call, struct child *ret)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, key = -1;
    int failed = 0;
    struct child child = {.pid = -1};
    /* The input is a socket, because a write to it need not raise SIGPIPE. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
        pipe2(err, O_CLOEXEC) != 0 ||
        (call->public_key != NULL && (key = lift(make_file(call->public_key))) < 0)) {
        failed = errno;
        goto out;
    }
    in[1] = lift(in[1]);
    out[1] = lift(out[1]);
    err[1] = lift(err[1]);
    const int fds[KEY_FD + 1] = {in[1], out[1], err[1], key};
    failed = spawn(call, fds, &child.pid);
    if (failed != 0)
        goto out;
    *ret = (struct child){child.pid, in[0], out[0], err[0]};
    in[0] = out[0] = err[0] = -1;
out:
    for (int i = 0; i < 2; i++) {
        close_fd(&in[i]);
        close_fd(&out[i]);
        close_fd(&err[i]);
    }
    close_fd(&key);
    return failed;
}

/* Read what is there; close the pipe at its end. */
static void drain(int *fd, struct buf *buf)
{
    uint8_t bytes[4096];
    ssize_t got = read(*fd, bytes, sizeof(bytes));
    if (got > 0 && buf->bytes + (size_t)got <= OUTPUT_BYTES_MAX)
        buf_add(buf, bytes, (size_t)got);
    else if (got == 0 || (got < 0 && errno != EINTR))
        close_fd(fd);
}

/* Write what is left; close the pipe behind it, or when nobody reads any more. */
static void feed(int *fd, struct reader *input)
{
    ssize_t put = send(*fd, input->data, input->bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0)
        reader_take(input, (size_t)put);
    bool stuck = put < 0 && errno != EINTR && errno != EAGAIN;
    if (stuck || input->bytes == 0)
        close_fd(fd);
}

/* ssh-keygen's word that it waits for a touch is for a person to see now, and no error: pass it
 * on. */
static void pass_on(struct buf *errors)
{
    static const char words[] = "Confirm user presence";
    const uint8_t *at =
        errors->bytes > 0 ? memmem(errors->data, errors->bytes, words, strlen(words)) : NULL;
    size_t from = at != NULL ? (size_t)(at - errors->data) : 0;
    const uint8_t *end = at != NULL ? memchr(at, '\n', errors->bytes - from) : NULL;
    if (end == NULL)
        return;
    size_t to = (size_t)(end - errors->data) + 1;
    ssize_t told = write(STDERR_FILENO, at, to - from);
    (void)told; /* nobody looks: it can be touched all the same */
    memmove(errors->data + from, errors->data + to, errors->bytes - to);
    errors->bytes -= to - from;
}

/* Let the program run to its end; whether it said that all is well. */
static bool converse(struct child *child, const struct openssh_call *call, struct buf *output,
                     struct buf *errors)
{
    struct reader left = {0};
    int status = 0;
    if (call->input != NULL)
        left = (struct reader){.data = call->input->data, .bytes = call->input->bytes};
    if (left.bytes == 0)
        close_fd(&child->input);
    while (child->output >= 0 || child->errors >= 0) {
        struct pollfd polls[] = {{.fd = child->input, .events = POLLOUT},
                                 {.fd = child->output, .events = POLLIN},
                                 {.fd = child->errors, .events = POLLIN}};
        int ready = poll(polls, 3, LOOK_MS);
        if (came != 0)
            kill(child->pid, came);
        if (ready < 0 && errno != EINTR)
            break;
        if (ready <= 0)
            continue;
        if (polls[0].fd >= 0 && polls[0].revents != 0)
            feed(&child->input, &left);
        if (polls[1].fd >= 0 && polls[1].revents != 0)
            drain(&child->output, output);
        if (polls[2].fd >= 0 && polls[2].revents != 0)
            drain(&child->errors, errors);
        if (call->tell)
            pass_on(errors);
    }
    close_fd(&child->input);
    close_fd(&child->output);
    close_fd(&child->errors);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The program's words as those of the error, on one line. */
static enum err say_words(const char *program, struct buf *words, struct err_text *ret_why)
{
    buf_add(words, "", 0);
    while (words->bytes > 0 && strchr("\r\n ", words->data[words->bytes - 1]) != NULL)
        words->data[--words->bytes] = '\0';
    for (size_t i = 0; i < words->bytes; i++) {
        if (words->data[i] == '\n')
            words->data[i] = ';';
        else if (words->data[i] == '\r' || words->data[i] == '\0')
            words->data[i] = ' ';
    }
    return err_say(ret_why, ERR_IO, "%s: %s", program,
                   words->bytes > 0 ? (const char *)words->data : "it failed without a word");
}

enum err openssh_run(const struct openssh_call *call, struct buf *output, struct err_text *ret_why)
{
    const char *program = call->argv[0];
    struct child child = {-1, -1, -1, -1};
    struct buf errors = {0};
    struct sigaction before[DEADLY];
    enum err err = ERR_OK;
    bar_dumps();
    catch_signals(before);
    int failed = start(call, &child);
    if (failed == ENOENT)
        err = err_say(ret_why, ERR_IO, "there is no %s; install openssh-client", program);
    else if (failed != 0)
        err = err_say(ret_why, ERR_IO, "%s cannot be run: %s", program, strerror(failed));
    else if (!converse(&child, call, output, &errors))
        err = say_words(program, &errors, ret_why);
    release_signals(before);
    if (came != 0) {
        raise(came);
        err = err_say(ret_why, ERR_IO, "%s was interrupted", program);
    }
    buf_free(&errors);
    return err;
}
