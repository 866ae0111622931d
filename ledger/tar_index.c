#include "ledger/tar_index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/mem.h"
#include "ledger/tar_head.h"

#define MAGIC_OFFSET 257 /* of "ustar" in the first block */
#define END_BYTES ((size_t)2 * TAR_HEAD_BYTES)

enum err tar_index_read(const struct tar_source *source, uint64_t at, size_t bytes, struct buf *buf,
                        struct err_text *ret_why)
{
    ASSERT(at <= source->bytes && bytes <= source->bytes - at);
    if (source->data != NULL) {
        buf_add(buf, source->data + at, bytes);
        return ERR_OK;
    }
    const size_t before = buf->bytes;
    uint8_t *to = buf_room(buf, bytes);
    for (size_t done = 0; done < bytes;) {
        ssize_t got = pread(source->fd, to + done, bytes - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            buf->bytes = before;
            return err_say(ret_why, ERR_IO, "it cannot be read at byte %" PRIu64 ": %s", at + done,
                           got < 0 ? strerror(errno) : "it was cut meanwhile");
        }
        done += (size_t)got;
    }
    return ERR_OK;
}

bool tar_index_is(const struct tar_source *source)
{
    static const char magic[] = {'u', 's', 't', 'a', 'r'};
    struct buf block = {0};
    bool is = source->bytes > MAGIC_OFFSET + sizeof(magic) &&
              tar_index_read(source, MAGIC_OFFSET, sizeof(magic), &block, NULL) == ERR_OK &&
              memcmp(block.data, magic, sizeof(magic)) == 0;
    buf_free(&block);
    return is;
}

void tar_index_free(struct tar_index *index)
{
    for (size_t i = 0; i < index->count; i++)
        free(index->members[i].name);
    free(index->members);
    *index = (struct tar_index){0};
}

/* A tar whose members are being found. */
struct finding {
    const struct tar_source *source;
    struct tar_index index;
    uint64_t at;     /* the next byte to look at */
    uint64_t odd_at; /* the first byte that is not as we would write it; UINT64_MAX: none yet */
    bool ended;
    struct buf block; /* the padding behind the last data, and the next header */
    struct err_text *why;
};

static void note_odd(struct finding *finding, uint64_t at)
{
    if (finding->odd_at == UINT64_MAX)
        finding->odd_at = at;
}

/* The offset of the first byte that is not zero, or ${bytes}. */
static size_t first_set(const uint8_t *data, size_t bytes)
{
    size_t at = 0;
    while (at < bytes && data[at] == 0)
        at++;
    return at;
}

static const char *last_name(const struct finding *finding)
{
    return finding->index.count > 0 ? finding->index.members[finding->index.count - 1].name
                                    : "its beginning";
}

/* Two blocks of zeros, and nothing behind. */
static enum err take_end(struct finding *finding)
{
    const uint64_t left = finding->source->bytes - finding->at;
    struct buf end = {0};
    enum err err = ERR_OK;
    finding->ended = true;
    if (left < END_BYTES) {
        note_odd(finding, finding->source->bytes);
        return ERR_OK;
    }
    err = tar_index_read(finding->source, finding->at, END_BYTES, &end, finding->why);
    size_t zeros = err == ERR_OK ? first_set(end.data, END_BYTES) : 0;
    if (zeros < END_BYTES || left > END_BYTES)
        note_odd(finding, finding->at + zeros);
    buf_free(&end);
    return err;
}

/* One header with what follows; or the end. */
static enum err take_member(struct finding *finding, const uint8_t *block)
{
    struct tar_head head;
    if (first_set(block, TAR_HEAD_BYTES) == TAR_HEAD_BYTES)
        return take_end(finding);
    enum err err = tar_head_read(block, &head, finding->why);
    if (err == ERR_NOT_FOUND)
        return err_say(finding->why, ERR_INVALID,
                       "it is cut short, damaged or made otherwise behind %s", last_name(finding));
    if (err != ERR_OK)
        return err;
    if (!head.exact)
        note_odd(finding, finding->at);
    const uint64_t at = finding->at + TAR_HEAD_BYTES;
    if (head.bytes > finding->source->bytes - at)
        return err_say(finding->why, ERR_INVALID, "it is cut short within %s", head.name);
    struct tar_member_at *member =
        MEM_PUSH(finding->index.members, finding->index.count, finding->index.cap);
    *member = (struct tar_member_at){mem_text(head.name), at, head.bytes};
    finding->at = at + head.bytes;
    return ERR_OK;
}

/* The padding behind the data so far, and the header behind that. */
static enum err take_next(struct finding *finding)
{
    const size_t padding = tar_head_padding(finding->at);
    const uint64_t left = finding->source->bytes - finding->at;
    buf_clear(&finding->block);
    if (left < padding + TAR_HEAD_BYTES)
        return err_say(finding->why, ERR_INVALID,
                       "it is cut short, damaged or made otherwise behind %s", last_name(finding));
    enum err err = tar_index_read(finding->source, finding->at, padding + TAR_HEAD_BYTES,
                                  &finding->block, finding->why);
    if (err != ERR_OK)
        return err;
    const size_t zeros = first_set(finding->block.data, padding);
    if (zeros < padding)
        note_odd(finding, finding->at + zeros);
    finding->at += padding;
    return take_member(finding, finding->block.data + padding);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum err hold_names(const struct tar_index *index, struct err_text *ret_why)
{
    enum err err = ERR_OK;
    const char **names = mem_zero(index->count + 1, sizeof(*names));
    for (size_t i = 0; i < index->count; i++)
        names[i] = index->members[i].name;
    qsort(names, index->count, sizeof(*names), compare_names);
    for (size_t i = 1; err == ERR_OK && i < index->count; i++) {
        if (strcmp(names[i - 1], names[i]) == 0)
            err = err_say(ret_why, ERR_INVALID, "it has %s twice", names[i]);
    }
    free(names);
    return err;
}

enum err tar_index_find(const struct tar_source *source, size_t members_max,
                        struct tar_index *ret_index, struct err_text *ret_why)
{
    struct finding finding = {.source = source, .odd_at = UINT64_MAX, .why = ret_why};
    enum err err = ERR_OK;
    if (!tar_index_is(source))
        err = err_say(ret_why, ERR_INVALID, "it is no tar");
    while (err == ERR_OK && !finding.ended) {
        if (finding.index.count > members_max)
            err = err_say(ret_why, ERR_TOO_BIG, "it has more than %zu members", members_max);
        else
            err = take_next(&finding);
    }
    if (err == ERR_OK)
        err = hold_names(&finding.index, ret_why);
    if (err == ERR_OK && finding.odd_at != UINT64_MAX)
        err =
            err_say(ret_why, ERR_INVALID,
                    "it is not in the form in which bundles are written, from byte %" PRIu64 " on",
                    finding.odd_at);
    buf_free(&finding.block);
    if (err == ERR_OK)
        *ret_index = finding.index;
    else
        tar_index_free(&finding.index);
    return err;
}
