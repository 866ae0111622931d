#include "replay/timeline_lanes.h"

#include <stdlib.h>
#include <string.h>

#include "replay/names.h"

/* Whether the deployment's assignment ${at} is the first of its role to its principal. */
static bool is_first(const struct deployment *deployment, size_t at)
{
    const struct assignment *one = &deployment->assignments[at];
    for (size_t i = 0; i < at; i++) {
        const struct assignment *other = &deployment->assignments[i];
        if (strcmp(other->principal, one->principal) == 0 &&
            registry_role_same(other->role, one->role))
            return false;
    }
    return true;
}

void timeline_lanes_roles(const struct timeline *timeline, const char *principal, struct buf *buf)
{
    const struct deployment *deployment = timeline->deployment;
    size_t before = buf->bytes;
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *one = &deployment->assignments[i];
        if (strcmp(one->principal, principal) == 0 && is_first(deployment, i))
            buf_printf(buf, "%s%s", buf->bytes > before ? " / " : "", one->role);
    }
}

/* The names of lanes by principal, and lanes by their name. */
struct sorting {
    struct names lanes;
    struct names principals; /* principal > its lane */
    struct names signers;    /* who signed anything */
};

static size_t lane_named(struct timeline *timeline, struct sorting *sorting, const char *name,
                         int64_t time_us)
{
    size_t at = 0;
    if (names_find(&sorting->lanes, name, &at))
        return at;
    struct timeline_lane *lane =
        MEM_PUSH(timeline->lanes, timeline->lane_count, timeline->lane_cap);
    lane->name = mem_text(name);
    lane->first_us = time_us;
    names_put(&sorting->lanes, name, timeline->lane_count - 1);
    return timeline->lane_count - 1;
}

static void add_who(struct timeline_lane *lane, const char *principal)
{
    struct buf text = {0};
    if (lane->who != NULL)
        buf_printf(&text, "%s, ", lane->who);
    buf_text(&text, principal);
    free(lane->who);
    lane->who = buf_take_text(&text);
}

/* That role is not assigned: the grant is enough. */
static bool is_deployer(const struct deployment *deployment, const char *principal)
{
    return registry_holds(deployment->registry, principal, "deployer", deployment->last.seq);
}

static size_t lane_of(struct timeline *timeline, struct sorting *sorting,
                      const struct timeline_row *row)
{
    struct buf roles = {0};
    size_t at = 0;
    if (names_find(&sorting->principals, row->principal, &at))
        return at;
    timeline_lanes_roles(timeline, row->principal, &roles);
    if (roles.bytes == 0 && !names_find(&sorting->signers, row->principal, &at))
        buf_text(&roles, "pipelines");
    else if (roles.bytes == 0)
        buf_text(&roles,
                 is_deployer(timeline->deployment, row->principal) ? "deployer" : "no role");
    size_t lane = lane_named(timeline, sorting, (const char *)roles.data, row->time_us);
    add_who(&timeline->lanes[lane], row->principal);
    names_put(&sorting->principals, row->principal, lane);
    buf_free(&roles);
    return lane;
}

void timeline_lanes_make(struct timeline *timeline)
{
    struct sorting sorting = {{0}, {0}, {0}};
    for (size_t i = 0; i < timeline->row_count; i++) {
        if (timeline->rows[i].has_key)
            names_put(&sorting.signers, timeline->rows[i].principal, 0);
    }
    for (size_t i = 0; i < timeline->row_count; i++) {
        struct timeline_row *row = &timeline->rows[i];
        row->lane = lane_of(timeline, &sorting, row);
        struct timeline_lane *lane = &timeline->lanes[row->lane];
        lane->acts++;
        lane->refused += row->verdict.rule != RULE_NONE;
        lane->flagged += row->verdict.rule == RULE_NONE && row->verdict.flags != 0;
        lane->last_us = row->time_us;
    }
    names_free(&sorting.lanes);
    names_free(&sorting.principals);
    names_free(&sorting.signers);
}

void timeline_lanes_free(struct timeline *timeline)
{
    for (size_t i = 0; i < timeline->lane_count; i++) {
        free(timeline->lanes[i].name);
        free(timeline->lanes[i].who);
    }
    free(timeline->lanes);
}
