/* docket_parts - the members of an evidence bundle of whole streams, each in its place, and their
 * digests as SHA256SUMS has them.
 */
#ifndef LEDGER_DOCKET_PARTS_H
#define LEDGER_DOCKET_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/tar_index.h"

#define DOCKET_NONE SIZE_MAX

/* One stream, in pieces. */
struct docket_stream {
    char name[STREAM_BYTES_MAX + 1];
    size_t first, count; /* of its pieces, from 1 on */
};

struct docket_piece_at {
    size_t stream;
    size_t number;         /* in its stream, from 0 */
    size_t records, index; /* members */
};

/* Members by their number in the tar, ranges half-open. */
struct docket_parts {
    const struct tar_source *source; /* borrowed */
    struct tar_index index;          /* owned */
    struct docket_stream *streams;   /* owned; `ledger` is the first */
    size_t stream_count, stream_cap;
    struct docket_piece_at *pieces; /* owned; by stream and number */
    size_t piece_count, piece_cap;
    size_t readme, plan, note, last, signers;
    size_t tail, heads, others; /* DOCKET_NONE without one */
    size_t tiles, tiles_end, reports, reports_end;
    struct buf sums; /* owned: SHA256SUMS */
    size_t *sums_at; /* owned: where the line of each other member begins */
};

/**
 * docket_parts_is(source, index): Whether the tar is meant to be such a bundle: it has bundle.json.
 * docket_parts_find(source, index, ret_parts, ret_why):
 * Put the members of the tar in their places; *${index} is taken, also on failure.  ${source} is
 * borrowed.  Errors: PROOF (one is missing, out of its place, or has none), TOO_BIG, IO.
 * docket_parts_free(parts): An empty one is fine.
 *
 * docket_parts_read(parts, member, bytes_max, buf, ret_why): Append a member's data.  Any thread.
 * Errors: TOO_BIG, IO.
 * docket_parts_hold(parts, member, digest, ret_why): Whether SHA256SUMS has that digest of it.
 * Errors: PROOF.
 * docket_parts_take(parts, member, bytes_max, buf, ret_why): Both.  Errors: TOO_BIG, IO, PROOF.
 */
bool docket_parts_is(const struct tar_index *index);
MUST_CHECK enum err docket_parts_find(const struct tar_source *source, struct tar_index *index,
                                      struct docket_parts *ret_parts, struct err_text *ret_why);
void docket_parts_free(struct docket_parts *parts);
MUST_CHECK enum err docket_parts_read(const struct docket_parts *parts, size_t member,
                                      size_t bytes_max, struct buf *buf, struct err_text *ret_why);
MUST_CHECK enum err docket_parts_hold(const struct docket_parts *parts, size_t member,
                                      const uint8_t digest[HASH_BYTES], struct err_text *ret_why);
MUST_CHECK enum err docket_parts_take(const struct docket_parts *parts, size_t member,
                                      size_t bytes_max, struct buf *buf, struct err_text *ret_why);

#endif
