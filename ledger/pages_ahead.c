#include "ledger/pages_ahead.h"

#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ledger/mem.h"
#include "ledger/pages_inside.h"

#define DEPTH_MAX 16
#define SAMPLES 8     /* pages of a level that are tried for whether they are in memory */
#define CLOSE_PAGES 3 /* to read a page costs less than to ask once more */

/* A page below which the numbers [from, to) stand. */
struct spot {
    uint64_t page;
    size_t from, to;
};

/* The pages of one level. */
struct level {
    struct spot *spots; /* owned */
    size_t count, cap;
};

struct ahead {
    struct pages_inside inside;
    const uint64_t *numbers;
    uint8_t *page; /* owned: room for one */
};

/* Whether all that is looked at of a level, here and there, is in memory: then the rest is too. */
static bool is_there(const struct ahead *ahead, const struct level *level)
{
    const size_t step = level->count / SAMPLES + 1;
    ssize_t got = 1;
    for (size_t i = 0; i < level->count && got == 1; i += step) {
        uint8_t byte;
        const struct iovec room = {&byte, 1};
        const off_t at = (off_t)(level->spots[i].page * ahead->inside.page_bytes);
        got = preadv2(ahead->inside.fd, &room, 1, at, RWF_NOWAIT);
    }
    return got == 1;
}

/* Pages that stand close to each other are asked for in one. */
static void ask(const struct ahead *ahead, const struct level *level)
{
    const struct spot *spots = level->spots;
    const uint64_t bytes = ahead->inside.page_bytes;
    if (is_there(ahead, level))
        return;
    for (size_t i = 0; i < level->count; i++) {
        const uint64_t first = spots[i].page;
        while (i + 1 < level->count && spots[i + 1].page > spots[i].page &&
               spots[i + 1].page - spots[i].page <= CLOSE_PAGES)
            i++;
        (void)!posix_fadvise(ahead->inside.fd, (off_t)(first * bytes),
                             (off_t)((spots[i].page - first + 1) * bytes), POSIX_FADV_WILLNEED);
    }
}

/* Reads a page whose nodes may be looked at; their number. */
static bool load(const struct ahead *ahead, uint64_t number, uint16_t kind, size_t *ret_count)
{
    const struct pages_inside *inside = &ahead->inside;
    struct page_head head = {.flags = kind};
    if (number > inside->last_page ||
        pages_meta_bytes(inside->fd, number * inside->page_bytes, ahead->page, inside->page_bytes,
                         NULL) != ERR_OK ||
        pages_inside_head(inside, number, ahead->page, 1, &head) != ERR_OK)
        return false;
    *ret_count = (head.lower - sizeof(head)) / 2;
    return true;
}

/* The tree of a table, which a leaf describes; all tables stand on one. */
static bool find_tree(const struct ahead *ahead, const struct page_tree *tables, const char *table,
                      struct page_tree *ret)
{
    size_t count = 0;
    if (tables->depth != 1 || !load(ahead, tables->root, PAGES_LEAF, &count))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct pages_node node;
        if (pages_inside_node(&ahead->inside, ahead->page, i, &node) != ERR_OK)
            return false;
        if (node.key.bytes != strlen(table) || memcmp(node.key.data, table, node.key.bytes) != 0 ||
            node.head.flags != PAGES_NODE_TREE || node.data_bytes != sizeof(*ret))
            continue;
        memcpy(ret, node.data, sizeof(*ret));
        return true;
    }
    return false;
}

/* Part the numbers below a branch among its children. */
static bool part(const struct ahead *ahead, const struct spot *spot, struct level *below)
{
    size_t count = 0, at = spot->from;
    if (!load(ahead, spot->page, PAGES_BRANCH, &count))
        return false;
    for (size_t i = 0; i < count && at < spot->to; i++) {
        struct pages_node node, next;
        uint64_t end = UINT64_MAX;
        const size_t from = at;
        if (pages_inside_node(&ahead->inside, ahead->page, i, &node) != ERR_OK)
            return false;
        if (i + 1 < count) {
            if (pages_inside_node(&ahead->inside, ahead->page, i + 1, &next) != ERR_OK ||
                next.key.bytes != sizeof(end))
                return false;
            memcpy(&end, next.key.data, sizeof(end));
            end = be64toh(end);
        }
        while (at < spot->to && (ahead->numbers[at] < end || i + 1 == count))
            at++;
        if (at > from)
            *(struct spot *)MEM_PUSH(below->spots, below->count, below->cap) =
                (struct spot){node.child, from, at};
    }
    return true;
}

/* Down the tree level by level: the pages of each are asked for before the first is read. */
static void descend(const struct ahead *ahead, const struct page_tree *tree, size_t count)
{
    struct level level = {0};
    *(struct spot *)MEM_PUSH(level.spots, level.count, level.cap) =
        (struct spot){tree->root, 0, count};
    bool good = tree->entries > 0 && tree->depth <= DEPTH_MAX;
    for (unsigned depth = 1; good && depth < tree->depth; depth++) {
        struct level below = {0};
        for (size_t i = 0; good && i < level.count; i++)
            good = part(ahead, &level.spots[i], &below);
        free(level.spots);
        level = below;
        ask(ahead, &level);
    }
    free(level.spots);
}

void pages_ahead_value(const void *data, size_t bytes)
{
    const uintptr_t page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t end = (uintptr_t)data + bytes;
    union {
        uintptr_t in;
        void *out;
    } begin = {(uintptr_t)data & ~(page_bytes - 1)};
    (void)!posix_madvise(begin.out, end - begin.in, POSIX_MADV_WILLNEED);
}

void pages_ahead_rows(int fd, const char *table, const uint64_t *numbers, size_t count)
{
    struct page_meta metas[2];
    struct page_tree tree;
    if (count == 0 || pages_meta_read(fd, metas, NULL) != ERR_OK)
        return;
    struct ahead ahead = {
        .inside = {.fd = fd, .page_bytes = metas[0].trees[0].pad, .last_page = metas[0].last_page},
        .numbers = numbers};
    ahead.page = mem_alloc(ahead.inside.page_bytes);
    if (find_tree(&ahead, &metas[0].trees[1], table, &tree))
        descend(&ahead, &tree, count);
    free(ahead.page);
}
