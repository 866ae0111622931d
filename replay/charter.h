/* charter - the data of deployment.opened from what is typed on a command line.  Pure. */
#ifndef REPLAY_CHARTER_H
#define REPLAY_CHARTER_H

#include <jansson.h>

#include "ledger/ledger.h"

/* The options of `open` that go into the event. */
enum charter_option {
    CHARTER_RELEASE = 0x3000,
    CHARTER_TITLE,
    CHARTER_ENVIRONMENT,
    CHARTER_SERVICE,
    CHARTER_LEAD,
    CHARTER_ROLE,
    CHARTER_T0,
    CHARTER_WINDOW,
    CHARTER_AUTHOR,
    CHARTER_ARTIFACT,
    CHARTER_CHANGE,
    CHARTER_REASON,
    CHARTER_IMPACT,
    CHARTER_REPAIRS,
    CHARTER_EMERGENCY
};

/**
 * charter_data(args, ret_data, ret_why): All members of the event's data but `checklist`; new
 * reference.  Errors: USAGE (a time, window, ROLE=PRINCIPAL or URI=SHA256 is malformed, or an
 * emergency has two reasons).
 */
MUST_CHECK enum err charter_data(const struct args *args, json_t **ret_data,
                                 struct err_text *ret_why);

#endif
