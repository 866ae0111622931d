/* format - the files that a report is written as: a row for each, with its renderer. */
#ifndef REPORTS_FORMAT_H
#define REPORTS_FORMAT_H

#include "reports/report.h"

/* Writes one file. */
typedef enum err format_fn(const struct report *report, enum form form, struct output *output,
                           struct err_text *ret_why);

struct format {
    const char *name;   /* as --format calls it */
    const char *file;   /* in the directory of the report; of CSV that of the parameters */
    const char *begins; /* what a file of it begins with, by which it is known; NULL: by its name */
    format_fn *write;
    bool pages; /* for people to read, not for programs */
    /* Whether what differs was made by another version of what renders it, so that it cannot be
     * compared; NULL: it always can. */
    bool (*made_otherwise)(const void *bytes, size_t count);
};

/* One file of a report. */
struct format_file {
    const struct format *format;
    enum form form; /* of CSV: the sheet; FORM_COUNT: what has no sheet */
    const char *path;
};

#define FORMAT_FILES_MAX (FORM_COUNT + 16)

/**
 * format_parse(list, ret_formats): Which of the formats a list of names, joined by commas, names:
 * bits; false if one is unknown, or there is none.
 * format_all(): All of them.
 * format_pdf(): The PDF's bit.
 * format_files(formats, ret): Their files in order; gives the number.
 * format_write(file, report, output, ret_why): Write one.  Errors: those of the output.
 *
 * format_known(path, bytes, count, ret): Which file of a report those bytes under that name are;
 * false if it is none.
 */
MUST_CHECK bool format_parse(const char *list, unsigned *ret_formats);
unsigned format_all(void);
unsigned format_pdf(void);
size_t format_files(unsigned formats, struct format_file ret[FORMAT_FILES_MAX]);
MUST_CHECK enum err format_write(const struct format_file *file, const struct report *report,
                                 struct output *output, struct err_text *ret_why);
MUST_CHECK bool format_known(const char *path, const void *bytes, size_t count,
                             struct format_file *ret);

#endif
