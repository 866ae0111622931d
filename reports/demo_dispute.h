/* demo_dispute - what goes wrong at approvals and gates of a made-up deployment: who should not,
 * too early, on what was seen before it changed.
 */
#ifndef REPORTS_DEMO_DISPUTE_H
#define REPORTS_DEMO_DISPUTE_H

#include "reports/demo_story.h"

#define DEMO_DISPUTES 19
extern const struct demo_mishap demo_disputes[DEMO_DISPUTES];

#endif
