#include "ledger/checkpoint.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "ledger/utf8.h"

/* A run of bytes in a note. */
struct span {
    const char *text;
    size_t bytes;
};

/* No control characters; unlike a key's name an origin may have spaces. */
static bool of_origin(uint32_t code)
{
    return code >= 0x20 && (code < 0x7f || code > 0x9f);
}

/* Take one line from the front of ${rest}, without its newline. */
static bool take_line(struct span *rest, struct span *ret_line)
{
    const char *end = rest->bytes == 0 ? NULL : memchr(rest->text, '\n', rest->bytes);
    if (end == NULL)
        return false;
    *ret_line = (struct span){rest->text, (size_t)(end - rest->text)};
    *rest = (struct span){end + 1, rest->bytes - ret_line->bytes - 1};
    return true;
}

/* A decimal without sign or leading zeros. */
static bool size_parse(struct span line, uint64_t *ret)
{
    uint64_t size = 0;
    if (line.bytes == 0 || (line.bytes > 1 && line.text[0] == '0'))
        return false;
    for (size_t i = 0; i < line.bytes; i++) {
        unsigned digit = (unsigned)(line.text[i] - '0');
        if (digit > 9 || size > (UINT64_MAX - digit) / 10)
            return false;
        size = size * 10 + digit;
    }
    *ret = size;
    return true;
}

static bool root_parse(struct span line, uint8_t ret[HASH_BYTES])
{
    struct buf root = {0};
    bool ok = bytes_from_base64(line.text, line.bytes, &root) && root.bytes == HASH_BYTES;
    if (ok)
        memcpy(ret, root.data, HASH_BYTES);
    buf_free(&root);
    return ok;
}

void checkpoint_format(const struct checkpoint *checkpoint, struct buf *buf)
{
    buf_printf(buf, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
    buf_base64(buf, checkpoint->root, HASH_BYTES);
    buf_text(buf, "\n");
}

enum err checkpoint_parse(const char *note, size_t note_bytes, struct checkpoint *ret)
{
    struct span rest = {note, note_bytes}, origin, size, root, empty;
    struct checkpoint checkpoint = {0};
    if (!take_line(&rest, &origin) || !take_line(&rest, &size) || !take_line(&rest, &root) ||
        !take_line(&rest, &empty))
        return ERR_INVALID;
    if (origin.bytes == 0 || origin.bytes > NOTE_NAME_BYTES_MAX ||
        !utf8_all(origin.text, origin.bytes, of_origin) || !size_parse(size, &checkpoint.size) ||
        !root_parse(root, checkpoint.root) || empty.bytes != 0)
        return ERR_INVALID;
    memcpy(checkpoint.origin, origin.text, origin.bytes);
    *ret = checkpoint;
    return ERR_OK;
}
