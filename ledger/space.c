#include "ledger/space.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>

#include "ledger/limits.h"

#define MAP_BYTES_LEAST (1UL << 28) /* a first map that is tried in any case */
#define HEAP_BYTES (1UL << 27)      /* of the address space, for all but the map */
#define PAGE_BYTES 65536UL          /* sizes are multiples of it, as of every machine's pages */

enum err space_free(int dir_fd, unsigned long long *ret_bytes, struct err_text *ret_why)
{
    struct statvfs disk;
    if (fstatvfs(dir_fd, &disk) != 0)
        return err_say(ret_why, ERR_IO, "the file system's free space cannot be read: %s",
                       strerror(errno));
    *ret_bytes = (unsigned long long)disk.f_bavail * disk.f_frsize;
    return ERR_OK;
}

enum err space_check(struct space *space, int dir_fd, struct err_text *ret_why)
{
    unsigned long long bytes = 0, least = DISK_FREE_BYTES_MIN;
    enum err err = space_free(dir_fd, &bytes, ret_why);
    if (err != ERR_OK)
        return err;
    if (space->low)
        least = DISK_FREE_BYTES_AGAIN;
    space->low = bytes < least;
    if (!space->low)
        return ERR_OK;
    return err_say(ret_why, ERR_DISK_LOW,
                   "only %llu MiB are free on the ledger's file system, and %llu are needed: make "
                   "room, then try again",
                   bytes >> 20, least >> 20);
}

enum err space_for(int dir_fd, unsigned long long bytes, struct err_text *ret_why)
{
    unsigned long long there = 0, least = bytes + DISK_FREE_BYTES_MIN;
    enum err err = space_free(dir_fd, &there, ret_why);
    if (err != ERR_OK || there >= least)
        return err;
    return err_say(ret_why, ERR_DISK_LOW,
                   "only %llu MiB are free on the file system, and %llu are needed: make room, "
                   "then try again",
                   there >> 20, least >> 20);
}

/* Whether so much more can be mapped. */
static bool can_map(size_t bytes)
{
    bytes += HEAP_BYTES;
    void *map = mmap(NULL, bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return false;
    munmap(map, bytes);
    return true;
}

size_t space_map_first(size_t bytes_max)
{
    size_t bytes = bytes_max;
    while (bytes / 2 >= MAP_BYTES_LEAST && !can_map(bytes))
        bytes /= 2;
    return bytes;
}

static size_t margin(const struct space_map *map)
{
    size_t quarter = map->map_bytes / 4;
    return quarter < MAP_FREE_BYTES_MIN ? quarter : MAP_FREE_BYTES_MIN;
}

bool space_map_tight(const struct space_map *map)
{
    return map->full || map->used_bytes + margin(map) > map->map_bytes;
}

static size_t round_up(size_t bytes)
{
    return (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
}

size_t space_map_wider(const struct space_map *map, bool write, size_t bytes_max)
{
    size_t least = round_up(map->used_bytes), most = 2 * map->map_bytes;
    if (write && space_map_tight(map))
        least = round_up(map->used_bytes + margin(map) + 1);
    if (write && least <= map->map_bytes)
        least = round_up(map->map_bytes + 1);
    most = most < least ? 2 * least : most;
    most = round_up(write && most > bytes_max ? bytes_max : most);
    while (most >= least) {
        if (most <= map->map_bytes || can_map(most - map->map_bytes))
            return most;
        if (most == least)
            break;
        most = least + (most - least) / 2 / PAGE_BYTES * PAGE_BYTES;
    }
    return 0;
}
