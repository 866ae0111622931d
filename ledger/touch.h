/* touch - what a signature says beside that it is good: its key's type, and what a security key
 * attests of the moment when it signed.
 * Source: OpenSSH's PROTOCOL.u2f.  Pure.
 */
#ifndef LEDGER_TOUCH_H
#define LEDGER_TOUCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/entry.h"
#include "ledger/sshkey.h"

struct touch {
    enum sshkey_type type;
    bool attested; /* by a security key; of other keys nothing of the rest is known */
    bool touched;  /* somebody touched it (flag 0x01, user present) */
    bool pin;      /* it knew them, by a PIN or otherwise (flag 0x04, user verified) */
    uint8_t flags; /* as they were signed */
    uint32_t counter;
};

/**
 * touch_of(sig, ret): Read a signature that was checked when it came in; false, and nothing is
 * written, if it is in no form that is known.  Cost: one look at its strings, no cryptography.
 *
 * touch_json(touch): {touched, pin, counter}, or null where nothing is attested.
 * touch_text(touch, buf): Append "touched, no PIN, counter 7"; nothing where nothing is attested.
 */
bool touch_of(const struct entry_sig *sig, struct touch *ret);
json_t *touch_json(const struct touch *touch);
void touch_text(const struct touch *touch, struct buf *buf);

#endif
