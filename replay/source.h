/* source - a checklist's Markdown file, read and compiled. */
#ifndef REPLAY_SOURCE_H
#define REPLAY_SOURCE_H

#include "replay/checklist.h"

/**
 * source_compile(path, ret_checklist, ret_why):
 * Read and compile a file (`-`: standard input); free with checklist_free.
 * Errors: NOT_FOUND, TOO_BIG, INVALID (checklist_compile), IO.
 */
MUST_CHECK enum err source_compile(const char *path, struct checklist **ret_checklist,
                                   struct err_text *ret_why);

#endif
