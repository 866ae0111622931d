/* consent - a person asked on the terminal, whatever standard input and output are. */
#ifndef REPLAY_CONSENT_H
#define REPLAY_CONSENT_H

#include "ledger/ledger.h"

enum consent { CONSENT_YES, CONSENT_NO, CONSENT_NOBODY };

/**
 * consent_possible(): Whether there is a terminal to ask on.
 * consent_ask(question): Ask; YES for `yes` (or `y`), NO for any other answer or none (end of
 * input, a signal), NOBODY where there is no terminal.
 */
bool consent_possible(void);
enum consent consent_ask(const char *question);

#endif
