#include "tests/bench/host.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOURNAL "journal"      /* of the last host, in the directory for scratch files */
#define JOURNAL_BYTES 16777216 /* that are looked at */
#define START_TRIES 5000       /* of TRY_US each */
#define TRY_US 2000

/* What it said last, and the end. */
static void give_up(const struct bench *bench, const char *what)
{
    struct buf journal = {0};
    if (files_read(bench->dir, JOURNAL, JOURNAL_BYTES, &journal, NULL) == ERR_OK)
        fwrite(journal.data, 1, journal.bytes, stderr);
    buf_free(&journal);
    bench_must(ERR_IO, what, NULL);
}

/* The port in serve.json; 0 while there is none. */
static uint16_t port_of(const char *ledger)
{
    struct buf text = {0};
    json_t *json = NULL;
    unsigned port = 0;
    if (files_read(ledger, "serve.json", 4096, &text, NULL) == ERR_OK &&
        ijson_parse(text.data, text.bytes, &json, NULL) == ERR_OK) {
        const char *url = ijson_string(json, "url");
        if (url == NULL || sscanf(url, "http://127.0.0.1:%u", &port) != 1)
            port = 0;
    }
    json_decref(json);
    buf_free(&text);
    return (uint16_t)port;
}

static void await(const struct bench *bench, struct host *host)
{
    int status;
    host->port = 0;
    for (int i = 0; i < START_TRIES && host->port == 0; i++) {
        usleep(TRY_US);
        if (waitpid(host->pid, &status, WNOHANG) != 0)
            give_up(bench, "serve ended at its start");
        host->port = port_of(host->ledger);
    }
    if (host->port == 0)
        give_up(bench, "serve does not accept connections");
}

void host_start(const struct bench *bench, const char *ledger, const char *amqp, struct host *ret)
{
    char *program = mem_text(bench->program), *journal = files_path(bench->dir, JOURNAL);
    char serve[] = "serve", listen[] = "--listen", where[] = "127.0.0.1:0", consume[] = "--amqp";
    char *broker = mem_text(amqp);
    ret->ledger = mem_text(ledger);
    char *argv[] = {program, serve, ret->ledger, listen, where, broker != NULL ? consume : NULL,
                    broker,  NULL};
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0 ||
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, journal,
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600) != 0 ||
        posix_spawn(&ret->pid, program, &actions, NULL, argv, environ) != 0)
        bench_must(ERR_IO, program, NULL);
    posix_spawn_file_actions_destroy(&actions);
    await(bench, ret);
    free(program);
    free(journal);
    free(broker);
}

void host_stop(const struct bench *bench, struct host *host)
{
    int status = -1;
    kill(host->pid, SIGTERM);
    if (waitpid(host->pid, &status, 0) != host->pid || status != 0)
        give_up(bench, "serve did not end well");
    free(host->ledger);
    *host = (struct host){0};
}

long host_resident(pid_t pid)
{
    char name[64], line[1024];
    long sum = 0, some;
    bool map = false;
    snprintf(name, sizeof(name), "/proc/%ld/smaps", (long)pid);
    FILE *file = fopen(name, "re");
    if (file == NULL)
        bench_must(ERR_IO, name, NULL);
    while (fgets(line, sizeof(line), file) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            map = strstr(line, "/data.mdb") != NULL;
        else if (!map && sscanf(line, "Rss: %ld kB", &some) == 1)
            sum += some;
    }
    fclose(file);
    return sum;
}
