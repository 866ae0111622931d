/* page - a document as one self-contained HTML page: no request to anywhere, which its content
 * security policy holds too; readable without the script, which only sorts and filters tables.
 * Pure; every text of the document is made harmless.
 */
#ifndef REPORTS_PAGE_H
#define REPORTS_PAGE_H

#include "reports/document.h"

/* The files page_style.css and page_script.js, as the build has them (CMakeLists.txt). */
extern const uint8_t page_style_text[], page_script_text[];
extern const size_t page_style_bytes, page_script_bytes;

/**
 * page_document(document, buf): Append the page.
 */
void page_document(const struct document *document, struct buf *buf);

#endif
