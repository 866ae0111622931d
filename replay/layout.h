/* layout - text for people: wrapped at 100 columns, padded, made harmless.  Pure. */
#ifndef REPLAY_LAYOUT_H
#define REPLAY_LAYOUT_H

#include "ledger/ledger.h"
#include "replay/deployment.h"

#define LAYOUT_COLUMNS 100

/**
 * layout_columns(text): Columns that UTF-8 ${text} takes: one a code point, none for a mark that
 * combines.
 * layout_pad(buf, text, columns): Append ${text} made harmless, and blanks up to ${columns}; longer
 * text is followed by one blank.
 * layout_wrap(buf, used, indent, text): Append ${text} made harmless and a newline, broken at
 * blanks so that no line passes LAYOUT_COLUMNS; ${used} columns of the first line are taken, the
 * further lines begin with ${indent} blanks.  A word longer than a line is broken within.
 */
size_t layout_columns(const char *text);
void layout_pad(struct buf *buf, const char *text, size_t columns);
void layout_wrap(struct buf *buf, size_t used, size_t indent, const char *text);

/**
 * layout_flags(buf, flags): Append the names of the flags (bits of verdict.h), joined by ", ".
 * layout_explained(buf, flags, reason): The same of an entry: the names that ${reason} (NULL: none)
 * does not speak of as "name: ...", then the reason.
 * layout_verdict(buf, verdict): Append "accepted" or "refused, RULE", and behind a colon what
 * layout_explained says, if anything.
 * layout_flags_json(flags): The same as a JSON array of names; new reference.
 */
void layout_flags(struct buf *buf, uint32_t flags);
void layout_explained(struct buf *buf, uint32_t flags, const char *reason);
void layout_verdict(struct buf *buf, const struct verdict *verdict);
json_t *layout_flags_json(uint32_t flags);

/**
 * layout_mark(buf, mark): Append who did it, where and when: " (sam, seq 41, 2026-03-03 10:57:30)";
 * nothing of what has not happened.
 * layout_mark_json(object, mark): Add the same as seq, pos, by, time.
 */
void layout_mark(struct buf *buf, const struct mark *mark);
void layout_mark_json(json_t *object, const struct mark *mark);

#endif
