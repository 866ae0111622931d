/* ingest - the folder's public face: the daemon that takes events in and gives receipts out. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "ledger/ledger.h"

/* What main hands the two ways in, so that ingest needs to know neither replay nor reports. */
struct ingest_parts {
    /* Make the live reducer of an opened ledger; free it with judge_free. */
    enum err (*judge_new)(struct ledger *ledger, struct judge *ret_judge);
    void (*judge_free)(struct judge *judge);
};

/**
 * serve_run(argc, argv, parts): The command `serve`: run the daemon until SIGTERM or SIGINT; the
 * exit code. append_run(argc, argv, parts): The command `append`: JSON lines from a file or
 * standard input; the exit code.
 */
int serve_run(int argc, char *argv[], const struct ingest_parts *parts);
int append_run(int argc, char *argv[], const struct ingest_parts *parts);

/**
 * cmd_push(argc, argv): The command `push`: JSON lines to a ledger over HTTP, by way of a spool if
 * one is named; the exit code.
 */
int cmd_push(int argc, char *argv[]);

#endif
