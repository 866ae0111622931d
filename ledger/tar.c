#include "ledger/tar.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/hash.h"
#include "ledger/mem.h"
#include "ledger/tar_index.h"

void tar_add(struct tar *tar, const char *name, const void *data, size_t bytes)
{
    ASSERT(tar_head_name_ok(name));
    struct tar_member *member = MEM_PUSH(tar->members, tar->count, tar->cap);
    *member = (struct tar_member){0};
    memcpy(member->name, name, strlen(name) + 1);
    buf_add(&member->data, data, bytes);
}

void tar_sum(const char *name, const uint8_t digest[HASH_BYTES], struct buf *buf)
{
    buf_hex(buf, digest, HASH_BYTES);
    buf_printf(buf, "  %s\n", name);
}

void tar_add_sums(struct tar *tar)
{
    struct buf text = {0};
    for (size_t i = 0; i < tar->count; i++) {
        uint8_t digest[HASH_BYTES];
        hash_bytes(tar->members[i].data.data, tar->members[i].data.bytes, digest);
        tar_sum(tar->members[i].name, digest, &text);
    }
    tar_add(tar, TAR_SUMS, text.data, text.bytes);
    buf_free(&text);
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

enum err tar_write(const struct tar *tar, struct buf *buf, struct err_text *ret_why)
{
    static const uint8_t zeros[2 * TAR_HEAD_BYTES];
    for (size_t i = 0; i < tar->count; i++) {
        const struct buf *data = &tar->members[i].data;
        enum err err = tar_head_add(tar->members[i].name, data->bytes, buf, ret_why);
        if (err != ERR_OK)
            return err;
        buf_add(buf, data->data, data->bytes);
        buf_add(buf, zeros, tar_head_padding(data->bytes));
    }
    buf_add(buf, zeros, sizeof(zeros));
    return ERR_OK;
}

enum err tar_read(const void *bytes, size_t count, struct tar *ret_tar, struct err_text *ret_why)
{
    const struct tar_source source = {.data = bytes, .fd = -1, .bytes = count};
    struct tar_index index = {0};
    if (count > TAR_BYTES_MAX)
        return err_say(ret_why, ERR_TOO_BIG, "it has more than %d bytes", TAR_BYTES_MAX);
    enum err err = tar_index_find(&source, TAR_MEMBERS_MAX, &index, ret_why);
    if (err != ERR_OK)
        return err;
    struct tar tar = {0};
    for (size_t i = 0; i < index.count; i++)
        tar_add(&tar, index.members[i].name, source.data + index.members[i].at,
                (size_t)index.members[i].bytes);
    tar_index_free(&index);
    *ret_tar = tar;
    return ERR_OK;
}
