/* vouch - whether those who stand under one entry have signed it, by a registry that holds the
 * stream `ledger`: admission, and the keys that signed its event; and that the event is of this
 * ledger and stream.  Pure.
 */
#ifndef LEDGER_VOUCH_H
#define LEDGER_VOUCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/event.h"
#include "ledger/registry.h"

/* Whose ledger it is. */
struct vouch_ledger {
    const struct registry *registry; /* borrowed */
    char id_hex[2 * HASH_BYTES + 1]; /* "": it is not known */
    uint8_t id[HASH_BYTES];
    bool hidden; /* some events of the stream `ledger` are not shown: a key may be unknown */
};

/* One entry as it came. */
struct vouch_entry {
    const struct entry *entry;
    const uint8_t *bytes; /* of it, entry_bytes of them */
    size_t entry_bytes;
    const uint8_t *event; /* NULL: not shown */
    size_t event_bytes;
};

/* What was found good. */
struct vouch_count {
    uint64_t signatures;
    uint64_t webauthn; /* signatures of alg 3, which are not checked */
    uint64_t unknown;  /* those by keys whose enrolment is not shown */
};

/**
 * vouch_learn(registry, ret_ledger, ret_why):
 * Take from the registry, which entry 0 was folded into, whose ledger it is.  Errors: PROOF (entry
 * 0 is not the making of a ledger).
 */
MUST_CHECK enum err vouch_learn(const struct registry *registry, struct vouch_ledger *ret_ledger,
                                struct err_text *ret_why);

/**
 * vouch_signatures(ledger, entry, count):
 * Whether admission signed the entry, and each key that it names signed its event, once, and was
 * enrolled before; the first is its principal's.  A key that was revoked still says who signed; so
 * does one whose event is not shown.  *${count} goes up.  Gives what is wrong, as text; NULL:
 * nothing.
 *
 * vouch_event(ledger, entry, event): Whether its event is of that stream, and if somebody signed
 * one of our own, of that ledger.  Gives the same.
 */
const char *vouch_signatures(const struct vouch_ledger *ledger, const struct vouch_entry *entry,
                             struct vouch_count *count);
const char *vouch_event(const struct vouch_ledger *ledger, const struct entry *entry,
                        const struct event *event);

#endif
