/* custody - what became of every message that was brought to a ledger: counters by day, way,
 * principal and outcome, written in the commit that holds the entries which they count.
 */
#ifndef LEDGER_CUSTODY_H
#define LEDGER_CUSTODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/entry.h"
#include "ledger/err.h"

struct store_txn;

enum custody_outcome {
    CUSTODY_APPENDED,
    CUSTODY_DUPLICATE,     /* the first receipt was given again */
    CUSTODY_CONFLICTED,    /* its name was another event's */
    CUSTODY_QUARANTINED,   /* no event: `ingest.quarantined` tells of it */
    CUSTODY_REFUSED_AUTH,  /* nobody, or somebody who may not */
    CUSTODY_REFUSED,       /* malformed, of another ledger, too big, part of a refused batch */
    CUSTODY_DEFERRED,      /* "try again": no room, too often, stopping, the clock */
    CUSTODY_DEAD_LETTERED, /* left with the broker */
    CUSTODY_OUTCOMES
};

#define CUSTODY_WAYS (ORIGIN_LEDGER + 1) /* indexed by enum origin */

/* What is counted together. */
struct custody_key {
    int64_t day; /* since 1970-01-01 */
    enum origin way;
    enum custody_outcome outcome;
    char principal[PRINCIPAL_BYTES_MAX + 1]; /* "": nobody is known */
};

struct custody_count {
    struct custody_key key;
    uint64_t count;
};

/* Counts that are not written yet; zero-initialised is empty. */
struct custody_counts {
    struct custody_count *counts; /* owned */
    size_t count, cap;
};

/**
 * custody_add(counts, key, count): Count ${count} more.
 * custody_has(counts, key): Whether that is counted already.
 * custody_move(from, to): Add all of ${from} to ${to}; ${from} is empty then.
 * custody_clear(counts): Free what they own.
 */
void custody_add(struct custody_counts *counts, const struct custody_key *key, uint64_t count);
bool custody_has(const struct custody_counts *counts, const struct custody_key *key);
void custody_move(struct custody_counts *from, struct custody_counts *to);
void custody_clear(struct custody_counts *counts);

/**
 * custody_write(counts, txn, ret_why): Add them to their rows.  Errors: IO, DAMAGED, DISK_LOW.
 * custody_read(key, key_bytes, value, value_bytes, ret_count): What a row says.  Errors: DAMAGED.
 */
MUST_CHECK enum err custody_write(const struct custody_counts *counts, struct store_txn *txn,
                                  struct err_text *ret_why);
MUST_CHECK enum err custody_read(const void *key, size_t key_bytes, const void *value,
                                 size_t value_bytes, struct custody_count *ret_count);

/**
 * custody_sort(counts): By day, way, principal and outcome.
 * custody_compare(a, b): Their order: below 0, 0, above 0.
 * custody_day(us): The day of a moment, since 1970-01-01.
 * custody_outcome_name(outcome): Its word, as the table has it.
 * custody_outcome(err): How a message is counted that was refused with ${err}, before it came to
 * be appended.
 */
void custody_sort(struct custody_counts *counts);
int custody_compare(const struct custody_key *a, const struct custody_key *b);
int64_t custody_day(int64_t us);
const char *custody_outcome_name(enum custody_outcome outcome);
enum custody_outcome custody_outcome(enum err err);

#endif
