/* pdf - a document as PDF: what HTML shows on a screen, on paper; with an outline, links and the
 * structure that screen readers read.  The same document is the same bytes wherever and whenever it
 * is made, for the same libraries and fonts, which it names.
 */
#ifndef REPORTS_PDF_H
#define REPORTS_PDF_H

#include "reports/document.h"

/* Only countersign-pdf has these functions (CMakeLists.txt); elsewhere they are NULL, and printer
 * says where PDFs are made. */
#define PDF_WEAK __attribute__((weak))

/* What a PDF says of itself beside the document. */
struct pdf_about {
    int64_t time_us;     /* for its time of creation */
    const char *carried; /* among its keywords: a word of ASCII, or NULL */
    const uint8_t *json; /* SHA-256 of the report as JSON, HASH_BYTES; or NULL */
};

/**
 * pdf_document(document, about, buf, ret_why): Append the PDF of a document.
 * Cost: some 50 us a cell of a table.  Memory: some 300 bytes a cell, and the PDF.
 * Errors: IO (also where a font is missing: which package has it; and an interrupt, interrupt.h).
 */
MUST_CHECK PDF_WEAK enum err pdf_document(const struct document *document,
                                          const struct pdf_about *about, struct buf *buf,
                                          struct err_text *ret_why);

/**
 * pdf_versions(buf, ret_why): Append the line that tells by what this program makes PDFs:
 * libraries, fonts, and its own layout.  Two PDFs are to be compared only if they are by the same.
 * Errors: as pdf_document.
 * pdf_read_versions(data, bytes, buf): Append that line of a PDF of this program's; false if there
 * is none.
 */
MUST_CHECK PDF_WEAK enum err pdf_versions(struct buf *buf, struct err_text *ret_why);
MUST_CHECK PDF_WEAK bool pdf_read_versions(const void *data, size_t bytes, struct buf *buf);

#endif
