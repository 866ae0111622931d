/* threshold - the bound that an item's text sets (CHECKLIST.md "Properties").  Pure.
 */
#ifndef REPLAY_THRESHOLD_H
#define REPLAY_THRESHOLD_H

#include "replay/checklist.h"
#include "replay/span.h"

/* What an item's text says of a bound that threshold_parse does not read. */
enum threshold_doubt {
    THRESHOLD_SURE,
    THRESHOLD_NUMBERLESS, /* a comparison without a number: `< SLA` */
    THRESHOLD_SECOND,     /* a further comparison behind the one that is read */
    THRESHOLD_WAITS,      /* a comparison, but the text speaks of waiting or a TTL */
    THRESHOLD_WORDED,     /* `at most 5 %`, `below 200 ms` */
    THRESHOLD_VAGUE       /* `acceptable`, `normal` */
};

/**
 * threshold_parse(line): The first bound in an item's text, owned; NULL if it sets none:
 * `< 0.1%`, `>= 3 replicas`, `0 critical`, `(100%)`.  Texts that speak of waiting or a TTL set
 * none.  Cost: linear.
 *
 * threshold_doubt(line): What of such a text is in doubt, the gravest first.  Cost: linear.
 *
 * threshold_free(threshold): NULL is fine.
 */
struct threshold *threshold_parse(struct span line);
enum threshold_doubt threshold_doubt(struct span line);
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
