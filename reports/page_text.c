#include "reports/page_text.h"

#include <stdlib.h>
#include <string.h>

#define FOLD_BYTES 600 /* a text that is longer is folded away behind about as much of it */

/* The beginning of a UTF-8 text: at most ${most} bytes, whole characters. */
static size_t beginning(const char *text, size_t most)
{
    size_t bytes = most;
    while (bytes > 0 && ((uint8_t)text[bytes] & 0xc0) == 0x80)
        bytes--;
    return bytes;
}

void page_text_add(struct buf *buf, const char *text)
{
    size_t bytes = strlen(text);
    if (bytes <= FOLD_BYTES) {
        printable_html(buf, text);
        return;
    }
    char *head = mem_text_n(text, beginning(text, FOLD_BYTES / 2));
    buf_text(buf, "<details><summary>");
    printable_html(buf, head);
    buf_printf(buf, "… (%zu bytes)</summary>", bytes);
    printable_html(buf, text);
    buf_text(buf, "</details>");
    free(head);
}
