/* ledger - the folder's public face: one ledger, opened; reading, appending, verifying.
 * Everything above (ingest, replay, reports, main) includes this header alone; the nouns that it
 * shows are in the headers included here.  The rest of the folder's headers are private.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/admit.h"
#include "ledger/args.h"
#include "ledger/attestation.h"
#include "ledger/batch.h"
#include "ledger/binary.h"
#include "ledger/buf.h"
#include "ledger/check.h"
#include "ledger/checkpoint.h"
#include "ledger/clock.h"
#include "ledger/cmd.h"
#include "ledger/counters.h"
#include "ledger/custody.h"
#include "ledger/docket_check.h"
#include "ledger/docket_make.h"
#include "ledger/dossier_make.h"
#include "ledger/dsse.h"
#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/event.h"
#include "ledger/files.h"
#include "ledger/hash.h"
#include "ledger/heads.h"
#include "ledger/heads_make.h"
#include "ledger/ijson.h"
#include "ledger/instant.h"
#include "ledger/interrupt.h"
#include "ledger/kept.h"
#include "ledger/limits.h"
#include "ledger/media.h"
#include "ledger/mem.h"
#include "ledger/note.h"
#include "ledger/outfile.h"
#include "ledger/pool.h"
#include "ledger/post.h"
#include "ledger/printable.h"
#include "ledger/progress.h"
#include "ledger/prove.h"
#include "ledger/registry.h"
#include "ledger/request.h"
#include "ledger/signer.h"
#include "ledger/sshsig.h"
#include "ledger/submit.h"
#include "ledger/thread.h"
#include "ledger/tile.h"
#include "ledger/touch.h"
#include "ledger/tree.h"
#include "ledger/utf8.h"
#include "ledger/uuid.h"
#include "ledger/verdict.h"
#include "ledger/verify.h"
#include "ledger/visit.h"

struct ledger;

/* Fixed at init, from entry 0. */
struct ledger_info {
    uint8_t id[HASH_BYTES];
    char id_hex[2 * HASH_BYTES + 1];
    char origin[NOTE_NAME_BYTES_MAX + 1];
    struct note_key key; /* checks checkpoints */
    uint8_t admission_key[ED25519_KEY_BYTES];
    bool simulated;
};

/* One entry with its event, owned copies. */
struct record {
    struct entry entry; /* signatures point into entry_bytes */
    struct buf entry_bytes;
    uint8_t leaf[HASH_BYTES];
    uint8_t salt[SALT_BYTES];
    struct buf event; /* empty if erased */
};

/* What happened to one admitted event. */
struct receipt {
    /* OK: appended, or an exact duplicate; CONFLICT: the name is taken by another event; BUSY: a
     * key of the ledger admitted it that holds no longer; FORBIDDEN: a change to keys that are not
     * here; BUSY, DISK_LOW: what was before it in the batch was appended, this not yet. */
    enum err err;
    bool held; /* nothing is wrong with it, but with one that it is joined to, whose err it has */
    bool duplicate; /* an exact duplicate: the first receipt */
    uint64_t seq;
    char stream[STREAM_BYTES_MAX + 1];
    uint64_t stream_pos;
    uint8_t leaf[HASH_BYTES];
    struct verdict verdict; /* owned */
};

/* Judges committed entries in order (the reducer, handed in by main).  *${ret_verdict} starts
 * cleared. */
struct judge {
    void *ctx;
    enum err (*judge)(void *ctx, struct ledger *ledger, const struct record *record,
                      struct verdict *ret_verdict);
};

/* What a ledger takes up on this machine. */
struct ledger_usage {
    uint64_t map_bytes;       /* data.mdb may grow so far */
    uint64_t used_bytes;      /* of data.mdb are pages, free ones included */
    uint64_t disk_free_bytes; /* of its file system, for us */
    uint64_t readers;         /* read transactions under way, of all processes */
};

/* What init makes. */
struct ledger_create {
    const char *origin; /* well-formed note name, ends in "/simulated" iff simulated; NULL:
                           "countersign/", 8 hex digits of the id, and that ending */
    bool simulated;
    int64_t time_us;     /* admitted_us of entry 0 */
    const uint8_t *seed; /* HASH_BYTES from which id, keys and salts follow, so that they are no
                            secrets: of a simulated ledger alone; NULL: all are drawn */
    size_t admin_count;  /* 1.. */
    const char *const *admin_principals;
    const struct sshkey *admin_keys;
};

/**
 * ledger_create(dir, create, ret_why):
 * Make a ledger in ${dir} (made if absent, refused if it holds anything): keys (mode 0600), LMDB
 * environment, entry 0, its checkpoint, and its copy outside.  Errors: CONFLICT (something is
 * there), IO, DISK_LOW, INVALID.
 */
MUST_CHECK enum err ledger_create(const char *dir, const struct ledger_create *create,
                                  struct err_text *ret_why);

/**
 * ledger_open(dir, write, ret_ledger, ret_why):
 * Open a ledger for reading, or with its two secret keys for appending too; folds the registry.
 * One struct ledger may be used by one appending thread and any number of reading threads;
 * ledger_registry is guarded by ledger_lock.  Opening for appending first recovers from a commit
 * that failed, and refuses a ledger that is behind its checkpoint outside.
 * Errors: NOT_FOUND, IO, DAMAGED, DISK_LOW, BUSY (another process recovers it, or has it open while
 * it must be recovered).
 * ledger_open_sparse(dir, ret_ledger, ret_why): The same for reading a few streams of it, once: of
 * a file that is not in memory no more is read than that, and a stream's entries all at once.
 * ledger_open_older(dir, ret_ledger, ret_seq, ret_why):
 * The same for appending, and a ledger that is behind its checkpoint outside, or of another
 * history, goes on from what it has: `ledger.restored` says so at *${ret_seq} before anything else
 * (0: there was nothing to give up).  What the checkpoint covered is lost for good.
 * ledger_close(ledger): NULL is fine.
 * ledger_info(ledger), ledger_dir(ledger), ledger_writable(ledger): What entry 0 fixed; the
 * directory as given; whether it was opened for appending.
 */
MUST_CHECK enum err ledger_open(const char *dir, bool write, struct ledger **ret_ledger,
                                struct err_text *ret_why);
MUST_CHECK enum err ledger_open_sparse(const char *dir, struct ledger **ret_ledger,
                                       struct err_text *ret_why);
MUST_CHECK enum err ledger_open_older(const char *dir, struct ledger **ret_ledger,
                                      uint64_t *ret_seq, struct err_text *ret_why);
void ledger_close(struct ledger *ledger);
const struct ledger_info *ledger_info(const struct ledger *ledger);
const char *ledger_dir(const struct ledger *ledger);
bool ledger_writable(const struct ledger *ledger);

/**
 * ledger_registry(ledger): The registry folded up to the ledger's head as of opening,
 * ledger_refresh, or its last append.
 * ledger_lock(ledger, write), ledger_unlock(ledger): With other threads about, what the registry
 * and admission say is read in between (${write} false).  Appending locks it itself.
 * ledger_refresh(ledger, ret_why): Fold what other processes have appended since.  Errors: IO,
 * DAMAGED, BUSY.
 */
const struct registry *ledger_registry(const struct ledger *ledger);
void ledger_lock(struct ledger *ledger, bool write);
void ledger_unlock(struct ledger *ledger);
MUST_CHECK enum err ledger_refresh(struct ledger *ledger, struct err_text *ret_why);

/**
 * ledger_verdict(ledger, stream_pos):
 * How the registry judged the entry at a position of the stream `ledger`; NULL if it is not folded
 * yet. Borrowed until the next refresh or append; with other threads about, as ledger_registry.
 */
const struct verdict *ledger_verdict(const struct ledger *ledger, uint64_t stream_pos);

/**
 * ledger_size(ledger, ret_size, ret_why): Number of entries now.
 * ledger_last_us(ledger, ret_us, ret_why): time_us of the last entry.
 * ledger_checkpoint(ledger, buf, ret_why): Append the signed checkpoint of the last commit that is
 * on disk for good: a disk that fails may take back one that can be seen already, and another
 * root would then be signed for its size.  May wait for a commit, also of another process.
 * ledger_root(ledger, size, ret_root, ret_why): Root of the first ${size} entries.
 * ledger_seq_at(ledger, time_us, ret_seq, ret_why): The first seq whose time_us is >= ${time_us},
 * or the size; by halving.
 * Errors of all that read: IO, DAMAGED, BUSY (no reader slot); NOT_FOUND (ledger_root: fewer
 * entries).
 */
MUST_CHECK enum err ledger_size(struct ledger *ledger, uint64_t *ret_size,
                                struct err_text *ret_why);
MUST_CHECK enum err ledger_last_us(struct ledger *ledger, int64_t *ret_us,
                                   struct err_text *ret_why);
MUST_CHECK enum err ledger_checkpoint(struct ledger *ledger, struct buf *buf,
                                      struct err_text *ret_why);
MUST_CHECK enum err ledger_root(struct ledger *ledger, uint64_t size, uint8_t ret_root[HASH_BYTES],
                                struct err_text *ret_why);
MUST_CHECK enum err ledger_seq_at(struct ledger *ledger, int64_t time_us, uint64_t *ret_seq,
                                  struct err_text *ret_why);

/**
 * ledger_usage(ledger, ret_usage, ret_why): What the ledger takes up now.  Errors: IO.
 * ledger_ready(ledger, ret_why): Whether an append would find room on the disk and in the map.
 * Errors: DISK_LOW, IO (also after a commit that failed).
 */
MUST_CHECK enum err ledger_ready(struct ledger *ledger, struct err_text *ret_why);
MUST_CHECK enum err ledger_usage(struct ledger *ledger, struct ledger_usage *ret_usage,
                                 struct err_text *ret_why);

/**
 * ledger_read(ledger, seq, ret_record, ret_why):
 * Read one entry with its event.  Errors: NOT_FOUND (seq >= size), IO, DAMAGED (does not decode, is
 * another's seq, or the event does not have the entry's digest), BUSY.
 * ledger_record_free(record): NULL is fine.
 */
MUST_CHECK enum err ledger_read(struct ledger *ledger, uint64_t seq, struct record **ret_record,
                                struct err_text *ret_why);
void ledger_record_free(struct record *record);

/**
 * A ledger_each_fn is called for each record in order; *${ret_more} = false ends the walk.  The
 * record is borrowed.
 */
typedef enum err ledger_each_fn(void *ctx, const struct record *record, bool *ret_more);

/* Which entries to walk. */
struct ledger_walk {
    const char *stream; /* NULL: the whole ledger */
    uint64_t from;      /* first seq, or of a stream its first position */
    uint64_t to_seq;    /* entries with seq < to_seq; UINT64_MAX: to the head */
    size_t page_bytes;  /* who needs little reads so much at once; the last entry may go over; 0:
                           as much as is good for a long walk */
};

/**
 * ledger_each(ledger, walk, fn, ctx, ret_why):
 * Walk entries in order.  Pages: no read transaction is held across calls of ${fn}.  Errors: those
 * of ${fn}, IO, DAMAGED.
 */
MUST_CHECK enum err ledger_each(struct ledger *ledger, const struct ledger_walk *walk,
                                ledger_each_fn *fn, void *ctx, struct err_text *ret_why);

/**
 * ledger_stream_seq(ledger, stream, pos, ret_seq, ret_found, ret_why): The seq of a stream's
 * position.
 * ledger_stream_after(ledger, after, ret_stream, ret_found, ret_why): The name of the first stream
 * after ${after} in byte order ("" for the first), reserved ones included.
 * Cost: one descent.  Errors: IO, DAMAGED, BUSY.
 */
MUST_CHECK enum err ledger_stream_seq(struct ledger *ledger, const char *stream, uint64_t pos,
                                      uint64_t *ret_seq, bool *ret_found, struct err_text *ret_why);
MUST_CHECK enum err ledger_stream_after(struct ledger *ledger, const char *after,
                                        char ret_stream[STREAM_BYTES_MAX + 1], bool *ret_found,
                                        struct err_text *ret_why);

/**
 * ledger_tile(ledger, tile, buf, ret_why):
 * Append the bytes of a tile or bundle (C2SP tlog-tiles; `tile/events` as ledger/FORMAT.md).
 * Errors: NOT_FOUND (not that wide at the present size), IO, DAMAGED.
 */
MUST_CHECK enum err ledger_tile(struct ledger *ledger, const struct tile *tile, struct buf *buf,
                                struct err_text *ret_why);

/**
 * ledger_admission(ledger): What admit_event needs, of a ledger opened for writing; ledger_refresh
 * and each append bring last_us up to date.
 * ledger_now(ledger): The clock of admission: real time in microseconds, or in a simulated ledger
 * the last entry's.
 */
const struct admission *ledger_admission(const struct ledger *ledger);
int64_t ledger_now(struct ledger *ledger);

/**
 * ledger_seed(ledger, seed): From here on salts follow from ${seed} and the event, so that the same
 * events give the same entries.  Of a simulated ledger alone, opened for writing; before other
 * threads use it.
 */
void ledger_seed(struct ledger *ledger, const uint8_t seed[HASH_BYTES]);

/**
 * ledger_append(ledger, admitted, count, judge, ret_receipts, ret_why):
 * Append ${count} (1..BATCH_EVENTS_MAX) admitted events in order in one durable commit with its
 * checkpoint, then judge them (${judge} may be NULL: only the stream `ledger` is judged then).
 * ret_receipts[i] tells of admitted[i] (free with ledger_receipts_free); a conflict of one holds up
 * no other, but for those that are joined to it: of them all are appended, or none.  Appending is a
 * pure function of (ledger, admitted events).  Returns only after the commit is on disk.  A change
 * of the ledger's own keys has a commit of its own, before and after which the rest of the batch is
 * appended. Errors: DISK_LOW, BUSY (nothing was appended: try later), IO, DAMAGED (the caller must
 * end the process, exit 3 or 4: what was appended shows when the events are sent again).
 */
MUST_CHECK enum err ledger_append(struct ledger *ledger, struct admitted *const *admitted,
                                  size_t count, const struct judge *judge,
                                  struct receipt *ret_receipts, struct err_text *ret_why);
void ledger_receipts_free(struct receipt *receipts, size_t count);

/**
 * ledger_count(ledger, key, count): Count messages that no commit counts: what was refused before.
 * They are written with the next commit; past CUSTODY_KEYS_MAX counters principals are not told
 * apart.  Any thread.
 * ledger_counts_wait(ledger): Whether some wait for that.
 * ledger_write_counts(ledger, ret_why): Write them now, in a commit of their own.  The appending
 * thread's.  Errors: as ledger_append.
 * ledger_counted(ledger, way, outcome): How many messages were counted since the ledger was opened.
 * A ledger_custody_fn is called for each counter.
 * ledger_custody(ledger, since_day, fn, ctx, ret_why): Give the counters that are written, of that
 * day and later, in the order of their keys.  Errors: IO, DAMAGED, BUSY.
 */
void ledger_count(struct ledger *ledger, const struct custody_key *key, uint64_t count);
bool ledger_counts_wait(struct ledger *ledger);
MUST_CHECK enum err ledger_write_counts(struct ledger *ledger, struct err_text *ret_why);
uint64_t ledger_counted(struct ledger *ledger, enum origin way, enum custody_outcome outcome);

typedef void ledger_custody_fn(void *ctx, const struct custody_count *count);

MUST_CHECK enum err ledger_custody(struct ledger *ledger, int64_t since_day, ledger_custody_fn *fn,
                                   void *ctx, struct err_text *ret_why);

/**
 * ledger_receipt_why(receipt, ret_why): Say why an event of a batch was not taken; gives
 * receipt->err.
 * ledger_receipt_json(receipt): {seq, stream, stream_pos, leaf, verdict, flags, reason}, as HTTP
 * returns it; a new reference.
 * ledger_receipt_text(receipt, buf): Append the same as text.
 * ledger_record_text(record, buf):
 * Append {seq, stream, stream_pos, time, principal, origin, leaf, keys, event} as one line of JSON,
 * without a newline, with the event's own bytes as its producer made them (line ends between its
 * tokens are blanks); event is null if erased.
 */
enum err ledger_receipt_why(const struct receipt *receipt, struct err_text *ret_why);
json_t *ledger_receipt_json(const struct receipt *receipt);
void ledger_receipt_text(const struct receipt *receipt, struct buf *buf);
void ledger_record_text(const struct record *record, struct buf *buf);

#endif
