#include "ledger/pages.h"

#include <endian.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"
#include "ledger/pages_map.h"
#include "ledger/pages_meta.h"
#include "ledger/pool.h"

#define PAGE_NONE UINT64_MAX
#define PAGE_BRANCH 0x01
#define PAGE_LEAF 0x02
#define PAGE_OVERFLOW 0x04
#define NODE_FAR 0x01  /* its data is the number of an overflow page */
#define NODE_TREE 0x02 /* its data is a struct page_tree */
#define DEPTH_MAX 32
#define KEY_BYTES_MAX 511
#define TABLES_MAX 16 /* tables that are checked beside each other */
#define PAGES_FEW 128 /* so few pages are not worth a second thread */
#define LOOK_PAGES 64 /* pages between two questions whether to stop */
#define TRIES 10      /* times to look again when a writer was about */

/* What a node begins with; the key follows, then in a leaf the data. */
struct page_node {
    uint16_t low, high; /* data length, or with `flags` the child's page number */
    uint16_t flags;
    uint16_t key_bytes;
};

struct key {
    const uint8_t *data; /* NULL: unbounded */
    size_t bytes;
};

/* A check under way. */
struct check {
    int fd;
    bool deep;        /* tables too */
    const char *only; /* this table alone, whatever stands elsewhere; NULL: all */
    bool met;         /* `only` was there */
    size_t page_bytes;
    uint64_t last_page;
    struct pages_map *map; /* owned by the whole check; NULL: pages are read */
    _Atomic uint8_t *seen; /* owned by the whole check: one bit a page */
    struct later *later;   /* where tables are put by, to be checked beside each other; NULL */
    const struct pages_how *how;
    struct pages_place place;
    struct err_text *why;
};

/* Tables that were found, to be checked beside each other. */
struct later {
    struct check *check;
    size_t count;
    struct {
        char name[PAGES_TABLE_BYTES];
        struct page_tree due;
    } tables[TABLES_MAX];
};

/* One tree under check. */
struct tree {
    struct check *check;
    struct page_tree due; /* what it says of itself */
    struct page_tree got; /* what was found */
    bool free_list;       /* keys are integers, data are lists of free pages */
    bool tables;          /* data are trees */
    unsigned loaded;      /* pages */
    uint8_t *pages;       /* owned while it is checked: one for each level */
};

/* A node that was found within its page. */
struct node {
    struct page_node head;
    struct key key;
    const uint8_t *data;
    size_t data_bytes;
    uint64_t child;
};

static enum err bad(struct check *check, uint64_t page, const char *what)
{
    const char *table = check->place.table;
    return err_say(check->why, ERR_DAMAGED, "%s%spage %llu: %s", table,
                   table[0] != '\0' ? ", " : "", (unsigned long long)page, what);
}

/* Takes a page as used or free, once. */
static enum err page_take(struct check *check, uint64_t page)
{
    if (page < 2 || page > check->last_page)
        return bad(check, page, "it is not within the file");
    uint8_t bit = (uint8_t)(1u << (page % 8));
    if ((atomic_fetch_or_explicit(&check->seen[page / 8], bit, memory_order_relaxed) & bit) != 0)
        return bad(check, page, "it stands in two places");
    return ERR_OK;
}

static int key_compare(const struct tree *tree, const struct key *a, const struct key *b)
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
                          const uint8_t **ret_page, struct page_head *ret_head)
{
    struct check *check = tree->check;
    enum err err = page_take(check, number);
    if (err != ERR_OK)
        return err;
    if (tree->loaded++ % LOOK_PAGES == 0 && check->how->stop != NULL &&
        check->how->stop(check->how->ctx))
        return err_say(check->why, ERR_BUSY, "it was stopped");
    const uint8_t *page = pages_map_at(check->map, number * check->page_bytes, check->page_bytes);
    if (page == NULL) {
        err = pages_meta_bytes(check->fd, number * check->page_bytes, room, check->page_bytes,
                               check->why);
        page = room;
    }
    if (err != ERR_OK)
        return err;
    *ret_page = page;
    memcpy(ret_head, page, sizeof(*ret_head));
    if (ret_head->number != number)
        return bad(check, number, "it has another's number");
    return ERR_OK;
}

/* Reads node ${at} of a page whose offsets are within it. */
static enum err node_read(struct tree *tree, const uint8_t *page, size_t at, struct node *ret)
{
    struct check *check = tree->check;
    struct page_head head;
    uint16_t offset;
    memcpy(&head, page, sizeof(head));
    memcpy(&offset, page + sizeof(head) + 2 * at, sizeof(offset));
    if (offset < head.upper || (size_t)offset + sizeof(ret->head) > check->page_bytes)
        return bad(check, head.number, "a node is not within it");
    size_t left = check->page_bytes - offset - sizeof(ret->head);
    memcpy(&ret->head, page + offset, sizeof(ret->head));
    ret->key = (struct key){page + offset + sizeof(ret->head), ret->head.key_bytes};
    if (ret->key.bytes > left || ret->key.bytes > KEY_BYTES_MAX)
        return bad(check, head.number, "a key is not within it");
    ret->data = ret->key.data + ret->key.bytes;
    left -= ret->key.bytes;
    uint64_t low = ret->head.low, high = ret->head.high, flags = ret->head.flags;
    ret->child = low | high << 16 | flags << 32;
    ret->data_bytes = (size_t)(low | high << 16);
    size_t stored = (flags & NODE_FAR) != 0 ? sizeof(uint64_t) : ret->data_bytes;
    if ((head.flags & PAGE_LEAF) != 0 && stored > left)
        return bad(check, head.number, "a value is not within it");
    return ERR_OK;
}

static size_t node_room(const struct page_head *page, const struct node *node)
{
    size_t bytes = sizeof(node->head) + node->key.bytes;
    if ((page->flags & PAGE_LEAF) != 0)
        bytes += (node->head.flags & NODE_FAR) != 0 ? sizeof(uint64_t) : node->data_bytes;
    return bytes + bytes % 2;
}

/* Checks a run of overflow pages, which may be longer than its value (LMDB writes a shorter one
 * into the same pages); gives its first page's number. */
static enum err far_check(struct tree *tree, const struct node *node, uint64_t *ret_page)
{
    struct check *check = tree->check;
    struct page_head head;
    uint32_t pages;
    uint64_t first, due = (sizeof(head) - 1 + node->data_bytes) / check->page_bytes + 1;
    memcpy(&first, node->data, sizeof(first));
    if (first < 2 || first > check->last_page)
        return bad(check, first, "it is not within the file");
    enum err err =
        pages_meta_bytes(check->fd, first * check->page_bytes, &head, sizeof(head), check->why);
    if (err != ERR_OK)
        return err;
    memcpy(&pages, &head.lower, sizeof(pages));
    if (head.number != first || head.flags != PAGE_OVERFLOW || pages < due ||
        pages > check->last_page - first + 1)
        return bad(check, first, "it is not the value that stands there");
    for (uint64_t i = 0; err == ERR_OK && i < pages; i++)
        err = page_take(check, first + i);
    tree->got.overflows += pages;
    *ret_page = first;
    return err;
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
        err = page_take(tree->check, number);
    }
    return err;
}

static enum err tree_check(struct tree *tree);

static bool is_table(const struct node *node, const char *table)
{
    return node->key.bytes == strlen(table) && memcmp(node->key.data, table, node->key.bytes) == 0;
}

/* Checks the tree of one table, which a leaf of the tree of tables describes. */
static enum err table_check(struct tree *tree, uint64_t page, const struct node *node)
{
    struct check *check = tree->check;
    struct tree table = {.check = check};
    if ((check->only != NULL && !is_table(node, check->only)) ||
        (check->how->without != NULL && is_table(node, check->how->without)))
        return ERR_OK;
    check->met = true;
    if (node->head.flags != NODE_TREE || node->data_bytes != sizeof(table.due) ||
        node->key.bytes == 0 || node->key.bytes >= PAGES_TABLE_BYTES)
        return bad(check, page, "it describes no table");
    memcpy(&table.due, node->data, sizeof(table.due));
    if (table.due.flags != 0)
        return bad(check, page, "it describes a table of another kind");
    if (!check->deep)
        return ERR_OK;
    struct later *later = check->later;
    if (later != NULL && later->count < TABLES_MAX) {
        memcpy(later->tables[later->count].name, node->key.data, node->key.bytes);
        later->tables[later->count++].due = table.due;
        return ERR_OK;
    }
    memset(&check->place, 0, sizeof(check->place));
    memcpy(check->place.table, node->key.data, node->key.bytes);
    enum err err = tree_check(&table);
    if (err == ERR_OK)
        memset(&check->place, 0, sizeof(check->place));
    return err;
}

static enum err leaf_check(struct tree *tree, uint64_t page, const struct node *node)
{
    struct check *check = tree->check;
    uint64_t far = page;
    uint8_t *list = NULL;
    enum err err = ERR_OK;
    tree->got.entries++;
    if (tree->tables)
        return table_check(tree, page, node);
    if ((node->head.flags & ~NODE_FAR) != 0)
        return bad(check, page, "a node is of another kind");
    bool is_far = (node->head.flags & NODE_FAR) != 0;
    if (is_far)
        err = far_check(tree, node, &far);
    if (err == ERR_OK && tree->free_list && is_far) {
        list = mem_alloc(node->data_bytes);
        err = pages_meta_bytes(check->fd, far * check->page_bytes + sizeof(struct page_head), list,
                               node->data_bytes, check->why);
    }
    if (err == ERR_OK && tree->free_list)
        err = free_check(tree, far, is_far ? list : node->data, node->data_bytes);
    free(list);
    check->place.row++;
    return err;
}

/* A page on the way down, and the keys that bound what stands below it. */
struct step {
    uint64_t number;
    unsigned level; /* 1: the root */
    struct key from, to;
};

static enum err page_check(struct tree *tree, const struct step *step);

static enum err head_check(struct tree *tree, const struct step *step, const struct page_head *head)
{
    struct check *check = tree->check;
    bool leaf = step->level == tree->due.depth;
    size_t least = leaf || tree->free_list ? 1 : 2;
    if (head->flags != (leaf ? PAGE_LEAF : PAGE_BRANCH))
        return bad(check, step->number, "it is of another kind");
    if (head->lower < sizeof(*head) + 2 * least || head->lower % 2 != 0 ||
        head->lower > head->upper || head->upper > check->page_bytes)
        return bad(check, step->number, "its bounds make no sense");
    *(leaf ? &tree->got.leaves : &tree->got.branches) += 1;
    return ERR_OK;
}

/* Checks the order of a node's key: behind the one before it, the first not before the page's lower
 * bound, the last before its upper one. */
static enum err key_check(struct tree *tree, const struct step *step, const struct node *node,
                          bool last, struct key *before)
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
static void nodes_fetch(const struct check *check, uint64_t number)
{
    const uint8_t *page = pages_map_at(check->map, number * check->page_bytes, check->page_bytes);
    struct page_head head;
    if (page == NULL)
        return;
    memcpy(&head, page, sizeof(head));
    size_t end = head.lower < check->page_bytes ? head.lower : check->page_bytes;
    for (size_t at = sizeof(head); at + sizeof(uint16_t) <= end; at += sizeof(uint16_t)) {
        uint16_t offset;
        memcpy(&offset, page + at, sizeof(offset));
        if (offset < check->page_bytes)
            __builtin_prefetch(page + offset);
    }
}

static enum err nodes_check(struct tree *tree, const struct step *step, const uint8_t *page)
{
    struct page_head head;
    struct key before = {0};
    memcpy(&head, page, sizeof(head));
    bool leaf = head.flags == PAGE_LEAF;
    size_t count = (head.lower - sizeof(head)) / 2, room = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct node node, next;
        err = node_read(tree, page, i, &node);
        if (err == ERR_OK && (leaf || i > 0))
            err = key_check(tree, step, &node, i + 1 == count, &before);
        if (err != ERR_OK)
            return err;
        room += node_room(&head, &node);
        if (leaf) {
            err = leaf_check(tree, step->number, &node);
            continue;
        }
        struct step below = {.number = node.child, .level = step->level + 1, .to = step->to};
        below.from = i > 0 ? node.key : step->from;
        if (i + 1 < count) {
            err = node_read(tree, page, i + 1, &next);
            below.to = next.key;
            if (err == ERR_OK && below.level == tree->due.depth)
                nodes_fetch(tree->check, next.child);
        }
        if (err == ERR_OK)
            err = page_check(tree, &below);
    }
    if (err == ERR_OK && room != tree->check->page_bytes - head.upper)
        err = bad(tree->check, step->number, "its nodes do not fill it as they say");
    return err;
}

static enum err page_check(struct tree *tree, const struct step *step)
{
    struct page_head head;
    /* Each level has its page: the keys above bound those below. */
    uint8_t *room = tree->pages + (step->level - 1) * tree->check->page_bytes;
    const uint8_t *page = NULL;
    enum err err = page_load(tree, step->number, room, &page, &head);
    if (err == ERR_OK)
        err = head_check(tree, step, &head);
    if (err == ERR_OK)
        err = nodes_check(tree, step, page);
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
    tree->pages = mem_alloc(due->depth * tree->check->page_bytes);
    enum err err = page_check(tree, &step);
    free(tree->pages);
    tree->pages = NULL;
    if (err == ERR_OK && (due->branches != got->branches || due->leaves != got->leaves ||
                          due->overflows != got->overflows || due->entries != got->entries))
        err = bad(tree->check, due->root, "its tree has not the pages and rows that it says");
    return err;
}

/* A pool_work_fn: one table that was put by. */
static enum err later_check(void *ctx, uint64_t index)
{
    const struct later *later = ctx;
    struct err_text why;
    struct check check = *later->check;
    struct tree table = {.check = &check, .due = later->tables[index].due};
    check.why = &why;
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
                   : err_say(check->why, err, "its pages cannot be read: %s", err_text(err));
    /* What is wrong, and where first, is found again in order. */
    for (uint64_t i = 0; i <= meta->last_page / 8; i++)
        check->seen[i] = 0;
    memset(&tables.got, 0, sizeof(tables.got));
    return tree_check(&tables);
}

static enum err meta_check(struct check *check, const struct page_meta *meta)
{
    struct tree free_list = {.check = check, .due = meta->trees[0], .free_list = true};
    check->page_bytes = meta->trees[0].pad;
    check->last_page = meta->last_page;
    check->seen = mem_zero(meta->last_page / 8 + 1, 1);
    if (check->deep && check->only == NULL && meta->last_page >= PAGES_FEW)
        check->map = pages_map_new(check->fd, (meta->last_page + 1) * check->page_bytes);
    enum err err = tables_check(check, meta);
    if (err == ERR_OK && check->deep && check->only == NULL)
        err = tree_check(&free_list);
    pages_map_free(check->map);
    check->map = NULL;
    free(check->seen);
    check->seen = NULL;
    return err;
}

static const struct pages_how alone = {.threads = 1};

enum err pages_check_head(int fd, struct err_text *ret_why)
{
    struct page_meta metas[2] = {0};
    for (int i = 0;; i++) {
        struct check check = {.fd = fd, .how = &alone, .why = ret_why};
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
    struct check check = {.fd = fd, .deep = true, .how = how, .why = ret_why};
    memset(ret_place, 0, sizeof(*ret_place));
    enum err err = pages_meta_read(fd, metas, ret_why);
    if (err != ERR_OK)
        return err;
    const struct page_meta *meta = metas[0].txn == txn ? &metas[0] : &metas[1];
    if (meta->txn != txn)
        return err_say(ret_why, ERR_BUSY, "others write too fast");
    err = meta_check(&check, meta);
    if (err == ERR_DAMAGED)
        *ret_place = check.place;
    return err;
}

enum err pages_check_table(int fd, const char *table, struct pages_place *ret_place,
                           struct err_text *ret_why)
{
    struct page_meta metas[2] = {0};
    struct check check = {.fd = fd, .deep = true, .only = table, .how = &alone, .why = ret_why};
    memset(ret_place, 0, sizeof(*ret_place));
    enum err err = pages_meta_read(fd, metas, ret_why);
    if (err == ERR_OK)
        err = meta_check(&check, &metas[0]);
    if (err == ERR_OK && !check.met)
        err = err_say(ret_why, ERR_DAMAGED, "it has no table %s", table);
    if (err == ERR_DAMAGED)
        *ret_place = check.place;
    return err;
}
