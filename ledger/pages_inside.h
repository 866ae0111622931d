/* pages_inside - the pages of one commit under check, as the files that implement pages.h and
 * pages_walk.h see them: a page and its nodes, a value on pages of its own.
 */
#ifndef LEDGER_PAGES_INSIDE_H
#define LEDGER_PAGES_INSIDE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"
#include "ledger/err.h"
#include "ledger/pages.h"
#include "ledger/pages_map.h"
#include "ledger/pages_meta.h"

#define PAGES_BRANCH 0x01 /* of a page's flags */
#define PAGES_LEAF 0x02
#define PAGES_NODE_FAR 0x01  /* of a node's flags: its data is the number of an overflow page */
#define PAGES_NODE_TREE 0x02 /* its data is a struct page_tree */

struct pages_inside {
    int fd;
    size_t page_bytes;
    uint64_t last_page;
    struct pages_map *map; /* owned by the whole check; NULL: pages are read */
    _Atomic uint8_t *seen; /* owned by the whole check: one bit a page */
    struct pages_place place;
    struct err_text *why;
};

/* What a node begins with; the key follows, then in a leaf the data. */
struct pages_node_head {
    uint16_t low, high; /* data length, or with `flags` the child's page number */
    uint16_t flags;
    uint16_t key_bytes;
};

struct pages_key {
    const uint8_t *data; /* NULL: unbounded */
    size_t bytes;
};

/* A node that was found within its page. */
struct pages_node {
    struct pages_node_head head;
    struct pages_key key;
    const uint8_t *data;
    size_t data_bytes;
    uint64_t child;
};

/**
 * pages_inside_bad(inside, page, what): Say what is wrong with a page; gives DAMAGED.
 */
enum err pages_inside_bad(const struct pages_inside *inside, uint64_t page, const char *what);

/**
 * pages_inside_take(inside, page): Take a page as used or free, once.  Errors: DAMAGED.
 */
MUST_CHECK enum err pages_inside_take(const struct pages_inside *inside, uint64_t page);

/**
 * pages_inside_head(inside, number, page, least, ret_head): Check what ${page}, the page ${number},
 * begins with; ret_head->flags say which kind is due, of at least ${least} nodes.  Errors: DAMAGED.
 * pages_inside_node(inside, page, at, ret_node): Read node ${at} of a page whose head is good.
 * Errors: DAMAGED.
 * pages_inside_room(head, node): The bytes that a node takes up.
 */
MUST_CHECK enum err pages_inside_head(const struct pages_inside *inside, uint64_t number,
                                      const uint8_t *page, size_t least,
                                      struct page_head *ret_head);
MUST_CHECK enum err pages_inside_node(const struct pages_inside *inside, const uint8_t *page,
                                      size_t at, struct pages_node *ret_node);
size_t pages_inside_room(const struct page_head *head, const struct pages_node *node);

/**
 * pages_inside_far(inside, node, ret_page, ret_pages):
 * Check and take the run of overflow pages that holds a node's value, which may be longer than that
 * (LMDB writes a shorter one into the same pages); gives its first page, and adds their number to
 * *${ret_pages}.  Errors: DAMAGED, IO.
 */
MUST_CHECK enum err pages_inside_far(const struct pages_inside *inside,
                                     const struct pages_node *node, uint64_t *ret_page,
                                     uint64_t *ret_pages);

#endif
