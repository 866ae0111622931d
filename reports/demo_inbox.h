/* demo_inbox - what comes to a made-up ledger and belongs to no deployment. */
#ifndef REPORTS_DEMO_INBOX_H
#define REPORTS_DEMO_INBOX_H

#include "reports/demo_office.h"

/**
 * demo_inbox_add(office): Add what the platform tells of what nobody has opened, what came under a
 * name that was taken, and what was no event.  In no order.
 */
void demo_inbox_add(struct demo_office *office);

#endif
