/* listing - a compiled checklist as an outline for a person.  Pure. */
#ifndef REPLAY_LISTING_H
#define REPLAY_LISTING_H

#include "replay/checklist.h"

/**
 * listing_add(checklist, buf):
 * Append title, sections with their windows and guards, a line a node with what it asks for, the
 * counts, and the warnings.
 */
void listing_add(const struct checklist *checklist, struct buf *buf);

#endif
