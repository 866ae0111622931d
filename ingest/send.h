/* send - a run of the command send: a deployment's events, one after the other, at their pace. */
#ifndef INGEST_SEND_H
#define INGEST_SEND_H

#include "ingest/outlet.h"

/* All borrowed. */
struct send_options {
    const char *dir;
    const char *id;
    const char *as;              /* the deployment's name where it is sent to */
    struct outlet_config outlet; /* `to` NULL: standard output, without waiting */
    double speed;                /* times as fast as it happened; 0: without waiting */
    uint64_t from_seq;           /* entries from there on */
    int64_t from_us;             /* and from that time on */
    uint64_t to_seq;             /* and below this one */
    int64_t wait_ms;             /* how long to try an event again */
    bool json;
};

/**
 * send_play(options): All of it; the exit code: 0 all was sent, 1 something was not taken, 3 it
 * could not go on, or was stopped.
 */
int send_play(const struct send_options *options);

/**
 * send_stopped(): Whether a signal asked for the end.
 */
bool send_stopped(void);

#endif
