/* oscal - a period's report as OSCAL assessment results 1.2 (JSON), for tools of auditors.
 * Deployments are inventory items and observations, exceptions observations, decisions and
 * approvals attestations, rollbacks and administration the log; a finding for each NIST control,
 * and a risk for each that grave exceptions speak to.
 * UUIDs are version 5, of leaf hashes and names, so that the same entry has the same one in every
 * report; what is of one report alone (document, result, findings, risks) has its own.  Pure.
 */
#ifndef REPORTS_OSCAL_H
#define REPORTS_OSCAL_H

#include "reports/report.h"

/**
 * oscal_report(report, output, ret_why): Write it.  Errors: those of the output.
 */
MUST_CHECK enum err oscal_report(const struct report *report, struct output *output,
                                 struct err_text *ret_why);

#endif
