/* search - a whole ledger folded, deployment by deployment on all cores, for what somebody looks
 * for.
 */
#ifndef REPLAY_SEARCH_H
#define REPLAY_SEARCH_H

#include "replay/replay.h"

enum search_for {
    SEARCH_REFUSED, /* entries that a rule refused */
    SEARCH_FLAGGED, /* accepted entries with a flag */
    SEARCH_KEY,     /* entries that a key signed, or that attach an envelope which it signed */
    SEARCH_BROKEN,  /* of each deployment the first threshold that was broken */
    SEARCH_STATE    /* deployments in a phase, or closed with an outcome */
};

struct search {
    enum search_for what;
    enum rule rule;               /* of SEARCH_REFUSED; RULE_NONE: any */
    uint32_t flags;               /* of SEARCH_FLAGGED: any of these bits */
    uint8_t key_id[KEY_ID_BYTES]; /* of SEARCH_KEY */
    const char *state;            /* of SEARCH_STATE: a phase's name or an outcome; borrowed */
    int64_t since_us, until_us;   /* entries with time_us in [since, until) */
    /* Called now and then in any thread, one call at a time, with the deployments done; may be
     * NULL. */
    void (*progress)(void *ctx, uint64_t done, uint64_t total);
    void *ctx;
};

/* One thing found: an entry, or for SEARCH_STATE the last entry of a deployment. */
struct search_hit {
    char stream[STREAM_BYTES_MAX + 1];
    uint64_t seq, pos;
    int64_t time_us;
    char *principal; /* owned, as all texts */
    char *what;      /* "item.checked 2.2.2 pass"; of SEARCH_STATE phase and outcome */
    bool refused;
    enum rule rule;
    uint32_t flags;
    char *reason; /* what was found, or NULL */
};

struct search_hits {
    struct search_hit *list; /* by seq */
    size_t count, cap;
    uint64_t deployments, entries; /* looked at */
};

/**
 * search_run(ledger, search, ret_hits, ret_why): Look; free with search_free.  The ledger's own
 * stream is looked at too, for refusals, flags and keys, and the inbox for keys.  Errors: IO,
 * DAMAGED, BUSY.
 */
MUST_CHECK enum err search_run(struct ledger *ledger, const struct search *search,
                               struct search_hits *ret_hits, struct err_text *ret_why);
void search_free(struct search_hits *hits);

#endif
