/* page_text - texts of a document in HTML.  Private to page*.c.  Pure.
 */
#ifndef REPORTS_PAGE_TEXT_H
#define REPORTS_PAGE_TEXT_H

#include "ledger/ledger.h"

/**
 * page_text_add(buf, text): Append a text for people, made harmless; a long one is folded away
 * behind its beginning.
 */
void page_text_add(struct buf *buf, const char *text);

#endif
