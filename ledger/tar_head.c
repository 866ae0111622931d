#include "ledger/tar_head.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "ledger/check.h"
#include "ledger/library.h"

#define MODE 0644

/* What is called of libarchive, and where it stands once that is loaded. */
#define FUNCTIONS(X)                                                                               \
    X(write_new)                                                                                   \
    X(write_set_format_ustar)                                                                      \
    X(write_set_bytes_per_block)                                                                   \
    X(write_open)                                                                                  \
    X(write_header)                                                                                \
    X(write_free)                                                                                  \
    X(read_new)                                                                                    \
    X(read_support_format_tar)                                                                     \
    X(read_open_memory)                                                                            \
    X(read_next_header)                                                                            \
    X(read_free)                                                                                   \
    X(entry_new)                                                                                   \
    X(entry_set_pathname)                                                                          \
    X(entry_set_filetype)                                                                          \
    X(entry_set_perm)                                                                              \
    X(entry_set_size)                                                                              \
    X(entry_set_mtime)                                                                             \
    X(entry_pathname)                                                                              \
    X(entry_filetype)                                                                              \
    X(entry_hardlink)                                                                              \
    X(entry_symlink)                                                                               \
    X(entry_size_is_set)                                                                           \
    X(entry_size)                                                                                  \
    X(entry_free)

static struct {
#define X(name) __typeof__(archive_##name) *(name);
    FUNCTIONS(X)
#undef X
} lib;

static const struct library_function functions[] = {
#define X(name) {"archive_" #name, &lib.name},
    FUNCTIONS(X)
#undef X
};

static struct library library = {"libarchive.so.13", "libarchive13", functions,
                                 sizeof(functions) / sizeof(functions[0]), false};

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

enum err tar_head_add(const char *name, uint64_t bytes, struct buf *buf, struct err_text *ret_why)
{
    ASSERT(tar_head_name_ok(name));
    enum err err = library_load(&library, ret_why);
    if (err != ERR_OK)
        return err;
    struct buf block = {0};
    struct archive *archive = lib.write_new();
    struct archive_entry *entry = lib.entry_new();
    ASSERT(archive != NULL && entry != NULL);
    ASSERT(lib.write_set_format_ustar(archive) == ARCHIVE_OK);
    ASSERT(lib.write_set_bytes_per_block(archive, 0) == ARCHIVE_OK); /* nothing is held back */
    ASSERT(lib.write_open(archive, &block, NULL, take, NULL) == ARCHIVE_OK);
    lib.entry_set_pathname(entry, name);
    lib.entry_set_filetype(entry, AE_IFREG);
    lib.entry_set_perm(entry, MODE);
    lib.entry_set_size(entry, (la_int64_t)bytes);
    lib.entry_set_mtime(entry, 0, 0);
    ASSERT(lib.write_header(archive, entry) == ARCHIVE_OK);
    lib.write_free(archive);
    lib.entry_free(entry);
    ASSERT(block.bytes == TAR_HEAD_BYTES);
    buf_add(buf, block.data, block.bytes);
    buf_free(&block);
    return ERR_OK;
}

size_t tar_head_padding(uint64_t bytes)
{
    return (size_t)(-bytes % TAR_HEAD_BYTES);
}

/* What a member may be. */
static enum err take_entry(struct archive_entry *entry, struct tar_head *ret,
                           struct err_text *ret_why)
{
    const char *name = lib.entry_pathname(entry);
    if (name == NULL || !tar_head_name_ok(name))
        return err_say(ret_why, ERR_INVALID, "a member has a name that is not plain");
    if (lib.entry_filetype(entry) != AE_IFREG || lib.entry_hardlink(entry) != NULL ||
        lib.entry_symlink(entry) != NULL)
        return err_say(ret_why, ERR_INVALID, "%s is no plain file", name);
    if (!lib.entry_size_is_set(entry) || lib.entry_size(entry) < 0)
        return err_say(ret_why, ERR_INVALID, "%s has no size", name);
    memcpy(ret->name, name, strlen(name) + 1);
    ret->bytes = (uint64_t)lib.entry_size(entry);
    return ERR_OK;
}

enum err tar_head_read(const uint8_t block[TAR_HEAD_BYTES], struct tar_head *ret,
                       struct err_text *ret_why)
{
    struct archive_entry *entry = NULL;
    struct tar_head head = {.bytes = 0};
    enum err err = library_load(&library, ret_why);
    if (err != ERR_OK)
        return err;
    struct archive *archive = lib.read_new();
    ASSERT(archive != NULL);
    ASSERT(lib.read_support_format_tar(archive) == ARCHIVE_OK);
    if (lib.read_open_memory(archive, block, TAR_HEAD_BYTES) != ARCHIVE_OK ||
        lib.read_next_header(archive, &entry) != ARCHIVE_OK)
        err = err_say(ret_why, ERR_NOT_FOUND, "it is no header of a tar");
    if (err == ERR_OK)
        err = take_entry(entry, &head, ret_why);
    lib.read_free(archive);
    if (err != ERR_OK)
        return err;
    struct buf again = {0};
    if (head.bytes <= INT64_MAX) {
        err = tar_head_add(head.name, head.bytes, &again, ret_why);
        head.exact = err == ERR_OK && memcmp(again.data, block, TAR_HEAD_BYTES) == 0;
    }
    buf_free(&again);
    if (err == ERR_OK)
        *ret = head;
    return err;
}
