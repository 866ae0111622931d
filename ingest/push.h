/* push - a run of the command push: lines in, deliveries out, attempts and the time between them.
 */
#ifndef INGEST_PUSH_H
#define INGEST_PUSH_H

#include "ingest/delivery.h"
#include "ingest/tally.h"

struct push_options {
    const char *url;
    const char *file;       /* "-": standard input; NULL: none is read */
    const char *spool_dir;  /* NULL: no spool */
    const char *token_file; /* NULL: COUNTERSIGN_TOKEN */
    struct post_config post;
    uint64_t spool_max; /* bytes */
    int64_t wait_ms;    /* how long to go on trying */
    int64_t late_us;    /* a line that waited longer is late */
    bool unmarked;      /* late events are sent as they are */
    bool strict;        /* the first line that is refused ends it */
    bool follow;        /* deliver what others spool, until stopped */
    bool json;
};

struct push {
    const struct push_options *options;
    struct post *post;
    struct tally tally;
    struct err_text why; /* the last thing that stood against a delivery */
    bool barred;         /* the ledger takes nothing from this sender */
    bool refused_strict; /* --strict, and a line was refused */
    unsigned failures;   /* in a row */
    int64_t due_ms;      /* when to try again */
    int64_t progress_ms; /* when last a line was dealt with, or all were read */
};

/**
 * push_run(options): All of it, but for the options; the exit code.
 */
int push_run(const struct push_options *options);

/**
 * push_now_ms(): A clock that only goes on.
 * push_stopped(): Whether a signal asked for the end.
 * push_pause(ms): Wait so long, or until a signal comes.
 */
int64_t push_now_ms(void);
bool push_stopped(void);
void push_pause(int64_t ms);

/**
 * push_went_well(push): The ledger answered for a line: no wait before the next.
 * push_failed(push, delivery): It did not; when to try again.
 * push_patient(push): Whether to go on trying.
 * push_too_long(push, number): That line of the input was over LINES_BYTES_MAX, and is refused.
 */
void push_went_well(struct push *push);
void push_failed(struct push *push, const struct delivery *delivery);
bool push_patient(const struct push *push);
void push_too_long(struct push *push, uint64_t number);

#endif
