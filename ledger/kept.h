/* kept - the checkpoints that a ledger keeps: one for each CHECKPOINT_KEEP_US of writing, and the
 * last one.
 */
#ifndef LEDGER_KEPT_H
#define LEDGER_KEPT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"

struct ledger;

/* One of them; nothing of its signatures is checked. */
struct kept {
    uint64_t size;
    int64_t time_us; /* time_us of its last entry */
    struct buf note; /* owned */
};

/**
 * kept_after(ledger, size, ret_kept, ret_found, ret_why):
 * The first one that covers more than ${size} entries (of those kept, then the last).  Cost: a few
 * descents.  The caller frees ret_kept->note.  Errors: IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err kept_after(struct ledger *ledger, uint64_t size, struct kept *ret_kept,
                               bool *ret_found, struct err_text *ret_why);

/**
 * kept_note(ledger, size, buf, ret_why):
 * Append the note of the one that covers ${size} entries.  Errors: NOT_FOUND (none does; the text
 * names those around it), IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err kept_note(struct ledger *ledger, uint64_t size, struct buf *buf,
                              struct err_text *ret_why);

/* Which checkpoint a command line names: --size N, --checkpoint FILE, or neither. */
struct kept_choice {
    uint64_t size;    /* 0: not given */
    const char *file; /* NULL: not given; borrowed */
};

/**
 * kept_choose(size, file, ret_choice, ret_why):
 * Take the values of the two options (NULL: not given).  Errors: USAGE (both, or no size).
 */
MUST_CHECK enum err kept_choose(const char *size, const char *file, struct kept_choice *ret_choice,
                                struct err_text *ret_why);

/**
 * kept_chosen(ledger, choice, buf, ret_why):
 * Append the note of the chosen checkpoint: what FILE holds, unread; the one of that size; or the
 * last.  Errors: those of files_input, of kept_note, or of ledger_checkpoint.
 */
MUST_CHECK enum err kept_chosen(struct ledger *ledger, const struct kept_choice *choice,
                                struct buf *buf, struct err_text *ret_why);

/**
 * kept_json(note, ret_json, ret_why): What the note of a checkpoint of the ledger's is of: {origin,
 * size, root}; a new reference.  Errors: DAMAGED.
 */
MUST_CHECK enum err kept_json(const struct buf *note, json_t **ret_json, struct err_text *ret_why);

#endif
