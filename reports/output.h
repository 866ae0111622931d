/* output - where the bytes of a report go: into a file that is whole or not there, or against the
 * bytes of one that there is.
 */
#ifndef REPORTS_OUTPUT_H
#define REPORTS_OUTPUT_H

#include <stdint.h>

#include "ledger/ledger.h"

/* Whoever writes appends to `buf`, and calls output_pass now and then. */
struct output {
    struct buf buf;
    uint64_t bytes; /* passed on */
    struct output_inside *inside;
};

/* What became of it. */
struct output_end {
    uint8_t sha256[HASH_BYTES];
    uint64_t bytes;
    bool same;        /* of output_against: the file has these bytes, and no more */
    uint64_t differs; /* else: the first byte that is not the same, from 0 */
};

/**
 * output_file(path, ret_output, ret_why): Write a file, which takes the place of what is there once
 * output_close has all of it.  Errors: IO.
 * output_against(path, ret_output, ret_why): Compare with the file.  Errors: NOT_FOUND, IO.
 * output_onto(fd, ret_output): Write behind what was written to a file that is the caller's.
 * output_digest(ret_output): Keep nothing but how much it is and its SHA-256.
 * output_memory(ret_output): Keep all in `buf`, from where the caller takes it.
 */
MUST_CHECK enum err output_file(const char *path, struct output **ret_output,
                                struct err_text *ret_why);
MUST_CHECK enum err output_against(const char *path, struct output **ret_output,
                                   struct err_text *ret_why);
void output_onto(int fd, struct output **ret_output);
void output_digest(struct output **ret_output);
void output_memory(struct output **ret_output);

/**
 * output_pass(output, ret_why): Pass on what `buf` holds, if it is enough to be worth it; an
 * interrupt (interrupt.h) ends that.
 * output_close(output, ret_end, ret_why): Pass on the rest; the file stands whole then, but is not
 * synced: it can be made again (issue.h syncs those that the ledger is to name).  ${ret_end} may be
 * NULL.
 * output_free(output): What was not closed is removed.  NULL is fine.
 * Errors: IO.
 *
 * output_row(name, end): What is told of a file that was written: {name, sha256, bytes}; a new
 * reference.
 */
MUST_CHECK enum err output_pass(struct output *output, struct err_text *ret_why);
MUST_CHECK enum err output_close(struct output *output, struct output_end *ret_end,
                                 struct err_text *ret_why);
void output_free(struct output *output);
json_t *output_row(const char *name, const struct output_end *end);

#endif
