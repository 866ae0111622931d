#include "replay/ground.h"

#include <string.h>

#include "replay/assignment.h"
#include "replay/met.h"
#include "replay/needs.h"
#include "replay/ready.h"
#include "replay/standing.h"

/* The principals who hold the role now, by a blank and commas; "nobody". */
static void add_holders(const struct deployment *deployment, const char *role, struct buf *buf)
{
    size_t before = buf->bytes;
    const struct mark *last = &deployment->last;
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *one = &deployment->assignments[i];
        if (one->to_pos == SEQ_NONE && registry_role_same(one->role, role) &&
            deployment_holder(deployment, one->principal, role, last->seq + 1, last->time_us))
            buf_printf(buf, "%s%s", buf->bytes > before ? ", " : "", one->principal);
    }
    if (buf->bytes == before)
        buf_text(buf, "nobody holds it here");
}

/* Behind what would have had to be different of a node, where it is too late for that. */
static const char *in_time(const struct deployment *deployment, size_t at)
{
    const struct node *node = &deployment->checklist->nodes[at];
    bool later = (node->kind == NODE_ITEM && !node->window.set) ||
                 (node->kind == NODE_APPROVAL && deployment->emergency.set);
    bool guarded = node->guarded_by != CHECKLIST_NONE && !node->rollback;
    if (later)
        return "";
    if (deployment->rollback_started.set && guarded)
        return ", before rollback was opened";
    return deployment->closed.set ? ", before it was closed" : "";
}

/* What would meet the node. */
static void say_otherwise(struct cause *cause, const struct deployment *deployment, size_t at)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const char *when = in_time(deployment, at);
    struct buf who = {0};
    switch (node->kind) {
    case NODE_ITEM:
        if (node->role != NULL) {
            add_holders(deployment, node->role, &who);
            cause_otherwise(cause, "a pass of it by a holder of %s (%s), or a waiver%s", node->role,
                            (const char *)who.data, when);
        } else {
            cause_otherwise(cause, "a pass of it, or a waiver%s", when);
        }
        break;
    case NODE_APPROVAL:
        add_holders(deployment, node->role, &who);
        cause_otherwise(cause, "an approval by a holder of %s (%s)%s", node->role,
                        (const char *)who.data, when);
        break;
    case NODE_STATUS:
        cause_otherwise(cause, "a ✓ declared, or a ⚠ with a note on it, or a waiver%s", when);
        break;
    case NODE_FIELD:
    case NODE_CHOICE:
        cause_otherwise(cause, "a value recorded, or a waiver%s", when);
        break;
    case NODE_DECISION:
        cause_otherwise(cause, "a decision for %s%s",
                        node->option_count > 0 ? node->options[0].label : "its first option", when);
        break;
    case NODE_NOTES:
        break;
    }
    buf_free(&who);
}

void ground_item(struct cause *parent, const struct deployment *deployment, size_t item)
{
    const struct node_state *state = &deployment->nodes[item];
    if (state->command.mark.set)
        cause_add(parent, &state->command.mark, "its last command ended with %lld%s",
                  (long long)state->command.exit,
                  state->command.matched ? "" : ", and did not give what it should");
    if (state->measured.mark.set)
        cause_add(parent, &state->measured.mark, "its threshold is %s: %s",
                  state->measured.within ? "kept" : "broken", state->measured.text);
}

/* Why a node counts as met that is not. */
static const char *exempt_by(const struct node *node)
{
    return node->optional             ? ", and optional"
           : node->kind == NODE_NOTES ? ", and nothing that must be done"
                                      : ", and counts only while rollback is open";
}

void ground_node(struct cause *parent, const struct deployment *deployment, size_t at)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    struct buf lack = {0};
    if (node->twin_of != CHECKLIST_NONE) {
        ground_gate(cause_add(parent, NULL, "%s %s: decided where its gate is, %s", node->id,
                              node->label, deployment->checklist->nodes[node->twin_of].id),
                    deployment, node->twin_of);
        return;
    }
    if (deployment_met(deployment, at)) {
        const struct mark *by = met_done(deployment, at) ? &state->mark : &state->waived;
        cause_add(parent, by->set ? by : NULL, "%s %s: %s%s", node->id, node->label,
                  standing_words(deployment, at), state->met ? "" : exempt_by(node));
        return;
    }
    met_lack(deployment, at, &lack);
    const struct mark *last = state->undone.set ? &state->undone : NULL;
    if (state->mark.set && (last == NULL || state->mark.seq > last->seq))
        last = &state->mark;
    struct cause *cause = cause_add(parent, last, "%s %s: %s", node->id, node->label,
                                    lack.bytes > 0 ? (const char *)lack.data : "not met");
    say_otherwise(cause, deployment, at);
    if (node->kind == NODE_ITEM)
        ground_item(cause, deployment, at);
    buf_free(&lack);
}

void ground_rollback(struct cause *parent, const struct deployment *deployment)
{
    const char *reason = deployment->rollback_reason;
    cause_add(parent, &deployment->rollback_started, "rollback was opened%s%s",
              reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

void ground_closing(struct cause *parent, const struct deployment *deployment)
{
    cause_add(parent, &deployment->closed, "it was closed as %s", deployment->outcome);
}

void ground_course(struct cause *parent, const struct deployment *deployment, size_t node)
{
    const struct node *what = &deployment->checklist->nodes[node];
    if (deployment->rollback_started.set &&
        (what->authority != NULL || (what->guarded_by != CHECKLIST_NONE && !what->rollback)))
        ground_rollback(parent, deployment);
    if (deployment->closed.set && in_time(deployment, node)[0] != '\0')
        ground_closing(parent, deployment);
}

void ground_criterion(struct cause *parent, const struct criterion *criterion)
{
    struct cause *cause = cause_add(parent, &criterion->arose, "%s: %s", criterion->id,
                                    criterion->text != NULL ? criterion->text : "");
    if (strncmp(criterion->id, "signature:", strlen("signature:")) == 0)
        cause_elsewhere(cause, criterion->arose.seq); /* of the revocation */
    if (criterion->resolved.set)
        cause_add(cause, &criterion->resolved, "resolved");
    else
        cause_otherwise(cause, "resolved by a later good value, result or approval of the same "
                               "thing, a waiver of the node, or the rollback decision's NO");
}

void ground_criteria(struct cause *parent, const struct deployment *deployment, size_t node)
{
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        if (node == CHECKLIST_NONE ? !criterion->resolved.set : criterion->node == node)
            ground_criterion(parent, criterion);
    }
}

void ground_against(struct cause *parent, const struct deployment *deployment, uint64_t before)
{
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        if (criterion->arose.pos < before &&
            (!criterion->resolved.set || criterion->resolved.pos >= before))
            cause_add(parent, &criterion->arose, "what stood then: %s: %s", criterion->id,
                      criterion->text != NULL ? criterion->text : "");
    }
}

static void add_met(struct cause *parent, const struct deployment *deployment,
                    const struct need *need)
{
    const char *label = need->node != CHECKLIST_NONE && !need->criterion
                            ? deployment->checklist->nodes[need->node].label
                            : "";
    for (size_t i = 0; i < need->by_count; i++)
        cause_add(parent, &need->by[i], "%s%s%s: %s", need->id, label[0] != '\0' ? " " : "", label,
                  needs_how(need->how));
    if (need->how == NEED_EMERGENCY)
        cause_add(parent, &deployment->emergency, "%s%s%s: missing, which the emergency allowed",
                  need->id, label[0] != '\0' ? " " : "", label);
    else if (need->by_count == 0)
        cause_add(parent, NULL, "%s%s%s: %s", need->id, label[0] != '\0' ? " " : "", label,
                  needs_how(need->how));
}

static void add_missing(struct cause *parent, const struct deployment *deployment,
                        const struct need *need)
{
    if (need->criterion || need->node == CHECKLIST_NONE) {
        for (size_t i = 0; i < deployment->criterion_count; i++) {
            const struct criterion *criterion = &deployment->criteria[i];
            if (!criterion->resolved.set && strcmp(criterion->id, need->id) == 0)
                ground_criterion(parent, criterion);
        }
        return;
    }
    const struct node *node = &deployment->checklist->nodes[need->node];
    if (node->authority == NULL) {
        ground_node(parent, deployment, need->node);
        return;
    }
    struct cause *cause = cause_add(parent, NULL, "%s %s: %s", node->id, node->label, need->lack);
    cause_otherwise(cause, "decided for %s before", node->options[0].label);
}

/* What was simply done is counted, and the last of it named. */
static bool is_plain(const struct need *need)
{
    return need->how == NEED_PASS || need->how == NEED_DECLARED || need->how == NEED_OPTIONAL;
}

static void add_plain(struct cause *parent, const struct deployment *deployment,
                      const struct needs *needs)
{
    const struct need *last = NULL;
    size_t count = 0;
    for (size_t i = 0; i < needs->count; i++) {
        const struct need *need = &needs->list[i];
        if (!is_plain(need) || need->by_count == 0)
            continue;
        count++;
        if (last == NULL || need->by[0].seq > last->by[0].seq)
            last = need;
    }
    if (last != NULL)
        cause_add(parent, &last->by[0], "%zu items and statuses were met; the last: %s %s", count,
                  last->id, deployment->checklist->nodes[last->node].label);
}

/* What is missing: what must not stay comes first. */
static void add_all_missing(struct cause *parent, const struct deployment *deployment, size_t gate,
                            const struct needs *needs)
{
    size_t told = 0;
    for (int criteria = 1; criteria >= 0; criteria--) {
        for (size_t i = 0; i < needs->count; i++) {
            const struct need *need = &needs->list[i];
            if (need->how == NEED_MISSING && need->criterion == (criteria == 1) &&
                told++ < GROUND_LISTED_MAX)
                add_missing(parent, deployment, need);
        }
    }
    if (told > GROUND_LISTED_MAX)
        cause_add(parent, NULL, "and %zu more; `countersign status LEDGER %s --gate %s` lists them",
                  told - GROUND_LISTED_MAX, deployment->id, deployment->checklist->nodes[gate].id);
}

/* That it was an emergency, where anything was missing by that. */
static void add_emergency(struct cause *parent, const struct deployment *deployment,
                          const struct needs *needs)
{
    const char *reason = deployment->emergency_reason;
    for (size_t i = 0; i < needs->count; i++) {
        if (needs->list[i].how != NEED_EMERGENCY)
            continue;
        cause_add(parent, &deployment->emergency, "an emergency was declared%s%s",
                  reason != NULL ? ": " : "", reason != NULL ? reason : "");
        return;
    }
}

void ground_needs(struct cause *parent, const struct deployment *deployment, size_t gate, bool all)
{
    struct needs needs;
    if (all)
        needs_find(deployment, gate, NEEDS_NOW, &needs);
    else
        needs_missing(deployment, gate, NEEDS_NOW, &needs);
    add_all_missing(parent, deployment, gate, &needs);
    if (all)
        add_emergency(parent, deployment, &needs);
    for (size_t i = 0; i < needs.count; i++) {
        if (needs.list[i].how != NEED_MISSING && !is_plain(&needs.list[i]))
            add_met(parent, deployment, &needs.list[i]);
    }
    if (all)
        add_plain(parent, deployment, &needs);
    needs_free(&needs);
}

void ground_gate(struct cause *parent, const struct deployment *deployment, size_t gate)
{
    const struct node *node = &deployment->checklist->nodes[gate];
    const struct node_state *state = &deployment->nodes[gate];
    const struct mark *by = state->mark.set ? &state->mark : NULL;
    if (deployment_gate_open(deployment, gate)) {
        cause_add(parent, by, "gate %zu, %s %s, is open: %s",
                  standing_gate_number(deployment->checklist, gate), node->id, node->label,
                  state->value);
        return;
    }
    struct cause *cause =
        cause_add(parent, by, "gate %zu, %s %s, is not open: %s",
                  standing_gate_number(deployment->checklist, gate), node->id, node->label,
                  state->value != NULL ? state->value : "not decided");
    struct buf who = {0};
    add_holders(deployment, node->authority, &who);
    cause_otherwise(cause, "%s decided by a holder of %s (%s)%s", node->options[0].label,
                    node->authority, (const char *)who.data, in_time(deployment, gate));
    buf_free(&who);
    ground_needs(cause, deployment, gate, false);
    if (cause->count == 0)
        cause_add(cause, NULL, "it lacks nothing");
}

#define GRANT_MAGIC MAGIC('G', 'R', 'N', 'T')

/* The grant of a role to one person, as of a position of the ledger. */
struct grant {
    uint32_t magic;
    const char *principal, *role;
    uint64_t seq; /* as of which */
    bool found, ended;
    uint64_t from, to;
};

static void look_at_grant(void *ctx, const char *principal, const char *role, uint64_t from,
                          uint64_t to)
{
    struct grant *grant = NULL;
    CAST_OBJ(grant, ctx, GRANT_MAGIC);
    if (strcmp(principal, grant->principal) != 0 || !registry_role_same(role, grant->role) ||
        from >= grant->seq)
        return;
    grant->found = true;
    grant->from = from;
    grant->to = to;
    grant->ended = to < grant->seq;
}

static void add_grant(struct cause *parent, const struct deployment *deployment,
                      const struct act *act, const char *role)
{
    struct grant grant = {
        .magic = GRANT_MAGIC, .principal = act->mark.principal, .role = role, .seq = act->mark.seq};
    registry_grants(deployment->registry, look_at_grant, &grant);
    if (!grant.found)
        cause_otherwise(
            cause_add(parent, NULL, "%s was not granted %s on the ledger", grant.principal, role),
            "granted before by an admin: countersign role grant");
    else
        cause_elsewhere(
            cause_add(parent, NULL, "%s was granted %s on the ledger", grant.principal, role),
            grant.from);
    if (grant.ended) {
        struct cause *cause =
            cause_add(parent, NULL, "%s of %s was revoked", role, grant.principal);
        cause_elsewhere(cause, grant.to);
        cause_otherwise(cause, "done before that, or granted again");
    }
}

void ground_holder(struct cause *parent, const struct deployment *deployment, const struct act *act,
                   const char *role)
{
    const char *principal = act->mark.principal;
    add_grant(parent, deployment, act, role);
    if (registry_role_same(role, "deployer"))
        return;
    const struct assignment *assignment = assignment_find(deployment, role, principal);
    if (assignment != NULL && act->mark.time_us >= assignment->until_us) {
        cause_add(parent, &assignment->made, "%s was assigned %s here until a time that had passed",
                  principal, role);
    } else if (assignment != NULL) {
        cause_add(parent, &assignment->made, "%s was assigned %s here", principal, role);
    } else {
        struct buf who = {0};
        add_holders(deployment, role, &who);
        cause_otherwise(cause_add(parent, NULL, "%s was not assigned %s here", principal, role),
                        "done by a holder (%s), or assigned before by an admin or the lead: "
                        "countersign assign",
                        (const char *)who.data);
        buf_free(&who);
    }
}
