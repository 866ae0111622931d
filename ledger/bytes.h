/* bytes - bytes from their text forms: hex, percent-encoding and base64, strictly. */
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
 * bytes_from_percent(text, text_bytes, ret_bytes):
 * Undo percent-encoding, once, where it stands, hex digits of either case: *${ret_bytes} are left
 * of
 * ${text_bytes}.  False, and ${text} of no use, if an escape is broken.
 */
MUST_CHECK bool bytes_from_percent(char *text, size_t text_bytes, size_t *ret_bytes);

/**
 * bytes_from_base64(text, text_bytes, ret), bytes_from_base64_url(text, text_bytes, ret):
 * Append to ${ret} the bytes that ${text} encodes in padded, canonical base64 of the standard or of
 * the URL-safe alphabet; false, and nothing appended, if it is anything else.
 */
MUST_CHECK bool bytes_from_base64(const char *text, size_t text_bytes, struct buf *ret);
MUST_CHECK bool bytes_from_base64_url(const char *text, size_t text_bytes, struct buf *ret);

/**
 * bytes_from_base64_bare(text, url, data, bytes):
 * Decode exactly ${bytes} bytes, the whole of ${text}, from base64 without padding, of the URL-safe
 * alphabet or the standard one; false, and ${data} of no use, if it is anything else.
 */
MUST_CHECK bool bytes_from_base64_bare(const char *text, bool url, uint8_t *data, size_t bytes);

#endif
