/* tar_index - where the members of a tar are, by whatever it is read from; none of their data is
 * read.  There is one form (tar_head.h): links, paths that lead elsewhere, other kinds of tar,
 * compression, padding that is not zeros, and bytes behind the end are refused.
 */
#ifndef LEDGER_TAR_INDEX_H
#define LEDGER_TAR_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

/* What a tar is read from: memory, or an open file. */
struct tar_source {
    const uint8_t *data; /* borrowed; NULL: it is the file */
    int fd;
    uint64_t bytes; /* of all */
};

struct tar_member_at {
    char *name;     /* owned */
    uint64_t at;    /* of its data in the source */
    uint64_t bytes; /* of its data */
};

struct tar_index {
    struct tar_member_at *members; /* owned; in order */
    size_t count, cap;
};

/**
 * tar_index_find(source, members_max, ret_index, ret_why):
 * Find the members; the caller owns *${ret_index} (tar_index_free; an empty one is fine).  What is
 * accepted is, but for the members' data, what would be written with these names and lengths.
 * Cost: a read a member.  Errors: INVALID (anything else, with the reason; also two members of one
 * name), TOO_BIG (over ${members_max}), IO.
 * tar_index_free(index): Free it.
 * tar_index_is(source): Whether it begins as a tar does, ours or one of GNU or pax.
 */
MUST_CHECK enum err tar_index_find(const struct tar_source *source, size_t members_max,
                                   struct tar_index *ret_index, struct err_text *ret_why);
void tar_index_free(struct tar_index *index);
bool tar_index_is(const struct tar_source *source);

/**
 * tar_index_read(source, at, bytes, buf, ret_why): Append the source's bytes [at, at + bytes),
 * which are within it (ASSERT).  Any thread, each with its buffer.  Errors: IO (also: the file is
 * shorter than it was).
 */
MUST_CHECK enum err tar_index_read(const struct tar_source *source, uint64_t at, size_t bytes,
                                   struct buf *buf, struct err_text *ret_why);

#endif
