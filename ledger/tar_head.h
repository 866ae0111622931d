/* tar_head - the header block of one file in a tar (POSIX ustar), by libarchive.
 * There is one form: the name as given, mode 0644, no owner, time 0.  The same name and length make
 * the same bytes.  Pure.
 */
#ifndef LEDGER_TAR_HEAD_H
#define LEDGER_TAR_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"

#define TAR_HEAD_BYTES 512 /* a block: headers are one, and data are filled up to whole ones */

/* What a header says. */
struct tar_head {
    char name[TAR_NAME_BYTES_MAX + 1]; /* [A-Za-z0-9._-] and single '/' between them */
    uint64_t bytes;                    /* of the data behind it */
    bool exact;                        /* it is what tar_head_add makes of these two */
};

/**
 * tar_head_name_ok(name): Whether a member may have that name: one that every program which unpacks
 * it takes for the same file, within its directory.
 * tar_head_add(name, bytes, buf, ret_why): Append the header of a member; ${name} is well-formed
 * (ASSERT).  Errors: IO (libarchive is not there).
 * tar_head_padding(bytes): The zeros behind so many bytes of data.
 * tar_head_read(block, ret, ret_why): Take a block apart.  Errors: NOT_FOUND (it is no header),
 * INVALID (it is one, but not of a plain file with such a name), IO (libarchive is not there).
 */
bool tar_head_name_ok(const char *name);
MUST_CHECK enum err tar_head_add(const char *name, uint64_t bytes, struct buf *buf,
                                 struct err_text *ret_why);
size_t tar_head_padding(uint64_t bytes);
MUST_CHECK enum err tar_head_read(const uint8_t block[TAR_HEAD_BYTES], struct tar_head *ret,
                                  struct err_text *ret_why);

#endif
