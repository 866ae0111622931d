/* Rule 7: when a deployment may be closed, and as what. */
#include <string.h>

#include "replay/met.h"
#include "replay/ready.h"
#include "replay/rules.h"

/* What stands in the way, as it is found. */
struct bars {
    struct buf text;
    size_t count;
};

static void bar(struct bars *bars, const char *id)
{
    buf_printf(&bars->text, "%s%s: ", bars->count == 0 ? "" : "; ", id);
    bars->count++;
}

bool rules_bars_success(const struct deployment *deployment, size_t node)
{
    const struct checklist *checklist = deployment->checklist;
    const struct node *of = &checklist->nodes[node];
    bool counts = (of->kind == NODE_APPROVAL && of->signature) ||
                  ((of->kind == NODE_ITEM || of->kind == NODE_STATUS) &&
                   checklist->sections[of->section].window.set);
    return counts && !deployment_met(deployment, node);
}

static void bar_nodes(const struct deployment *deployment, struct bars *bars)
{
    const struct checklist *checklist = deployment->checklist;
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (!rules_bars_success(deployment, i))
            continue;
        bar(bars, checklist->nodes[i].id);
        met_lack(deployment, i, &bars->text);
    }
}

/* The last window is past. */
static void bar_window(const struct deployment *deployment, const struct act *act,
                       struct bars *bars)
{
    const struct checklist *checklist = deployment->checklist;
    const struct section *last = NULL;
    for (size_t i = 0; i < checklist->section_count; i++) {
        const struct section *section = &checklist->sections[i];
        if (section->window.set && !section->rollback &&
            (last == NULL || section->window.to_min > last->window.to_min))
            last = section;
    }
    if (last == NULL)
        return;
    int64_t end_us = deployment->t0_us + last->window.to_min * INSTANT_MINUTE_US;
    if (deployment->has_t0 && act->mark.time_us >= end_us)
        return;
    bar(bars, last->id);
    buf_printf(&bars->text, "%s",
               deployment->has_t0 ? "its window, the last, is not past" : "there is no T0");
}

static void bar_criteria(const struct deployment *deployment, struct bars *bars)
{
    const struct fold *fold = deployment->fold;
    for (size_t i = 0; i < fold->unresolved_count; i++) {
        const struct criterion *criterion = &deployment->criteria[fold->unresolved[i]];
        bar(bars, criterion->id);
        buf_text(&bars->text, criterion->text);
    }
}

static void bar_successful(const struct deployment *deployment, const struct act *act,
                           struct bars *bars)
{
    size_t gate = ready_last_gate(deployment->checklist);
    if (deployment->rollback_started.set) {
        bar(bars, "rollback");
        buf_printf(&bars->text, "opened at position %llu",
                   (unsigned long long)deployment->rollback_started.pos);
    }
    if (gate != CHECKLIST_NONE && !ready_counts(deployment, gate)) {
        bar(bars, deployment->checklist->nodes[gate].id);
        buf_text(&bars->text, "the last gate is not open");
    }
    bar_nodes(deployment, bars);
    bar_window(deployment, act, bars);
    bar_criteria(deployment, bars);
}

void rules_not_closable(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    struct bars bars = {0};
    if ((act->type->tests & ACT_CLOSES) == 0)
        return;
    if (strcmp(act->status, "successful") == 0) {
        bar_successful(deployment, act, &bars);
    } else if (strcmp(act->status, "failed") != 0 && !deployment->rollback_good) {
        bool idle = deployment->fold->guarded_work == 0;
        if (strcmp(act->status, "rolled-back") == 0 || !idle) {
            bar(&bars, "rollback");
            buf_text(&bars.text, "not finished with a ✓");
        }
    }
    if (bars.count > 0)
        verdict_refuse(verdict, RULE_NOT_CLOSABLE, "not %s: %s", act->status,
                       (const char *)bars.text.data);
    buf_free(&bars.text);
}
