#include "ledger/tile.h"

#include <string.h>

#include "ledger/limits.h"

/* A path that parses formats to itself, and is of a tile that can be. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    struct buf path = {0}, again = {0};
    struct tile tile;
    buf_add(&path, data, bytes);
    if (tile_parse((const char *)path.data, &tile)) {
        ASSERT(tile.level <= TILE_LEVEL_MAX && tile.width >= 1 && tile.width <= TILE_WIDTH);
        tile_format(&tile, &again);
        ASSERT(strcmp((const char *)again.data, (const char *)path.data) == 0);
    }
    buf_free(&path);
    buf_free(&again);
    return 0;
}
