#include "ingest/frame.h"

#include <inttypes.h>
#include <string.h>

#define MARK "CSQ1 "
#define TIME_AT ((size_t)5)
#define LENGTH_AT ((size_t)22)
#define DIGEST_AT ((size_t)31)

static void digest(const uint8_t *head, const struct piece *line, uint8_t ret[HASH_BYTES])
{
    const struct piece pieces[] = {{head, DIGEST_AT}, *line};
    hash_pieces(pieces, 2, ret);
}

void frame_add(struct buf *buf, int64_t taken_us, const struct piece *line)
{
    uint8_t hash[HASH_BYTES];
    size_t at = buf->bytes;
    ASSERT(taken_us >= 0 && line->bytes <= ENVELOPE_BYTES_MAX);
    buf_printf(buf, MARK "%016" PRIx64 " %08zx ", (uint64_t)taken_us, line->bytes);
    digest(buf->data + at, line, hash);
    buf_hex(buf, hash, sizeof(hash));
    buf_text(buf, "\n");
    buf_add(buf, line->data, line->bytes);
    buf_text(buf, "\n");
}

/* ${digits} lower-case hex digits; false if they are anything else. */
static bool read_hex(const uint8_t *at, size_t digits, uint64_t *ret)
{
    uint64_t value = 0;
    for (size_t i = 0; i < digits; i++) {
        bool decimal = at[i] >= '0' && at[i] <= '9', letter = at[i] >= 'a' && at[i] <= 'f';
        if (!decimal && !letter)
            return false;
        value = value << 4 | (uint64_t)(decimal ? at[i] - '0' : at[i] - 'a' + 10);
    }
    *ret = value;
    return true;
}

static bool read_head(const uint8_t *head, uint64_t *ret_us, uint64_t *ret_bytes)
{
    return memcmp(head, MARK, TIME_AT) == 0 && read_hex(head + TIME_AT, 16, ret_us) &&
           head[LENGTH_AT - 1] == ' ' && read_hex(head + LENGTH_AT, 8, ret_bytes) &&
           head[DIGEST_AT - 1] == ' ' && head[FRAME_HEAD_BYTES - 1] == '\n' &&
           *ret_us <= INT64_MAX && *ret_bytes <= ENVELOPE_BYTES_MAX;
}

enum frame_state frame_read(const uint8_t *data, size_t bytes, struct frame *ret_frame)
{
    uint64_t taken_us = 0, line_bytes = 0;
    struct buf hex = {0};
    uint8_t hash[HASH_BYTES];
    if (bytes < FRAME_HEAD_BYTES)
        return memcmp(data, MARK, bytes < TIME_AT ? bytes : TIME_AT) == 0 ? FRAME_SHORT
                                                                          : FRAME_NONE;
    if (!read_head(data, &taken_us, &line_bytes))
        return FRAME_NONE;
    if (bytes - FRAME_HEAD_BYTES < line_bytes + 1)
        return FRAME_SHORT;
    const struct piece line = {data + FRAME_HEAD_BYTES, (size_t)line_bytes};
    *ret_frame = (struct frame){(int64_t)taken_us, line, FRAME_HEAD_BYTES + line.bytes + 1};
    digest(data, &line, hash);
    buf_hex(&hex, hash, sizeof(hash));
    bool same = memcmp(hex.data, data + DIGEST_AT, hex.bytes) == 0;
    buf_free(&hex);
    /* What has newlines or other frames within is no line: a torn frame, and what was added then.
     */
    bool one = memchr(line.data, '\n', line.bytes) == NULL &&
               memmem(line.data, line.bytes, MARK, sizeof(MARK) - 1) == NULL;
    if (data[FRAME_HEAD_BYTES + line.bytes] != '\n' || (!same && !one))
        return FRAME_NONE;
    return same ? FRAME_WHOLE : FRAME_DAMAGED;
}

size_t frame_find(const uint8_t *data, size_t bytes)
{
    const uint8_t *found = bytes > 1 ? memmem(data + 1, bytes - 1, MARK, sizeof(MARK) - 1) : NULL;
    return found != NULL ? (size_t)(found - data) : bytes;
}
