/* files - small files of a ledger's directory, written so that they are whole or not there. */
#ifndef LEDGER_FILES_H
#define LEDGER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/err.h"

/**
 * files_path(dir, name): "dir/name"; free().
 * files_there(dir, name): Whether there is anything of that name.
 */
char *files_path(const char *dir, const char *name);
bool files_there(const char *dir, const char *name);

/**
 * files_make(dir, name, data, bytes, ret_why):
 * Write a new file (mode 0600) and sync it, not its directory; a half-written one is removed.
 * Errors: CONFLICT (there is one), IO.
 * files_replace(dir, name, data, bytes, ret_why): Put the file in the place of what was there, if
 * anything, in one step, and sync it and its directory.  Writers must exclude each other.
 * Errors: IO.
 * files_read(dir, name, bytes_max, buf, ret_why): Append the contents.  Errors: NOT_FOUND, TOO_BIG,
 * IO.
 * files_input(path, bytes_max, buf, ret_why): Append the contents of a file that a command line
 * names, of standard input for "-".  Errors: as files_read.
 * files_output(path, data, bytes, ret_why): As files_replace, of a file that a command line names.
 * Errors: IO.
 * files_directory(path, ret_why): Make a directory, for others to read as the umask allows, unless
 * there is one.  Errors: IO.
 * files_sync_dir(dir, ret_why): Sync the directory's own entries.  Errors: IO.
 */
MUST_CHECK enum err files_make(const char *dir, const char *name, const void *data, size_t bytes,
                               struct err_text *ret_why);
MUST_CHECK enum err files_replace(const char *dir, const char *name, const void *data, size_t bytes,
                                  struct err_text *ret_why);
MUST_CHECK enum err files_read(const char *dir, const char *name, size_t bytes_max, struct buf *buf,
                               struct err_text *ret_why);
MUST_CHECK enum err files_input(const char *path, size_t bytes_max, struct buf *buf,
                                struct err_text *ret_why);
MUST_CHECK enum err files_output(const char *path, const void *data, size_t bytes,
                                 struct err_text *ret_why);
MUST_CHECK enum err files_directory(const char *path, struct err_text *ret_why);
MUST_CHECK enum err files_sync_dir(const char *dir, struct err_text *ret_why);

#endif
