/* docket - an evidence bundle of whole streams, a deployment's or all of a period: what it is of,
 * the names of its members, and the bytes of those that hold entries.
 * Bytes: ledger/FORMAT.md "Bundle of streams".  Pure.
 */
#ifndef LEDGER_DOCKET_H
#define LEDGER_DOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/reader.h"
#include "ledger/registry.h"
#include "ledger/tar.h"

#define DOCKET_README "README.txt"
#define DOCKET_PLAN "bundle.json"
#define DOCKET_NOTE "checkpoint"
#define DOCKET_STREAMS "streams/"
#define DOCKET_TAIL "tail"
#define DOCKET_HEADS "heads"
#define DOCKET_OTHERS "others"
#define DOCKET_LAST "last"
#define DOCKET_SIGNERS "allowed_signers"
#define DOCKET_TILES "tile/"
#define DOCKET_REPORT "report/"
#define DOCKET_SUMS TAR_SUMS

enum docket_kind { DOCKET_DEPLOYMENT, DOCKET_PERIOD };

/* What a bundle is of. */
struct docket_plan {
    enum docket_kind kind;
    char deployment[STREAM_BYTES_MAX + 1]; /* of DOCKET_DEPLOYMENT */
    int64_t from_us, to_us;                /* of DOCKET_PERIOD: half-open, by time_us */
};

/**
 * docket_plan_format(plan, buf): Append bundle.json.
 * docket_plan_parse(text, text_bytes, ret, ret_why): Take it apart; what is accepted formats again
 * to the same bytes.  Errors: INVALID.
 */
void docket_plan_format(const struct docket_plan *plan, struct buf *buf);
MUST_CHECK enum err docket_plan_parse(const void *text, size_t text_bytes, struct docket_plan *ret,
                                      struct err_text *ret_why);

/* One entry with its event as they stand in a piece; borrowed from it. */
struct docket_record {
    const uint8_t *entry;
    size_t entry_bytes;
    const uint8_t *salt; /* NULL: the event is not shown */
    const uint8_t *event;
    size_t event_bytes; /* 0: it is not shown */
};

/**
 * docket_record_add(record, buf): Append it: u16 length | entry | u32 length | salt | event.
 * docket_record_read(reader, ret): Take the next one; false if it is cut short or too long.
 */
void docket_record_add(const struct docket_record *record, struct buf *buf);
MUST_CHECK bool docket_record_read(struct reader *reader, struct docket_record *ret);

/**
 * docket_piece_full(count, bytes): Whether a piece of a stream that has so many entries, in so many
 * bytes, ends there.
 * docket_piece_name(stream, number, index, buf): Append the name of piece ${number} of a stream, or
 * of its index.
 * docket_index_add(entry, leaf, piece, record, buf): Append the line of the index that tells where
 * the record stands in the ${piece} that it was taken from.
 */
bool docket_piece_full(size_t count, size_t bytes);
void docket_piece_name(const char *stream, size_t number, bool index, struct buf *buf);
void docket_index_add(const struct entry *entry, const uint8_t leaf[HASH_BYTES],
                      const uint8_t *piece, const struct docket_record *record, struct buf *buf);

/**
 * docket_file_ok(name): Whether a file beside the evidence may have that name, a path within
 * report/.
 */
bool docket_file_ok(const char *name);

/**
 * docket_signers_add(registry, size, buf): Append a line of allowed_signers for each key that was
 * enrolled below ${size}, in the order of that.
 */
void docket_signers_add(const struct registry *registry, uint64_t size, struct buf *buf);

/**
 * docket_stream_after(a, b): Whether stream ${b} stands behind ${a} in a bundle: `ledger` comes
 * first, then `inbox`, then deployments in the order of their bytes.
 */
bool docket_stream_after(const char *a, const char *b);

/**
 * docket_tail_from(last_seq, size): The position of the first entry of the tail, where ${last_seq}
 * is the last one of the stream `ledger` below ${size}; ${size} if there is no tail, because no
 * entry follows, or more than DOSSIER_TAIL_ENTRIES_MAX.
 */
uint64_t docket_tail_from(uint64_t last_seq, uint64_t size);

#endif
