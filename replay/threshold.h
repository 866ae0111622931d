/* threshold - the bound that an item's text sets (CHECKLIST.md "Properties").  Pure.
 */
#ifndef REPLAY_THRESHOLD_H
#define REPLAY_THRESHOLD_H

#include "replay/checklist.h"
#include "replay/span.h"

/**
 * threshold_parse(line): The first bound in an item's text, owned; NULL if it sets none:
 * `< 0.1%`, `>= 3 replicas`, `0 critical`, `(100%)`.  Texts that speak of waiting or a TTL set
 * none.  Cost: linear.
 *
 * threshold_free(threshold): NULL is fine.
 */
struct threshold *threshold_parse(struct span line);
void threshold_free(struct threshold *threshold);

/**
 * threshold_measured(threshold, line, label, unit):
 * Whether a value of this label and unit (NULL: none) measures the threshold that the text ${line}
 * sets: the same unit, and every word of the label, `at N%` aside, a word of the line.  Cost: words
 * of the label times those of the line.
 */
bool threshold_measured(const struct threshold *threshold, struct span line, const char *label,
                        const char *unit);

/**
 * threshold_signature(text, label): A bit for each of its words, of a label `at N%` aside.  A label
 * none of whose bits is missing from a line's may measure it; any other does not.
 */
uint64_t threshold_signature(struct span text, bool label);

#endif
