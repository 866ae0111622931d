#include "ledger/pages.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LMDB_MAGIC 0xBEEFC0DEu
#define LMDB_VERSION 1u
#define PAGE_BYTES_MIN 512u
#define PAGE_BYTES_MAX 65536u
#define FLAG_META 0x08

/* What a page begins with. */
struct page_head {
    uint64_t number;
    uint16_t pad;
    uint16_t flags;
    uint16_t lower; /* end of the node offsets */
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
    struct page_tree trees[2]; /* free pages, and the tree of tables */
    uint64_t last_page;
    uint64_t txn;
};

static enum err read_at(int fd, uint64_t offset, void *data, size_t bytes, struct err_text *ret_why)
{
    ssize_t got;
    do
        got = pread(fd, data, bytes, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_say(ret_why, ERR_IO, "%s", strerror(errno));
    if ((size_t)got != bytes)
        return err_say(ret_why, ERR_DAMAGED, "it ends within its page at byte %llu",
                       (unsigned long long)offset);
    return ERR_OK;
}

static enum err meta_read(int fd, uint64_t offset, struct page_meta *ret_meta,
                          struct err_text *ret_why)
{
    uint8_t bytes[sizeof(struct page_head) + sizeof(struct page_meta)];
    struct page_head head;
    enum err err = read_at(fd, offset, bytes, sizeof(bytes), ret_why);
    if (err != ERR_OK)
        return err;
    memcpy(&head, bytes, sizeof(head));
    memcpy(ret_meta, bytes + sizeof(head), sizeof(*ret_meta));
    uint32_t page_bytes = ret_meta->trees[0].pad;
    if ((head.flags & FLAG_META) == 0 || ret_meta->magic != LMDB_MAGIC)
        return err_say(ret_why, ERR_DAMAGED, "it is no LMDB file");
    if (ret_meta->version != LMDB_VERSION)
        return err_say(ret_why, ERR_DAMAGED, "its format is LMDB's version %u, not %u",
                       (unsigned)ret_meta->version, LMDB_VERSION);
    if (page_bytes < PAGE_BYTES_MIN || page_bytes > PAGE_BYTES_MAX ||
        (page_bytes & (page_bytes - 1)) != 0 || ret_meta->last_page < 1 ||
        ret_meta->last_page >= UINT64_MAX / PAGE_BYTES_MAX)
        return err_say(ret_why, ERR_DAMAGED, "its meta page makes no sense");
    return ERR_OK;
}

enum err pages_check_head(int fd, struct err_text *ret_why)
{
    struct page_meta first, second;
    struct stat info;
    enum err err = meta_read(fd, 0, &first, ret_why);
    if (err == ERR_OK)
        err = meta_read(fd, first.trees[0].pad, &second, ret_why);
    if (err != ERR_OK)
        return err;
    if (fstat(fd, &info) != 0)
        return err_say(ret_why, ERR_IO, "%s", strerror(errno));
    if (first.trees[0].pad != second.trees[0].pad)
        return err_say(ret_why, ERR_DAMAGED, "its meta pages do not agree");
    const struct page_meta *newest = first.txn < second.txn ? &second : &first;
    uint64_t bytes = (newest->last_page + 1) * newest->trees[0].pad;
    if ((uint64_t)info.st_size < bytes)
        return err_say(ret_why, ERR_DAMAGED,
                       "it has %lld bytes, and its last commit %llu: it was cut short",
                       (long long)info.st_size, (unsigned long long)bytes);
    return ERR_OK;
}
