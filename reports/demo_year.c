#include "reports/demo_year.h"

#include <stdlib.h>
#include <string.h>

#include "reports/demo_office.h"
#include "reports/demo_story.h"

/* A deployment that is being told. */
struct open_story {
    struct demo_story story;
    size_t next; /* of its acts */
};

struct year {
    const struct demo_world *world;
    struct demo_office office;
    size_t next;              /* of the deployments that are not begun */
    struct open_story **heap; /* owned: the one whose next act comes first is the first */
    size_t count, cap;
};

static const struct demo_act *head(const struct open_story *open)
{
    return &open->story.acts[open->next];
}

static bool before(const struct open_story *a, const struct open_story *b)
{
    const struct demo_act *one = head(a), *other = head(b);
    return one->at_us != other->at_us ? one->at_us < other->at_us : one->place < other->place;
}

static void swap(struct year *year, size_t a, size_t b)
{
    struct open_story *open = year->heap[a];
    year->heap[a] = year->heap[b];
    year->heap[b] = open;
}

static void rise(struct year *year, size_t at)
{
    while (at > 0 && before(year->heap[at], year->heap[(at - 1) / 2])) {
        swap(year, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void sink(struct year *year, size_t at)
{
    for (;;) {
        size_t first = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < year->count; child++) {
            if (before(year->heap[child], year->heap[first]))
                first = child;
        }
        if (first == at)
            return;
        swap(year, at, first);
        at = first;
    }
}

static void close_story(struct open_story *open)
{
    demo_story_free(&open->story);
    free(open);
}

static void begin_story(struct year *year)
{
    struct open_story *open = mem_zero(1, sizeof(*open));
    demo_story_make(year->world, year->next++, &open->story);
    if (open->story.count == 0) {
        close_story(open);
        return;
    }
    struct open_story **slot = MEM_PUSH(year->heap, year->count, year->cap);
    *slot = open;
    rise(year, year->count - 1);
}

/* Takes the next act of the story that comes first. */
static struct demo_act take_story(struct year *year)
{
    struct open_story *open = year->heap[0];
    struct demo_act *from = &open->story.acts[open->next++];
    struct demo_act act = *from;
    *from = (struct demo_act){.data = NULL};
    if (open->next == open->story.count) {
        year->heap[0] = year->heap[--year->count];
        close_story(open);
    }
    sink(year, 0);
    return act;
}

static struct demo_act take_office(struct year *year)
{
    struct demo_act *from = &year->office.acts[year->office.next++];
    struct demo_act act = *from;
    *from = (struct demo_act){.data = NULL};
    return act;
}

/* The next act of all; false: the year is over. */
static bool take(struct year *year, struct demo_act *ret)
{
    const struct demo_office *office = &year->office;
    for (;;) {
        bool stories = year->count > 0, papers = office->next < office->count;
        int64_t at_us = INT64_MAX;
        if (papers)
            at_us = office->acts[office->next].at_us;
        if (stories && head(year->heap[0])->at_us < at_us)
            at_us = head(year->heap[0])->at_us;
        if (year->next < year->world->slot_count &&
            demo_story_since(year->world, year->next) <= at_us) {
            begin_story(year);
            continue;
        }
        if (!stories && !papers)
            return false;
        bool by_office = papers && office->acts[office->next].at_us == at_us;
        *ret = by_office ? take_office(year) : take_story(year);
        return true;
    }
}

enum err demo_year_each(const struct demo_world *world, demo_year_fn *fn, void *ctx)
{
    struct year year = {.world = world};
    struct demo_act act;
    enum err err = ERR_OK;
    demo_office_make(world, &year.office);
    while (err == ERR_OK && take(&year, &act))
        err = fn(ctx, &act);
    for (size_t i = 0; i < year.count; i++)
        close_story(year.heap[i]);
    free(year.heap);
    demo_office_free(&year.office);
    return err;
}
