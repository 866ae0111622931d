/* cmd_backup - a copy of a ledger, also while it is served. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ledger/args.h"
#include "ledger/backup.h"
#include "ledger/ledger.h"

#define LOOK_NS 200000000 /* progress is shown so often */

static const struct option options[] = {
    {"with-keys", no_argument, NULL, 'k'},
    {"no-verify", no_argument, NULL, 'n'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, ARGS_HELP},
    {NULL, 0, NULL, 0},
};

static const struct args_spec spec = {
    .name = "backup",
    .operands = "LEDGER DIR",
    .about =
        "Copies a ledger, also while it is served, to the new directory DIR: synced, and verified\n"
        "whole before it gets its name.  It holds data.mdb, and the file checkpoint, which says\n"
        "up to where it goes.  The ledger's secret keys (checkpoint.key, admission.key) are not "
        "in\n"
        "it: without them it can be read and verified, and not be written.  To restore, put the\n"
        "copy's data.mdb where the ledger's was, and leave the file checkpoint that is there.\n\n"
        "  --with-keys  copy the secret keys too: keep the copy as safe as the ledger\n"
        "  --no-verify  leave out the check; countersign verify DIR can do it elsewhere\n"
        "  --json       print {dir, size, root, bytes, verified, keys}\n",
    .options = options,
    .operands_min = 2,
    .operands_max = 2,
};

/* What the thread that copies and the one that waits for it share. */
struct job {
    struct backup *backup;
    struct backup_options options;
    struct backup_result result;
    enum err err;
    struct err_text why;
    atomic_uint_least64_t done, total; /* entries checked */
    atomic_bool over;
    pthread_t waiter; /* told by SIGUSR1, which it has blocked */
};

static void note_progress(void *ctx, uint64_t done, uint64_t total)
{
    struct job *job = ctx;
    atomic_store(&job->done, done);
    atomic_store(&job->total, total);
}

static void *work(void *ctx)
{
    struct job *job = ctx;
    job->err = backup_make(job->backup, &job->options, &job->result, &job->why);
    atomic_store(&job->over, true);
    pthread_kill(job->waiter, SIGUSR1);
    return NULL;
}

static void show_progress(const struct job *job)
{
    uint64_t done = atomic_load(&job->done), total = atomic_load(&job->total);
    if (total == 0)
        fprintf(stderr, "\r\033[Kcopied %llu MiB",
                (unsigned long long)(backup_bytes(job->backup) >> 20));
    else
        fprintf(stderr, "\r\033[Kchecked %llu of %llu entries", (unsigned long long)done,
                (unsigned long long)total);
}

/* Waits for the thread; a signal to end takes back what was begun. */
static void await(struct job *job, const sigset_t *signals)
{
    const struct timespec look = {.tv_nsec = LOOK_NS};
    bool shown = isatty(STDERR_FILENO) == 1;
    while (!atomic_load(&job->over)) {
        int number = sigtimedwait(signals, NULL, &look);
        if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
            backup_drop(job->backup);
            fputs("\ncountersign: backup: interrupted; nothing is left of it\n", stderr);
            _exit(err_exit(ERR_IO));
        }
        if (shown)
            show_progress(job);
    }
    if (shown)
        fputs("\r\033[K", stderr);
}

static enum err run(struct job *job)
{
    sigset_t signals;
    pthread_t thread;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    job->waiter = pthread_self();
    int failed = pthread_create(&thread, NULL, work, job);
    if (failed != 0)
        return err_say(&job->why, ERR_IO, "no thread: %s", strerror(failed));
    await(job, &signals);
    pthread_join(thread, NULL);
    return job->err;
}

static void describe(const struct args *args, const struct job *job, struct buf *text)
{
    const struct backup_result *result = &job->result;
    if (args_value(args, 'j') != NULL) {
        json_t *object = json_object();
        json_object_set_new(object, "dir", ijson_text(args->operand[1]));
        json_object_set_new(object, "size", json_integer((json_int_t)result->size));
        json_object_set_new(object, "root", ijson_hex(result->root, HASH_BYTES));
        json_object_set_new(object, "bytes", json_integer((json_int_t)result->bytes));
        json_object_set_new(object, "verified", json_boolean(!job->options.unverified));
        json_object_set_new(object, "keys", json_boolean(job->options.with_keys));
        ijson_print(object, text);
        buf_text(text, "\n");
        json_decref(object);
        return;
    }
    printable_add(text, args->operand[1]);
    buf_printf(text, ": %llu entries, root ", (unsigned long long)result->size);
    buf_hex(text, result->root, HASH_BYTES);
    buf_printf(text, ", %llu bytes, %s\n", (unsigned long long)result->bytes,
               job->options.unverified ? "not verified" : "verified");
    buf_text(text, job->options.with_keys
                       ? "with the ledger's secret keys: keep it as safe as the ledger\n"
                       : "without the ledger's secret keys (*.key): keep these elsewhere too\n");
}

int cmd_backup(int argc, char *argv[])
{
    struct args args;
    struct job job = {0};
    struct buf text = {0};
    int code = 0;
    if (!args_parse(argc, argv, &spec, &args, &code))
        goto out;
    job.options = (struct backup_options){.with_keys = args_value(&args, 'k') != NULL,
                                          .unverified = args_value(&args, 'n') != NULL,
                                          .progress = note_progress,
                                          .ctx = &job};
    enum err err = backup_new(args.operand[0], args.operand[1], &job.backup, &job.why);
    if (err == ERR_OK)
        err = run(&job);
    if (err == ERR_OK)
        describe(&args, &job, &text);
    code =
        err == ERR_OK ? args_print(spec.name, &text, 0) : args_unopened(spec.name, err, &job.why);
out:
    backup_free(job.backup);
    args_free(&args);
    buf_free(&text);
    return code;
}
