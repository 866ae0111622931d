/* buf - a growing buffer of bytes, with big-endian, hex and base64 writing. */
#ifndef LEDGER_BUF_H
#define LEDGER_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/bytes.h"
#include "ledger/check.h"
#include "ledger/reader.h"

/* Zero-initialised is empty.  There is always a NUL behind data[bytes] once something was added. */
struct buf {
    uint8_t *data; /* owned */
    size_t bytes;
    size_t cap;
};

/**
 * buf_add(buf, data, bytes), buf_text(buf, text), buf_printf(buf, format, ...),
 * buf_vprintf(buf, format, args):
 * Append bytes, a string without its NUL, or formatted text.
 */
void buf_add(struct buf *buf, const void *data, size_t bytes);
void buf_text(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);

/**
 * buf_room(buf, bytes): Append ${bytes} bytes to be filled in, and point to the first; valid until
 * the next append.
 */
uint8_t *buf_room(struct buf *buf, size_t bytes);

/**
 * buf_u8, buf_u16, buf_u32, buf_u64(buf, value):
 * Append an unsigned integer, big-endian.
 */
void buf_u8(struct buf *buf, uint8_t value);
void buf_u16(struct buf *buf, uint16_t value);
void buf_u32(struct buf *buf, uint32_t value);
void buf_u64(struct buf *buf, uint64_t value);

/**
 * buf_string(buf, data, bytes):
 * Append an SSH wire string: u32 length, then the bytes.
 */
void buf_string(struct buf *buf, const void *data, size_t bytes);

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

#endif
