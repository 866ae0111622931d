#include "ledger/bytes.h"

#include <sodium.h>
#include <string.h>

#include "ledger/buf.h"

bool bytes_from_hex(const char *text, uint8_t *data, size_t bytes)
{
    if (strlen(text) != 2 * bytes)
        return false;
    for (size_t i = 0; i < 2 * bytes; i++) {
        char c = text[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            return false;
        data[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : data[i / 2] | digit);
    }
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
