/* oscal_acts - what was done, as OSCAL has it: decisions and approvals as attestations, rollbacks
 * and administration as entries of the log.  Private to oscal*.c.
 */
#ifndef REPORTS_OSCAL_ACTS_H
#define REPORTS_OSCAL_ACTS_H

#include "reports/oscal_stream.h"

/**
 * oscal_acts_add(stream): Write attestations and log.
 */
void oscal_acts_add(struct oscal_stream *stream);

#endif
