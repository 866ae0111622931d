/* entry - what is stored, hashed and signed: the place of an event in the ledger.
 * Bytes: ledger/FORMAT.md "Entry" (DESIGN.md 2).  Pure: no I/O, no clock, no randomness.
 */
#ifndef LEDGER_ENTRY_H
#define LEDGER_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"

enum origin { ORIGIN_HTTP = 1, ORIGIN_AMQP = 2, ORIGIN_CLI = 3, ORIGIN_LEDGER = 4 };

/* How a signature was made (DESIGN.md 2). */
enum sig_alg { SIG_DSSE_ED25519 = 1, SIG_SSHSIG = 2, SIG_WEBAUTHN = 3 };

struct entry_sig {
    uint8_t alg; /* enum sig_alg */
    uint8_t key_id[KEY_ID_BYTES];
    uint16_t bytes;
    const uint8_t *data; /* borrowed: from the entry's bytes, or from whoever encodes */
};

/* The part that admission makes and signs. */
struct admitted_part {
    int64_t admitted_us; /* Unix microseconds, clock of admission, 0 <= us < year 10000 */
    uint8_t credential[HASH_BYTES];
    uint8_t event_digest[HASH_BYTES]; /* entry_event_digest */
    uint32_t event_bytes;             /* 1..EVENT_BYTES_MAX */
    uint8_t origin;                   /* enum origin */
    char stream[STREAM_BYTES_MAX + 1];
    char principal[PRINCIPAL_BYTES_MAX + 1];
    uint8_t sig_count; /* 0..ENTRY_SIGS_MAX */
    struct entry_sig sigs[ENTRY_SIGS_MAX];
};

struct entry {
    uint64_t seq;
    int64_t time_us; /* max(admitted_us, the previous entry's time_us) */
    uint8_t prev[HASH_BYTES];
    uint64_t stream_pos;
    uint8_t stream_prev[HASH_BYTES];
    struct admitted_part part;
    uint8_t admission[ED25519_SIG_BYTES];
};

/**
 * entry_encode(entry, buf): Append the entry's bytes.  ASSERTs that every field is within its
 * bounds.
 *
 * entry_encode_part(part, buf): Append the admitted part alone, the bytes that admission signs
 * behind its prefix.
 */
void entry_encode(const struct entry *entry, struct buf *buf);
void entry_encode_part(const struct admitted_part *part, struct buf *buf);

/**
 * entry_decode(bytes, entry_bytes, ret_entry, ret_why):
 * Decode exactly ${entry_bytes} bytes; the signatures' data point into ${bytes}.
 * What is accepted encodes again to the same bytes: lengths, names, times, counts, known origin and
 * alg are checked, signatures and hashes are not.  Errors: INVALID.
 */
MUST_CHECK enum err entry_decode(const uint8_t *bytes, size_t entry_bytes, struct entry *ret_entry,
                                 struct err_text *ret_why);

/**
 * entry_leaf(bytes, entry_bytes, ret): The leaf hash, SHA-256(0x00 | entry).
 * entry_event_digest(salt, event, event_bytes, ret): SHA-256(0x02 | salt | event).
 */
void entry_leaf(const uint8_t *bytes, size_t entry_bytes, uint8_t ret[HASH_BYTES]);
void entry_event_digest(const uint8_t salt[SALT_BYTES], const void *event, size_t event_bytes,
                        uint8_t ret[HASH_BYTES]);

/**
 * entry_admission_message(ledger_id, part_bytes, part_byte_count, buf):
 * Append what admission signs: "countersign/admission/v1" 0x00 | ledger id 32 | the admitted part.
 */
void entry_admission_message(const uint8_t ledger_id[HASH_BYTES], const uint8_t *part_bytes,
                             size_t part_byte_count, struct buf *buf);

/**
 * entry_origin_name(origin): "http", "amqp", "cli" or "ledger"; static.
 */
const char *entry_origin_name(uint8_t origin);

#endif
