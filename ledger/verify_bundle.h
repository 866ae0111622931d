/* verify_bundle - `verify` of an evidence bundle of any kind: which kind it is, checked, and told.
 */
#ifndef LEDGER_VERIFY_BUNDLE_H
#define LEDGER_VERIFY_BUNDLE_H

#include <stdbool.h>

#include "ledger/note.h"
#include "ledger/tar_index.h"

/**
 * verify_bundle_run(name, source, key, json):
 * Check the bundle that ${source} is (tar_index_is), by ${key} or, if it is NULL, by the key that
 * it names itself, and print what it shows; on a terminal with progress.  ${name} is the command's,
 * for complaints.  Gives the exit code (1: it does not hold).
 */
int verify_bundle_run(const char *name, const struct tar_source *source, const struct note_key *key,
                      bool json);

#endif
