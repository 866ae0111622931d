#include "ledger/pages.h"

#include <endian.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"
#include "ledger/pages_inside.h"
#include "ledger/pages_walk.h"
#include "ledger/pool.h"

#define PAGE_NONE UINT64_MAX
#define DEPTH_MAX 32
#define TABLES_MAX 16 /* tables that are checked beside each other */
#define PAGES_FEW 128 /* so few pages are not worth a second thread */
#define LOOK_PAGES 64 /* pages between two questions whether to stop */
#define TRIES 10      /* times to look again when a writer was about */

/* A check under way. */
struct check {
    struct pages_inside pages;
    bool deep;           /* tables too */
    const char *only;    /* this table alone, whatever stands elsewhere; NULL: all */
    bool met;            /* `only` was there */
    struct later *later; /* where tables are put by, to be checked beside each other; NULL */
    const struct pages_how *how;
};

/* Tables that were found, to be checked beside each other. */
struct later {
    struct check *check;
    size_t count;
    struct {
        struct page_tree due;
        bool branches;
    } tables[TABLES_MAX];
};

/* One tree under check. */
struct tree {
    struct check *check;
    struct page_tree due; /* what it says of itself */
    struct page_tree got; /* what was found */
    bool free_list;       /* keys are integers, data are lists of free pages */
    bool tables;          /* data are trees */
    bool branches;        /* its leaves are left to a walk */
    unsigned loaded;      /* pages */
    uint8_t *pages;       /* owned while it is checked: one for each level */
};

static enum err bad(const struct check *check, uint64_t page, const char *what)
{
    return pages_inside_bad(&check->pages, page, what);
}

static int key_compare(const struct tree *tree, const struct pages_key *a,
                       const struct pages_key *b)
{
    if (tree->free_list) {
        uint64_t left = 0, right = 0;
        memcpy(&left, a->data, sizeof(left));
        memcpy(&right, b->data, sizeof(right));
        return left < right ? -1 : left > right;
    }
    if (a->bytes == 8 && b->bytes == 8) { /* most are numbers */
        uint64_t left = 0, right = 0;
        memcpy(&left, a->data, sizeof(left));
        memcpy(&right, b->data, sizeof(right));
        return be64toh(left) < be64toh(right) ? -1 : left != right;
    }
    int order = memcmp(a->data, b->data, a->bytes < b->bytes ? a->bytes : b->bytes);
    return order != 0 ? order : a->bytes < b->bytes ? -1 : a->bytes > b->bytes;
}

/* Gives a page where it is mapped, or read into ${room}. */
static enum err page_load(struct tree *tree, uint64_t number, uint8_t *room,
                          const uint8_t **ret_page)
{
    struct pages_inside *pages = &tree->check->pages;
    const struct pages_how *how = tree->check->how;
    if (tree->loaded++ % LOOK_PAGES == 0 && how->stop != NULL && how->stop(how->ctx))
        return err_say(pages->why, ERR_BUSY, "it was stopped");
    const uint64_t offset = number * pages->page_bytes;
    *ret_page = pages_map_at(pages->map, offset, pages->page_bytes);
    if (*ret_page != NULL)
        return ERR_OK;
    *ret_page = room;
    return pages_meta_bytes(pages->fd, offset, room, pages->page_bytes, pages->why);
}

/* Checks a list of free pages: its length, then the pages from the last to the first. */
static enum err free_check(struct tree *tree, uint64_t page, const uint8_t *list, size_t bytes)
{
    uint64_t count = 0, before = PAGE_NONE;
    enum err err = ERR_OK;
    if (bytes >= sizeof(count))
        memcpy(&count, list, sizeof(count));
    if (bytes < sizeof(count) || count != bytes / sizeof(count) - 1)
        return bad(tree->check, page, "its list of free pages has no such length");
    for (uint64_t i = 1; err == ERR_OK && i <= count; i++) {
        uint64_t number;
        memcpy(&number, list + i * sizeof(number), sizeof(number));
        if (number >= before)
            return bad(tree->check, page, "its list of free pages is not in order");
        before = number;
        err = pages_inside_take(&tree->check->pages, number);
    }
    return err;
}

static enum err tree_check(struct tree *tree);

static bool is_table(const struct pages_node *node, const char *table)
{
    return node->key.bytes == strlen(table) && memcmp(node->key.data, table, node->key.bytes) == 0;
}

/* Checks the tree of one table, which a leaf of the tree of tables describes. */
static enum err table_check(struct tree *tree, uint64_t page, const struct pages_node *node)
{
    struct check *check = tree->check;
    struct tree table = {.check = check};
    if ((check->only != NULL && !is_table(node, check->only)) ||
        (check->how->without != NULL && is_table(node, check->how->without)))
        return ERR_OK;
    check->met = true;
    if (node->head.flags != PAGES_NODE_TREE || node->data_bytes != sizeof(table.due) ||
        node->key.bytes == 0 || node->key.bytes >= PAGES_TABLE_BYTES)
        return bad(check, page, "it describes no table");
    memcpy(&table.due, node->data, sizeof(table.due));
    if (table.due.flags != 0)
        return bad(check, page, "it describes a table of another kind");
    if (!check->deep)
        return ERR_OK;
    char *name = check->pages.place.table;
    memset(&check->pages.place, 0, sizeof(check->pages.place));
    memcpy(name, node->key.data, node->key.bytes);
    table.branches = pages_walk_leaves(check->how->walk, name, &table.due);
    struct later *later = check->later;
    if (later != NULL && later->count < TABLES_MAX) {
        later->tables[later->count].branches = table.branches;
        later->tables[later->count++].due = table.due;
        memset(&check->pages.place, 0, sizeof(check->pages.place));
        return ERR_OK;
    }
    enum err err = tree_check(&table);
    if (err == ERR_OK)
        memset(&check->pages.place, 0, sizeof(check->pages.place));
    return err;
}

static enum err leaf_check(struct tree *tree, uint64_t page, const struct pages_node *node)
{
    struct check *check = tree->check;
    uint64_t far = page;
    uint8_t *list = NULL;
    enum err err = ERR_OK;
    tree->got.entries++;
    if (tree->tables)
        return table_check(tree, page, node);
    if ((node->head.flags & ~PAGES_NODE_FAR) != 0)
        return bad(check, page, "a node is of another kind");
    bool is_far = (node->head.flags & PAGES_NODE_FAR) != 0;
    if (is_far)
        err = pages_inside_far(&check->pages, node, &far, &tree->got.overflows);
    if (err == ERR_OK && tree->free_list && is_far) {
        list = mem_alloc(node->data_bytes);
        err = pages_meta_bytes(check->pages.fd,
                               far * check->pages.page_bytes + sizeof(struct page_head), list,
                               node->data_bytes, check->pages.why);
    }
    if (err == ERR_OK && tree->free_list)
        err = free_check(tree, far, is_far ? list : node->data, node->data_bytes);
    free(list);
    check->pages.place.row++;
    return err;
}

/* A page on the way down, and the keys that bound what stands below it. */
struct step {
    uint64_t number;
    unsigned level; /* 1: the root */
    struct pages_key from, to;
};

static enum err page_check(struct tree *tree, const struct step *step);

/* Checks the order of a node's key: behind the one before it, the first not before the page's lower
 * bound, the last before its upper one. */
static enum err key_check(struct tree *tree, const struct step *step, const struct pages_node *node,
                          bool last, struct pages_key *before)
{
    struct check *check = tree->check;
    if (tree->free_list && node->key.bytes != sizeof(uint64_t))
        return bad(check, step->number, "a key has no such length");
    bool first = before->data == NULL;
    if ((!first && key_compare(tree, &node->key, before) <= 0) ||
        (first && step->from.data != NULL && key_compare(tree, &node->key, &step->from) < 0) ||
        (last && step->to.data != NULL && key_compare(tree, &node->key, &step->to) >= 0))
        return bad(check, step->number, "its keys are not in order");
    *before = node->key;
    return ERR_OK;
}

/* Has the processor fetch what the nodes of a page begin with, all at once rather than one after
 * the other: most of the cost of a page that was not looked at for long. */
static void nodes_fetch(const struct pages_inside *pages, uint64_t number)
{
    const uint8_t *page = pages_map_at(pages->map, number * pages->page_bytes, pages->page_bytes);
    struct page_head head;
    if (page == NULL)
        return;
    memcpy(&head, page, sizeof(head));
    size_t end = head.lower < pages->page_bytes ? head.lower : pages->page_bytes;
    for (size_t at = sizeof(head); at + sizeof(uint16_t) <= end; at += sizeof(uint16_t)) {
        uint16_t offset;
        memcpy(&offset, page + at, sizeof(offset));
        if (offset < pages->page_bytes)
            __builtin_prefetch(page + offset);
    }
}

static enum err nodes_check(struct tree *tree, const struct step *step, const uint8_t *page,
                            const struct page_head *head)
{
    const struct pages_inside *pages = &tree->check->pages;
    struct pages_key before = {0};
    const bool leaf = head->flags == PAGES_LEAF;
    size_t count = (head->lower - sizeof(*head)) / 2, room = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct pages_node node, next;
        err = pages_inside_node(pages, page, i, &node);
        if (err == ERR_OK && (leaf || i > 0))
            err = key_check(tree, step, &node, i + 1 == count, &before);
        if (err != ERR_OK)
            return err;
        room += pages_inside_room(head, &node);
        if (leaf) {
            err = leaf_check(tree, step->number, &node);
            continue;
        }
        struct step below = {.number = node.child, .level = step->level + 1, .to = step->to};
        below.from = i > 0 ? node.key : step->from;
        if (i + 1 < count) {
            err = pages_inside_node(pages, page, i + 1, &next);
            below.to = next.key;
            if (err == ERR_OK && below.level == tree->due.depth && !tree->branches)
                nodes_fetch(pages, next.child);
        }
        if (err == ERR_OK)
            err = page_check(tree, &below);
    }
    if (err == ERR_OK && room != pages->page_bytes - head->upper)
        err = bad(tree->check, step->number, "its nodes do not fill it as they say");
    return err;
}

static enum err page_check(struct tree *tree, const struct step *step)
{
    const bool leaf = step->level == tree->due.depth;
    struct page_head head = {.flags = leaf ? PAGES_LEAF : PAGES_BRANCH};
    /* Each level has its page: the keys above bound those below. */
    uint8_t *room = tree->pages + (step->level - 1) * tree->check->pages.page_bytes;
    const uint8_t *page = NULL;
    *(leaf ? &tree->got.leaves : &tree->got.branches) += 1;
    enum err err = pages_inside_take(&tree->check->pages, step->number);
    if (err != ERR_OK || (leaf && tree->branches))
        return err;
    err = page_load(tree, step->number, room, &page);
    if (err == ERR_OK)
        err = pages_inside_head(&tree->check->pages, step->number, page,
                                leaf || tree->free_list ? 1 : 2, &head);
    if (err == ERR_OK)
        err = nodes_check(tree, step, page, &head);
    return err;
}

static enum err tree_check(struct tree *tree)
{
    const struct page_tree *due = &tree->due, *got = &tree->got;
    if (due->root == PAGE_NONE && due->depth == 0 && due->entries == 0)
        return ERR_OK;
    if (due->depth == 0 || due->depth > DEPTH_MAX)
        return bad(tree->check, due->root, "its tree has no such depth");
    const struct step step = {.number = due->root, .level = 1};
    tree->pages = mem_alloc(due->depth * tree->check->pages.page_bytes);
    enum err err = page_check(tree, &step);
    free(tree->pages);
    tree->pages = NULL;
    bool whole = due->branches == got->branches && due->leaves == got->leaves;
    if (!tree->branches)
        whole = whole && due->overflows == got->overflows && due->entries == got->entries;
    if (err == ERR_OK && !whole)
        err = bad(tree->check, due->root, "its tree has not the pages and rows that it says");
    return err;
}

/* A pool_work_fn: one table that was put by. */
static enum err later_check(void *ctx, uint64_t index)
{
    const struct later *later = ctx;
    struct err_text why;
    struct check check = *later->check;
    struct tree table = {.check = &check,
                         .due = later->tables[index].due,
                         .branches = later->tables[index].branches};
    check.pages.why = &why;
    check.later = NULL;
    return tree_check(&table);
}

static enum err tables_check(struct check *check, const struct page_meta *meta)
{
    struct tree tables = {.check = check, .due = meta->trees[1], .tables = true};
    struct later later = {.check = check};
    if (check->how->threads == 1 || !check->deep || check->only != NULL ||
        meta->last_page < PAGES_FEW)
        return tree_check(&tables);
    check->later = &later;
    enum err err = tree_check(&tables);
    check->later = NULL;
    if (err != ERR_OK)
        return err;
    struct pool *pool = pool_new(check->how->threads);
    err = pool_each(pool, later.count, later_check, NULL, &later);
    pool_free(pool);
    if (err != ERR_DAMAGED)
        return err == ERR_OK
                   ? err
                   : err_say(check->pages.why, err, "its pages cannot be read: %s", err_text(err));
    /* What is wrong, and where first, is found again in order. */
    for (uint64_t i = 0; i <= meta->last_page / 8; i++)
        check->pages.seen[i] = 0;
    memset(&tables.got, 0, sizeof(tables.got));
    return tree_check(&tables);
}

static enum err meta_check(struct check *check, const struct page_meta *meta)
{
    struct tree free_list = {.check = check, .due = meta->trees[0], .free_list = true};
    struct pages_inside *pages = &check->pages;
    const struct pages_how *how = check->how;
    pages->page_bytes = meta->trees[0].pad;
    pages->last_page = meta->last_page;
    pages->seen = mem_zero(meta->last_page / 8 + 1, 1);
    if (check->deep && check->only == NULL && (how->walk != NULL || meta->last_page >= PAGES_FEW))
        pages->map = pages_map_new(pages->fd, (meta->last_page + 1) * pages->page_bytes);
    enum err err = tables_check(check, meta);
    if (err == ERR_OK && check->deep && check->only == NULL)
        err = tree_check(&free_list);
    if (err == ERR_OK && how->walk != NULL)
        pages_walk_keep(how->walk, pages);
    pages_map_free(pages->map);
    pages->map = NULL;
    free(pages->seen);
    pages->seen = NULL;
    return err;
}

static const struct pages_how alone = {.threads = 1};

enum err pages_check_head(int fd, struct err_text *ret_why)
{
    struct page_meta metas[2] = {0};
    for (int i = 0;; i++) {
        struct check check = {.pages = {.fd = fd, .why = ret_why}, .how = &alone};
        enum err err = pages_meta_read(fd, metas, ret_why);
        if (err != ERR_OK)
            return err;
        uint64_t txn = metas[0].txn;
        err = meta_check(&check, &metas[0]);
        /* A writer may have put another page there, once it had committed. */
        if (err == ERR_OK || i == TRIES || pages_meta_read(fd, metas, NULL) != ERR_OK ||
            metas[0].txn == txn)
            return err;
    }
}

enum err pages_check(int fd, uint64_t txn, const struct pages_how *how,
                     struct pages_place *ret_place, struct err_text *ret_why)
{
    struct page_meta metas[2] = {0};
    struct check check = {.pages = {.fd = fd, .why = ret_why}, .deep = true, .how = how};
    memset(ret_place, 0, sizeof(*ret_place));
    enum err err = pages_meta_read(fd, metas, ret_why);
    if (err != ERR_OK)
        return err;
    const struct page_meta *meta = metas[0].txn == txn ? &metas[0] : &metas[1];
    if (meta->txn != txn)
        return err_say(ret_why, ERR_BUSY, "others write too fast");
    err = meta_check(&check, meta);
    if (err == ERR_DAMAGED)
        *ret_place = check.pages.place;
    return err;
}

enum err pages_check_table(int fd, const char *table, struct pages_place *ret_place,
                           struct err_text *ret_why)
{
    struct page_meta metas[2] = {0};
    struct check check = {
        .pages = {.fd = fd, .why = ret_why}, .deep = true, .only = table, .how = &alone};
    memset(ret_place, 0, sizeof(*ret_place));
    enum err err = pages_meta_read(fd, metas, ret_why);
    if (err == ERR_OK)
        err = meta_check(&check, &metas[0]);
    if (err == ERR_OK && !check.met)
        err = err_say(ret_why, ERR_DAMAGED, "it has no table %s", table);
    if (err == ERR_DAMAGED)
        *ret_place = check.pages.place;
    return err;
}
