/* span - a stretch of the checklist's source, and how words are found in it.  Pure.
 * A span is borrowed from the source; words are runs of letters and digits, compared without regard
 * to ASCII case.
 */
#ifndef REPLAY_SPAN_H
#define REPLAY_SPAN_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/ledger.h"

struct span {
    const char *at; /* borrowed */
    size_t bytes;
};

/**
 * span_of(text): The whole of a string.
 * span_from(span, start), span_to(span, end), span_between(span, start, end): The bytes of ${span}
 * from ${start}, up to ${end}, and in [start, end); positions past its end mean its end.
 */
struct span span_of(const char *text);
struct span span_from(struct span span, size_t start);
struct span span_to(struct span span, size_t end);
struct span span_between(struct span span, size_t start, size_t end);

/**
 * span_trim(span): Without the blanks at both ends, those that do not break lines among them.
 * span_label(span): As a label: without blanks, bold marks and the separators `|`, `,`, `;` at both
 * ends, and without `:` behind, in full width too.
 * span_gap(span, at): Bytes of the blank that begins at ${at}; 0 if there is none.
 */
struct span span_trim(struct span span);
struct span span_label(struct span span);
size_t span_gap(struct span span, size_t at);

/**
 * span_add(buf, span): Append it without its bold marks (`**`).
 * span_text(span): The same as an owned string.
 */
void span_add(struct buf *buf, struct span span);
char *span_text(struct span span);

/**
 * span_is(span, text), span_starts(span, text): Whether it is, or begins with, ${text}, ASCII case
 * aside.
 * span_find(span, start, text): Position of the first ${text} (as it is) at or after ${start}, or
 * the end of ${span}.
 */
bool span_is(struct span span, const char *text);
bool span_starts(struct span span, const char *text);
size_t span_find(struct span span, size_t start, const char *text);

/**
 * span_word(rest, ret_word): Take the next word off the front of ${rest}; false if there is none.
 * span_has_word(span, word): Whether ${word} (lower case) is one of its words.
 * span_has_stem(span, stem): Whether one of its words begins with ${stem} (lower case).
 * span_add_words(buf, span): Append its words in lower case, joined by a space.
 */
bool span_word(struct span *rest, struct span *ret_word);
bool span_has_word(struct span span, const char *word);
bool span_has_stem(struct span span, const char *stem);
void span_add_words(struct buf *buf, struct span span);

/**
 * span_in_word(span, at): Whether a letter or digit begins at ${at}; false at or past the end.
 * span_after_word(span, at): Whether a letter or digit ends right before ${at}.
 * span_code(span, at): If a code span (backticks) begins at ${at}, the position behind it; if a run
 * of backticks that opens none, the position behind the run; else ${at}.
 * span_link(span, at): If what begins at ${at} leads to a link's destination (`](a/b)`, or at the
 * front of a line `[a]: b`), the position behind that; else ${at}, also where the destination
 * begins with an underscore and so may be a blank to be filled in.  Cost: over a whole line,
 * linear.
 */
bool span_in_word(struct span span, size_t at);
bool span_after_word(struct span span, size_t at);
size_t span_code(struct span span, size_t at);
size_t span_link(struct span span, size_t at);

#endif
