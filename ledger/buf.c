#include "ledger/buf.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/mem.h"

#define CAP_MIN 256 /* most grow by small pieces */

uint8_t *buf_room(struct buf *buf, size_t bytes)
{
    ASSERT(bytes < SIZE_MAX / 4 && buf->bytes < SIZE_MAX / 4);
    if (buf->cap - buf->bytes < bytes + 1) {
        size_t cap = buf->bytes + bytes + 1;
        cap = buf->cap * 2 > cap ? buf->cap * 2 : cap;
        cap = cap > CAP_MIN ? cap : CAP_MIN;
        buf->data = mem_grow(buf->data, cap, 1);
        buf->cap = cap;
    }
    uint8_t *at = buf->data + buf->bytes;
    buf->bytes += bytes;
    buf->data[buf->bytes] = 0;
    return at;
}

void buf_add(struct buf *buf, const void *data, size_t bytes)
{
    uint8_t *at = buf_room(buf, bytes);
    if (bytes > 0)
        memcpy(at, data, bytes);
}

void buf_text(struct buf *buf, const char *text)
{
    buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(buf, format, args);
    va_end(args);
}

void buf_vprintf(struct buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int bytes = vsnprintf(NULL, 0, format, args);
    ASSERT(bytes >= 0);
    uint8_t *at = buf_room(buf, (size_t)bytes);
    vsnprintf((char *)at, (size_t)bytes + 1, format, again);
    va_end(again);
}

static void buf_uint(struct buf *buf, uint64_t value, size_t bytes)
{
    uint8_t *at = buf_room(buf, bytes);
    for (size_t i = bytes; i > 0; i--, value >>= 8)
        at[i - 1] = (uint8_t)(value & 0xff);
}

void buf_u8(struct buf *buf, uint8_t value)
{
    buf_uint(buf, value, 1);
}

void buf_u16(struct buf *buf, uint16_t value)
{
    buf_uint(buf, value, 2);
}

void buf_u32(struct buf *buf, uint32_t value)
{
    buf_uint(buf, value, 4);
}

void buf_u64(struct buf *buf, uint64_t value)
{
    buf_uint(buf, value, 8);
}

void buf_string(struct buf *buf, const void *data, size_t bytes)
{
    ASSERT(bytes <= UINT32_MAX);
    buf_u32(buf, (uint32_t)bytes);
    buf_add(buf, data, bytes);
}

void buf_hex(struct buf *buf, const void *data, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = data;
    uint8_t *at = buf_room(buf, 2 * bytes);
    for (size_t i = 0; i < bytes; i++) {
        at[2 * i] = (uint8_t)digits[from[i] >> 4];
        at[2 * i + 1] = (uint8_t)digits[from[i] & 15];
    }
}

void buf_base64(struct buf *buf, const void *data, size_t bytes)
{
    const int variant = sodium_base64_VARIANT_ORIGINAL;
    size_t encoded =
        sodium_base64_encoded_len(bytes, variant); /* with the NUL, for which there is room */
    char *at = (char *)buf_room(buf, encoded - 1);
    sodium_bin2base64(at, encoded, data, bytes, variant);
}

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = (struct buf){0};
}

void buf_clear(struct buf *buf)
{
    buf->bytes = 0;
    if (buf->data != NULL)
        buf->data[0] = 0;
}

char *buf_take_text(struct buf *buf)
{
    buf_room(buf, 0);
    char *text = (char *)buf->data;
    *buf = (struct buf){0};
    return text;
}
