/* outfile - a large file written piece by piece: it has its name once it is whole and on disk, or
 * not at all.
 */
#ifndef LEDGER_OUTFILE_H
#define LEDGER_OUTFILE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/limits.h"

struct outfile;

/**
 * outfile_open(path, ret_file, ret_why):
 * Begin the file that a command line names, "-" for standard output, under a name of its own beside
 * it (mode 0600).  The caller ends it with outfile_end or outfile_drop.  Errors: IO.
 *
 * outfile_add(file, data, bytes, ret_why): Write behind what was written.  Errors: IO.
 * outfile_flush(file, ret_why): Hand all of it to the system, so that outfile_written may be read.
 * Errors: IO.
 * outfile_written(file): The open file, for reading, as it is so far; -1 of standard output.
 * outfile_digest(file, ret): SHA-256 of what was written; gives its length.
 *
 * outfile_end(file, ret_why): Sync it, give it its name in the place of what was there, and free
 * it, also if that fails.  Errors: IO.
 * outfile_drop(file): Remove and free it; NULL is fine.
 */
MUST_CHECK enum err outfile_open(const char *path, struct outfile **ret_file,
                                 struct err_text *ret_why);
MUST_CHECK enum err outfile_add(struct outfile *file, const void *data, size_t bytes,
                                struct err_text *ret_why);
MUST_CHECK enum err outfile_flush(struct outfile *file, struct err_text *ret_why);
int outfile_written(const struct outfile *file);
uint64_t outfile_digest(const struct outfile *file, uint8_t ret[HASH_BYTES]);
MUST_CHECK enum err outfile_end(struct outfile *file, struct err_text *ret_why);
void outfile_drop(struct outfile *file);

#endif
