/* howto - the bash script in the README of an evidence bundle, by which tools that everybody has
 * check it: what all kinds of bundles share.  Its lines begin with "| ".  Pure.
 */
#ifndef LEDGER_HOWTO_H
#define LEDGER_HOWTO_H

#include "ledger/buf.h"
#include "ledger/note.h"

/**
 * howto_begin(buf): Append what the rest of the script needs: the functions hex, bytes, sum and
 * ed25519, and the directory ${work}; and the check of SHA256SUMS.
 * howto_note(key, buf): Append the check that VKEY, or where it is not set ${key}, has signed the
 * file `checkpoint`; its name is in ${name} then.
 */
void howto_begin(struct buf *buf);
void howto_note(const struct note_key *key, struct buf *buf);

#endif
