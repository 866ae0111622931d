/* demo_event - an act of a made-up year as a message: the event's text, signed where somebody
 * signs it.
 */
#ifndef REPORTS_DEMO_EVENT_H
#define REPORTS_DEMO_EVENT_H

#include "reports/demo_act.h"
#include "reports/demo_chain.h"
#include "reports/demo_world.h"

/* What an act's event depends on, but for the act. */
struct demo_event_of {
    const struct demo_world *world;
    const char *ledger_hex;         /* the ledger's id */
    const struct demo_place *place; /* what the signer saw; NULL: the act rests on nothing */
    uint64_t since;                 /* of an act that has since_us */
    uint32_t counter;               /* of the signer's security key */
};

/**
 * demo_event_text(of, act, ret): Append the event.
 * demo_event_sign(of, act, text, ret): Append its envelope, if somebody signs it; else false.
 */
void demo_event_text(const struct demo_event_of *of, const struct demo_act *act, struct buf *ret);
bool demo_event_sign(const struct demo_event_of *of, const struct demo_act *act,
                     const struct buf *text, struct buf *ret);

#endif
