/* aside - lines of a spool that the ledger did not take, put aside in the file `refused` of its
 * directory: JSON lines {time, taken, at, status, reason, line, line_base64 (if it is not UTF-8)}.
 */
#ifndef INGEST_ASIDE_H
#define INGEST_ASIDE_H

#include "ingest/spool.h"

/* Why a line was not taken. */
struct aside_reason {
    int64_t now_us;
    enum err err;
    const struct err_text *why;
};

/**
 * aside_add(dir, line, reason, ret_why): Put ${line} aside, synced.  Errors: DISK_LOW, IO.
 * aside_count(dir, from, to, ret_count, ret_why): How many lines of [from, to) were put aside.
 * Cost: a pass over the file.  Errors: IO.
 */
MUST_CHECK enum err aside_add(const char *dir, const struct spool_line *line,
                              const struct aside_reason *reason, struct err_text *ret_why);
MUST_CHECK enum err aside_count(const char *dir, const struct spool_place *from,
                                const struct spool_place *to, uint64_t *ret_count,
                                struct err_text *ret_why);

#endif
