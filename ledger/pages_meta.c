#include "ledger/pages_meta.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LMDB_MAGIC 0xBEEFC0DEu
#define LMDB_VERSION 1u
#define PAGE_BYTES_MIN 512u
#define PAGE_BYTES_MAX 65536u
#define PAGE_META 0x08
#define TREE_KINDS 0x7f /* above it stand flags of the environment */

enum err pages_meta_bytes(int fd, uint64_t offset, void *data, size_t bytes,
                          struct err_text *ret_why)
{
    ssize_t got;
    do
        got = pread(fd, data, bytes, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_say(ret_why, ERR_IO, "%s", strerror(errno));
    if ((size_t)got != bytes)
        return err_say(ret_why, ERR_DAMAGED, "it has not the bytes %llu to %llu",
                       (unsigned long long)offset, (unsigned long long)(offset + bytes - 1));
    return ERR_OK;
}

static enum err meta_read(int fd, uint64_t offset, struct page_meta *ret_meta,
                          struct err_text *ret_why)
{
    uint8_t bytes[sizeof(struct page_head) + sizeof(struct page_meta)];
    struct page_head head;
    enum err err = pages_meta_bytes(fd, offset, bytes, sizeof(bytes), ret_why);
    if (err != ERR_OK)
        return err;
    memcpy(&head, bytes, sizeof(head));
    memcpy(ret_meta, bytes + sizeof(head), sizeof(*ret_meta));
    uint32_t page_bytes = ret_meta->trees[0].pad;
    if ((head.flags & PAGE_META) == 0 || ret_meta->magic != LMDB_MAGIC)
        return err_say(ret_why, ERR_DAMAGED, "it is no LMDB file");
    if (ret_meta->version != LMDB_VERSION)
        return err_say(ret_why, ERR_DAMAGED, "its format is LMDB's version %u, not %u",
                       (unsigned)ret_meta->version, LMDB_VERSION);
    if (page_bytes < PAGE_BYTES_MIN || page_bytes > PAGE_BYTES_MAX ||
        (page_bytes & (page_bytes - 1)) != 0 || ret_meta->last_page < 1 ||
        ret_meta->last_page >= INT64_MAX / PAGE_BYTES_MAX || ret_meta->trees[1].flags != 0 ||
        (ret_meta->trees[0].flags & TREE_KINDS) != TREE_INTEGER_KEYS)
        return err_say(ret_why, ERR_DAMAGED, "its meta page makes no sense");
    if (head.number != (offset > 0 ? 1 : 0))
        return err_say(ret_why, ERR_DAMAGED, "one meta page stands in the other's place");
    return ERR_OK;
}

enum err pages_meta_read(int fd, struct page_meta ret_metas[2], struct err_text *ret_why)
{
    struct page_meta metas[2] = {0};
    struct stat info;
    enum err err = meta_read(fd, 0, &metas[0], ret_why);
    if (err == ERR_OK)
        err = meta_read(fd, metas[0].trees[0].pad, &metas[1], ret_why);
    if (err != ERR_OK)
        return err;
    if (fstat(fd, &info) != 0)
        return err_say(ret_why, ERR_IO, "%s", strerror(errno));
    if (metas[0].trees[0].pad != metas[1].trees[0].pad)
        return err_say(ret_why, ERR_DAMAGED, "its meta pages do not agree");
    bool second = metas[0].txn < metas[1].txn;
    /* LMDB finds the meta page of a commit by its number's last bit. */
    if (metas[second ? 1 : 0].txn % 2 != (second ? 1 : 0))
        return err_say(ret_why, ERR_DAMAGED, "its newest commit stands in the other's place");
    ret_metas[0] = metas[second ? 1 : 0];
    ret_metas[1] = metas[second ? 0 : 1];
    uint64_t bytes = (ret_metas[0].last_page + 1) * ret_metas[0].trees[0].pad;
    if ((uint64_t)info.st_size < bytes)
        return err_say(ret_why, ERR_DAMAGED,
                       "it has %lld bytes, and its last commit %llu: it was cut short",
                       (long long)info.st_size, (unsigned long long)bytes);
    return ERR_OK;
}
