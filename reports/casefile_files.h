/* casefile_files - a case file written for people: one HTML page, one PDF. */
#ifndef REPORTS_CASEFILE_FILES_H
#define REPORTS_CASEFILE_FILES_H

#include "reports/casefile.h"
#include "reports/output.h"

#define CASEFILE_HTML 1u
#define CASEFILE_PDF 2u
#define CASEFILE_ALL (CASEFILE_HTML | CASEFILE_PDF)

/**
 * casefile_files_parse(list, ret_formats): Which formats a list names: `html`, `pdf`, or both,
 * joined by a comma; false if it names anything else.
 * casefile_files_render(casefile, format, output, ret_why): Write the file of one format.
 * casefile_files_write(casefile, formats, dir, ret_files, ret_why): Write ID.html and ID.pdf, those
 * that are wanted, into ${dir}, which is there; *${ret_files} is [{name, sha256, bytes}], a new
 * reference.  Errors: IO.
 */
MUST_CHECK bool casefile_files_parse(const char *list, unsigned *ret_formats);
MUST_CHECK enum err casefile_files_render(struct casefile *casefile, unsigned format,
                                          struct output *output, struct err_text *ret_why);
MUST_CHECK enum err casefile_files_write(struct casefile *casefile, unsigned formats,
                                         const char *dir, json_t **ret_files,
                                         struct err_text *ret_why);

#endif
