/* pages_map - data.mdb mapped for reading, without the signal that a page gives which cannot be
 * read: each part is fetched before it is looked at.
 */
#ifndef LEDGER_PAGES_MAP_H
#define LEDGER_PAGES_MAP_H

#include <stddef.h>
#include <stdint.h>

struct pages_map;

/**
 * pages_map_new(fd, bytes): Map the first ${bytes} bytes of the open file ${fd}, which has so many;
 * NULL where that cannot be done: then it is to be read.
 * pages_map_free(map): NULL is fine.
 * pages_map_at(map, offset, bytes): The bytes [${offset}, ${offset} + ${bytes}); NULL where they
 * are not within the map or cannot be fetched (reading them tells why), or if ${map} is NULL.  Any
 * thread.
 */
struct pages_map *pages_map_new(int fd, uint64_t bytes);
void pages_map_free(struct pages_map *map);
const uint8_t *pages_map_at(struct pages_map *map, uint64_t offset, size_t bytes);

#endif
