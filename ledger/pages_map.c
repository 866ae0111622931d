#include "ledger/pages_map.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "ledger/check.h"
#include "ledger/mem.h"

#define PART_BYTES 4194304u /* fetched at once */

struct pages_map {
    uint8_t *data;
    uint64_t bytes;
    atomic_bool *fetched;  /* owned: by part */
    pthread_mutex_t mutex; /* held while a part is fetched: two that fetch one hold each other up */
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
    ASSERT(pthread_mutex_init(&map->mutex, NULL) == 0);
    map->fetched = mem_zero((size_t)(bytes / PART_BYTES) + 1, sizeof(*map->fetched));
    return map;
}

void pages_map_free(struct pages_map *map)
{
    if (map == NULL)
        return;
    munmap(map->data, (size_t)map->bytes);
    ASSERT(pthread_mutex_destroy(&map->mutex) == 0);
    free(map->fetched);
    free(map);
}

static bool fetch(struct pages_map *map, uint64_t part)
{
    const uint64_t from = part * PART_BYTES;
    const uint64_t left = map->bytes - from;
    if (atomic_load_explicit(&map->fetched[part], memory_order_relaxed))
        return true;
    ASSERT(pthread_mutex_lock(&map->mutex) == 0);
    bool good = atomic_load_explicit(&map->fetched[part], memory_order_relaxed) ||
                madvise(map->data + from, (size_t)(left < PART_BYTES ? left : PART_BYTES),
                        MADV_POPULATE_READ) == 0;
    atomic_store_explicit(&map->fetched[part], good, memory_order_relaxed);
    ASSERT(pthread_mutex_unlock(&map->mutex) == 0);
    return good;
}

const uint8_t *pages_map_at(struct pages_map *map, uint64_t offset, size_t bytes)
{
    if (map == NULL || offset >= map->bytes || bytes > map->bytes - offset || bytes == 0)
        return NULL;
    if (!fetch(map, offset / PART_BYTES) || !fetch(map, (offset + bytes - 1) / PART_BYTES))
        return NULL;
    return map->data + offset;
}
