/* scrub - the whole ledger verified in the background, again and again, at a bounded rate, in a
 * thread of low priority.
 */
#ifndef INGEST_SCRUB_H
#define INGEST_SCRUB_H

#include "ledger/ledger.h"

struct scrub;

struct scrub_config {
    const char *dir;  /* borrowed: the ledger's, which is open in this process */
    uint64_t rate;    /* entries a second at most, 1..; the shape of the file is checked before them
                       * at once: its reader keeps free pages from writers */
    int64_t pause_us; /* from the end of one pass to the beginning of the next */
    int64_t part_us;  /* a longer pass is made in parts, each from where the last one ended, so that
                       * little is lost when one fails */
};

/* How far it is, and what it found.  Damage stays until the process ends: it does not heal. */
struct scrub_state {
    uint64_t entries;      /* found good, of all passes */
    uint64_t pass_entries; /* found good in this pass, or in the last one */
    uint64_t pass_size;    /* entries that this pass will look at; 0 before the first */
    uint64_t passes;       /* that came to their end and found all good */
    uint64_t failures;     /* tries that came to no end: the ledger could not be read */
    uint64_t damages;      /* passes that found damage */
    int64_t last_good_us;  /* real time when the last good pass ended; 0: there is none */
    struct verify_bad bad; /* the first damage that was found */
};

/**
 * scrub_start(config, ret_scrub, ret_why): Start the thread, which begins at once.  What it finds
 * is written to the journal, too.  Errors: IO (no thread).
 * scrub_state(scrub): Any thread.
 * scrub_stop(scrub): End the thread, in the middle of a pass, too.
 * scrub_free(scrub): Stops it first.  NULL is fine.
 */
MUST_CHECK enum err scrub_start(const struct scrub_config *config, struct scrub **ret_scrub,
                                struct err_text *ret_why);
struct scrub_state scrub_state(struct scrub *scrub);
void scrub_stop(struct scrub *scrub);
void scrub_free(struct scrub *scrub);

#endif
