/* uuid - UUIDs that follow from names (RFC 9562 5.5, version 5).  Pure. */
#ifndef LEDGER_UUID_H
#define LEDGER_UUID_H

#include "ledger/hash.h"

#define UUID_TEXT_BYTES 37 /* "017f22e2-79b0-5cc3-98c4-dc0c0c07398f" and its NUL */

/**
 * uuid_named(space, name, count, ret):
 * The UUID of the name that ${count} pieces make together, in the name space whose 16 bytes are
 * ${space}, as lower-case text.  (SHA-1, as the version wants it: it names, and protects nothing.)
 */
void uuid_named(const uint8_t space[16], const struct piece *name, size_t count,
                char ret[UUID_TEXT_BYTES]);

#endif
