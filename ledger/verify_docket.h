/* verify_docket - `verify` of an evidence bundle of whole streams: checked, and told to people and
 * programs.
 */
#ifndef LEDGER_VERIFY_DOCKET_H
#define LEDGER_VERIFY_DOCKET_H

#include <stdbool.h>

#include "ledger/buf.h"
#include "ledger/docket_check.h"
#include "ledger/err.h"

/**
 * verify_docket_tell(source, index, options, json, text, ret_why):
 * Check the bundle (docket_check_whole) and append what it shows, for people or with ${json} as one
 * object, then also if it does not hold.  *${index} is taken.  Errors: PROOF (it does not hold,
 * with the reason), IO, BUSY (it was to end).
 */
MUST_CHECK enum err verify_docket_tell(const struct tar_source *source, struct tar_index *index,
                                       const struct docket_options *options, bool json,
                                       struct buf *text, struct err_text *ret_why);

#endif
