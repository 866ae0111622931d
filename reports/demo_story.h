/* demo_story - one deployment of a made-up year: who takes part, what becomes of it, and all that
 * they do, in order.  Pure, but for memory.
 */
#ifndef REPORTS_DEMO_STORY_H
#define REPORTS_DEMO_STORY_H

#include "reports/demo_act.h"
#include "reports/demo_world.h"

#define DEMO_PARTS_MAX 12
#define DEMO_DEPLOYERS 2
#define DEMO_MISHAPS_MAX 16

enum demo_end {
    DEMO_SUCCESSFUL,
    DEMO_ROLLED_BACK,
    DEMO_FAILED,
    DEMO_ABANDONED,
    DEMO_FORGOTTEN,   /* nobody closes it */
    DEMO_NEVER_OPENED /* somebody works on what nobody has opened */
};

/* A role, and who holds it here. */
struct demo_part {
    const char *role; /* borrowed from the checklist */
    size_t who;
};

/* Who does something, and when. */
struct demo_by {
    int64_t at_us;
    size_t who;
};

struct demo_story;

/* Something that goes otherwise than planned, at one step of the plan. */
struct demo_mishap {
    unsigned per_mille; /* of deployments */
    bool (*fits)(const struct demo_story *story, const struct demo_step *step);
    /* Does its acts before ${at_us}, when the step is due; false: the step itself is not done. */
    bool (*happen)(struct demo_story *story, const struct demo_step *step, int64_t at_us);
};

struct demo_story {
    const struct demo_world *world; /* borrowed */
    size_t number;
    char id[DEMO_ID_BYTES], release[DEMO_ID_BYTES];
    struct demo_dice dice;
    const struct demo_slot *slot;
    const struct demo_edition *edition;
    struct demo_part parts[DEMO_PARTS_MAX];
    size_t part_count;
    size_t lead;                      /* a Deployment Lead; opens it */
    size_t deployers[DEMO_DEPLOYERS]; /* who else does what is to be done */
    size_t author;                    /* of the changes */
    char image[2 * HASH_BYTES + 1];   /* the digest of what is deployed */

    enum demo_end end;
    bool emergency;
    bool tight;       /* too short a window was agreed */
    size_t repairs;   /* number of the deployment that it makes good; SIZE_MAX: none */
    int64_t moved_us; /* it was first planned for so much earlier; 0: it was not */
    int64_t opened_us;
    int64_t delay_us; /* of what is done from ${delay_from_ms} on, up to the last gate */
    int64_t delay_from_ms;
    int64_t cut_ms;    /* nothing of the plan is done from then on */
    int64_t closed_us; /* 0: it is not */

    const struct demo_mishap *mishaps[DEMO_MISHAPS_MAX];
    size_t mishap_steps[DEMO_MISHAPS_MAX]; /* of the plan */
    size_t mishap_count;
    bool *skipped; /* owned: steps of the plan that a mishap has seen to before */

    struct demo_act *acts; /* owned, in order of at_us once it is told */
    size_t count, cap;
    int64_t last_us; /* of the last step that was done */
};

/**
 * demo_story_make(world, number, ret): Tell it whole; free with demo_story_free.  Nothing in it is
 * at or after the end of the year.
 * demo_story_begin(world, number, ret): The same up to what becomes of it, and no acts.
 * demo_story_free(story): Free its contents.
 * demo_story_since(world, number): No act of that deployment is before this.
 */
void demo_story_make(const struct demo_world *world, size_t number, struct demo_story *ret);
void demo_story_begin(const struct demo_world *world, size_t number, struct demo_story *ret);
void demo_story_free(struct demo_story *story);
int64_t demo_story_since(const struct demo_world *world, size_t number);

/**
 * demo_story_add(story, by, type, format, ...): Another act, its data as members without
 * braces.  Borrowed until the next.
 * demo_story_turn(story, of, at): Whether it is number ${at} of each ${of} deployments.
 * demo_story_person(story): One of those who do what needs no role.
 * demo_story_part(story, role): Who holds that role here; "": one of the former.
 * demo_story_other(story, role, who): Somebody else who has that role, or ${who}.
 * demo_story_machine(story, machine): The number of a machine.
 * demo_story_between(story, at_us, part, parts): A time after the last step and before ${at_us}.
 */
struct demo_act *demo_story_add(struct demo_story *story, struct demo_by by, const char *type,
                                const char *format, ...) PRINTF_LIKE(4, 5);
bool demo_story_turn(const struct demo_story *story, size_t of, size_t at);
size_t demo_story_person(struct demo_story *story);
size_t demo_story_part(struct demo_story *story, const char *role);
size_t demo_story_other(struct demo_story *story, const char *role, size_t who);
size_t demo_story_machine(const struct demo_story *story, enum demo_machine machine);
int64_t demo_story_between(const struct demo_story *story, int64_t at_us, int64_t part,
                           int64_t parts);

#endif
