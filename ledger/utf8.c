#include "ledger/utf8.h"

size_t utf8_decode(const uint8_t *text, size_t text_bytes, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t bytes = text[0] < 0x80             ? 1
                   : (text[0] & 0xe0) == 0xc0 ? 2
                   : (text[0] & 0xf0) == 0xe0 ? 3
                   : (text[0] & 0xf8) == 0xf0 ? 4
                                              : 0;
    if (bytes == 0 || bytes > text_bytes)
        return 0;
    uint32_t code = bytes == 1 ? text[0] : text[0] & (0xffu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < least[bytes] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
        return 0;
    *ret_code = code;
    return bytes;
}

bool utf8_all(const char *text, size_t text_bytes, utf8_class_fn *class)
{
    const uint8_t *at = (const uint8_t *)text;
    while (text_bytes > 0) {
        uint32_t code;
        size_t bytes = utf8_decode(at, text_bytes, &code);
        if (bytes == 0 || !class(code))
            return false;
        at += bytes;
        text_bytes -= bytes;
    }
    return true;
}
