/* printable - text from events made harmless for a terminal or a plain file.  Pure. */
#ifndef LEDGER_PRINTABLE_H
#define LEDGER_PRINTABLE_H

#include "ledger/buf.h"

/**
 * printable_add(buf, text):
 * Append ${text} (UTF-8; NULL gives nothing) with each control character, line and paragraph
 * separator, bidirectional override, zero-width character and invalid byte shown as an escape
 * (`\n`, `\x1b`, `\u202e`), so that it stays on its line and shows what it is.
 */
void printable_add(struct buf *buf, const char *text);

/**
 * printable_html(buf, text): The same, with the characters that mean something in HTML text and in
 * quoted attributes as character references.
 */
void printable_html(struct buf *buf, const char *text);

#endif
