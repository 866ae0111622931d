/* openssh - OpenSSH's programs, run without a shell: what they read and write goes through pipes,
 * and they keep the terminal to ask on.  They alone see private keys and passphrases.
 */
#ifndef LEDGER_OPENSSH_H
#define LEDGER_OPENSSH_H

#include <stdbool.h>

#include "ledger/buf.h"
#include "ledger/err.h"

#define OPENSSH_KEY_FILE "/dev/fd/3" /* where the program finds openssh_call.public_key */

/* One call. */
struct openssh_call {
    const char *const *argv; /* the program, found in PATH, its arguments, and NULL */
    const struct buf *input; /* its standard input; NULL: none */
    const char *public_key;  /* a public key's text, as a file that is in memory alone; NULL */
    bool tell; /* say on standard error at once that a security key is to be touched */
};

/**
 * openssh_run(call, output, ret_why):
 * Run it to its end; append what it writes to standard output (64 KiB; more is dropped).  It has
 * our environment without COUNTERSIGN_TOKEN, and asks on the terminal where there is one, else by
 * SSH_ASKPASS.  From then on neither it nor we leave a core dump.  A signal that ends programs
 * (Ctrl-C) ends it first, so that it can put the terminal in order, and then us, as if we had taken
 * it ourselves. Errors: IO (it is not there, or failed: its words are in ${ret_why}, on one line).
 */
MUST_CHECK enum err openssh_run(const struct openssh_call *call, struct buf *output,
                                struct err_text *ret_why);

#endif
