#include "replay/assignment.h"

#include <string.h>

#include "replay/suspect.h"

struct assignment *assignment_find(const struct deployment *deployment, const char *role,
                                   const char *principal)
{
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        struct assignment *assignment = &deployment->assignments[i];
        if (assignment->to_pos == SEQ_NONE && strcmp(assignment->principal, principal) == 0 &&
            registry_role_same(assignment->role, role))
            return assignment;
    }
    return NULL;
}

struct assignment *assignment_add(struct deployment *deployment, const char *role,
                                  const char *principal, const struct mark *mark)
{
    struct assignment *assignment = assignment_find(deployment, role, principal);
    if (assignment == NULL) {
        assignment = MEM_PUSH(deployment->assignments, deployment->assignment_count,
                              deployment->fold->assignment_cap);
        assignment->role = mem_text(role);
        assignment->principal = mem_text(principal);
        assignment->from_pos = mark->pos;
        assignment->to_pos = SEQ_NONE;
    }
    assignment->made = *mark;
    assignment->until_us = INT64_MAX;
    return assignment;
}

/* Whether the assignment holds at ${time_us}, and was made by a signature that counts. */
static bool holds(const struct deployment *deployment, const struct assignment *assignment,
                  int64_t time_us)
{
    return assignment->to_pos == SEQ_NONE && time_us < assignment->until_us &&
           !suspect_mark(deployment, &assignment->made);
}

bool deployment_holder(const struct deployment *deployment, const char *principal, const char *role,
                       uint64_t seq, int64_t time_us)
{
    if (!registry_holds(deployment->registry, principal, role, seq))
        return false;
    if (registry_role_same(role, "deployer"))
        return true;
    const struct assignment *assignment = assignment_find(deployment, role, principal);
    return assignment != NULL && holds(deployment, assignment, time_us);
}

bool assignment_any(const struct deployment *deployment, const struct mark *mark)
{
    if (registry_holds(deployment->registry, mark->principal, "deployer", mark->seq))
        return true;
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *assignment = &deployment->assignments[i];
        if (strcmp(assignment->principal, mark->principal) == 0 &&
            holds(deployment, assignment, mark->time_us) &&
            registry_holds(deployment->registry, mark->principal, assignment->role, mark->seq))
            return true;
    }
    return false;
}

#define ENDED_MAGIC MAGIC('E', 'N', 'D', 'D')

/* Whether the grant of a role on the ledger ended between two positions. */
struct ended {
    uint32_t magic;
    const char *principal, *role;
    uint64_t after_seq, before_seq;
    bool found;
};

static void look_at_grant(void *ctx, const char *principal, const char *role, uint64_t from,
                          uint64_t to)
{
    struct ended *ended;
    CAST_OBJ(ended, ctx, ENDED_MAGIC);
    (void)from;
    if (to > ended->after_seq && to < ended->before_seq &&
        strcmp(principal, ended->principal) == 0 && registry_role_same(role, ended->role))
        ended->found = true;
}

const char *assignment_lost(const struct deployment *deployment, const struct giver *giver,
                            const char *role, uint64_t pos)
{
    const struct fold *fold = deployment->fold;
    struct ended ended = {.magic = ENDED_MAGIC,
                          .principal = giver->principal,
                          .role = role,
                          .after_seq = fold->seqs[pos],
                          .before_seq = fold->now_seq};
    const struct registry_key *key =
        giver->mark.key_id == NULL ? NULL : registry_key(deployment->registry, giver->mark.key_id);
    if (key != NULL && key->revoked_seq > ended.after_seq && key->revoked_seq < ended.before_seq)
        return "key";
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *assignment = &deployment->assignments[i];
        if (assignment->to_pos != SEQ_NONE && assignment->to_pos > pos &&
            strcmp(assignment->principal, giver->principal) == 0 &&
            registry_role_same(assignment->role, role))
            return "role";
    }
    registry_grants(deployment->registry, look_at_grant, &ended);
    return ended.found ? "role" : NULL;
}
