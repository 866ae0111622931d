/* inside - an open ledger as the files that implement ledger.h see it. */
#ifndef LEDGER_INSIDE_H
#define LEDGER_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/counting.h"
#include "ledger/ledger.h"
#include "ledger/rows.h"
#include "ledger/secret.h"
#include "ledger/store.h"

#define LEDGER_MAGIC MAGIC('L', 'E', 'D', 'G')

struct ledger {
    uint32_t magic;
    char *dir;
    struct store *store;
    struct ledger_info info;
    pthread_rwlock_t lock; /* guards registry, verdicts and admission->last_us */
    struct registry *registry;
    struct verdict *verdicts; /* owned: of the stream `ledger`, by position */
    size_t verdict_count, verdict_cap;
    struct admission *admission;   /* in locked memory; NULL if opened for reading only */
    struct secret *checkpoint_key; /* of the newest pair */
    struct secret *former_key;     /* of the pair before, while it signs too; else NULL */
    size_t pair_count;             /* pairs that the registry had when these were loaded */
    int64_t copied_us;             /* monotonic clock of our last copy outside; 0 without one */
    bool copy_behind;              /* something was committed since */
    atomic_bool committing;        /* a commit of ours is being written, or has failed */
    atomic_uint_least64_t settled; /* so many entries are known to be on disk for good */
    struct counting counting;      /* of custody */
    struct rows_head head;         /* as of our last commit; the appending thread's alone */
};

/**
 * inside_new(dir, store): A ledger around an open store, which it owns; nothing is read yet.
 * inside_arm(ledger): Make it one for appending, but for its keys; info.id and info.simulated are
 * set.
 * inside_follow(ledger, txn, ret_why): Fold what the stream `ledger` has more than the registry,
 * as ${txn} sees it, and take new keys into use.  The appending thread's alone.  Errors: IO,
 * DAMAGED.
 * inside_time(ledger, time_us, ret_why): Tell admission the time of the last entry, where that is
 * all that is new, and take old keys out of use.  The appending thread's alone.  Errors: IO,
 * DAMAGED.
 */
struct ledger *inside_new(const char *dir, struct store *store);
void inside_arm(struct ledger *ledger);
MUST_CHECK enum err inside_follow(struct ledger *ledger, struct store_txn *txn,
                                  struct err_text *ret_why);
MUST_CHECK enum err inside_time(struct ledger *ledger, int64_t time_us, struct err_text *ret_why);

/**
 * inside_info(created, ret_info, ret_why): What the data of `ledger.created` say.  Errors: DAMAGED.
 */
MUST_CHECK enum err inside_info(const json_t *created, struct ledger_info *ret_info,
                                struct err_text *ret_why);

/**
 * inside_ahead(ledger, txn, stream, from, to_seq): Have the disk fetch the next entries of a
 * stream, from position ${from} on and before entry ${to_seq}, if the ledger was opened sparse;
 * gives up to which position.  A hint.
 */
uint64_t inside_ahead(const struct ledger *ledger, struct store_txn *txn, const char *stream,
                      uint64_t from, uint64_t to_seq);

/**
 * inside_record(row, leaf): Owned copies of a row; ${leaf} is its leaf hash, or NULL to make it.
 */
struct record *inside_record(const struct row *row, const uint8_t leaf[HASH_BYTES]);

/**
 * inside_say(err, what, ret_why): Give a failure of the store that has no text yet its text.
 */
enum err inside_say(enum err err, const char *what, struct err_text *ret_why);

#endif
