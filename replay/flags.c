#include "replay/flags.h"

#include <stdlib.h>
#include <string.h>

#include "replay/ready.h"
#include "replay/rules.h"

#define NEW_KEY_US INSTANT_DAY_US /* a key is new for its first day */

/* Where flags go, and what there is to say about them. */
struct marking {
    const struct deployment *deployment;
    const struct act *act;
    struct verdict *verdict;
    struct buf why;
};

static void flag(struct marking *marking, enum flag flag)
{
    verdict_flag(marking->verdict, flag);
}

/* Set the flag, and begin what is said of it. */
static struct buf *flag_why(struct marking *marking, enum flag flag)
{
    verdict_flag(marking->verdict, flag);
    buf_printf(&marking->why, "%s%s: ", marking->why.bytes == 0 ? "" : "; ", flag_name(flag));
    return &marking->why;
}

void flags_explain(struct verdict *verdict, const char *text)
{
    struct buf reason = {0};
    if (text == NULL)
        return;
    if (verdict->reason != NULL)
        buf_printf(&reason, "%s; ", verdict->reason);
    buf_text(&reason, text);
    free(verdict->reason);
    verdict->reason = buf_take_text(&reason);
}

static void say(struct marking *marking)
{
    if (marking->why.bytes > 0)
        flags_explain(marking->verdict, (const char *)marking->why.data);
    buf_free(&marking->why);
}

static const struct node *node_of(const struct marking *marking)
{
    size_t node = marking->act->node;
    return node == CHECKLIST_NONE ? NULL : &marking->deployment->checklist->nodes[node];
}

/* The window that the act on a node is measured against, or NULL. */
static const struct window *window_of(const struct deployment *deployment, const struct act *act)
{
    if (act->node == CHECKLIST_NONE || (act->type->tests & ACT_WELCOME) != 0 || !deployment->has_t0)
        return NULL;
    const struct window *window = &deployment->checklist->nodes[act->node].window;
    return window->set ? window : NULL;
}

bool flags_late(const struct deployment *deployment, const struct act *act, int64_t *ret_us)
{
    const struct window *window = window_of(deployment, act);
    if (window == NULL)
        return false;
    int64_t end_us = deployment->t0_us + window->to_min * INSTANT_MINUTE_US;
    if (act->mark.time_us <= end_us)
        return false;
    *ret_us = act->mark.time_us - end_us;
    return true;
}

/* Early is only what comes after T0 and before its window; a deadline is never early. */
static bool is_early(const struct deployment *deployment, const struct act *act, int64_t *ret_us)
{
    const struct window *window = window_of(deployment, act);
    if (window == NULL || window->from_min == window->to_min ||
        act->mark.time_us < deployment->t0_us)
        return false;
    *ret_us = deployment->t0_us + window->from_min * INSTANT_MINUTE_US - act->mark.time_us;
    return *ret_us > 0;
}

static void mark_time(struct marking *marking)
{
    const struct deployment *deployment = marking->deployment;
    const struct act *act = marking->act;
    int64_t by_us = 0;
    if (flags_late(deployment, act, &by_us))
        buf_printf(flag_why(marking, FLAG_LATE), "%lld min %lld s after the window of %s",
                   (long long)(by_us / INSTANT_MINUTE_US),
                   (long long)(by_us % INSTANT_MINUTE_US / INSTANT_SECOND_US),
                   node_of(marking)->id);
    else if (is_early(deployment, act, &by_us))
        buf_printf(flag_why(marking, FLAG_EARLY), "%lld min %lld s before the window of %s",
                   (long long)(by_us / INSTANT_MINUTE_US),
                   (long long)(by_us % INSTANT_MINUTE_US / INSTANT_SECOND_US),
                   node_of(marking)->id);
    bool in_window = !deployment->has_window || (act->mark.time_us >= deployment->window_from_us &&
                                                 act->mark.time_us <= deployment->window_to_us);
    bool guarded = rules_guard(deployment, act) != CHECKLIST_NONE;
    if (!in_window && (guarded || act_is(act, "clock.started")))
        flag(marking, FLAG_OUTSIDE_WINDOW);
}

static void mark_lane(struct marking *marking)
{
    const struct deployment *deployment = marking->deployment;
    const struct act *act = marking->act;
    bool gate =
        (act->type->tests & ACT_DECIDES) != 0 && !act->stop && node_of(marking)->authority != NULL;
    if (act_is(act, "item.waived"))
        flag(marking, FLAG_WAIVED);
    if (act->emergency || act_is(act, "emergency.declared") ||
        (gate && ready_emergency(deployment)))
        flag(marking, FLAG_EMERGENCY);
    if (ready_retroactive(deployment, act))
        flag(marking, FLAG_RETROACTIVE);
}

static void mark_approval(struct marking *marking)
{
    struct buf ids = {0};
    if ((marking->act->type->tests & ACT_APPROVES) == 0)
        return;
    unsigned count = ready_blind(marking->deployment, marking->act->node, &ids);
    if (count > 0) {
        buf_printf(flag_why(marking, FLAG_BLIND), "%u not met: %s", count, (const char *)ids.data);
        marking->verdict->blind_count = count;
    }
    buf_free(&ids);
}

/* Whether a value is recorded in a field or choice nested in the act's item. */
static bool has_value(const struct marking *marking)
{
    const struct checklist *checklist = marking->deployment->checklist;
    for (size_t i = marking->act->node + 1;
         i < checklist->node_count && checklist_child_of(checklist, i, marking->act->node); i++) {
        enum node_kind kind = checklist->nodes[i].kind;
        if ((kind == NODE_FIELD || kind == NODE_CHOICE) &&
            marking->deployment->nodes[i].value != NULL)
            return true;
    }
    return false;
}

/* A pass that rests on nothing measured, or on no number and no person. */
static void mark_pass(struct marking *marking)
{
    const struct act *act = marking->act;
    if (!act_is_pass(act))
        return;
    const struct node_state *state = &marking->deployment->nodes[act->node];
    if (node_of(marking)->threshold != NULL) {
        if (!state->measured.mark.set)
            flag(marking, FLAG_UNMEASURED);
    } else if (!act->person && !state->command.mark.set && !has_value(marking)) {
        flag(marking, FLAG_JUDGEMENT);
    }
}

/* ${text} without white space at its end has so many bytes. */
static size_t bytes_of(const char *text)
{
    size_t bytes = strlen(text);
    while (bytes > 0 && strchr(" \t\r\n", text[bytes - 1]) != NULL)
        bytes--;
    return bytes;
}

static void mark_command(struct marking *marking)
{
    const struct node *node = node_of(marking);
    const char *command = marking->act->command;
    if (command == NULL || node == NULL || node->command == NULL)
        return;
    size_t bytes = bytes_of(command);
    if (bytes != bytes_of(node->command) || memcmp(command, node->command, bytes) != 0)
        flag(marking, FLAG_OTHER_COMMAND);
}

static bool lists_role(const json_t *policy, const char *name, const char *role)
{
    const json_t *roles = ijson_get(policy, name);
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const char *listed = json_string_value(json_array_get(roles, i));
        if (listed != NULL && registry_role_same(listed, role))
            return true;
    }
    return false;
}

/* The policy asks for touch or PIN of the role in which it was signed; a key that is no security
 * key attests neither. */
static void mark_touch(struct marking *marking)
{
    const struct act *act = marking->act;
    const struct node *node = node_of(marking);
    const struct touch *touch = &act->mark.touch;
    if (node == NULL || (act->type->tests & (ACT_APPROVES | ACT_DECIDES)) == 0)
        return;
    const json_t *policy = marking->deployment->policy->json;
    const char *role = node->kind == NODE_APPROVAL ? node->role : node->authority;
    bool no_touch = role != NULL && lists_role(policy, "touch", role) && !touch->touched;
    bool no_pin = role != NULL && lists_role(policy, "pin", role) && !touch->pin;
    if (no_touch || no_pin)
        buf_printf(flag_why(marking, FLAG_NO_TOUCH), "no %s%s%s is attested%s",
                   no_touch ? "touch" : "", no_touch && no_pin ? ", and no " : "",
                   no_pin ? "PIN" : "", touch->attested ? "" : ": it is no security key's");
}

void flags_set(const struct deployment *deployment, const struct act *act, struct verdict *verdict)
{
    struct marking marking = {.deployment = deployment, .act = act, .verdict = verdict};
    mark_lane(&marking);
    if (act->node != CHECKLIST_NONE || act_is(act, "clock.started"))
        mark_time(&marking);
    mark_approval(&marking);
    mark_pass(&marking);
    mark_command(&marking);
    mark_touch(&marking);
    say(&marking);
}

void flags_set_common(const struct deployment *deployment, const struct act *act,
                      struct verdict *verdict)
{
    struct marking marking = {.deployment = deployment, .act = act, .verdict = verdict};
    const struct registry_policy *policy =
        deployment->policy != NULL ? deployment->policy
                                   : registry_policy(deployment->registry, act->mark.seq);
    int64_t apart_us = act->mark.time_us - act->event->time_us;
    if (act->event->has_time && (apart_us > policy->skew_us || apart_us < -policy->skew_us))
        buf_printf(flag_why(&marking, FLAG_CLOCK_SKEW), "its time is %lld s %s the ledger's",
                   (long long)((apart_us < 0 ? -apart_us : apart_us) / INSTANT_SECOND_US),
                   apart_us < 0 ? "after" : "before");
    if (act->event->spooled)
        flag(&marking, FLAG_SPOOLED);
    if (act->event->replayed)
        flag(&marking, FLAG_REPLAYED);
    if (act->key != NULL && act->mark.time_us - act->key->enrolled_us < NEW_KEY_US)
        flag(&marking, FLAG_NEW_KEY);
    if (act->counter != NULL)
        buf_text(flag_why(&marking, FLAG_COUNTER), act->counter);
    if (deployment->closed.set)
        flag(&marking, FLAG_AFTER_CLOSE);
    say(&marking);
}
