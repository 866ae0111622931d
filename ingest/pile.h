/* pile - the numbered files of a spool's directory, to which is only ever added. */
#ifndef INGEST_PILE_H
#define INGEST_PILE_H

#include "ledger/ledger.h"

struct pile_span {
    uint64_t first, last; /* numbers; 0 where there are no files */
    uint64_t bytes;       /* of all files */
};

/**
 * pile_look(dir, ret_span, ret_why): Which files there are.  Errors: IO.
 * pile_next(dir, file, ret_file, ret_why): The lowest number above ${file}, or 0.  Errors: IO.
 * pile_size(dir, file, ret_bytes, ret_why): The file's bytes; of one that is not there 0.  Errors:
 * IO.
 */
MUST_CHECK enum err pile_look(const char *dir, struct pile_span *ret_span,
                              struct err_text *ret_why);
MUST_CHECK enum err pile_next(const char *dir, uint64_t file, uint64_t *ret_file,
                              struct err_text *ret_why);
MUST_CHECK enum err pile_size(const char *dir, uint64_t file, uint64_t *ret_bytes,
                              struct err_text *ret_why);

/**
 * pile_append(dir, file, data, ret_at, ret_why): Add ${data} behind what the file has (made where
 * there is none), from *${ret_at} on, and sync it.  All or nothing, but for a crash.  Writers must
 * exclude each other.  Errors: DISK_LOW (no space, or a quota), IO.
 *
 * pile_read(dir, file, from, buf, ret_why): Append what the file has from ${from} on; of one that
 * is not there nothing.  Errors: IO.
 *
 * pile_remove(dir, file, ret_why): Remove the file, if it is there.  Errors: IO.
 */
MUST_CHECK enum err pile_append(const char *dir, uint64_t file, const struct buf *data,
                                uint64_t *ret_at, struct err_text *ret_why);
MUST_CHECK enum err pile_read(const char *dir, uint64_t file, uint64_t from, struct buf *buf,
                              struct err_text *ret_why);
MUST_CHECK enum err pile_remove(const char *dir, uint64_t file, struct err_text *ret_why);

/**
 * pile_log(dir, name, data, ret_why): Add ${data} behind what the file of this name has, and sync
 * it.  Errors: as pile_append.
 */
MUST_CHECK enum err pile_log(const char *dir, const char *name, const struct buf *data,
                             struct err_text *ret_why);

#endif
