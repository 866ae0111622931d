/* pages_meta - what the pages of data.mdb begin with, and the two meta pages that say where its
 * last commits stand.  Source: as pages.h.
 */
#ifndef LEDGER_PAGES_META_H
#define LEDGER_PAGES_META_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"

#define TREE_INTEGER_KEYS 0x08 /* of a tree's flags */

/* What a page begins with. */
struct page_head {
    uint64_t number;
    uint16_t pad;
    uint16_t flags;
    uint16_t lower; /* end of the node offsets; of an overflow page the two are its page count */
    uint16_t upper; /* begin of the nodes */
};

/* One tree of pages; `pad` of the first of a meta page is the page size. */
struct page_tree {
    uint32_t pad;
    uint16_t flags;
    uint16_t depth;
    uint64_t branches, leaves, overflows; /* pages */
    uint64_t entries;
    uint64_t root;
};

/* What a meta page holds behind its head. */
struct page_meta {
    uint32_t magic;
    uint32_t version;
    uint64_t address;
    uint64_t map_bytes;
    struct page_tree trees[2]; /* of the free pages, and of the tables */
    uint64_t last_page;
    uint64_t txn;
};

/**
 * pages_meta_bytes(fd, offset, data, bytes, ret_why): Read ${bytes} bytes at ${offset} into
 * ${data}.  Errors: DAMAGED (the file has not so many), IO.
 * pages_meta_read(fd, ret_metas, ret_why): Read both meta pages, the newer one first, and check
 * the file's length by it.  Errors: DAMAGED, IO.
 */
MUST_CHECK enum err pages_meta_bytes(int fd, uint64_t offset, void *data, size_t bytes,
                                     struct err_text *ret_why);
MUST_CHECK enum err pages_meta_read(int fd, struct page_meta ret_metas[2],
                                    struct err_text *ret_why);

#endif
