/* act_rows - the rows that one act of a deployment leaves in a report. */
#ifndef REPORTS_ACT_ROWS_H
#define REPORTS_ACT_ROWS_H

#include "reports/history.h"

/**
 * act_rows_add(tables, source, step, act): Add what the sheets keep of an act of ours in the
 * period, ${act} "<subject>.<verb>": decisions, values against thresholds, rollbacks, evidence,
 * waiting at gates; and count it against its window.
 * act_rows_decides(act): Whether it is a decision or something about an approval.
 * act_rows_key(record, registry, ret): The fingerprint of the key that signed an entry, its
 * principal's own before others; NULL of one that nobody signed.
 */
void act_rows_add(struct tables *tables, struct history_source *source,
                  const struct replay_step *step, const char *act);
bool act_rows_decides(const char *act);
const char *act_rows_key(const struct record *record, const struct registry *registry,
                         char ret[SSHKEY_FINGERPRINT_BYTES]);

#endif
