#include "ledger/tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"

#define MAGIC_OFFSET 257 /* of "ustar" in the first block */
#define BLOCK_BYTES 10240
#define MODE 0644

/* Names that mean the same file to every program that unpacks it, within its directory. */
static bool name_ok(const char *name)
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

void tar_add(struct tar *tar, const char *name, const void *data, size_t bytes)
{
    ASSERT(name_ok(name));
    struct tar_member *member = MEM_PUSH(tar->members, tar->count, tar->cap);
    *member = (struct tar_member){0};
    memcpy(member->name, name, strlen(name) + 1);
    buf_add(&member->data, data, bytes);
}

const struct buf *tar_find(const struct tar *tar, const char *name)
{
    for (size_t i = 0; i < tar->count; i++) {
        if (strcmp(tar->members[i].name, name) == 0)
            return &tar->members[i].data;
    }
    return NULL;
}

void tar_free(struct tar *tar)
{
    for (size_t i = 0; i < tar->count; i++)
        buf_free(&tar->members[i].data);
    free(tar->members);
    *tar = (struct tar){0};
}

static la_ssize_t take(struct archive *archive, void *ctx, const void *data, size_t bytes)
{
    (void)archive;
    buf_add(ctx, data, bytes);
    return (la_ssize_t)bytes;
}

static void write_member(struct archive *archive, const struct tar_member *member)
{
    struct archive_entry *entry = archive_entry_new();
    ASSERT(entry != NULL);
    archive_entry_set_pathname(entry, member->name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, MODE);
    archive_entry_set_size(entry, (la_int64_t)member->data.bytes);
    archive_entry_set_mtime(entry, 0, 0);
    ASSERT(archive_write_header(archive, entry) == ARCHIVE_OK);
    if (member->data.bytes > 0)
        ASSERT(archive_write_data(archive, member->data.data, member->data.bytes) ==
               (la_ssize_t)member->data.bytes);
    archive_entry_free(entry);
}

void tar_write(const struct tar *tar, struct buf *buf)
{
    struct archive *archive = archive_write_new();
    ASSERT(archive != NULL);
    ASSERT(archive_write_set_format_ustar(archive) == ARCHIVE_OK);
    ASSERT(archive_write_set_bytes_per_block(archive, BLOCK_BYTES) == ARCHIVE_OK);
    ASSERT(archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK);
    ASSERT(archive_write_open(archive, buf, NULL, take, NULL) == ARCHIVE_OK);
    for (size_t i = 0; i < tar->count; i++)
        write_member(archive, &tar->members[i]);
    ASSERT(archive_write_close(archive) == ARCHIVE_OK);
    archive_write_free(archive);
}

/* What a member may be, before anything of it is read. */
static enum err hold_member(struct archive_entry *entry, size_t room, struct err_text *ret_why)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL || !name_ok(name))
        return err_say(ret_why, ERR_INVALID, "a member has a name that is not plain");
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL ||
        archive_entry_symlink(entry) != NULL)
        return err_say(ret_why, ERR_INVALID, "%s is no plain file", name);
    if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
        return err_say(ret_why, ERR_INVALID, "%s has no size", name);
    if ((uint64_t)archive_entry_size(entry) > room)
        return err_say(ret_why, ERR_INVALID, "it is cut short within %s", name);
    return ERR_OK;
}

static enum err read_member(struct archive *archive, struct archive_entry *entry, size_t room,
                            struct tar *tar, struct err_text *ret_why)
{
    uint8_t piece[16384];
    la_ssize_t bytes = 0;
    if (tar->count == TAR_MEMBERS_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "it has more than %d members", TAR_MEMBERS_MAX);
    enum err err = hold_member(entry, room, ret_why);
    if (err != ERR_OK)
        return err;
    const size_t size = (size_t)archive_entry_size(entry);
    tar_add(tar, archive_entry_pathname(entry), NULL, 0);
    struct tar_member *member = &tar->members[tar->count - 1];
    while ((bytes = archive_read_data(archive, piece, sizeof(piece))) > 0) {
        if ((size_t)bytes > size - member->data.bytes)
            break;
        buf_add(&member->data, piece, (size_t)bytes);
    }
    if (bytes != 0 || member->data.bytes != size)
        return err_say(ret_why, ERR_INVALID, "it is cut short within %s", member->name);
    return ERR_OK;
}

static enum err read_members(struct archive *archive, size_t room, struct tar *tar,
                             struct err_text *ret_why)
{
    struct archive_entry *entry = NULL;
    enum err err = ERR_OK;
    int code = ARCHIVE_OK;
    while (err == ERR_OK && (code = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        err = read_member(archive, entry, room, tar, ret_why);
        if (err == ERR_OK) /* sparse files hold more than the archive does: all count together */
            room -= tar->members[tar->count - 1].data.bytes;
    }
    if (err == ERR_OK && code != ARCHIVE_EOF)
        err = err_say(ret_why, ERR_INVALID, "it is cut short or damaged behind %s",
                      tar->count > 0 ? tar->members[tar->count - 1].name : "its beginning");
    return err;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err hold_names(const struct tar *tar, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    const char **names = mem_zero(tar->count + 1, sizeof(*names));
    for (size_t i = 0; i < tar->count; i++)
        names[i] = tar->members[i].name;
    qsort(names, tar->count, sizeof(*names), compare_names);
    for (size_t i = 1; err == ERR_OK && i < tar->count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            err = err_say(ret_why, ERR_INVALID, "it has %s twice", names[i]);
    }
    free(names);
    return err;
}

/* It is what we would write, byte for byte. */
static enum err hold_form(const struct tar *tar, const uint8_t *bytes, size_t count,
                          struct err_text *ret_why)
{
    struct buf again = {0};
    size_t at = 0;
    enum err err = ERR_OK;
    tar_write(tar, &again);
    while (at < count && at < again.bytes && bytes[at] == again.data[at])
        at++;
    if (at < count || at < again.bytes)
        err = err_say(ret_why, ERR_INVALID,
                      "it is not in the form in which bundles are written, from byte %zu on", at);
    buf_free(&again);
    return err;
}

enum err tar_read(const void *bytes, size_t count, struct tar *ret_tar, struct err_text *ret_why)
{
    struct tar tar = {0};
    enum err err = ERR_OK;
    if (count > TAR_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "it has more than %d bytes", TAR_BYTES_MAX);
    struct archive *archive = archive_read_new();
    ASSERT(archive != NULL);
    ASSERT(archive_read_support_format_tar(archive) == ARCHIVE_OK);
    if (!tar_is(bytes, count) || archive_read_open_memory(archive, bytes, count) != ARCHIVE_OK)
        err = err_say(ret_why, ERR_INVALID, "it is no tar");
    if (err == ERR_OK)
        err = read_members(archive, count, &tar, ret_why);
    archive_read_free(archive);
    if (err == ERR_OK)
        err = hold_names(&tar, ret_why);
    if (err == ERR_OK)
        err = hold_form(&tar, bytes, count, ret_why);
    if (err == ERR_OK)
        *ret_tar = tar;
    else
        tar_free(&tar);
    return err;
}

bool tar_is(const void *bytes, size_t count)
{
    static const char magic[] = "ustar";
    return count > MAGIC_OFFSET + sizeof(magic) &&
           memcmp((const uint8_t *)bytes + MAGIC_OFFSET, magic, sizeof(magic)) == 0;
}
