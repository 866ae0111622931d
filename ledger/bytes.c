#include "ledger/bytes.h"

#include <sodium.h>
#include <string.h>

#include "ledger/buf.h"

/* -1 if it is none. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool bytes_from_hex(const char *text, uint8_t *data, size_t bytes)
{
    if (strspn(text, "0123456789abcdef") != 2 * bytes || text[2 * bytes] != '\0')
        return false;
    for (size_t i = 0; i < bytes; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        data[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

bool bytes_from_percent(char *text, size_t text_bytes, size_t *ret_bytes)
{
    size_t used = 0;
    for (size_t i = 0; i < text_bytes; i++) {
        if (text[i] != '%') {
            text[used++] = text[i];
            continue;
        }
        int high = text_bytes - i > 2 ? hex_digit(text[i + 1]) : -1;
        int low = text_bytes - i > 2 ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        text[used++] = (char)(high << 4 | low);
        i += 2;
    }
    *ret_bytes = used;
    return true;
}

/* libsodium 1.0.18 takes bytes from 0x80 on for an 'A', so they are refused before it sees them. */
static bool decode(const char *text, size_t text_bytes, int variant, uint8_t *ret, size_t room,
                   size_t *ret_bytes)
{
    for (size_t i = 0; i < text_bytes; i++)
        if ((uint8_t)text[i] >= 0x80)
            return false;
    return sodium_base642bin(ret, room, text, text_bytes, NULL, ret_bytes, NULL, variant) == 0;
}

static bool append(const char *text, size_t text_bytes, int variant, struct buf *ret)
{
    size_t before = ret->bytes, bytes = 0, room = text_bytes / 4 * 3 + 3;
    uint8_t *at = buf_room(ret, room);
    bool ok = decode(text, text_bytes, variant, at, room, &bytes);
    ret->bytes = before + (ok ? bytes : 0);
    ret->data[ret->bytes] = 0;
    return ok;
}

bool bytes_from_base64(const char *text, size_t text_bytes, struct buf *ret)
{
    return append(text, text_bytes, sodium_base64_VARIANT_ORIGINAL, ret);
}

bool bytes_from_base64_url(const char *text, size_t text_bytes, struct buf *ret)
{
    return append(text, text_bytes, sodium_base64_VARIANT_URLSAFE, ret);
}

bool bytes_from_base64_bare(const char *text, bool url, uint8_t *data, size_t bytes)
{
    size_t decoded = 0;
    int variant =
        url ? sodium_base64_VARIANT_URLSAFE_NO_PADDING : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
    return decode(text, strlen(text), variant, data, bytes, &decoded) && decoded == bytes;
}
