/* bytes - bytes from their text forms: hex and base64, strictly. */
#ifndef LEDGER_BYTES_H
#define LEDGER_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/check.h"

struct buf;

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
