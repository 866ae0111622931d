/* reader - bounded, big-endian reading of bytes from outside. */
#ifndef LEDGER_READER_H
#define LEDGER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * reader_mpint(reader, ret_bytes):
 * Read an SSH mpint (RFC 4251 5) that is positive and in its one minimal form; points to its
 * magnitude, which begins with no zero.  NULL, and `bad`, if it is another, or cut short.
 */
const uint8_t *reader_mpint(struct reader *reader, size_t *ret_bytes);

#endif
