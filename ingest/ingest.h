/* ingest - the folder's public face: the daemon that takes events in and gives receipts out. */
#ifndef INGEST_INGEST_H
#define INGEST_INGEST_H

#include "ledger/ledger.h"

/* What is asked of a view; strings are borrowed. */
enum ingest_view { INGEST_LIST, INGEST_STATE, INGEST_TIMELINE, INGEST_DIFF, INGEST_WHY };
struct ingest_want {
    enum ingest_view view;
    const char *id;     /* of a deployment; of a list: those behind it, "" for all */
    uint64_t limit;     /* of a list */
    const char *at;     /* of a state, and of why: the moment; NULL: now */
    const char *format; /* of a timeline */
    const char *from;   /* of a diff: a moment; NULL: the opening */
    const char *to;     /* of a diff: a moment; NULL: now */
    const char *with;   /* of a diff: another deployment, instead of two moments; or NULL */
    const char *of;     /* of why: a node, gate or entry */
};

/* A moment in a deployment's life. */
struct ingest_moment {
    uint64_t to_seq; /* entries with seq < to_seq are up to it */
    int64_t time_us; /* named as a time: that time; else -1 */
};

/* Finds the moment of ${id} that ${text} names. */
typedef enum err ingest_moment_fn(const char *dir, const char *id, const char *text,
                                  struct ingest_moment *ret_moment, struct err_text *ret_why);

/* What main hands the two ways in, so that ingest needs to know neither replay nor reports. */
struct ingest_parts {
    /* Make the live reducer of an opened ledger; free it with judge_free. */
    enum err (*judge_new)(struct ledger *ledger, struct judge *ret_judge);
    void (*judge_free)(struct judge *judge);
    /* Open what views are made of, make one, and close it; one thread at a time uses it. */
    enum err (*views_open)(const char *dir, void **ret_views, struct err_text *ret_why);
    enum err (*views_make)(void *views, const struct ingest_want *want, struct buf *buf,
                           struct err_text *ret_why);
    void (*views_close)(void *views);
};

/**
 * serve_run(argc, argv, parts): The command `serve`: run the daemon until SIGTERM or SIGINT; the
 * exit code.
 *
 * append_run(argc, argv, parts): The command `append`: JSON lines from a file or standard input;
 * the exit code.
 */
int serve_run(int argc, char *argv[], const struct ingest_parts *parts);
int append_run(int argc, char *argv[], const struct ingest_parts *parts);

/**
 * send_run(argc, argv, moment): The command `send`: a deployment played again to somewhere
 * else; the exit code.
 */
int send_run(int argc, char *argv[], ingest_moment_fn *moment);

/**
 * cmd_push(argc, argv): The command `push`: JSON lines to a ledger over HTTP, by way of a spool if
 * one is named; the exit code.
 */
int cmd_push(int argc, char *argv[]);

#endif
