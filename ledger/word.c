#include "ledger/word.h"

#include <string.h>

void word_quote(const char *word, struct buf *buf)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:@%,=";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        buf_text(buf, word);
        return;
    }
    buf_text(buf, "'");
    for (const char *at = word; *at != '\0'; at++) {
        if (*at == '\'')
            buf_text(buf, "'\\''");
        else
            buf_u8(buf, (uint8_t)*at);
    }
    buf_text(buf, "'");
}
