#include "replay/why.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "replay/flags.h"
#include "replay/ground.h"
#include "replay/layout.h"
#include "replay/narrative.h"
#include "replay/rules.h"
#include "replay/standing.h"
#include "replay/verdict_ground.h"

#define ATTEMPTS_MAGIC MAGIC('A', 'T', 'M', 'P')

/* What the act was, why it was done, and how it was judged. */
static void add_entry(struct buf *buf, const struct narrative *said, bool own,
                      const struct verdict *verdict)
{
    narrative_brief(said, buf);
    if (own && said->text != NULL)
        buf_printf(buf, ", “%s”,", said->text);
    buf_text(buf, " was ");
    layout_verdict(buf, verdict);
}

/* Why what is no act of ours, as far as this program knows, was accepted. */
static void say_evidence(struct cause *cause, const struct event *event)
{
    if (event == NULL)
        cause_add(cause, NULL, "its event was erased: it has no effect");
    else if (event_is_newer(event))
        cause_otherwise(cause_add(cause, NULL,
                                  "its type has a version that this program does not "
                                  "know: it is evidence, without effect"),
                        "judged by a program that knows that version");
    else
        cause_add(cause, NULL, "an event of another's is evidence, and always accepted");
}

/* Judges the entry once more, on the state before it. */
static void judge(struct cause *cause, struct deployment *before, const struct record *record,
                  const struct event *event)
{
    struct act act;
    struct verdict verdict = {0};
    struct narrative said = {0};
    struct buf text = {0};
    act_read(before, record, event, &act);
    narrative_of(record, event, &said);
    bool own = event != NULL && event_subject_verb(event) != NULL;
    if (own && rules_judge(before, &act, &verdict))
        flags_set(before, &act, &verdict);
    if (verdict.rule == RULE_NONE && event != NULL)
        flags_set_common(before, &act, &verdict);
    add_entry(&text, &said, own, &verdict);
    cause_say(cause, &act.mark, "%s", (const char *)text.data);
    buf_free(&text);
    if (own)
        verdict_ground_add(cause, before, &act, &verdict);
    else
        say_evidence(cause, event);
    narrative_free(&said);
    verdict_clear(&verdict);
    act_clear(&act);
}

/* One answer under way. */
struct asking {
    struct errand *errand;
    const char *id;
    struct why *why;
    struct err_text *ret_why;
};

static struct deployment *hold(struct asking *asking, struct deployment *deployment)
{
    struct why *why = asking->why;
    *(struct deployment **)MEM_PUSH(why->held, why->held_count, why->held_cap) = deployment;
    return deployment;
}

/* Explains the verdict of the entry at ${seq}. */
static enum err explain(struct asking *asking, uint64_t seq, struct cause *cause)
{
    struct errand *errand = asking->errand;
    struct record *record = NULL;
    struct event *event = NULL;
    struct deployment *before = NULL;
    enum err err = ledger_read(errand->ledger, seq, &record, asking->ret_why);
    if (err != ERR_OK)
        return err;
    if (strcmp(record->entry.part.stream, asking->id) != 0)
        err = err_say(asking->ret_why, ERR_NOT_FOUND, "entry %" PRIu64 " is not one of %s", seq,
                      asking->id);
    if (err == ERR_OK && record->event.bytes > 0)
        err = event_parse(record->event.data, record->event.bytes, &event, asking->ret_why);
    if (err == ERR_OK)
        err = replay_fold(errand->replay, asking->id, seq, NULL, &before, asking->ret_why);
    if (err == ERR_OK)
        judge(cause, hold(asking, before), record, event);
    event_free(event);
    ledger_record_free(record);
    return err;
}

/* One refused attempt on the node. */
struct attempt {
    struct mark mark;
    char *text; /* owned */
};

struct attempts {
    uint32_t magic;
    const char *node;
    struct attempt *list;
    size_t count, cap;
};

static void look(void *ctx, const struct replay_step *step)
{
    struct attempts *attempts = NULL;
    CAST_OBJ(attempts, ctx, ATTEMPTS_MAGIC);
    struct narrative said = {0};
    struct buf text = {0};
    if (step->verdict->rule == RULE_NONE)
        return;
    narrative_of(step->record, step->event, &said);
    if (said.node != NULL && strcmp(said.node, attempts->node) == 0) {
        struct attempt *attempt = MEM_PUSH(attempts->list, attempts->count, attempts->cap);
        add_entry(&text, &said, true, step->verdict);
        *attempt = (struct attempt){step->deployment->last, buf_take_text(&text)};
    }
    narrative_free(&said);
}

static void attempts_free(struct attempts *attempts)
{
    for (size_t i = 0; i < attempts->count; i++)
        free(attempts->list[i].text);
    free(attempts->list);
}

/* The entry that the node's standing comes from, or NULL. */
static const struct mark *act_behind(const struct deployment *deployment, size_t node)
{
    const struct node_state *state = &deployment->nodes[node];
    enum standing standing = standing_of(deployment, node);
    const struct mark *mark = standing == STANDING_WAIVED   ? &state->waived
                              : standing == STANDING_UNDONE ? &state->undone
                                                            : &state->mark;
    return mark->set ? mark : NULL;
}

static void say_node(struct cause *cause, const struct deployment *deployment, size_t at)
{
    const struct node *node = &deployment->checklist->nodes[at];
    const struct node_state *state = &deployment->nodes[at];
    bool decided = node->kind == NODE_DECISION && node->authority == NULL && state->value != NULL;
    bool decision = node->kind == NODE_DECISION, met = deployment_met(deployment, at);
    cause_say(cause, NULL, "%s %s %s: %s%s%s%s%s", deployment->id, node->id, node->label,
              decided ? "decided" : standing_words(deployment, at),
              state->value != NULL ? ": " : "", state->value != NULL ? state->value : "",
              state->suspect ? ", by a key that was revoked since before it" : "",
              decision || (met && !state->met) ? ""
              : met                            ? ", met"
                                               : ", not met");
}

/* The latest; of the others the number. */
static void add_attempts(struct cause *cause, const struct attempts *attempts)
{
    size_t from = attempts->count > GROUND_LISTED_MAX ? attempts->count - GROUND_LISTED_MAX : 0;
    if (from > 0)
        cause_add(cause, NULL, "%zu earlier attempts on it were refused", from);
    for (size_t i = from; i < attempts->count; i++)
        cause_add(cause, &attempts->list[i].mark, "%s", attempts->list[i].text);
}

static enum err of_node(struct asking *asking, const struct deployment *deployment, size_t at,
                        const struct attempts *attempts)
{
    struct cause *cause = &asking->why->cause;
    const struct node *node = &deployment->checklist->nodes[at];
    const struct mark *by = act_behind(deployment, at);
    enum err err = ERR_OK;
    bool lacks = node->authority != NULL ? !deployment_gate_open(deployment, at)
                                         : !deployment_met(deployment, at);
    say_node(cause, deployment, at);
    if (lacks)
        ground_course(cause, deployment, at);
    if (by != NULL)
        err = explain(asking, by->seq, cause_add(cause, NULL, "%s", ""));
    if (node->authority == NULL && (by == NULL || lacks))
        ground_node(cause, deployment, at);
    if (node->authority != NULL && lacks)
        ground_gate(cause, deployment, at);
    if (node->guarded_by != CHECKLIST_NONE && by == NULL)
        ground_gate(cause, deployment, node->guarded_by);
    ground_criteria(cause, deployment, at);
    if (node->rollback_decision && by != NULL)
        ground_against(cause, deployment, by->pos);
    add_attempts(cause, attempts);
    return err;
}

/* The node that the text names: by its id, or as `gate-N`. */
static size_t find_node(const struct deployment *deployment, const char *text)
{
    const struct checklist *checklist = deployment->checklist;
    uint64_t gate = 0;
    if (checklist == NULL)
        return CHECKLIST_NONE;
    if (strncmp(text, "gate-", 5) == 0 && args_number(text + 5, &gate))
        return gate > 0 && gate <= checklist->gate_count ? checklist->gates[gate - 1]
                                                         : CHECKLIST_NONE;
    return checklist_node(checklist, text);
}

static enum err of_state(struct asking *asking, const char *target, const char *at)
{
    struct attempts attempts = {.magic = ATTEMPTS_MAGIC, .node = target};
    const struct replay_view view = {.fn = look, .ctx = &attempts};
    struct deployment *deployment = NULL;
    struct moment moment;
    size_t node = CHECKLIST_NONE;
    enum err err = errand_head(asking->errand, asking->id, &deployment, asking->ret_why);
    if (err == ERR_OK)
        node = find_node(deployment, target);
    if (node != CHECKLIST_NONE)
        attempts.node = hold(asking, deployment)->checklist->nodes[node].id;
    else
        deployment_free(deployment);
    deployment = NULL;
    if (err == ERR_OK)
        err = moment_find(asking->errand, asking->id, at, &moment, asking->ret_why);
    if (err == ERR_OK)
        err = replay_fold(asking->errand->replay, asking->id, moment.to_seq, &view, &deployment,
                          asking->ret_why);
    if (err == ERR_OK)
        hold(asking, deployment);
    if (err == ERR_OK && strcmp(target, "criteria") == 0) {
        cause_say(&asking->why->cause, NULL, "%s: what must not stay, and does", asking->id);
        ground_criteria(&asking->why->cause, deployment, CHECKLIST_NONE);
        if (asking->why->cause.count == 0)
            cause_add(&asking->why->cause, NULL, "nothing");
    } else if (err == ERR_OK && (node == CHECKLIST_NONE || deployment->checklist == NULL)) {
        err = err_say(asking->ret_why, ERR_NOT_FOUND,
                      "%s has no node, gate or entry '%s' then; `countersign status LEDGER %s` "
                      "lists them",
                      asking->id, target, asking->id);
    } else if (err == ERR_OK) {
        err = of_node(asking, deployment, node, &attempts);
    }
    attempts_free(&attempts);
    return err;
}

/* Says who did what is known by its position in the ledger alone, and when. */
static enum err look_up(struct asking *asking, struct cause *cause)
{
    struct record *record = NULL;
    enum err err = ERR_OK;
    if (cause->elsewhere)
        err = ledger_read(asking->errand->ledger, cause->by.seq, &record, asking->ret_why);
    if (record != NULL) {
        const struct entry *entry = &record->entry;
        cause->by =
            (struct mark){.set = true,
                          .seq = entry->seq,
                          .pos = entry->stream_pos,
                          .time_us = entry->time_us,
                          .principal = names_keep(&asking->why->principals, entry->part.principal)};
        cause->elsewhere = false;
    }
    ledger_record_free(record);
    for (size_t i = 0; err == ERR_OK && i < cause->count; i++)
        err = look_up(asking, &cause->list[i]);
    return err;
}

enum err why_make(struct errand *errand, const char *id, const char *target, const char *at,
                  struct why *ret, struct err_text *ret_why)
{
    struct why why = {.held = NULL};
    struct asking asking = {errand, id, &why, ret_why};
    struct moment moment;
    uint64_t seq = 0;
    enum err err = errand_id(id, ret_why);
    if (err == ERR_OK && (target[0] == '#' || args_number(target, &seq))) {
        err = moment_entry(errand, id, target, &moment, ret_why);
        if (err == ERR_OK)
            err = explain(&asking, moment.to_seq - 1, &why.cause);
    } else if (err == ERR_OK) {
        err = of_state(&asking, target, at);
    }
    if (err == ERR_OK)
        err = look_up(&asking, &why.cause);
    if (err == ERR_OK)
        *ret = why;
    else
        why_free(&why);
    return err;
}

void why_free(struct why *why)
{
    cause_free(&why->cause);
    for (size_t i = 0; i < why->held_count; i++)
        deployment_free(why->held[i]);
    free(why->held);
    names_free(&why->principals);
    *why = (struct why){.held = NULL};
}
