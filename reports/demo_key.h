/* demo_key - keys of people who do not exist, which sign in software: plain ones, and those that
 * say what a security key would.  Who knows the seed can sign, too: of simulated ledgers alone.
 */
#ifndef REPORTS_DEMO_KEY_H
#define REPORTS_DEMO_KEY_H

#include "ledger/ledger.h"

/* How a key signs (DESIGN.md 2). */
enum demo_key_form {
    DEMO_KEY_PLAIN, /* ssh-ed25519, alg 1 */
    DEMO_KEY_SSH,   /* ssh-ed25519, alg 2: as ssh-keygen does */
    DEMO_KEY_DEVICE /* sk-ssh-ed25519, alg 2, with flags and a counter */
};

struct demo_key {
    enum demo_key_form form;
    struct sshkey key;
    uint8_t secret[64]; /* libsodium's form */
};

/* What a device says of the moment when it signs. */
struct demo_touch {
    uint8_t flags; /* SSHSIG_TOUCHED, SSHSIG_VERIFIED */
    uint32_t counter;
};

/**
 * demo_key_make(seed, form, ret): The key of that seed.
 * demo_key_sign(key, event, touch, dsse): Add the key's signature of ${event} to an envelope;
 * ${touch} counts for a device alone.
 * demo_key_envelope(dsse, event, ret): Append the envelope around ${event}, and free its
 * signatures.
 */
void demo_key_make(const uint8_t seed[HASH_BYTES], enum demo_key_form form, struct demo_key *ret);
void demo_key_sign(const struct demo_key *key, const struct buf *event,
                   const struct demo_touch *touch, struct dsse *dsse);
void demo_key_envelope(struct dsse *dsse, const struct buf *event, struct buf *ret);

#endif
