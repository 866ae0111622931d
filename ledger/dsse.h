/* dsse - Dead Simple Signing Envelopes v1.0.2 around one event, or around what others signed. Pure.
 */
#ifndef LEDGER_DSSE_H
#define LEDGER_DSSE_H

#include <stdbool.h>
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
    char *type;         /* owned: payloadType */
    struct buf payload; /* owned: the event's bytes */
    size_t sig_count;   /* 1..ENTRY_SIGS_MAX of dsse_parse, else 1..DSSE_SIGS_MAX */
    struct dsse_sig sigs[DSSE_SIGS_MAX];
};

/**
 * dsse_parse(text, text_bytes, ret_dsse, ret_why):
 * Parse an envelope with payloadType EVENT_MEDIA_TYPE.  Standard and URL-safe base64 are read,
 * padded; unknown members are ignored.  The payload is not looked into.
 * Errors: TOO_BIG (over ENVELOPE_BYTES_MAX, EVENT_BYTES_MAX, ENTRY_SIGS_BYTES_MAX), INVALID (not
 * I-JSON, members missing, no signature, too many, not of the length of alg 1 or 2), MEDIA_TYPE
 * (another payloadType).
 *
 * dsse_parse_any(text, text_bytes, ret_dsse, ret_why):
 * The same of an envelope around anything, with signatures of any kind and length.
 * Errors: TOO_BIG (over ENVELOPE_BYTES_MAX, EVENT_BYTES_MAX), INVALID (not I-JSON, members missing,
 * no signature, over DSSE_SIGS_MAX).
 * dsse_is_envelope(text, text_bytes): Whether it is an envelope and no event: it has the member
 * payloadType, which cannot name an attribute of an event.  Cost: its JSON, where that name stands.
 * dsse_is_ssh(sig): Whether it is an SSH signature.
 * dsse_free(dsse): Free it, its payload and its signatures.
 */
MUST_CHECK enum err dsse_parse(const void *text, size_t text_bytes, struct dsse **ret_dsse,
                               struct err_text *ret_why);
MUST_CHECK enum err dsse_parse_any(const void *text, size_t text_bytes, struct dsse **ret_dsse,
                                   struct err_text *ret_why);
bool dsse_is_envelope(const void *text, size_t text_bytes);
bool dsse_is_ssh(const struct dsse_sig *sig);
void dsse_free(struct dsse *dsse);

/**
 * dsse_pae(type, body, body_bytes, buf): Append the pre-authentication encoding.
 * dsse_format(dsse, buf): Append the envelope as compact JSON, keyid as fingerprint, standard
 * base64; a zero key_id is left out.
 */
void dsse_pae(const char *type, const void *body, size_t body_bytes, struct buf *buf);
void dsse_format(const struct dsse *dsse, struct buf *buf);

#endif
