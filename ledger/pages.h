/* pages - the shape of data.mdb, LMDB's file, checked without LMDB, which trusts what it maps.
 * Source: the data format of LMDB 0.9 (version 1), 64-bit, in the machine's byte order: meta pages,
 * B+ trees of branch, leaf and overflow pages, and the tree that lists the free pages.
 */
#ifndef LEDGER_PAGES_H
#define LEDGER_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"

#define PAGES_TABLE_BYTES 16 /* the name of a table, with its NUL */

struct pages_walk;

/* Where the shape is wrong. */
struct pages_place {
    char table[PAGES_TABLE_BYTES]; /* "" outside of all tables */
    uint64_t row;                  /* rows of that table that come before */
};

/* How the pages are gone through. */
struct pages_how {
    unsigned threads;        /* 0: one a core */
    bool (*stop)(void *ctx); /* asked now and then, from any thread, whether to give up; or NULL */
    void *ctx;
    const char *without; /* this table is not looked at, and then not to be read; NULL: all are */
    struct pages_walk *walk; /* it looks at the leaves of its tables (pages_walk.h); NULL */
};

/**
 * pages_check_head(fd, ret_why):
 * Check the two meta pages of the open file ${fd}, that it is as long as the newest says, and the
 * tree of tables, but not the tables.  May run beside a writer.  Errors: DAMAGED, IO.
 */
MUST_CHECK enum err pages_check_head(int fd, struct err_text *ret_why);

/**
 * pages_check(fd, txn, how, ret_place, ret_why):
 * Check every page of the commit ${txn}: each in one place, in order, within its bounds, none both
 * free and in use.  A reader of that commit must hold it
 * while this runs.  *${ret_place} is written with DAMAGED.  Cost: reads all pages but the insides
 * of overflow pages. Errors: DAMAGED, IO, BUSY (it is none of the last two commits; told to stop).
 */
MUST_CHECK enum err pages_check(int fd, uint64_t txn, const struct pages_how *how,
                                struct pages_place *ret_place, struct err_text *ret_why);

/**
 * pages_check_table(fd, table, ret_place, ret_why):
 * Check every page of one table of the last commit, whatever stands in the others.  Nobody may
 * write meanwhile.  *${ret_place} is written with DAMAGED.  Errors: DAMAGED (also if there is no
 * such table), IO.
 */
MUST_CHECK enum err pages_check_table(int fd, const char *table, struct pages_place *ret_place,
                                      struct err_text *ret_why);

#endif
