#include "ledger/printable.h"

#include <stdint.h>
#include <string.h>

#include "ledger/utf8.h"

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
    size_t left = text == NULL ? 0 : strlen(text);
    while (left > 0) {
        uint32_t code = *at;
        size_t bytes = utf8_decode(at, left, &code);
        if (bytes > 0 && harmless(code))
            buf_add(buf, at, bytes);
        else if (bytes > 0 && (code == '\n' || code == '\t'))
            buf_text(buf, code == '\n' ? "\\n" : "\\t");
        else if (bytes == 0 || code < 0x100)
            buf_printf(buf, "\\x%02x", (unsigned)code);
        else
            buf_printf(buf, "\\u%04x", (unsigned)code);
        bytes = bytes > 0 ? bytes : 1;
        at += bytes;
        left -= bytes;
    }
}

void printable_html(struct buf *buf, const char *text)
{
    struct buf safe = {0};
    printable_add(&safe, text);
    for (size_t i = 0; i < safe.bytes; i++) {
        const char *entity = safe.data[i] == '&'    ? "&amp;"
                             : safe.data[i] == '<'  ? "&lt;"
                             : safe.data[i] == '>'  ? "&gt;"
                             : safe.data[i] == '"'  ? "&quot;"
                             : safe.data[i] == '\'' ? "&#39;"
                                                    : NULL;
        if (entity != NULL)
            buf_text(buf, entity);
        else
            buf_u8(buf, safe.data[i]);
    }
    buf_free(&safe);
}
