/* notify - what the service manager is told: sd_notify(3)'s protocol, datagrams to the socket that
 * NOTIFY_SOCKET names.  Without that variable nothing is said.
 */
#ifndef INGEST_NOTIFY_H
#define INGEST_NOTIFY_H

#include "ledger/ledger.h"

/**
 * notify_say(state): Send lines of KEY=VALUE, as "READY=1".  One that cannot be sent is lost: there
 * is nobody to tell.
 * notify_reloading(): "RELOADING=1", with the moment, which the manager wants.
 * notify_watchdog_us(): How often "WATCHDOG=1" is to be said, half of what is asked for by
 * WATCHDOG_USEC; 0: never.
 */
void notify_say(const char *state);
void notify_reloading(void);
int64_t notify_watchdog_us(void);

#endif
