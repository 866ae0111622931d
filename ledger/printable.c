#include "ledger/printable.h"

#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 sequence that ${text} begins with, and its code point; 0 if it is not
 * well-formed. */
static size_t decode(const uint8_t *text, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t bytes = text[0] < 0x80             ? 1
                   : (text[0] & 0xe0) == 0xc0 ? 2
                   : (text[0] & 0xf0) == 0xe0 ? 3
                   : (text[0] & 0xf8) == 0xf0 ? 4
                                              : 0;
    uint32_t code = bytes == 1 ? text[0] : text[0] & (0xffu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (bytes == 0 || code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *ret_code = code;
    return bytes;
}

static bool harmless(uint32_t code)
{
    return code >= 0x20 && (code < 0x7f || code > 0x9f) && code != 0xad && code != 0x61c &&
           (code < 0x200b || code > 0x200f) && (code < 0x2028 || code > 0x202e) &&
           (code < 0x2060 || code > 0x206f) && code != 0xfeff && (code < 0xfff9 || code > 0xfffb) &&
           (code < 0xe0000 || code > 0xe007f);
}

void printable_add(struct buf *buf, const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    while (at != NULL && *at != '\0') {
        uint32_t code = *at;
        size_t bytes = decode(at, &code);
        if (bytes > 0 && harmless(code))
            buf_add(buf, at, bytes);
        else if (bytes > 0 && (code == '\n' || code == '\t'))
            buf_text(buf, code == '\n' ? "\\n" : "\\t");
        else if (bytes == 0 || code < 0x100)
            buf_printf(buf, "\\x%02x", (unsigned)code);
        else
            buf_printf(buf, "\\u%04x", (unsigned)code);
        at += bytes > 0 ? bytes : 1;
    }
}
