/* outline - the headings of a checklist: title, subtitle, sections and what they say of their
 * nodes.  Pure.
 */
#ifndef REPLAY_OUTLINE_H
#define REPLAY_OUTLINE_H

#include "replay/draft.h"

/**
 * outline_heading(draft, block): Place the heading at block index ${block}.
 * outline_rule(draft, block): Place the rule (`---`) there: without a heading behind it, what
 * follows is the document's.
 * outline_conditional(span): Whether a text has a bracket that begins with `if`.
 */
void outline_heading(struct draft *draft, size_t block);
void outline_rule(struct draft *draft, size_t block);
bool outline_conditional(struct span span);

#endif
