/* source - a checklist's Markdown file, read whole. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include "replay/checklist.h"

/**
 * source_read(path, buf, ret_why): Append the contents of a file (`-`: standard input).
 * Errors: NOT_FOUND, TOO_BIG (CHECKLIST_BYTES_MAX), IO.
 * source_compile(path, ret_checklist, ret_why): The same, compiled (checklist_free).
 * Errors: also INVALID.
 */
MUST_CHECK enum err source_read(const char *path, struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err source_compile(const char *path, struct checklist **ret_checklist,
                                   struct err_text *ret_why);

#endif
