/* oscal_observations - what was seen, as OSCAL has it: each deployment as an inventory item and an
 * observation, each exception as an observation with its entry as evidence; a finding, and a risk
 * where there is something to weigh, for each control.  Private to oscal*.c.
 */
#ifndef REPORTS_OSCAL_OBSERVATIONS_H
#define REPORTS_OSCAL_OBSERVATIONS_H

#include "reports/oscal_stream.h"

/**
 * oscal_observations_inventory(stream): Write the deployments as local definitions.
 * oscal_observations_controls(stream): Write which controls are reviewed.
 * oscal_observations_add(stream): Write observations, risks and findings.
 */
void oscal_observations_inventory(struct oscal_stream *stream);
void oscal_observations_controls(struct oscal_stream *stream);
void oscal_observations_add(struct oscal_stream *stream);

#endif
