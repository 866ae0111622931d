/* shape - a Markdown source reduced to what decides its block structure.  Pure.
 * Only the blocks of a checklist matter, never the inline marks, and a Markdown parser's time on
 * hostile inline marks, and on containers nested without end, is quadratic.  So the parser is shown
 * the shape alone: line for line and byte for byte the source, each byte of running text an `x`.
 */
#ifndef REPLAY_SHAPE_H
#define REPLAY_SHAPE_H

#include "replay/span.h"

/* Bytes of a line in which the marks of lists and quotes are seen: what is nested deeper is text.
 */
#define SHAPE_PREFIX_BYTES_MAX 256

/**
 * shape_line(line, buf):
 * Append the shape of one line (without its line end) and a newline; blanks at its end are left
 * out, all other bytes keep their place.  Returns false if a list or quote mark stands beyond
 * SHAPE_PREFIX_BYTES_MAX.  Cost: one pass.
 */
bool shape_line(struct span line, struct buf *buf);

#endif
