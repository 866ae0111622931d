/* checkpoint - what a ledger says of itself in a signed note: origin, size, root.
 * Bytes: ledger/FORMAT.md "Checkpoint" (C2SP tlog-checkpoint, without extension lines).  Pure.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"

/* The body of a checkpoint. */
struct checkpoint {
    char origin[NOTE_NAME_BYTES_MAX + 1];
    uint64_t size;
    uint8_t root[HASH_BYTES];
};

/**
 * checkpoint_format(checkpoint, buf): Append the three-line body.
 * checkpoint_parse(note, note_bytes, ret): Parse the body at the start of a signed note; no
 * signature is checked, extension lines are refused.  What is accepted formats again to the same
 * bytes.  Errors: INVALID.
 */
void checkpoint_format(const struct checkpoint *checkpoint, struct buf *buf);
MUST_CHECK enum err checkpoint_parse(const char *note, size_t note_bytes, struct checkpoint *ret);

#endif
