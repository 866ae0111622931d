/* buf - a growing buffer of bytes, big-endian writing, and its counterpart for bounded reading. */
#ifndef LEDGER_BUF_H
#define LEDGER_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"

/* Zero-initialised is empty.  There is always a NUL behind data[bytes] once something was added. */
struct buf {
    uint8_t *data; /* owned */
    size_t bytes;
    size_t cap;
};

/**
 * buf_add(buf, data, bytes), buf_text(buf, text), buf_printf(buf, format, ...):
 * Append bytes, a string without its NUL, or formatted text.
 */
void buf_add(struct buf *buf, const void *data, size_t bytes);
void buf_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);

/**
 * buf_u8, buf_u16, buf_u32, buf_u64(buf, value):
 * Append an unsigned integer, big-endian.
 */
void buf_u8(struct buf *buf, uint8_t value);
void buf_u16(struct buf *buf, uint16_t value);
void buf_u32(struct buf *buf, uint32_t value);
void buf_u64(struct buf *buf, uint64_t value);

/**
 * buf_hex(buf, data, bytes), buf_base64(buf, data, bytes):
 * Append ${bytes} bytes in lower-case hex, or in standard padded base64.
 */
void buf_hex(struct buf *buf, const void *data, size_t bytes);
void buf_base64(struct buf *buf, const void *data, size_t bytes);

/**
 * buf_free(buf): Free the contents; *${buf} is empty and usable again.
 * buf_clear(buf): Forget the contents, keep the room.
 * buf_take_text(buf): Give the contents away as a string (never NULL; free()); *${buf} is empty.
 */
void buf_free(struct buf *buf);
void buf_clear(struct buf *buf);
char *buf_take_text(struct buf *buf);

/* Reads from [data, data + bytes); once a read goes past the end, `bad` is set and all further
 * reads give 0. */
struct reader {
    const uint8_t *data; /* borrowed */
    size_t bytes;        /* left */
    bool bad;
};

/**
 * reader_u8, reader_u16, reader_u32, reader_u64(reader):
 * Read a big-endian integer.
 * reader_take(reader, bytes): Pass over ${bytes} bytes and point to the first; NULL if there are
 * fewer.
 */
uint8_t reader_u8(struct reader *reader);
uint16_t reader_u16(struct reader *reader);
uint32_t reader_u32(struct reader *reader);
uint64_t reader_u64(struct reader *reader);
const uint8_t *reader_take(struct reader *reader, size_t bytes);

/**
 * reader_string(reader, ret_bytes):
 * Read an SSH wire string: u32 length, then so many bytes; points into the buffer.  NULL if it is
 * cut short.
 */
const uint8_t *reader_string(struct reader *reader, size_t *ret_bytes);

/**
 * bytes_from_hex(text, data, bytes):
 * Decode exactly 2 * ${bytes} lower-case hex digits, the whole of ${text}; false if it is anything
 * else.
 */
MUST_CHECK bool bytes_from_hex(const char *text, uint8_t *data, size_t bytes);

/**
 * bytes_from_base64(text, text_bytes, ret):
 * Append to ${ret} the bytes that ${text} encodes in standard, padded, canonical base64; false if
 * it is anything else.
 */
MUST_CHECK bool bytes_from_base64(const char *text, size_t text_bytes, struct buf *ret);

#endif
