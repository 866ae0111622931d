/* screen - admission of one job: who brings it, its form and signatures, and whether the clock can
 * be trusted.  Any number of threads may use one screen.
 */
#ifndef INGEST_SCREEN_H
#define INGEST_SCREEN_H

#include "ingest/job.h"

struct rate;
struct screen;

/**
 * screen_new(ledger, rate), screen_free(screen): A screen before ${ledger}, which is borrowed and
 * open for writing; ${rate}, borrowed, limits who sends over HTTP (NULL: nobody).  The clock is
 * taken for good as it stands.  NULL is fine.
 */
struct screen *screen_new(struct ledger *ledger, struct rate *rate);
void screen_free(struct screen *screen);

/**
 * screen_job(screen, job): Admit the job, or refuse it: job->err says so.  Takes the ledger's lock
 * for reading.
 * screen_again(screen, jobs): Do so again with those jobs of a list that met another registry than
 * there is now.
 */
void screen_job(struct screen *screen, struct job *job);
void screen_again(struct screen *screen, struct job *jobs);

/**
 * screen_clock_leapt(screen): Whether this machine's clock has leapt, and no admin has accepted it
 * (DESIGN.md 10); never in a simulated ledger, whose clock is in its events.
 * screen_accept_clock(screen): An admin has accepted it.
 */
bool screen_clock_leapt(struct screen *screen);
void screen_accept_clock(struct screen *screen);

#endif
