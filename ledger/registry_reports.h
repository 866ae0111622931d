/* registry_reports - reports that were issued: report.issued.  Private to registry*.c. */
#ifndef LEDGER_REGISTRY_REPORTS_H
#define LEDGER_REGISTRY_REPORTS_H

#include "ledger/registry_act.h"

/**
 * registry_reports_issued(act): Judge and fold report.issued.
 * registry_reports_free(registry): Free the facts.
 */
void registry_reports_issued(const struct registry_act *act);
void registry_reports_free(struct registry *registry);

#endif
