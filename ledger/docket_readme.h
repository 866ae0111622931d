/* docket_readme - what an evidence bundle of whole streams says for people: what it holds, and how
 * it is checked with tools that everybody has.  Pure.
 */
#ifndef LEDGER_DOCKET_README_H
#define LEDGER_DOCKET_README_H

#include "ledger/docket.h"
#include "ledger/registry.h"

/**
 * docket_readme_add(plan, registry, last, buf):
 * Append README.txt of a bundle whose checkpoint ends with the entry ${last}.  Its lines that begin
 * with | are one bash script, which needs coreutils, ssh-keygen and openssl, and ends well if all
 * it checks holds.
 */
void docket_readme_add(const struct docket_plan *plan, const struct registry *registry,
                       const struct entry *last, struct buf *buf);

#endif
