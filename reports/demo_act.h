/* demo_act - what somebody of a made-up year does, before it is signed. */
#ifndef REPORTS_DEMO_ACT_H
#define REPORTS_DEMO_ACT_H

#include "ledger/ledger.h"

/* What the signer saw. */
enum demo_rests {
    DEMO_RESTS_NOT,
    DEMO_RESTS_HEAD, /* all that was there */
    DEMO_RESTS_MARK, /* the deployment as of the act that is marked */
    DEMO_RESTS_WRONG /* what never was: a leaf that is not that entry's */
};

/* Who brings it, and how. */
enum demo_way {
    DEMO_WAY_OWN,       /* signed; or its own token's, of a machine */
    DEMO_WAY_AMQP,      /* through the broker */
    DEMO_WAY_QUARANTINE /* no event came through the broker: the ledger's own word of that */
};

struct demo_act {
    int64_t at_us;      /* when it arrives: acts are in this order */
    int64_t claimed_us; /* its `time`; where it is earlier, it was kept back or a clock is slow */
    size_t order;       /* of its deployment's acts: between two at one moment */
    const char *type;   /* "item.checked", or all of a foreign one; static */
    char *data;         /* owned: the members of its data, without the braces */
    char *stream;       /* owned: the deployment; NULL: none */
    size_t place;       /* number of the deployment, from 0 on; SIZE_MAX without one */
    size_t who;         /* of the cast */
    size_t key;         /* of theirs; SIZE_MAX: the one in use then */
    size_t also_who;    /* who signs it too; SIZE_MAX: nobody does; */
    size_t also_key;    /* with that key */
    int64_t since_us;   /* its data end in `since`, the first position at or after this; 0: not */
    int64_t
        report_to_us; /* it issues the report of the year until then, which is its data; 0: not */
    enum demo_rests rests;
    enum demo_way way;
    struct demo_touch_wish {
        bool untouched, repeated; /* nobody touched it; its counter is that of a copy */
    } touch;
    bool foreign;  /* none of our own types */
    bool spooled;  /* says that it was kept back */
    bool replayed; /* says that it is of another ledger */
    bool marked;   /* what DEMO_RESTS_MARK looks back to */
    bool alone;    /* has a commit to itself: what follows depends on what comes of it */
    bool twice;    /* under the name of the one before it, with other content */
};

/**
 * demo_act_free(act): Free its contents.
 */
void demo_act_free(struct demo_act *act);

#endif
