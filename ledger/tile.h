/* tile - C2SP tlog-tiles: paths of tiles and bundles.  Pure. */
#ifndef LEDGER_TILE_H
#define LEDGER_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/check.h"

enum tile_kind { TILE_HASHES, TILE_ENTRIES, TILE_EVENTS };

/* One tile resource: `tile/<level>/<N>[.p/<W>]`, `tile/entries/<N>[.p/<W>]`,
 * `tile/events/<N>[.p/<W>]`. */
struct tile {
    enum tile_kind kind;
    unsigned level; /* 0..TILE_LEVEL_MAX; 0 for bundles */
    uint64_t index; /* N */
    unsigned width; /* 1..TILE_WIDTH; TILE_WIDTH is a full one */
};

/**
 * tile_parse(path, ret): Parse a canonical path without a leading slash; false if it is anything
 * else.
 *
 * tile_format(tile, buf): Append the canonical path.
 */
MUST_CHECK bool tile_parse(const char *path, struct tile *ret);
void tile_format(const struct tile *tile, struct buf *buf);

/**
 * tile_width_at(size, level, index): The width that tile (level, index) has in a tree of ${size}
 * leaves, 0 if none.
 */
unsigned tile_width_at(uint64_t size, unsigned level, uint64_t index);

#endif
