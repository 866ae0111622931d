#include "ledger/pages_map.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ledger/mem.h"

#define PART_BYTES 1048576u /* fetched at once */

struct pages_map {
    uint8_t *data;
    uint64_t bytes;
    atomic_bool *fetched; /* owned: by part */
};

struct pages_map *pages_map_new(int fd, uint64_t bytes)
{
    if (bytes == 0 || bytes > SIZE_MAX)
        return NULL;
    uint8_t *data = mmap(NULL, (size_t)bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED)
        return NULL;
    struct pages_map *map = mem_zero(1, sizeof(*map));
    map->data = data;
    map->bytes = bytes;
    map->fetched = mem_zero((size_t)(bytes / PART_BYTES) + 1, sizeof(*map->fetched));
    return map;
}

void pages_map_free(struct pages_map *map)
{
    if (map == NULL)
        return;
    munmap(map->data, (size_t)map->bytes);
    free(map->fetched);
    free(map);
}

/* Two threads that fetch one part do no harm. */
static bool fetch(struct pages_map *map, uint64_t part)
{
    const uint64_t from = part * PART_BYTES;
    const uint64_t left = map->bytes - from;
    if (atomic_load_explicit(&map->fetched[part], memory_order_relaxed))
        return true;
    if (madvise(map->data + from, (size_t)(left < PART_BYTES ? left : PART_BYTES),
                MADV_POPULATE_READ) != 0)
        return false;
    atomic_store_explicit(&map->fetched[part], true, memory_order_relaxed);
    return true;
}

const uint8_t *pages_map_at(struct pages_map *map, uint64_t offset, size_t bytes)
{
    if (map == NULL || offset >= map->bytes || bytes > map->bytes - offset || bytes == 0)
        return NULL;
    if (!fetch(map, offset / PART_BYTES) || !fetch(map, (offset + bytes - 1) / PART_BYTES))
        return NULL;
    return map->data + offset;
}
