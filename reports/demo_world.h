/* demo_world - what a made-up year is played in: its time, people, services, checklists, and when
 * which deployment is.  Pure, but for memory.
 */
#ifndef REPORTS_DEMO_WORLD_H
#define REPORTS_DEMO_WORLD_H

#include "reports/demo_cast.h"
#include "reports/demo_plan.h"

#define DEMO_EDITIONS 4 /* of checklists: the last is a later one of the first */
#define DEMO_ID_BYTES 64

/* A published checklist, and what it asks for. */
struct demo_edition {
    const char *name;    /* static */
    struct buf markdown; /* owned */
    struct checklist *checklist;
    struct demo_plan plan, back; /* a deployment that goes well; going back */
    int64_t from_us;             /* used from then on, */
    int64_t to_us;               /* and no more from then on */
};

struct demo_service {
    const char *team, *name, *environment; /* static */
    size_t edition;                        /* the checklist that it goes by, */
    size_t rarely;                         /* or now and then by this one */
};

/* One deployment, before its story is told. */
struct demo_slot {
    int64_t t0_us;
    const struct demo_service *service;
    unsigned release; /* of that service, from 1 on */
    bool urgent;      /* outside working time, or while releases are frozen */
};

/* Days on which the year turns: what people then did follows from these. */
enum demo_day {
    DEMO_JOINED,      /* another engineer */
    DEMO_ROTATED,     /* a Technical Lead's key, by the old one */
    DEMO_LAX,         /* a weaker policy, */
    DEMO_LAX_OVER,    /* until then */
    DEMO_REPLACED,    /* an engineer's key, by an admin alone */
    DEMO_TOUCH,       /* Release Managers must touch their keys; */
    DEMO_TOUCH_KEY,   /* then the one who has no such key gets one */
    DEMO_REVISED,     /* the checklist `standard-change` */
    DEMO_STOLEN,      /* an engineer's key; found out that day */
    DEMO_MOVED,       /* a Deployment Lead becomes an Operations Lead */
    DEMO_LEFT,        /* an engineer */
    DEMO_TOKEN,       /* a new one for a pipeline */
    DEMO_STRICT,      /* a policy that refuses what is late, */
    DEMO_STRICT_OVER, /* until then */
    DEMO_FREEZE,      /* but for emergencies no deployments any more */
    DEMO_DAYS
};

/* People on whom something turns, by their number in the cast. */
struct demo_turns {
    size_t joined, rotated, replaced, touching, stolen, moved, left;
    size_t twofold; /* a Technical Lead who may stand in for a Product Manager */
};

struct demo_world {
    uint64_t seed;
    int64_t begin_us;        /* of the ledger: a month before the year */
    int64_t from_us, to_us;  /* the year, half-open */
    int64_t half_us;         /* the first of July */
    int64_t days[DEMO_DAYS]; /* 09:00 */
    struct demo_cast cast;
    struct demo_turns turns;
    struct demo_edition editions[DEMO_EDITIONS];
    struct demo_slot *slots; /* owned, by t0 */
    size_t slot_count;
};

/**
 * demo_world_make(seed, year, deployments, ret): Free with demo_world_free.
 * demo_world_free(world): Free its contents.
 * demo_world_id(world, number, ret): The name of a deployment, as "checkout-1.14.0".
 * demo_world_release(slot, ret): Its release, as "1.14.0"; same buffer size.
 * demo_world_stolen_us(world): From then on somebody else may have had the key that was stolen.
 * demo_world_edition(world, slot, now_and_then): The checklist that a deployment goes by.
 */
void demo_world_make(uint64_t seed, int year, size_t deployments, struct demo_world *ret);
void demo_world_free(struct demo_world *world);
void demo_world_id(const struct demo_world *world, size_t number, char ret[DEMO_ID_BYTES]);
void demo_world_release(const struct demo_slot *slot, char ret[DEMO_ID_BYTES]);
int64_t demo_world_stolen_us(const struct demo_world *world);
const struct demo_edition *demo_world_edition(const struct demo_world *world,
                                              const struct demo_slot *slot, bool now_and_then);

#endif
