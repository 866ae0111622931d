/* dsse - Dead Simple Signing Envelopes v1.0.2 around one event.  Pure. */
#ifndef LEDGER_DSSE_H
#define LEDGER_DSSE_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"

#define DSSE_MEDIA_TYPE "application/vnd.dsse.envelope.v1+json"

struct dsse_sig {
    uint8_t key_id[KEY_ID_BYTES]; /* from keyid "SHA256:…"; zeros if it is no fingerprint */
    uint8_t *data; /* owned; alg 2 if it begins with "SSHSIG", else 64 raw bytes: alg 1 */
    size_t bytes;
};

struct dsse {
    struct buf payload; /* owned: the event's bytes */
    size_t sig_count;   /* 1..ENTRY_SIGS_MAX */
    struct dsse_sig sigs[ENTRY_SIGS_MAX];
};

/**
 * dsse_parse(text, text_bytes, ret_dsse, ret_why):
 * Parse an envelope with payloadType EVENT_MEDIA_TYPE.  Standard and URL-safe base64 are read,
 * padded; unknown members are ignored.  The payload is not looked into.
 * Errors: TOO_BIG (over ENVELOPE_BYTES_MAX, EVENT_BYTES_MAX, ENTRY_SIGS_BYTES_MAX), INVALID (not
 * I-JSON, members missing, no signature, too many, not of the length of alg 1 or 2), MEDIA_TYPE
 * (another payloadType).
 *
 * dsse_free(dsse): Free it, its payload and its signatures.
 */
MUST_CHECK enum err dsse_parse(const void *text, size_t text_bytes, struct dsse **ret_dsse,
                               struct err_text *ret_why);
void dsse_free(struct dsse *dsse);

/**
 * dsse_pae(type, body, body_bytes, buf): Append the pre-authentication encoding.
 * dsse_format(dsse, buf): Append the envelope as compact JSON, keyid as fingerprint, standard
 * base64; a zero key_id is left out.
 */
void dsse_pae(const char *type, const void *body, size_t body_bytes, struct buf *buf);
void dsse_format(const struct dsse *dsse, struct buf *buf);

#endif
