/* control - the standing text of a report: which control is answered by which part, and how to
 * verify without us. */
#ifndef REPORTS_CONTROL_H
#define REPORTS_CONTROL_H

#include <jansson.h>

/**
 * control_json(): [{control, asks, answered_by}]; a new array.
 * control_how_to_verify(): [text], step by step; a new array.
 */
json_t *control_json(void);
json_t *control_how_to_verify(void);

#endif
