/* docket_heads - where streams stood, as an evidence bundle shows it: the records under the root of
 * a ledger.heads, all of a period's or one deployment's; and the streams that are left out.
 * Bytes: ledger/FORMAT.md "Bundle of streams".  Pure.
 */
#ifndef LEDGER_DOCKET_HEADS_H
#define LEDGER_DOCKET_HEADS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/heads.h"
#include "ledger/registry.h"

/**
 * docket_heads_last(registry, size): The last ledger.heads below ${size}, borrowed; NULL.
 *
 * docket_heads_add_all(heads, buf): Append the member of a period: each record as a line
 * `STREAM POS LEAF`.
 * docket_heads_parse_all(text, text_bytes, root, ret_heads, ret_why): Take it apart, and hold it
 * against the root; the caller frees *${ret_heads} (heads_free).  Errors: PROOF.
 *
 * docket_heads_add_one(heads, index, buf): Append the member of a deployment: its record's line, a
 * line `INDEX of COUNT`, and the proof, each hash a line in base64.
 * docket_heads_parse_one(text, text_bytes, root, ret_record, ret_why): Take it apart, and check
 * that the record is under the root.  Errors: PROOF.
 */
const struct registry_heads *docket_heads_last(const struct registry *registry, uint64_t size);
void docket_heads_add_all(const struct heads *heads, struct buf *buf);
MUST_CHECK enum err docket_heads_parse_all(const void *text, size_t text_bytes,
                                           const uint8_t root[HASH_BYTES], struct heads **ret_heads,
                                           struct err_text *ret_why);
void docket_heads_add_one(const struct heads *heads, size_t index, struct buf *buf);
MUST_CHECK enum err docket_heads_parse_one(const void *text, size_t text_bytes,
                                           const uint8_t root[HASH_BYTES],
                                           struct heads_record *ret_record,
                                           struct err_text *ret_why);

#endif
