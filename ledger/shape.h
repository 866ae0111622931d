/* shape - data.mdb looked at before LMDB maps it and trusts it: a page that its meta page counts
 * but the file lacks would end the process.
 */
#ifndef LEDGER_SHAPE_H
#define LEDGER_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/check.h"
#include "ledger/err.h"

struct shape_table {
    const char *name;
    bool needed; /* it does not follow from others */
};

/**
 * shape_head(dir_fd, dir, ret_why): Whether data.mdb in ${dir}, open as ${dir_fd}, may be opened:
 * its meta pages, length and list of tables.  May run beside a writer.
 * shape_tables(dir_fd, dir, tables, count, ret_has, ret_why): Look through each table, page by
 * page, and say which may be read, however the rest is.  Nobody may write meanwhile.
 * Errors: NOT_FOUND (no data.mdb), DAMAGED (of shape_tables: one that is needed), IO.
 */
MUST_CHECK enum err shape_head(int dir_fd, const char *dir, struct err_text *ret_why);
MUST_CHECK enum err shape_tables(int dir_fd, const char *dir, const struct shape_table *tables,
                                 size_t count, bool *ret_has, struct err_text *ret_why);

#endif
