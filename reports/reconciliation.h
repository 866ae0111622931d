/* reconciliation - deploy events matched to deployments; what is on one side only is an exception.
 * Pure.
 */
#ifndef REPORTS_RECONCILIATION_H
#define REPORTS_RECONCILIATION_H

#include "reports/tables.h"

/**
 * reconciliation_fill(tables): Match what tables->platform holds, and fill the sheet of
 * FORM_RECONCILIATION, and exceptions `unreconciled`.  A deploy event belongs to the deployment in
 * whose stream it is, or whose id it tells; else to the one opened last before it that names its
 * artifact, or else has its release.  With a file of the platform's, a deployment that the file
 * does not tell of is unmatched; else one that no deploy event tells of; and where there is no
 * event below the size at all there is no source.  Gives a sentence on the source; static.
 */
const char *reconciliation_fill(struct tables *tables);

#endif
