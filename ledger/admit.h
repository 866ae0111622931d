/* admit - admission: authenticate, check signatures and form, draw the salt, sign the admitted
 * part. Admission has the clock, the randomness and the admission key; appending (append.h) has
 * none of them. Thread-safe for one struct admission a thread; registry reads are the caller's to
 * guard.
 */
#ifndef LEDGER_ADMIT_H
#define LEDGER_ADMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/entry.h"
#include "ledger/err.h"
#include "ledger/event.h"
#include "ledger/registry.h"

/* Who brought a message, before any signature inside it is looked at. */
struct courier {
    enum origin origin;
    uint8_t credential[HASH_BYTES];          /* DESIGN.md 2; zeros: nobody yet */
    char principal[PRINCIPAL_BYTES_MAX + 1]; /* "": nobody yet */
    unsigned scopes;                         /* SCOPE_* */
    bool token; /* the credential is a bearer token's, which the registry may know by now, or no
                   longer */
};

/* An event that was let in and waits to be appended.  Self-contained: it may cross threads. */
struct admitted {
    struct admitted_part part; /* signature data point into `part_bytes` */
    struct buf part_bytes;     /* owned: the encoded admitted part */
    uint8_t admission[ED25519_SIG_BYTES];
    uint8_t salt[SALT_BYTES];
    uint8_t admission_key[ED25519_KEY_BYTES]; /* the public key that `admission` is by */
    bool rekeys;     /* its event is a ledger.rekeyed: appended alone, and joined to none */
    enum origin way; /* the ledger's own word of a message that is no event: how it came; 0: it is
                        no such word */
    char brought_by[PRINCIPAL_BYTES_MAX + 1]; /* who brought that message */
    bool joined;      /* to the one before it in ledger_append: both are appended, or neither */
    struct buf event; /* owned: the event's bytes */
    uint8_t name[HASH_BYTES]; /* SHA-256(actor 00 source) */
    char *id;                 /* owned: the event's id */
};

/* What admission needs of a ledger. */
struct admission {
    uint8_t ledger_id[HASH_BYTES];
    uint8_t secret_key[64]; /* libsodium's form; in locked memory of the ledger's */
    bool simulated;         /* the claimed time is the clock */
    bool seeded;            /* of a simulated ledger: salts follow from `seed` and the event */
    uint8_t seed[HASH_BYTES];
    int64_t last_us; /* time_us of the last entry as far as known */
};

/**
 * admit_credential(token, ret_courier): The courier whom a bearer token (base64url of 32 bytes, 43
 * characters) makes, not yet authenticated.  ret_courier->origin is the caller's.  Errors:
 * UNAUTHENTICATED (malformed).
 * admit_courier(registry, seq, now_us, courier): Authenticate a courier's token as known at ${seq},
 * for the first time or again; any other courier stays as it is.  Errors: UNAUTHENTICATED.
 * admit_token(registry, token, seq, now_us, ret_courier): Both.  Compares in constant time, and
 * takes as long for an unknown or malformed token.  Errors: UNAUTHENTICATED.
 */
MUST_CHECK enum err admit_credential(const char *token, struct courier *ret_courier);
MUST_CHECK enum err admit_courier(const struct registry *registry, uint64_t seq, int64_t now_us,
                                  struct courier *courier);
MUST_CHECK enum err admit_token(const struct registry *registry, const char *token, uint64_t seq,
                                int64_t now_us, struct courier *ret_courier);

/**
 * admit_unsigned(courier, ret_why): Whether a courier may bring what is not signed.  Errors:
 * UNAUTHENTICATED (nobody), FORBIDDEN (no write scope).
 */
MUST_CHECK enum err admit_unsigned(const struct courier *courier, struct err_text *ret_why);

/* One message as it came. */
struct admit_message {
    const char *media; /* EVENT_MEDIA_TYPE or DSSE_MEDIA_TYPE */
    const void *data;  /* borrowed */
    size_t bytes;
    const char *deployment; /* from ?deployment= or ce-deployment; NULL */
};

/**
 * admit_event(admission, registry, courier, message, ret_admitted, ret_why):
 * Admit one structured event, or one DSSE envelope, as message->media says.  Checked: form,
 * signatures (every one, of an enrolled key, one a key), that somebody is authenticated (courier or
 * signer), the write scope of a courier without a signature, the extensions `ledger` (mandatory on
 * a signed event of ours) and `deployment`.  Chosen: the stream (of an event of ours: the one that
 * it names, were it the wrong one, which the rules refuse, else `ledger`; of any other the
 * deployment that it names, else message->deployment, else `inbox`).  Read: the clock, or of a
 * simulated ledger the claimed time.  A revoked key's signature is let in: the rules judge it.
 * Errors: TOO_BIG, INVALID, MEDIA_TYPE, NOT_EVENT (also: another ledger, no deployment where there
 * must be one, two that differ), UNAUTHENTICATED (no credential, unknown key, bad signature),
 * FORBIDDEN (scope, a type reserved to the ledger), CLOCK (clock behind the last entry).
 * admit_free(admitted): NULL is fine.
 */
MUST_CHECK enum err admit_event(const struct admission *admission, const struct registry *registry,
                                const struct courier *courier, const struct admit_message *message,
                                struct admitted **ret_admitted, struct err_text *ret_why);
void admit_free(struct admitted *admitted);

/**
 * admit_own(admission, event, stream, admitted_us, ret_admitted):
 * Admit an event that the ledger itself made (origin 4, principal "ledger", no credential) to
 * ${stream}, a well-formed name.  Errors: those of event_parse.
 */
MUST_CHECK enum err admit_own(const struct admission *admission, const struct buf *event,
                              const char *stream, int64_t admitted_us,
                              struct admitted **ret_admitted);

#endif
