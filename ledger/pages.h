/* pages - the shape of data.mdb, LMDB's file, checked without LMDB, which trusts what it maps.
 * Source: the data format of LMDB 0.9 (version 1), 64-bit, in the machine's byte order.
 */
#ifndef LEDGER_PAGES_H
#define LEDGER_PAGES_H

#include "ledger/check.h"
#include "ledger/err.h"

/**
 * pages_check_head(fd, ret_why):
 * Check the two meta pages of the open file ${fd}, and that it is as long as the newest says.
 * Errors: DAMAGED, IO.
 */
MUST_CHECK enum err pages_check_head(int fd, struct err_text *ret_why);

#endif
