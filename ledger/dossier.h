/* dossier - an evidence bundle of one act: everything by which whoever has the ledger's vkey can
 * check it without the ledger.
 * Bytes: ledger/FORMAT.md "Evidence bundle".  Pure.
 */
#ifndef LEDGER_DOSSIER_H
#define LEDGER_DOSSIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/event.h"
#include "ledger/note.h"
#include "ledger/proof.h"
#include "ledger/registry.h"
#include "ledger/tar.h"

/* One entry with the proof that it is in the ledger, taken apart; borrowed from the proof. */
struct dossier_entry {
    struct proof *proof; /* owned */
    struct proof_extra extra;
    struct entry entry;
    uint8_t leaf[HASH_BYTES];
};

/* What a bundle holds; all else in it follows from this. */
struct dossier {
    struct buf readme; /* for people; nothing depends on it */
    struct buf event;
    uint8_t salt[SALT_BYTES];
    struct dossier_entry act;
    struct dossier_entry last;  /* the last entry of the checkpoint */
    struct dossier_entry *keys; /* owned: the stream `ledger`, in order, with events */
    size_t key_count, key_cap;
    bool has_tail;
    struct buf tail; /* the entries behind the last of them, to dossier_tail_end, each u16 length |
                        entry */
};

/**
 * dossier_parse(bytes, count, ret_dossier, ret_why):
 * Take a bundle apart; that it holds together is dossier_check_whole's to say.  The caller frees
 * *${ret_dossier} (dossier_free).  Errors: INVALID (malformed, with the member that is), TOO_BIG.
 * dossier_free(dossier): NULL is fine.
 */
MUST_CHECK enum err dossier_parse(const void *bytes, size_t count, struct dossier **ret_dossier,
                                  struct err_text *ret_why);
void dossier_free(struct dossier *dossier);

/**
 * dossier_take(text, text_bytes, name, ret, ret_why): Take apart the proof of one entry, that
 * carries the entry; ${name} is for complaints.  Errors: INVALID, TOO_BIG, PROOF (as
 * proof_extra_check).
 * dossier_drop(entry): Free what it owns.
 */
MUST_CHECK enum err dossier_take(const struct buf *text, const char *name,
                                 struct dossier_entry *ret, struct err_text *ret_why);
void dossier_drop(struct dossier_entry *entry);

/**
 * dossier_tail_end(dossier, size): The position behind the last entry of the tail, as of ${size}
 * entries: ${size}, or that behind the act, or where there are too many entries up to there too,
 * or there is none, that behind the last of `keys` (of which there is one: ASSERT).
 */
uint64_t dossier_tail_end(const struct dossier *dossier, uint64_t size);

/**
 * dossier_format(dossier, registry, buf, ret_why): Append the bundle; what follows from its parts
 * is made from them.  ${registry} knows the keys that signed the event (ASSERT).  Errors: IO, as
 * tar_write.
 * dossier_differs(dossier, registry, bytes, count, buf): Append the name of the first member by
 * which the bundle ${bytes}, that ${dossier} was taken from, is another than dossier_format makes;
 * false if there is none.
 */
MUST_CHECK enum err dossier_format(const struct dossier *dossier, const struct registry *registry,
                                   struct buf *buf, struct err_text *ret_why);
bool dossier_differs(const struct dossier *dossier, const struct registry *registry,
                     const void *bytes, size_t count, struct buf *buf);

#endif
