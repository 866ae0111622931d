/* word - one word of a command, as a shell takes it.  Pure. */
#ifndef LEDGER_WORD_H
#define LEDGER_WORD_H

#include "ledger/buf.h"

/**
 * word_quote(word, buf): Append ${word}, quoted where a POSIX shell would make anything else of it.
 */
void word_quote(const char *word, struct buf *buf);

#endif
