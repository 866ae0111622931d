#include "ledger/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/mem.h"

#define OUTPUT_BYTES_MAX 65536 /* of what ssh-keygen says; more is read and dropped */

extern char **environ;

/* Our ends of the three pipes of a child; -1 where closed. */
struct pipes {
    int input, output, errors;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The environment of the child: ours without our token.  Its standard input is the event, so that
 * ssh-keygen would not look for a terminal if it had a desktop to ask on: tell it to. */
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

static void free_environment(char **made)
{
    for (size_t i = 0; made[i] != NULL; i++)
        free(made[i]);
    free(made);
}

/* Start ssh-keygen; 0, or the error number. */
static int start(char *const argv[], pid_t *ret_pid, struct pipes *ret)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    int failed = 0;
    char **environment = NULL;
    posix_spawn_file_actions_t actions;
    ASSERT(posix_spawn_file_actions_init(&actions) == 0);
    /* The input is a socket, because a write to it need not raise SIGPIPE. */
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0 || pipe2(out, O_CLOEXEC) != 0 ||
        pipe2(err, O_CLOEXEC) != 0) {
        failed = errno;
        goto out;
    }
    ASSERT(posix_spawn_file_actions_adddup2(&actions, in[1], STDIN_FILENO) == 0);
    ASSERT(posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO) == 0);
    ASSERT(posix_spawn_file_actions_adddup2(&actions, err[1], STDERR_FILENO) == 0);
    environment = make_environment();
    failed = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environment);
    if (failed != 0)
        goto out;
    *ret = (struct pipes){in[0], out[0], err[0]};
    in[0] = out[0] = err[0] = -1;
out:
    for (int i = 0; i < 2; i++) {
        close_fd(&in[i]);
        close_fd(&out[i]);
        close_fd(&err[i]);
    }
    if (environment != NULL)
        free_environment(environment);
    posix_spawn_file_actions_destroy(&actions);
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

/* Let ssh-keygen run to its end; its exit status is 0 or not. */
static bool converse(pid_t pid, struct pipes *pipes, const struct buf *input, struct buf *output,
                     struct buf *errors)
{
    struct reader left = {.data = input->data, .bytes = input->bytes};
    int status = 0;
    if (left.bytes == 0)
        close_fd(&pipes->input);
    while (pipes->output >= 0 || pipes->errors >= 0) {
        struct pollfd polls[] = {{.fd = pipes->input, .events = POLLOUT},
                                 {.fd = pipes->output, .events = POLLIN},
                                 {.fd = pipes->errors, .events = POLLIN}};
        if (poll(polls, 3, -1) < 0 && errno != EINTR)
            break;
        if (polls[0].fd >= 0 && polls[0].revents != 0)
            feed(&pipes->input, &left);
        if (polls[1].fd >= 0 && polls[1].revents != 0)
            drain(&pipes->output, output);
        if (polls[2].fd >= 0 && polls[2].revents != 0)
            drain(&pipes->errors, errors);
    }
    close_fd(&pipes->input);
    close_fd(&pipes->output);
    close_fd(&pipes->errors);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Run ssh-keygen; its words become those of the error, on one line. */
static enum err run(const char *const argv[], const struct buf *input, struct buf *output,
                    struct err_text *ret_why)
{
    struct pipes pipes;
    struct buf errors = {0};
    char *copy[16] = {NULL};
    pid_t pid = -1;
    enum err err = ERR_OK;
    for (size_t i = 0; argv[i] != NULL; i++) {
        ASSERT(i + 1 < sizeof(copy) / sizeof(copy[0]));
        copy[i] = mem_text(argv[i]);
    }
    int failed = start(copy, &pid, &pipes);
    if (failed == ENOENT)
        err = err_say(ret_why, ERR_IO, "there is no ssh-keygen; install openssh-client");
    else if (failed != 0)
        err = err_say(ret_why, ERR_IO, "ssh-keygen cannot be run: %s", strerror(failed));
    else if (!converse(pid, &pipes, input, output, &errors)) {
        buf_add(&errors, "", 0);
        while (errors.bytes > 0 && strchr("\r\n ", errors.data[errors.bytes - 1]) != NULL)
            errors.data[--errors.bytes] = '\0';
        for (size_t i = 0; i < errors.bytes; i++) {
            if (errors.data[i] == '\n')
                errors.data[i] = ';';
            else if (errors.data[i] == '\r' || errors.data[i] == '\0')
                errors.data[i] = ' ';
        }
        err = err_say(ret_why, ERR_IO, "ssh-keygen: %s",
                      errors.bytes > 0 ? (const char *)errors.data : "it failed without a word");
    }
    for (size_t i = 0; copy[i] != NULL; i++)
        free(copy[i]);
    buf_free(&errors);
    return err;
}

enum err signer_sign(const char *key, const struct buf *event, struct buf *blob,
                     struct sshsig *ret_sig, struct err_text *ret_why)
{
    const char *const argv[] = {"ssh-keygen",     "-q", "-Y", "sign", "-n",
                                SSHSIG_NAMESPACE, "-f", key,  NULL};
    struct buf armored = {0}, made = {0};
    struct sshsig sig;
    struct err_text why = {""};
    enum err err = run(argv, event, &armored, ret_why);
    if (err != ERR_OK)
        goto out;
    err = sshsig_unarmor((const char *)armored.data, armored.bytes, &made);
    if (err == ERR_OK)
        err = sshsig_parse(made.data, made.bytes, &sig, &why);
    if (err == ERR_MEDIA_TYPE) {
        err = err_say(ret_why, ERR_UNAUTHENTICATED, "%s cannot sign here: %s", key, why.s);
        goto out;
    }
    if (err != ERR_OK || sshsig_check(&sig, event->data, event->bytes) != ERR_OK) {
        err = err_say(ret_why, ERR_IO, "ssh-keygen gave no good signature for %s%s%s", key,
                      why.s[0] != '\0' ? ": " : "", why.s);
        goto out;
    }
    buf_add(blob, made.data, made.bytes);
    *ret_sig = sig;
out:
    buf_free(&armored);
    buf_free(&made);
    return err;
}

enum err signer_make(const char *path, const char *comment, struct err_text *ret_why)
{
    const char *const argv[] = {"ssh-keygen", "-q",    "-t", "ed25519", "-N", "",
                                "-C",         comment, "-f", path,      NULL};
    struct buf public_path = {0}, nothing = {0}, output = {0};
    buf_printf(&public_path, "%s.pub", path);
    const char *there = access(path, F_OK) == 0 ? path
                        : access((const char *)public_path.data, F_OK) == 0
                            ? (const char *)public_path.data
                            : NULL;
    enum err err = there != NULL ? err_say(ret_why, ERR_CONFLICT,
                                           "%s is there already and is not overwritten", there)
                                 : run(argv, &nothing, &output, ret_why);
    buf_free(&public_path);
    buf_free(&output);
    return err;
}
