/* html - the report's JSON document as one self-contained page: no script, no request to anywhere.
 * Pure; every text of the document is escaped.
 */
#ifndef REPORTS_HTML_H
#define REPORTS_HTML_H

#include <jansson.h>

#include "replay/replay.h"

/**
 * html_report(report, buf): Append the page of what annual_make made.
 */
void html_report(const json_t *report, struct buf *buf);

#endif
