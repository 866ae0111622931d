/* fileset - the files of a period's report in a directory, written several at once. */
#ifndef REPORTS_FILESET_H
#define REPORTS_FILESET_H

#include "reports/format.h"

/**
 * fileset_write(report, formats, dir, progress, ret_files, ret_why):
 * Write the files of ${formats} into ${dir}, which is made if it is not there; *${ret_files} is
 * [{name, sha256, bytes}], a new reference.  Which files are being written is drawn as ${progress}.
 * An interrupt (interrupt.h) ends it.  Errors: IO.
 */
MUST_CHECK enum err fileset_write(const struct report *report, unsigned formats, const char *dir,
                                  struct progress *progress, json_t **ret_files,
                                  struct err_text *ret_why);

#endif
