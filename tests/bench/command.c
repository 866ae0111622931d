#include "tests/bench/command.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 16
#define LOOK_MS 5
#define MEMORY "RssAnon:" /* the line of /proc/PID/status */

/* KiB now; 0 once it has ended. */
static long private_now(pid_t pid)
{
    char name[64], line[256];
    long kib = 0;
    snprintf(name, sizeof(name), "/proc/%ld/status", (long)pid);
    FILE *file = fopen(name, "re");
    while (file != NULL && kib == 0 && fgets(line, sizeof(line), file) != NULL)
        kib = strncmp(line, MEMORY, strlen(MEMORY)) == 0 ? strtol(line + strlen(MEMORY), NULL, 10)
                                                         : 0;
    if (file != NULL)
        fclose(file);
    return kib;
}

/* Looks at a process until it ends; KiB at its peak. */
static long watch(pid_t pid)
{
    struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
    long peak = 0;
    if (end.fd < 0)
        bench_must(ERR_IO, "pidfd_open", NULL);
    while (poll(&end, 1, LOOK_MS) == 0) {
        long now = private_now(pid);
        peak = now > peak ? now : peak;
    }
    close(end.fd);
    return peak;
}

void command_run(const struct bench *bench, const char *const *words, struct command_cost *ret_cost)
{
    char *argv[WORDS_MAX + 2] = {mem_text(bench->program)};
    int status = -1;
    pid_t pid = -1;
    posix_spawn_file_actions_t actions;
    for (size_t i = 0; words[i] != NULL; i++) {
        ASSERT(i < WORDS_MAX);
        argv[i + 1] = mem_text(words[i]);
    }
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) != 0)
        bench_must(ERR_IO, bench->program, NULL);
    double began = bench_now();
    if (posix_spawn(&pid, argv[0], &actions, NULL, argv, environ) != 0)
        bench_must(ERR_IO, argv[0], NULL);
    ret_cost->private_kib = watch(pid);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        bench_must(ERR_IO, words[0], NULL);
    ret_cost->seconds = bench_now() - began;
    posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; argv[i] != NULL; i++)
        free(argv[i]);
}
