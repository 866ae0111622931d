#include "ledger/bytes.h"

#include <sodium.h>
#include <string.h>

#include "ledger/buf.h"

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

bool bytes_from_hex(const char *text, uint8_t *data, size_t bytes)
{
    if (strspn(text, "0123456789abcdef") != 2 * bytes || text[2 * bytes] != '\0')
        return false;
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return true;
}

bool bytes_from_base64(const char *text, size_t text_bytes, struct buf *ret)
{
    size_t before = ret->bytes, bytes = 0;
    const char *end = NULL;
    uint8_t *at = buf_room(ret, text_bytes / 4 * 3 + 3);
    int failed = sodium_base642bin(at, text_bytes / 4 * 3 + 3, text, text_bytes, NULL, &bytes, &end,
                                   sodium_base64_VARIANT_ORIGINAL);
    ret->bytes = failed != 0 || end != text + text_bytes ? before : before + bytes;
    ret->data[ret->bytes] = 0;
    return ret->bytes != before || text_bytes == 0;
}
