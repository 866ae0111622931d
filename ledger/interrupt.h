/* interrupt - that somebody wants a command to end: Ctrl-C, or another signal.  Of the whole
 * process, as signals are.
 */
#ifndef LEDGER_INTERRUPT_H
#define LEDGER_INTERRUPT_H

#include <stdbool.h>

/**
 * interrupt_catch(): From here on the first SIGINT, SIGTERM or SIGHUP is only noted, so that the
 * command can end in order; a second one of the same ends the program.  What was noted before is
 * forgotten.  A SIGHUP that is ignored stays so: that is what nohup is for.
 * interrupt_came(ctx): Whether one has come; takes any ${ctx}, so that it can be handed over as
 * what is asked whether to stop.
 */
void interrupt_catch(void);
bool interrupt_came(void *ctx);

#endif
