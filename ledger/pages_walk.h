/* pages_walk - rows of data.mdb in their order, read without LMDB: the leaves that hold them are
 * checked as they come by, and so are looked at once.  Of tables whose keys are one big-endian u64.
 */
#ifndef LEDGER_PAGES_WALK_H
#define LEDGER_PAGES_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"

#define PAGES_WALK_TABLES_MAX 4

struct pages_walk;
struct pages_inside;
struct page_tree;

/**
 * A pages_row_fn takes the row of key ${number}; its value is borrowed until the walk is freed.
 * Gives false where it is not the row that is due.
 */
typedef bool pages_row_fn(void *ctx, uint64_t number, const uint8_t *value, size_t value_bytes);

/* Rows of one table. */
struct pages_range {
    size_t table;  /* as it stands in the list of tables */
    uint64_t from; /* the first key */
    uint64_t to;   /* one behind the last key; 0: up to the end */
    pages_row_fn *row;
    void *ctx;
};

/**
 * pages_walk_new(tables, count): Tables, at most PAGES_WALK_TABLES_MAX, that pages_check
 * (pages_how's `walk`) is to check without their leaves and overflow pages.  ${tables} is borrowed.
 * pages_walk_free(walk): NULL is fine.
 */
struct pages_walk *pages_walk_new(const char *const tables[], size_t count);
void pages_walk_free(struct pages_walk *walk);

/**
 * pages_walk_rows(walk, range, ret_why):
 * Give the rows of ${range}, in order, and check the pages that they are in, after pages_check, and
 * while a reader holds its commit.  Each row must be asked for once.  Any thread.
 * Errors: DAMAGED (also: a row was refused), IO.
 */
MUST_CHECK enum err pages_walk_rows(struct pages_walk *walk, const struct pages_range *range,
                                    struct err_text *ret_why);

/**
 * pages_walk_end(walk, ret_why): Whether all the rows and pages came by that the tables should
 * have: then the shape of the commit is as good as if pages_check had seen to all of it.
 * Errors: DAMAGED.
 */
MUST_CHECK enum err pages_walk_end(const struct pages_walk *walk, struct err_text *ret_why);

/**
 * pages_walk_leaves(walk, table, tree): For pages_check: whether the leaves of ${table} are left to
 * this walk, by its ${tree}.  False if ${walk} is NULL.
 * pages_walk_keep(walk, inside): For pages_check: take over its map, and which pages it has seen.
 */
bool pages_walk_leaves(struct pages_walk *walk, const char *table, const struct page_tree *tree);
void pages_walk_keep(struct pages_walk *walk, struct pages_inside *inside);

#endif
