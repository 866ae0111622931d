/* issue - a report that is issued: the ledger says so itself, with the digests of its files. */
#ifndef REPORTS_ISSUE_H
#define REPORTS_ISSUE_H

#include "reports/params.h"

/**
 * issue_heads(dir, ret_why): Have the ledger say where its streams stand, so that the report's size
 * covers that.  Errors: those of ledger_open and heads_make_append.
 * issue_keep(out, files, ret_why): Have the files [{name, ...}] in the directory ${out} on disk
 * before the ledger says that they are there.  Errors: IO.
 * issue_find(registry, sha256): The first report issued that has a file of that digest, borrowed;
 * NULL if there is none.
 * issue_deliver(dir, options, params, files, ret_receipt, ret_why):
 * Record `report.issued` {parameters, files: [{name, sha256, bytes}]}, signed by an admin's key; a
 * reference to ${files} is stolen.  Errors: those of submit_act.
 */
MUST_CHECK enum err issue_heads(const char *dir, struct err_text *ret_why);
MUST_CHECK enum err issue_keep(const char *out, const json_t *files, struct err_text *ret_why);
const struct registry_report *issue_find(const struct registry *registry,
                                         const uint8_t sha256[HASH_BYTES]);
MUST_CHECK enum err issue_deliver(const char *dir, const struct submit_options *options,
                                  const struct params *params, json_t *files, json_t **ret_receipt,
                                  struct err_text *ret_why);

#endif
