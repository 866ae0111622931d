/* params - what a report is asked for, and how each file of it carries that, so that anyone can
 * make it again.  Pure.
 */
#ifndef REPORTS_PARAMS_H
#define REPORTS_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/ledger.h"

#define PARAMS_REPORT "countersign/annual/2" /* what is made, and by which rules */
#define PARAMS_SEED_BYTES_MAX 256
/* What a report has unless it is asked for otherwise. */
#define PARAMS_SAMPLE_DEFAULT 25
#define PARAMS_ROWS_DEFAULT 1000
#define PARAMS_SEED_DEFAULT "1"

/* Half-open, by time_us. */
struct period {
    int64_t from_us;
    int64_t to_us;
};

/*    name      what `--verify` calls it */
#define PARAMS_VERIFY_TABLE(X)                                                                     \
    X(NONE, "none")     /* only what reading checks */                                             \
    X(HASHES, "hashes") /* chains, tree, digests and roots too */                                  \
    X(ALL, "all")       /* signatures and indexes too */

enum params_verify {
#define X(name, text) VERIFY_##name,
    PARAMS_VERIFY_TABLE(X)
#undef X
};

struct params {
    struct period period;
    uint64_t size;             /* entries with seq < size count */
    enum params_verify verify; /* what was checked just before */
    uint64_t sample;           /* deployments to draw */
    char seed[PARAMS_SEED_BYTES_MAX + 1];
    uint64_t rows;     /* of a table on a page, at most */
    bool has_platform; /* a file of the platform's deploy events */
    uint8_t platform_sha256[HASH_BYTES];
    const char *platform; /* its bytes, borrowed; NULL without one */
    size_t platform_bytes;
};

/**
 * params_json(params): {from, to, size, verify, sample, seed, rows, platform_sha256}; a new
 * reference.
 * params_made_with(params): The same and {report}, as a file carries it (carried.h); a new
 * reference.
 * params_carried(params, buf): Append the word of them that a file carries.
 * params_read(json, ret): Take them from what a file carries, but for the platform's bytes; false
 * if it is no report of a period that this program makes.
 *
 * params_verify_name(verify): "hashes"; static.
 * params_verify_of(name, ret): False if there is none of that name.
 */
json_t *params_json(const struct params *params);
json_t *params_made_with(const struct params *params);
void params_carried(const struct params *params, struct buf *buf);
MUST_CHECK bool params_read(const json_t *json, struct params *ret);
const char *params_verify_name(enum params_verify verify);
MUST_CHECK bool params_verify_of(const char *name, enum params_verify *ret);

#endif
