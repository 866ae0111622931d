#include "ledger/pages_walk.h"

#include <endian.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"
#include "ledger/pages_inside.h"

#define LINE_BYTES 64 /* of the processor's cache */

struct table {
    const char *name; /* borrowed */
    struct page_tree tree;
    _Atomic uint64_t rows, overflows; /* that came by: rows, and pages of values */
};

struct pages_walk {
    struct pages_inside inside; /* its map and what was seen are owned */
    size_t count;
    struct table tables[PAGES_WALK_TABLES_MAX];
};

/* One walk along a range. */
struct way {
    struct pages_inside inside; /* borrowed */
    struct table *table;
    const struct pages_range *range;
    uint64_t rows, overflows;
};

/* A page on the way down, and what bounds the keys below it. */
struct step {
    uint64_t number;
    unsigned level; /* 1: the root */
    uint64_t from;
    uint64_t to; /* 0: unbounded */
};

struct pages_walk *pages_walk_new(const char *const tables[], size_t count)
{
    struct pages_walk *walk = mem_zero(1, sizeof(*walk));
    ASSERT(count <= PAGES_WALK_TABLES_MAX);
    walk->count = count;
    for (size_t i = 0; i < count; i++)
        walk->tables[i].name = tables[i];
    return walk;
}

void pages_walk_free(struct pages_walk *walk)
{
    if (walk == NULL)
        return;
    pages_map_free(walk->inside.map);
    free(walk->inside.seen);
    free(walk);
}

bool pages_walk_leaves(struct pages_walk *walk, const char *table, const struct page_tree *tree)
{
    for (size_t i = 0; walk != NULL && i < walk->count; i++) {
        if (strcmp(walk->tables[i].name, table) == 0) {
            walk->tables[i].tree = *tree;
            return true;
        }
    }
    return false;
}

void pages_walk_keep(struct pages_walk *walk, struct pages_inside *inside)
{
    walk->inside = *inside;
    inside->map = NULL;
    inside->seen = NULL;
}

static enum err number_read(const struct way *way, const uint8_t *page, size_t at,
                            struct pages_node *ret_node, uint64_t *ret_number)
{
    struct page_head head;
    uint64_t number;
    enum err err = pages_inside_node(&way->inside, page, at, ret_node);
    if (err != ERR_OK)
        return err;
    if (ret_node->key.bytes != sizeof(number)) {
        memcpy(&head, page, sizeof(head));
        return pages_inside_bad(&way->inside, head.number, "a key has no such length");
    }
    memcpy(&number, ret_node->key.data, sizeof(number));
    *ret_number = be64toh(number);
    return ERR_OK;
}

static bool in_range(const struct way *way, uint64_t number)
{
    return number >= way->range->from && (way->range->to == 0 || number < way->range->to);
}

/* Hands on a row of a leaf that stands in the range. */
static enum err row_give(struct way *way, uint64_t page, uint64_t number,
                         const struct pages_node *node)
{
    const struct pages_inside *inside = &way->inside;
    const uint8_t *value = node->data;
    uint64_t first = 0;
    enum err err = ERR_OK;
    if ((node->head.flags & PAGES_NODE_FAR) != 0) {
        err = pages_inside_far(inside, node, &first, &way->overflows);
        if (err != ERR_OK)
            return err;
        value = pages_map_at(inside->map, first * inside->page_bytes + sizeof(struct page_head),
                             node->data_bytes);
    }
    if (value == NULL)
        return err_say(inside->why, ERR_IO, "a value cannot be mapped");
    way->rows++;
    return way->range->row(way->range->ctx, number, value, node->data_bytes)
               ? ERR_OK
               : pages_inside_bad(inside, page, "a row is not the one that is due");
}

static enum err leaf_walk(struct way *way, const struct step *step, const uint8_t *page,
                          const struct page_head *head)
{
    const size_t count = (head->lower - sizeof(*head)) / 2;
    uint64_t least = step->from; /* of the next key */
    size_t room = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct pages_node node;
        uint64_t number = 0;
        err = number_read(way, page, i, &node, &number);
        if (err != ERR_OK)
            return err;
        if (number < least || (step->to != 0 && number >= step->to) || number == UINT64_MAX)
            return pages_inside_bad(&way->inside, step->number, "its keys are not in order");
        if ((node.head.flags & ~PAGES_NODE_FAR) != 0)
            return pages_inside_bad(&way->inside, step->number, "a node is of another kind");
        least = number + 1;
        room += pages_inside_room(head, &node);
        if (in_range(way, number))
            err = row_give(way, step->number, number, &node);
    }
    if (err == ERR_OK && room != way->inside.page_bytes - head->upper)
        err = pages_inside_bad(&way->inside, step->number, "its nodes do not fill it as they say");
    return err;
}

/* Finds the child where the range begins: the last whose key is not behind it. */
static enum err child_find(const struct way *way, const uint8_t *page, size_t count, size_t *ret_at)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        struct pages_node node;
        uint64_t number = 0;
        enum err err = number_read(way, page, middle, &node, &number);
        if (err != ERR_OK)
            return err;
        if (number <= way->range->from)
            low = middle;
        else
            high = middle;
    }
    *ret_at = low;
    return ERR_OK;
}

/* Has the processor fetch a page while the one before it is looked at: most of what a page costs
 * that was not looked at for long. */
static void page_fetch(const struct pages_inside *inside, uint64_t number)
{
    const uint8_t *page =
        pages_map_at(inside->map, number * inside->page_bytes, inside->page_bytes);
    for (size_t at = 0; page != NULL && at < inside->page_bytes; at += LINE_BYTES)
        __builtin_prefetch(page + at);
}

static enum err page_walk(struct way *way, const struct step *step);

/* The branches were checked before, but for the length of their keys. */
static enum err branch_walk(struct way *way, const struct step *step, const uint8_t *page,
                            const struct page_head *head)
{
    const size_t count = (head->lower - sizeof(*head)) / 2;
    struct pages_node node, next;
    size_t at = 0;
    uint64_t from = step->from, to = 0;
    enum err err = child_find(way, page, count, &at);
    if (err == ERR_OK && at > 0)
        err = number_read(way, page, at, &node, &from);
    else if (err == ERR_OK)
        err = pages_inside_node(&way->inside, page, at, &node);
    for (; err == ERR_OK && at < count; at++) {
        to = step->to;
        if (at + 1 < count)
            err = number_read(way, page, at + 1, &next, &to);
        const struct step below = {
            .number = node.child, .level = step->level + 1, .from = from, .to = to};
        if (err == ERR_OK && at + 1 < count && below.level == way->table->tree.depth)
            page_fetch(&way->inside, next.child);
        if (err == ERR_OK)
            err = page_walk(way, &below);
        if (err != ERR_OK || at + 1 == count || (way->range->to != 0 && to >= way->range->to))
            break;
        node = next;
        from = to;
    }
    return err;
}

static enum err page_walk(struct way *way, const struct step *step)
{
    const struct pages_inside *inside = &way->inside;
    const bool leaf = step->level == way->table->tree.depth;
    struct page_head head = {.flags = leaf ? PAGES_LEAF : PAGES_BRANCH};
    const uint8_t *page =
        pages_map_at(inside->map, step->number * inside->page_bytes, inside->page_bytes);
    if (page == NULL)
        return err_say(inside->why, ERR_IO, "a page cannot be mapped");
    enum err err = pages_inside_head(inside, step->number, page, leaf ? 1 : 2, &head);
    if (err != ERR_OK)
        return err;
    return leaf ? leaf_walk(way, step, page, &head) : branch_walk(way, step, page, &head);
}

enum err pages_walk_rows(struct pages_walk *walk, const struct pages_range *range,
                         struct err_text *ret_why)
{
    struct table *table = &walk->tables[range->table];
    struct way way = {.inside = walk->inside, .table = table, .range = range};
    const struct step root = {.number = table->tree.root, .level = 1};
    ASSERT(range->table < walk->count && strlen(table->name) < PAGES_TABLE_BYTES);
    way.inside.why = ret_why;
    memcpy(way.inside.place.table, table->name, strlen(table->name));
    enum err err = table->tree.entries > 0 ? page_walk(&way, &root) : ERR_OK;
    atomic_fetch_add_explicit(&table->rows, way.rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&table->overflows, way.overflows, memory_order_relaxed);
    return err;
}

enum err pages_walk_end(const struct pages_walk *walk, struct err_text *ret_why)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct table *table = &walk->tables[i];
        if (table->rows != table->tree.entries || table->overflows != table->tree.overflows)
            return err_say(ret_why, ERR_DAMAGED,
                           "%s: its tree has not the pages and rows that it says", table->name);
    }
    return ERR_OK;
}
