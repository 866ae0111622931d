/* tar - files in memory as one tar, and back; nothing goes to disk.
 * There is one form (tar_head.h), in the order of the members, with nothing behind the two zero
 * blocks of the end.  So the same members make the same bytes, and what is read is read only if it
 * is what would be written (tar_index.h).
 */
#ifndef LEDGER_TAR_H
#define LEDGER_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/tar_head.h"

#define TAR_SUMS "SHA256SUMS"

struct tar_member {
    char name[TAR_NAME_BYTES_MAX + 1]; /* [A-Za-z0-9._-] and single '/' between them */
    struct buf data;                   /* owned */
};

struct tar {
    struct tar_member *members; /* owned; in order */
    size_t count, cap;
};

/**
 * tar_add(tar, name, data, bytes): Add a member behind the others; ${name} is well-formed and new
 * (ASSERT: well-formed).
 * tar_sum(name, digest, buf): Append the line that SHA256SUMS has of a member, as sha256sum -c
 * reads it.
 * tar_add_sums(tar): Add SHA256SUMS, with a line for each member so far.
 * tar_find(tar, name): The member's data, or NULL.  Cost: a look at each.
 * tar_free(tar): Free the members; an empty one is fine.
 */
void tar_add(struct tar *tar, const char *name, const void *data, size_t bytes);
void tar_sum(const char *name, const uint8_t digest[HASH_BYTES], struct buf *buf);
void tar_add_sums(struct tar *tar);
const struct buf *tar_find(const struct tar *tar, const char *name);
void tar_free(struct tar *tar);

/**
 * tar_write(tar, buf, ret_why): Append the tar.  Errors: IO (libarchive is not there).
 * tar_read(bytes, count, ret_tar, ret_why): Read one; the caller owns *${ret_tar}.  What is
 * accepted writes again to the same bytes.  Cost: two copies.  Errors: INVALID (anything else, with
 * the reason; also two members of one name), TOO_BIG (over TAR_BYTES_MAX, TAR_MEMBERS_MAX), IO (as
 * above).
 */
MUST_CHECK enum err tar_write(const struct tar *tar, struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err tar_read(const void *bytes, size_t count, struct tar *ret_tar,
                             struct err_text *ret_why);

#endif
