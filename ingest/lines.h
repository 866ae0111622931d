/* lines - a file or pipe read line by line, with a bound on what one line may hold. */
#ifndef INGEST_LINES_H
#define INGEST_LINES_H

#include "ledger/ledger.h"

#define LINES_BYTES_MAX ENVELOPE_BYTES_MAX /* the largest message there is */

enum lines_state { LINES_ONE, LINES_TOO_LONG, LINES_END };

struct lines;

/**
 * lines_open(path, ret_lines, ret_why): Open a file; "-" is standard input.  Errors: NOT_FOUND, IO.
 *
 * lines_close(lines): NULL is fine.
 */
MUST_CHECK enum err lines_open(const char *path, struct lines **ret_lines,
                               struct err_text *ret_why);
void lines_close(struct lines *lines);

/**
 * lines_next(lines, ret_line, ret_state, ret_why): Give the next line without its end in
 * *${ret_line} (borrowed until the next call), waiting for it.  A line over LINES_BYTES_MAX is read
 * past and given as LINES_TOO_LONG.  Errors: IO.
 * lines_number(lines): The number of that line, from 1.
 * lines_ready(lines): Whether lines_next would not have to wait, as far as can be told.
 * lines_wait(lines, timeout_ms): Wait so long, or until there is more to read or a signal came.
 */
MUST_CHECK enum err lines_next(struct lines *lines, struct piece *ret_line,
                               enum lines_state *ret_state, struct err_text *ret_why);
uint64_t lines_number(const struct lines *lines);
bool lines_ready(const struct lines *lines);
void lines_wait(const struct lines *lines, int timeout_ms);

/**
 * lines_blank(line): Whether it has nothing but blanks, tabs and carriage returns.
 */
bool lines_blank(const struct piece *line);

#endif
