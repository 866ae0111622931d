#include "ledger/tar_head.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "ledger/check.h"

#define MODE 0644

bool tar_head_name_ok(const char *name)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t bytes = strlen(name);
    bool fresh = true; /* at the beginning of a part, where no dot may stand */
    if (bytes == 0 || bytes > TAR_NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        if (strchr(letters, name[i]) == NULL && (fresh || (name[i] != '.' && name[i] != '/')))
            return false;
        fresh = name[i] == '/';
    }
    return !fresh;
}

/* Takes the header, and nothing of the data and the end that would follow by this way. */
static la_ssize_t take(struct archive *archive, void *ctx, const void *data, size_t bytes)
{
    struct buf *block = ctx;
    (void)archive;
    if (block->bytes + bytes > TAR_HEAD_BYTES)
        return -1;
    buf_add(block, data, bytes);
    return (la_ssize_t)bytes;
}

void tar_head_add(const char *name, uint64_t bytes, struct buf *buf)
{
    ASSERT(tar_head_name_ok(name));
    struct buf block = {0};
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    ASSERT(archive != NULL && entry != NULL);
    ASSERT(archive_write_set_format_ustar(archive) == ARCHIVE_OK);
    ASSERT(archive_write_set_bytes_per_block(archive, 0) == ARCHIVE_OK); /* nothing is held back */
    ASSERT(archive_write_open(archive, &block, NULL, take, NULL) == ARCHIVE_OK);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, MODE);
    archive_entry_set_size(entry, (la_int64_t)bytes);
    archive_entry_set_mtime(entry, 0, 0);
    ASSERT(archive_write_header(archive, entry) == ARCHIVE_OK);
    archive_write_free(archive);
    archive_entry_free(entry);
    ASSERT(block.bytes == TAR_HEAD_BYTES);
    buf_add(buf, block.data, block.bytes);
    buf_free(&block);
}

size_t tar_head_padding(uint64_t bytes)
{
    return (size_t)(-bytes % TAR_HEAD_BYTES);
}

/* What a member may be. */
static enum err take_entry(struct archive_entry *entry, struct tar_head *ret,
                           struct err_text *ret_why)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL || !tar_head_name_ok(name))
        return err_say(ret_why, ERR_INVALID, "a member has a name that is not plain");
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL ||
        archive_entry_symlink(entry) != NULL)
        return err_say(ret_why, ERR_INVALID, "%s is no plain file", name);
    if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
        return err_say(ret_why, ERR_INVALID, "%s has no size", name);
    memcpy(ret->name, name, strlen(name) + 1);
    ret->bytes = (uint64_t)archive_entry_size(entry);
    return ERR_OK;
}

enum err tar_head_read(const uint8_t block[TAR_HEAD_BYTES], struct tar_head *ret,
                       struct err_text *ret_why)
{
    struct archive_entry *entry = NULL;
    struct tar_head head = {.bytes = 0};
    enum err err = ERR_OK;
    struct archive *archive = archive_read_new();
    ASSERT(archive != NULL);
    ASSERT(archive_read_support_format_tar(archive) == ARCHIVE_OK);
    if (archive_read_open_memory(archive, block, TAR_HEAD_BYTES) != ARCHIVE_OK ||
        archive_read_next_header(archive, &entry) != ARCHIVE_OK)
        err = err_say(ret_why, ERR_NOT_FOUND, "it is no header of a tar");
    if (err == ERR_OK)
        err = take_entry(entry, &head, ret_why);
    archive_read_free(archive);
    if (err != ERR_OK)
        return err;
    struct buf again = {0};
    if (head.bytes <= INT64_MAX) {
        tar_head_add(head.name, head.bytes, &again);
        head.exact = memcmp(again.data, block, TAR_HEAD_BYTES) == 0;
    }
    buf_free(&again);
    *ret = head;
    return ERR_OK;
}
