/* bench - figures, each beside the raw limit and the peers of the same run, and their table. */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"
#include "ledger/pool.h"

#define EVENT_BYTES 512 /* of every event that is measured */
#define BLOCK 25        /* single commits in a row before it is another's turn */
#define CLIENTS 64      /* at once, of whatever is served */

/* How much is done. */
struct scale {
    unsigned rounds;  /* ours, raw and peers in turn, so often; the median counts */
    unsigned blocks;  /* of BLOCK commits of one event, a round */
    unsigned batches; /* commits of `batch` events, a round */
    unsigned batch;
    uint64_t verified; /* entries whose signatures are checked */
    uint64_t hashed;   /* entries whose hashes are checked */
    uint64_t big;      /* entries of the big ledger */
    uint64_t small;    /* entries of the one beside it */
    double raw_s;      /* seconds of a raw measurement */
    size_t requests;   /* of one event, by all clients, a round */
    size_t calls;      /* of a database, by all clients, a round */
    unsigned crowd;    /* open connections */
    unsigned slow;     /* of them */
    size_t backlog;    /* messages that wait in a queue */
    unsigned backlogs; /* rounds of that */
    uint64_t folded;   /* entries of deployments that are folded */
    uint64_t searched; /* and that are searched */
    uint64_t year;     /* deployments of the year that is reported */
};

/* Times or rates, one a turn; zero-initialised is empty. */
struct series {
    double *values; /* owned */
    size_t count, cap;
};

/* What a figure's wish is about. */
enum wish { WISH_NONE, WISH_RATIO_MIN, WISH_RATIO_MAX, WISH_OURS_MIN, WISH_OURS_MAX };

/* One line of the table; NAN where there is nothing. */
struct figure {
    char name[64];
    const char *unit;
    double ours, raw, sqlite, postgres;
    enum wish wish;
    double wanted;
    bool ahead_of_sqlite; /* wanted too */
};

struct bench {
    const char *dir;      /* for scratch files */
    const char *program;  /* countersign; NULL: nothing is served */
    const char *postgres; /* how libpq finds the server; NULL: there is none */
    bool message_db;      /* is installed there */
    uint16_t broker;      /* port of a RabbitMQ; 0: there is none */
    const char *pattern;  /* only figures whose name contains it */
    bool json;
    struct scale scale;
    struct pool *pool;
    struct figure *figures; /* owned */
    size_t figure_count, figure_cap;
};

/**
 * bench_now(): Seconds of the monotonic clock.
 * bench_say(format, ...): Tell on standard error what is being done.
 * bench_must(err, what, why): End the program where ${err} is one; ${why} may be NULL.
 * bench_wanted(bench, prefix): Whether any figure below ${prefix} is asked for.
 */
double bench_now(void);
void bench_say(const char *format, ...) PRINTF_LIKE(1, 2);
void bench_must(enum err err, const char *what, const struct err_text *why);
bool bench_wanted(const struct bench *bench, const char *prefix);

/**
 * bench_put(series, value): Add one turn's value.
 * bench_median(series): NAN without values; the series is empty again.
 */
void bench_put(struct series *series, double value);
double bench_median(struct series *series);

/**
 * bench_figure(bench, name, unit): A new line of the table, empty but for its name and unit;
 * borrowed until the next.
 */
struct figure *bench_figure(struct bench *bench, const char *name, const char *unit);

/**
 * bench_wish(figure, wish, wanted): What is wanted of it.
 */
void bench_wish(struct figure *figure, enum wish wish, double wanted);

/**
 * append_figures, verify_figures, big_figures, http_figures, crowd_figures, backlog_figures,
 * replay_figures, annual_figures(bench): Measure, and add the lines.
 * big_probe(path): Open the ledger at ${path}, append to it, prove in it, and print the
 * resident bytes outside its map; the exit code.
 */
void append_figures(struct bench *bench);
void verify_figures(struct bench *bench);
void big_figures(struct bench *bench);
void http_figures(struct bench *bench);
void crowd_figures(struct bench *bench);
void backlog_figures(struct bench *bench);
void replay_figures(struct bench *bench);
void annual_figures(struct bench *bench);
int big_probe(const char *path);

#endif
