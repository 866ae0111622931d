/* casefile_rows - the sheets of a case file, from a deployment's timeline.  Private to casefile*.c.
 * Pure.
 */
#ifndef REPORTS_CASEFILE_ROWS_H
#define REPORTS_CASEFILE_ROWS_H

#include "reports/sheet.h"

#include "replay/replay.h"

/**
 * casefile_rows_nodes(timeline): The nodes of the checklist as they stand, a row each, section by
 * section.  Free with sheet_free, as each of these.
 * casefile_rows_timeline(timeline, findings): Every entry in order; or those alone that were
 * refused or flagged.
 * casefile_rows_windows(timeline): How the sections kept their windows.
 * casefile_rows_thresholds(timeline): Each threshold with what measured it.
 * casefile_rows_evidence(timeline), casefile_rows_issues(timeline), casefile_rows_people(timeline):
 * What was attached; issues and criteria; who acted in which role.
 */
struct sheet *casefile_rows_nodes(const struct timeline *timeline);
struct sheet *casefile_rows_timeline(const struct timeline *timeline, bool findings);
struct sheet *casefile_rows_windows(const struct timeline *timeline);
struct sheet *casefile_rows_thresholds(const struct timeline *timeline);
struct sheet *casefile_rows_evidence(const struct timeline *timeline);
struct sheet *casefile_rows_issues(const struct timeline *timeline);
struct sheet *casefile_rows_people(const struct timeline *timeline);

/**
 * casefile_rows_signs(row): Whether it is an act by which somebody decides: an approval, a
 * decision, an opening, a waiver, a rollback, a closing and the like, all of which persons sign.
 * casefile_rows_acts(): An empty sheet of such acts; casefile_rows_act(acts, timeline, row, record)
 * adds one, of which ${record} is the entry.
 */
bool casefile_rows_signs(const struct timeline_row *row);
struct sheet *casefile_rows_acts(void);
void casefile_rows_act(struct sheet *acts, const struct timeline *timeline,
                       const struct timeline_row *row, const struct record *record);

#endif
