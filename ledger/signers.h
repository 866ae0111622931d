/* signers - OpenSSH's allowed_signers files: which key signs for whom, as ssh-keygen -Y reads them.
 * Source: ssh-keygen(1) ALLOWED SIGNERS; a line is `principal [options] type base64 [comment]`.
 * What is read here is the part of it that a ledger can hold: one principal and one key a line.
 * Pure.
 */
#ifndef LEDGER_SIGNERS_H
#define LEDGER_SIGNERS_H

#include <stddef.h>
#include <stdint.h>

#include "ledger/buf.h"
#include "ledger/err.h"
#include "ledger/limits.h"
#include "ledger/sshkey.h"

struct signers_line {
    size_t number; /* its line in the file, from 1 */
    char principal[PRINCIPAL_BYTES_MAX + 1];
    struct sshkey key;
};

struct signers {
    struct signers_line *lines; /* owned; in the order of the file */
    size_t count, cap;
};

/**
 * signers_parse(text, text_bytes, ret_signers, ret_why):
 * Parse a whole file; blank lines and those that begin with # are passed over, lines may end in
 * \r\n.  Options are read as OpenSSH does (names without regard to case, values in quotes with \"
 * for a quote); `namespaces` must take in event@countersign.  The first line that cannot be taken
 * refuses the file, and ${ret_why} begins with its number: also a name that cannot be a principal
 * with keys, several principals or patterns, cert-authority, valid-after and valid-before, and a
 * key that stands beside two principals.  Free with signers_free (an empty one is fine).  Cost: one
 * pass, and the square of the number of keys. Errors: INVALID, MEDIA_TYPE (a type of key that is
 * not supported yet), TOO_BIG (SIGNERS_*_MAX).
 */
MUST_CHECK enum err signers_parse(const char *text, size_t text_bytes, struct signers *ret_signers,
                                  struct err_text *ret_why);
void signers_free(struct signers *signers);

/**
 * signers_format(principal, key, from_us, to_us, buf):
 * Append a line that lets ${key} sign events for ${principal}, with its newline; good for
 * signatures of the moments from ${from_us} to ${to_us} (whole seconds; below 0: no bound).
 */
void signers_format(const char *principal, const struct sshkey *key, int64_t from_us, int64_t to_us,
                    struct buf *buf);

#endif
