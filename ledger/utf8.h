/* utf8 - decoding UTF-8 (RFC 3629), strictly.  Pure. */
#ifndef LEDGER_UTF8_H
#define LEDGER_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * utf8_decode(text, text_bytes, ret_code):
 * Decode the code point that ${text}, of ${text_bytes} > 0 bytes, begins with, and return its
 * length in bytes; 0 if that is not well-formed (cut short, overlong, a surrogate, over U+10FFFF).
 */
size_t utf8_decode(const uint8_t *text, size_t text_bytes, uint32_t *ret_code);

/**
 * A utf8_class_fn says whether a code point belongs to a class of characters.
 * utf8_all(text, text_bytes, class): Whether ${text} is well-formed and every code point of it
 * belongs to ${class}; true of no bytes.
 */
typedef bool utf8_class_fn(uint32_t code);
bool utf8_all(const char *text, size_t text_bytes, utf8_class_fn *class);

#endif
