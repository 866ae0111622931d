/* proof - C2SP tlog-proof files: that an entry is in the ledger as of a signed checkpoint.
 * Bytes: ledger/FORMAT.md "Proof".  Pure: no I/O, no clock; keys arrive as struct note_key.
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/note.h"
#include "ledger/tree.h"

#define PROOF_HEADER "c2sp.org/tlog-proof@v1\n" /* the first line of every proof */

/* A proof as it stands in its file; nothing in it is checked, and `extra` is signed by nobody. */
struct proof {
    bool has_extra;
    struct buf extra;       /* owned: the decoded bytes */
    uint64_t seq;           /* the line `index` */
    struct tree_proof path; /* leaf side first */
    struct buf note;        /* owned: the checkpoint with its signatures */
};

/**
 * proof_format(proof, buf): Append the file.
 * proof_parse(text, text_bytes, ret_proof):
 * Parse ${text_bytes} bytes; the caller owns *${ret_proof} (proof_free).  What is accepted formats
 * again to the same bytes.  The note is taken as it is.  Errors: INVALID (malformed), TOO_BIG (over
 * PROOF_BYTES_MAX or PROOF_HASHES_MAX).
 * proof_free(proof): NULL is fine.
 */
void proof_format(const struct proof *proof, struct buf *buf);
MUST_CHECK enum err proof_parse(const char *text, size_t text_bytes, struct proof **ret_proof);
void proof_free(struct proof *proof);

/* What our own proofs carry in `extra`; borrowed from it. */
struct proof_extra {
    const uint8_t *entry;
    size_t entry_bytes;  /* 1..ENTRY_BYTES_MAX */
    const uint8_t *salt; /* SALT_BYTES; NULL where the event is not carried */
    const uint8_t *event;
    size_t event_bytes; /* 0, or 1..EVENT_BYTES_MAX */
};

/**
 * proof_extra_format(extra, buf): Append the bytes of ${extra}.
 * proof_extra_parse(bytes, count, ret): Take them apart; all of them must be used.  Errors:
 * INVALID.
 */
void proof_extra_format(const struct proof_extra *extra, struct buf *buf);
MUST_CHECK enum err proof_extra_parse(const uint8_t *bytes, size_t count, struct proof_extra *ret);

/**
 * proof_extra_check(extra, seq, ret_entry, ret_why):
 * Whether what is carried fits together: the entry decodes, its position is ${seq}, and the event,
 * if there, has the digest and length that the entry says.  *${ret_entry} borrows from ${extra}.
 * Errors: INVALID (the entry is malformed), PROOF.
 */
MUST_CHECK enum err proof_extra_check(const struct proof_extra *extra, uint64_t seq,
                                      struct entry *ret_entry, struct err_text *ret_why);

/**
 * proof_check(proof, leaf, keys, key_count, ret_checkpoint, ret_why):
 * Whether ${proof} shows that the leaf with hash ${leaf} is entry proof->seq of the ledger whose
 * checkpoints ${keys} (1.., of one name) sign: the checkpoint is well-formed, of the origin that
 * names the keys and signed by one of them, and the path leads to its root.
 * Errors: INVALID (the note is malformed, or no checkpoint), TOO_BIG (of the note), PROOF (another
 * origin, no or a bad signature, another root).
 * proof_check_note(note, note_bytes, keys, key_count, ret_checkpoint, ret_why): The same of a
 * checkpoint alone.  Errors: as proof_check.
 */
MUST_CHECK enum err proof_check(const struct proof *proof, const uint8_t leaf[HASH_BYTES],
                                const struct note_key *keys, size_t key_count,
                                struct checkpoint *ret_checkpoint, struct err_text *ret_why);
MUST_CHECK enum err proof_check_note(const char *note, size_t note_bytes,
                                     const struct note_key *keys, size_t key_count,
                                     struct checkpoint *ret_checkpoint, struct err_text *ret_why);

#endif
