/* control - the standing text of a report: which control is answered by which part, what was
 * verified, and how to verify without us. */
#ifndef REPORTS_CONTROL_H
#define REPORTS_CONTROL_H

#include "reports/params.h"
#include "reports/sheet.h"

/**
 * control_fill(sheet): Fill the sheet of FORM_CONTROLS.
 * control_coverage(verify, sheet): Fill the sheet of FORM_COVERAGE.
 * control_verified(verify): The same in a sentence; static.
 * control_steps(): How to verify without us, one step a line; static.
 */
void control_fill(struct sheet *sheet);
void control_coverage(enum params_verify verify, struct sheet *sheet);
const char *control_verified(enum params_verify verify);
const char *control_steps(void);

#endif
