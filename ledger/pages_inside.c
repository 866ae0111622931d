#include "ledger/pages_inside.h"

#include <string.h>

#define PAGE_OVERFLOW 0x04
#define KEY_BYTES_MAX 511

enum err pages_inside_bad(const struct pages_inside *inside, uint64_t page, const char *what)
{
    const char *table = inside->place.table;
    return err_say(inside->why, ERR_DAMAGED, "%s%spage %llu: %s", table,
                   table[0] != '\0' ? ", " : "", (unsigned long long)page, what);
}

enum err pages_inside_take(const struct pages_inside *inside, uint64_t page)
{
    if (page < 2 || page > inside->last_page)
        return pages_inside_bad(inside, page, "it is not within the file");
    uint8_t bit = (uint8_t)(1u << (page % 8));
    if ((atomic_fetch_or_explicit(&inside->seen[page / 8], bit, memory_order_relaxed) & bit) != 0)
        return pages_inside_bad(inside, page, "it stands in two places");
    return ERR_OK;
}

enum err pages_inside_head(const struct pages_inside *inside, uint64_t number, const uint8_t *page,
                           size_t least, struct page_head *ret_head)
{
    struct page_head head;
    memcpy(&head, page, sizeof(head));
    if (head.number != number)
        return pages_inside_bad(inside, number, "it has another's number");
    if (head.flags != ret_head->flags)
        return pages_inside_bad(inside, number, "it is of another kind");
    if (head.lower < sizeof(head) + 2 * least || head.lower % 2 != 0 || head.lower > head.upper ||
        head.upper > inside->page_bytes)
        return pages_inside_bad(inside, number, "its bounds make no sense");
    *ret_head = head;
    return ERR_OK;
}

enum err pages_inside_node(const struct pages_inside *inside, const uint8_t *page, size_t at,
                           struct pages_node *ret)
{
    struct page_head head;
    uint16_t offset;
    memcpy(&head, page, sizeof(head));
    memcpy(&offset, page + sizeof(head) + 2 * at, sizeof(offset));
    if (offset < head.upper || (size_t)offset + sizeof(ret->head) > inside->page_bytes)
        return pages_inside_bad(inside, head.number, "a node is not within it");
    size_t left = inside->page_bytes - offset - sizeof(ret->head);
    memcpy(&ret->head, page + offset, sizeof(ret->head));
    ret->key = (struct pages_key){page + offset + sizeof(ret->head), ret->head.key_bytes};
    if (ret->key.bytes > left || ret->key.bytes > KEY_BYTES_MAX)
        return pages_inside_bad(inside, head.number, "a key is not within it");
    ret->data = ret->key.data + ret->key.bytes;
    left -= ret->key.bytes;
    uint64_t low = ret->head.low, high = ret->head.high, flags = ret->head.flags;
    ret->child = low | high << 16 | flags << 32;
    ret->data_bytes = (size_t)(low | high << 16);
    size_t stored = (flags & PAGES_NODE_FAR) != 0 ? sizeof(uint64_t) : ret->data_bytes;
    if ((head.flags & PAGES_LEAF) != 0 && stored > left)
        return pages_inside_bad(inside, head.number, "a value is not within it");
    return ERR_OK;
}

size_t pages_inside_room(const struct page_head *head, const struct pages_node *node)
{
    size_t bytes = sizeof(node->head) + node->key.bytes;
    if ((head->flags & PAGES_LEAF) != 0)
        bytes += (node->head.flags & PAGES_NODE_FAR) != 0 ? sizeof(uint64_t) : node->data_bytes;
    return bytes + bytes % 2;
}

enum err pages_inside_far(const struct pages_inside *inside, const struct pages_node *node,
                          uint64_t *ret_page, uint64_t *ret_pages)
{
    struct page_head head;
    uint32_t pages;
    uint64_t first, due = (sizeof(head) - 1 + node->data_bytes) / inside->page_bytes + 1;
    memcpy(&first, node->data, sizeof(first));
    if (first < 2 || first > inside->last_page)
        return pages_inside_bad(inside, first, "it is not within the file");
    enum err err =
        pages_meta_bytes(inside->fd, first * inside->page_bytes, &head, sizeof(head), inside->why);
    if (err != ERR_OK)
        return err;
    memcpy(&pages, &head.lower, sizeof(pages));
    if (head.number != first || head.flags != PAGE_OVERFLOW || pages < due ||
        pages > inside->last_page - first + 1)
        return pages_inside_bad(inside, first, "it is not the value that stands there");
    for (uint64_t i = 0; err == ERR_OK && i < pages; i++)
        err = pages_inside_take(inside, first + i);
    *ret_pages += pages;
    *ret_page = first;
    return err;
}
