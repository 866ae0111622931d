#include "ledger/tile.h"

#include <string.h>

#include "ledger/limits.h"

/* The path of an index: its decimal digits in groups of three, "x" before all groups but the last:
 * 1234067 is x001/x234/067. */
static void index_groups(uint64_t index, struct buf *buf)
{
    if (index >= 1000)
        index_groups(index / 1000, buf);
    buf_printf(buf, "x%03u/", (unsigned)(index % 1000));
}

static void index_format(uint64_t index, struct buf *buf)
{
    if (index >= 1000)
        index_groups(index / 1000, buf);
    buf_printf(buf, "%03u", (unsigned)(index % 1000));
}

void tile_format(const struct tile *tile, struct buf *buf)
{
    ASSERT(tile->level <= TILE_LEVEL_MAX && tile->width >= 1 && tile->width <= TILE_WIDTH);
    if (tile->kind == TILE_HASHES)
        buf_printf(buf, "tile/%u/", tile->level);
    else
        buf_text(buf, tile->kind == TILE_ENTRIES ? "tile/entries/" : "tile/events/");
    index_format(tile->index, buf);
    if (tile->width < TILE_WIDTH)
        buf_printf(buf, ".p/%u", tile->width);
}

/* Pass over ${word} if *${at} begins with it. */
static bool take_word(const char **at, const char *word)
{
    size_t bytes = strlen(word);
    if (strncmp(*at, word, bytes) != 0)
        return false;
    *at += bytes;
    return true;
}

/* Pass over 1 to ${digits} decimal digits; leading zeros are left to the comparison at the end. */
static bool take_number(const char **at, size_t digits, unsigned *ret)
{
    size_t count = strspn(*at, "0123456789");
    if (count == 0 || count > digits)
        return false;
    *ret = 0;
    for (; count > 0; count--)
        *ret = *ret * 10 + (unsigned)(*(*at)++ - '0');
    return true;
}

static bool take_index(const char **at, uint64_t *ret)
{
    bool more;
    *ret = 0;
    do {
        unsigned group;
        more = take_word(at, "x");
        if (!take_number(at, 3, &group))
            return false;
        *ret = *ret * 1000 + group; /* beyond 64 bits: another number, another path */
    } while (more && take_word(at, "/"));
    return true;
}

/* Read a path loosely: whatever is not canonical shows when it is formatted again. */
static bool take_tile(const char *at, struct tile *ret)
{
    if (!take_word(&at, "tile/"))
        return false;
    if (take_word(&at, "entries/"))
        ret->kind = TILE_ENTRIES;
    else if (take_word(&at, "events/"))
        ret->kind = TILE_EVENTS;
    else if (!take_number(&at, 2, &ret->level) || ret->level > TILE_LEVEL_MAX ||
             !take_word(&at, "/"))
        return false;
    if (!take_index(&at, &ret->index))
        return false;
    ret->width = TILE_WIDTH;
    return !take_word(&at, ".p/") ||
           (take_number(&at, 3, &ret->width) && ret->width >= 1 && ret->width < TILE_WIDTH);
}

bool tile_parse(const char *path, struct tile *ret)
{
    struct tile tile = {.kind = TILE_HASHES};
    if (!take_tile(path, &tile))
        return false;
    struct buf again = {0};
    tile_format(&tile, &again);
    bool canonical = strcmp((const char *)again.data, path) == 0;
    buf_free(&again);
    if (canonical)
        *ret = tile;
    return canonical;
}

unsigned tile_width_at(uint64_t size, unsigned level, uint64_t index)
{
    uint64_t hashes = level < 8 ? size >> (8 * level) : 0;
    uint64_t full = hashes / TILE_WIDTH;
    if (index < full)
        return TILE_WIDTH;
    return index == full ? (unsigned)(hashes % TILE_WIDTH) : 0;
}
