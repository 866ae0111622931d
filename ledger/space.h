/* space - room on a ledger's file system and in the address space, asked for before it is needed.
 * A disk that was low must have DISK_FREE_BYTES_AGAIN free before it is good again, so that it does
 * not change its mind with every commit.
 */
#ifndef LEDGER_SPACE_H
#define LEDGER_SPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger/check.h"
#include "ledger/err.h"

/* One file system's state, as far as known.  Zero-initialised is fresh; one thread at a time. */
struct space {
    bool low;
};

/**
 * space_check(space, dir_fd, ret_why):
 * Whether events may be taken in on the file system of the directory ${dir_fd}.  Errors: DISK_LOW,
 * IO.
 * space_free(dir_fd, ret_bytes, ret_why): What is free there for us.  Errors: IO.
 * space_for(dir_fd, bytes, ret_why): Whether there is room for a file of ${bytes}, and
 * DISK_FREE_BYTES_MIN beside it.  Errors: DISK_LOW, IO.
 */
MUST_CHECK enum err space_check(struct space *space, int dir_fd, struct err_text *ret_why);
MUST_CHECK enum err space_free(int dir_fd, unsigned long long *ret_bytes, struct err_text *ret_why);
MUST_CHECK enum err space_for(int dir_fd, unsigned long long bytes, struct err_text *ret_why);

/* How much of a file's map is in use. */
struct space_map {
    size_t map_bytes;
    size_t used_bytes;
    bool full; /* a write has found no room in it */
};

/**
 * space_map_first(bytes_max): The size of a file's first map: ${bytes_max}, or where the address
 * space is too narrow the largest half of a half of it that leaves room for other things.
 * space_map_tight(map): Whether it should grow before the next write: less than MAP_FREE_BYTES_MIN
 * of it (of a small one, a quarter) is free.
 * space_map_wider(map, write, bytes_max):
 * The size of a map that holds what is used, for a writer with room for the next commits but at
 * most ${bytes_max}, as far as this process's address space allows (the present map goes); 0 if
 * there is none.
 */
size_t space_map_first(size_t bytes_max);
bool space_map_tight(const struct space_map *map);
size_t space_map_wider(const struct space_map *map, bool write, size_t bytes_max);

#endif
