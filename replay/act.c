#include "replay/act.h"

#include <stdlib.h>
#include <string.h>

#include "replay/assignment.h"
#include "replay/data.h"
#include "replay/decide.h"
#include "replay/effect.h"
#include "replay/opening.h"

#define ISSUE_SEVERITY_MAX 4
#define OUTPUT_BYTES_MAX 8192     /* command.finished: output */
#define EVIDENCE_BYTES_MAX 716800 /* evidence.attached: data_base64, decoded */

static const struct node *node_of(const struct deployment *deployment, const struct act *act)
{
    return &deployment->checklist->nodes[act->node];
}

/* The member `value` as an option of the act's node. */
static bool parse_option(const struct deployment *deployment, struct act *act,
                         struct verdict *verdict)
{
    const struct node *node = node_of(deployment, act);
    const char *value = ijson_string(act->event->data, "value");
    struct buf labels = {0};
    act->option = value == NULL ? CHECKLIST_NONE : checklist_option_of(node, value);
    if (act->option != CHECKLIST_NONE) {
        act->value = mem_text(value);
        return true;
    }
    for (size_t i = 0; i < node->option_count; i++)
        buf_printf(&labels, "%s'%s'", i == 0 ? "" : ", ", node->options[i].label);
    verdict_refuse(verdict, RULE_BAD_VALUE, "`value` of %s must be one of %s", node->id,
                   labels.bytes == 0 ? "(none)" : (const char *)labels.data);
    buf_free(&labels);
    return false;
}

static void parse_basis(struct act *act)
{
    const json_t *basis = ijson_get(act->event->data, "basis");
    const json_t *pos = ijson_get(basis, "pos");
    const char *leaf = ijson_string(basis, "leaf");
    if (!json_is_integer(pos) || json_integer_value(pos) < 0 || leaf == NULL ||
        !bytes_from_hex(leaf, act->basis.leaf, HASH_BYTES))
        return;
    act->basis.pos = (uint64_t)json_integer_value(pos);
    act->basis.given = true;
}

static bool parse_text(struct act *act, struct verdict *verdict, const char *name)
{
    return data_text((struct data){act, verdict}, name, false, &act->text);
}

/* Acts that say no more than, perhaps, why. */
static bool parse_reason(const struct deployment *deployment, struct act *act,
                         struct verdict *verdict)
{
    (void)deployment;
    return parse_text(act, verdict, "reason");
}

static bool parse_reason_needed(const struct deployment *deployment, struct act *act,
                                struct verdict *verdict)
{
    (void)deployment;
    return data_text((struct data){act, verdict}, "reason", true, &act->text);
}

static bool parse_rescheduled(const struct deployment *deployment, struct act *act,
                              struct verdict *verdict)
{
    struct data data = {act, verdict};
    (void)deployment;
    if (!parse_text(act, verdict, "reason") || !data_time(data, "t0", &act->has_t0, &act->t0_us) ||
        !data_window(data, &act->has_window, &act->window_from_us, &act->window_to_us))
        return false;
    if (act->has_t0 || act->has_window)
        return true;
    verdict_refuse(verdict, RULE_BAD_VALUE, "it names neither `t0` nor `window`");
    return false;
}

static bool parse_clock(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    (void)deployment;
    if (!data_time((struct data){act, verdict}, "t0", &act->has_t0, &act->t0_us))
        return false;
    if (!act->has_t0)
        verdict_refuse(verdict, RULE_BAD_VALUE, "`t0` must be an RFC 3339 time");
    return act->has_t0;
}

static bool parse_role(const struct deployment *deployment, struct act *act,
                       struct verdict *verdict)
{
    struct data data = {act, verdict};
    bool given = false;
    (void)deployment;
    act->until_us = INT64_MAX;
    return data_text(data, "role", true, &act->role) &&
           data_principal(data, "principal", true, &act->principal) &&
           data_time(data, "until", &given, &act->until_us) && parse_text(act, verdict, "reason");
}

static bool parse_unassigned(const struct deployment *deployment, struct act *act,
                             struct verdict *verdict)
{
    if (!parse_role(deployment, act, verdict))
        return false;
    if (assignment_find(deployment, act->role, act->principal) != NULL)
        return true;
    verdict_refuse(verdict, RULE_BAD_VALUE, "%s is not assigned the role %s", act->principal,
                   act->role);
    return false;
}

static bool parse_checked(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict)
{
    const char *result = ijson_string(act->event->data, "result");
    if (!parse_text(act, verdict, "note"))
        return false;
    if (result != NULL && strcmp(result, "pass") == 0)
        act->result = RESULT_PASS;
    else if (result != NULL && strcmp(result, "fail") == 0)
        act->result = RESULT_FAIL;
    else if (result != NULL && strcmp(result, "na") == 0)
        act->result = RESULT_NA;
    else
        verdict_refuse(verdict, RULE_BAD_VALUE, "`result` must be pass, fail or na");
    if (act->result == RESULT_NA && data_blank(act->text))
        verdict_refuse(verdict, RULE_BAD_VALUE, "na of %s without a reason in `note`",
                       node_of(deployment, act)->id);
    return verdict->rule == RULE_NONE;
}

static bool parse_recorded(const struct deployment *deployment, struct act *act,
                           struct verdict *verdict)
{
    const struct node *node = node_of(deployment, act);
    struct data data = {act, verdict};
    if (!data_text(data, "unit", false, &act->unit) || !parse_text(act, verdict, "reason"))
        return false;
    if (node->kind == NODE_CHOICE)
        return parse_option(deployment, act, verdict);
    if (!data_value(data, act))
        return false;
    if (data_blank(act->value))
        verdict_refuse(verdict, RULE_BAD_VALUE, "the value of %s is blank", node->id);
    else if (act->unit != NULL && node->unit != NULL && !data_unit_same(act->unit, node->unit))
        verdict_refuse(verdict, RULE_BAD_VALUE, "%s is in %s, not in %s", node->id, node->unit,
                       act->unit);
    return verdict->rule == RULE_NONE;
}

static bool parse_sampled(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict)
{
    struct data data = {act, verdict};
    if (!data_text(data, "metric", true, &act->metric) ||
        !data_text(data, "unit", false, &act->unit) || !data_value(data, act))
        return false;
    const struct threshold *threshold =
        act->node == CHECKLIST_NONE ? NULL : node_of(deployment, act)->threshold;
    if (!act->numeric)
        verdict_refuse(verdict, RULE_BAD_VALUE, "'%s' of %s is no number", act->value, act->metric);
    else if (threshold != NULL && threshold->unit[0] != '\0' && act->unit != NULL &&
             !data_unit_same(act->unit, threshold->unit))
        verdict_refuse(verdict, RULE_BAD_VALUE, "the threshold of %s is in '%s', not in '%s'",
                       node_of(deployment, act)->id, threshold->unit, act->unit);
    return verdict->rule == RULE_NONE;
}

static bool parse_command(const struct deployment *deployment, struct act *act,
                          struct verdict *verdict)
{
    struct data data = {act, verdict};
    const char *output = NULL;
    (void)deployment;
    act->matched = true;
    if (!data_text(data, "command", false, &act->command) ||
        !data_text(data, "output", false, &output) || !data_integer(data, "exit", &act->exit) ||
        !data_flag(data, "matched", &act->matched))
        return false;
    if (output != NULL && strlen(output) > OUTPUT_BYTES_MAX)
        verdict_refuse(verdict, RULE_BAD_VALUE, "`output` is over %d bytes", OUTPUT_BYTES_MAX);
    return verdict->rule == RULE_NONE;
}

static bool parse_evidence(const struct deployment *deployment, struct act *act,
                           struct verdict *verdict)
{
    struct data data = {act, verdict};
    const char *media = NULL, *uri = NULL, *base64 = NULL;
    (void)deployment;
    if (!data_hash(data, "sha256") || !data_text(data, "media", false, &media) ||
        !data_text(data, "uri", false, &uri) || !data_text(data, "data_base64", false, &base64))
        return false;
    if (base64 != NULL && strlen(base64) / 4 * 3 > EVIDENCE_BYTES_MAX)
        verdict_refuse(verdict, RULE_BAD_VALUE, "`data_base64` is over %d bytes",
                       EVIDENCE_BYTES_MAX);
    return verdict->rule == RULE_NONE;
}

static bool parse_approval(const struct deployment *deployment, struct act *act,
                           struct verdict *verdict)
{
    const struct node *node = node_of(deployment, act);
    struct data data = {act, verdict};
    bool given = (act->type->tests & ACT_APPROVES) != 0;
    parse_basis(act);
    if (!data_text(data, "role", false, &act->role) ||
        !parse_text(act, verdict, given ? "comment" : "reason"))
        return false;
    if (act->role != NULL && !registry_role_same(act->role, node->role))
        verdict_refuse(verdict, RULE_BAD_VALUE, "%s is the approval of %s, not of %s", node->id,
                       node->role, act->role);
    act->role = node->role;
    return verdict->rule == RULE_NONE;
}

static bool parse_decision(const struct deployment *deployment, struct act *act,
                           struct verdict *verdict)
{
    const json_t *criteria = ijson_get(act->event->data, "criteria");
    bool good = criteria == NULL || json_is_null(criteria) || json_is_array(criteria);
    parse_basis(act);
    if (!parse_text(act, verdict, "comment") || !parse_option(deployment, act, verdict))
        return false;
    for (size_t i = 0; good && i < json_array_size(criteria); i++)
        good = json_is_string(json_array_get(criteria, i));
    if (!good)
        verdict_refuse(verdict, RULE_BAD_VALUE, "`criteria` must be a list of their ids");
    act->criteria = criteria;
    act->stop = act->option != 0;
    return good;
}

/* The status is an option of the rollback section's status node.  A checklist without one takes
 * the outcomes that any rollback has. */
static bool parse_finished(const struct deployment *deployment, struct act *act,
                           struct verdict *verdict)
{
    const struct checklist *checklist = deployment->checklist;
    const char *first = NULL;
    if (!data_text((struct data){act, verdict}, "status", true, &act->status))
        return false;
    for (size_t i = 0; i < checklist->node_count && act->node == CHECKLIST_NONE; i++) {
        const struct node *node = &checklist->nodes[i];
        if (node->kind != NODE_STATUS || !node->rollback)
            continue;
        first = first == NULL ? node->id : first;
        act->option = checklist_option_of(node, act->status);
        act->node = act->option == CHECKLIST_NONE ? CHECKLIST_NONE : i;
    }
    if (act->node != CHECKLIST_NONE)
        act->value = mem_text(act->status);
    else if (first != NULL)
        verdict_refuse(verdict, RULE_BAD_VALUE, "'%s' is no option of the rollback's status %s",
                       act->status, first);
    else if (strcmp(act->status, "successful") != 0 && strcmp(act->status, "partial") != 0 &&
             strcmp(act->status, "failed") != 0)
        verdict_refuse(verdict, RULE_BAD_VALUE,
                       "`status` must be successful, partial or failed: the checklist has no "
                       "rollback status");
    return verdict->rule == RULE_NONE;
}

static const struct issue *find_issue(const struct deployment *deployment, const char *id)
{
    size_t at;
    return names_find(&deployment->fold->issue_at, id, &at) ? &deployment->issues[at] : NULL;
}

static bool parse_issue_opened(const struct deployment *deployment, struct act *act,
                               struct verdict *verdict)
{
    struct data data = {act, verdict};
    bool started = false;
    int64_t severity = 0, started_us = 0;
    if (!data_text(data, "issue", true, &act->issue) ||
        !data_text(data, "title", false, &act->title) ||
        !data_time(data, "started", &started, &started_us) ||
        !data_integer(data, "severity", &severity))
        return false;
    const struct issue *issue = find_issue(deployment, act->issue);
    if (severity < 1 || severity > ISSUE_SEVERITY_MAX)
        verdict_refuse(verdict, RULE_BAD_VALUE, "`severity` must be 1 to %d", ISSUE_SEVERITY_MAX);
    else if (issue != NULL && !issue->resolved.set)
        verdict_refuse(verdict, RULE_BAD_VALUE, "the issue %s is open already", act->issue);
    act->severity = (int)severity;
    return verdict->rule == RULE_NONE;
}

static bool parse_issue(const struct deployment *deployment, struct act *act,
                        struct verdict *verdict)
{
    if (!data_text((struct data){act, verdict}, "issue", true, &act->issue) ||
        !parse_text(act, verdict, "text"))
        return false;
    if (find_issue(deployment, act->issue) == NULL)
        verdict_refuse(verdict, RULE_BAD_VALUE, "no issue %s was opened", act->issue);
    return verdict->rule == RULE_NONE;
}

static bool parse_note(const struct deployment *deployment, struct act *act,
                       struct verdict *verdict)
{
    const json_t *about = ijson_get(act->event->data, "about");
    const json_t *from = ijson_get(about, "from"), *to = ijson_get(about, "to");
    (void)deployment;
    if (!data_text((struct data){act, verdict}, "text", true, &act->text))
        return false;
    if (about != NULL && !json_is_null(about) &&
        (!json_is_integer(from) || !json_is_integer(to) || json_integer_value(from) < 0 ||
         json_integer_value(from) > json_integer_value(to)))
        verdict_refuse(verdict, RULE_BAD_VALUE, "`about` must be {from, to}, two positions");
    return verdict->rule == RULE_NONE;
}

static bool parse_closed(const struct deployment *deployment, struct act *act,
                         struct verdict *verdict)
{
    static const char *const outcomes[] = {"successful", "rolled-back", "failed", "abandoned"};
    const char *outcome = ijson_string(act->event->data, "outcome");
    (void)deployment;
    for (size_t i = 0; outcome != NULL && i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (strcmp(outcomes[i], outcome) == 0)
            act->status = outcomes[i];
    }
    if (act->status == NULL)
        verdict_refuse(verdict, RULE_BAD_VALUE,
                       "`outcome` must be successful, rolled-back, failed or abandoned");
    return act->status != NULL;
}

#define K(kind) (1u << (kind))
#define WAIVABLE (K(NODE_ITEM) | K(NODE_STATUS) | K(NODE_FIELD) | K(NODE_CHOICE))

/* Everything that is judged.  {name, starred, tests, kinds of nodes, who, parse, effect} */
static const struct act_type act_types[] = {
    {"deployment.opened", true, ACT_OPENS, 0, BY_DEPLOYER, opening_parse, opening_effect},
    {"deployment.rescheduled", true, ACT_SCHEDULES, 0, BY_DEPLOYER, parse_rescheduled,
     effect_rescheduled},
    {"clock.started", true, ACT_SCHEDULES, 0, BY_ANYONE, parse_clock, effect_clock},
    {"role.assigned", true, 0, 0, BY_ASSIGNER, parse_role, effect_assigned},
    {"role.unassigned", true, 0, 0, BY_ASSIGNER, parse_unassigned, effect_unassigned},
    {"emergency.declared", true, 0, 0, BY_ANYONE, parse_reason, effect_emergency},
    {"item.checked", false, ACT_NODE | ACT_WORK, K(NODE_ITEM), BY_ITEM_ROLE, parse_checked,
     effect_checked},
    {"item.reopened", false, ACT_NODE | ACT_WORK, K(NODE_ITEM), BY_ANYONE, parse_reason,
     effect_reopened},
    {"item.waived", true, ACT_NODE | ACT_WORK, WAIVABLE, BY_WAIVER, parse_reason_needed,
     effect_waived},
    {"field.recorded", false, ACT_NODE | ACT_WORK, K(NODE_FIELD) | K(NODE_CHOICE), BY_ANYONE,
     parse_recorded, effect_recorded},
    {"metric.sampled", false, ACT_MAY_NODE, K(NODE_ITEM), BY_ANYONE, parse_sampled, effect_sampled},
    {"command.finished", false, ACT_NODE, K(NODE_ITEM), BY_ANYONE, parse_command, effect_command},
    {"evidence.attached", false, ACT_MAY_NODE | ACT_WELCOME, 0, BY_ANYONE, parse_evidence,
     effect_attached},
    {"status.declared", false, ACT_NODE | ACT_WORK, K(NODE_STATUS), BY_ANYONE, parse_option,
     effect_status},
    {"approval.given", true, ACT_NODE | ACT_WORK | ACT_APPROVES, K(NODE_APPROVAL), BY_APPROVER,
     parse_approval, decide_given},
    {"approval.rejected", true, ACT_NODE, K(NODE_APPROVAL), BY_APPROVER, parse_approval,
     decide_rejected},
    {"approval.withdrawn", true, ACT_NODE, K(NODE_APPROVAL), BY_WITHDRAWER, parse_approval,
     decide_withdrawn},
    {"decision.made", true, ACT_NODE | ACT_WORK | ACT_DECIDES, K(NODE_DECISION), BY_DECIDER,
     parse_decision, decide_made},
    {"rollback.started", true, 0, 0, BY_ANY_HOLDER, parse_reason, decide_rollback_started},
    {"rollback.finished", true, ACT_ROLLBACK, 0, BY_ANYONE, parse_finished,
     decide_rollback_finished},
    {"issue.opened", false, ACT_WELCOME, 0, BY_ANYONE, parse_issue_opened, effect_issue_opened},
    {"issue.changed", false, ACT_WELCOME, 0, BY_ANYONE, parse_issue, effect_issue_changed},
    {"issue.resolved", true, ACT_WELCOME, 0, BY_ANYONE, parse_issue, effect_issue_resolved},
    {"note.added", false, ACT_MAY_NODE | ACT_WELCOME, 0, BY_ANYONE, parse_note, effect_noted},
    {"deployment.closed", true, ACT_CLOSES, 0, BY_LAST_GATE, parse_closed, effect_closed},
};

static const struct act_type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof(act_types) / sizeof(act_types[0]); i++) {
        if (act_types[i].name[0] == name[0] && strcmp(act_types[i].name, name) == 0)
            return &act_types[i];
    }
    return NULL;
}

/* Whose key signed it: the principal's own, a valid one before a revoked one. */
static void read_key(const struct deployment *deployment, struct act *act)
{
    const struct entry *entry = &act->record->entry;
    for (size_t i = 0; i < entry->part.sig_count && !act->person; i++) {
        const struct registry_key *key =
            registry_key(deployment->registry, entry->part.sigs[i].key_id);
        if (key == NULL || strcmp(key->principal, entry->part.principal) != 0)
            continue;
        act->person = registry_key_valid(key, entry->seq);
        act->key_revoked = !act->person && key->revoked_seq < entry->seq;
        if (!act->person && !act->key_revoked)
            continue;
        act->key = key;
        act->mark.key_id = key->key.id;
        if (!touch_of(&entry->part.sigs[i], &act->mark.touch))
            act->mark.touch = (struct touch){.attested = false};
    }
}

/* Compare the counters of security keys with what they signed here before. */
static char *read_counters(struct deployment *deployment, const struct entry *entry)
{
    struct buf why = {0};
    if (!counters_note(&deployment->fold->counters, entry, &why))
        return NULL;
    return buf_take_text(&why);
}

void act_read(struct deployment *deployment, const struct record *record, const struct event *event,
              struct act *ret)
{
    const struct entry *entry = &record->entry;
    const char *name = event == NULL ? NULL : event_subject_verb(event);
    *ret = (struct act){.record = record,
                        .event = event,
                        .own = name != NULL,
                        .type = name == NULL ? NULL : find_type(name),
                        .node = CHECKLIST_NONE,
                        .option = CHECKLIST_NONE};
    ret->mark = (struct mark){.set = true,
                              .seq = entry->seq,
                              .pos = deployment->entries,
                              .time_us = entry->time_us,
                              .principal =
                                  names_keep(&deployment->fold->principals, entry->part.principal)};
    read_key(deployment, ret);
    ret->counter = read_counters(deployment, entry);
}

void act_clear(struct act *act)
{
    free(act->value);
    free(act->counter);
    *act = (struct act){0};
}

bool act_is_work(const struct deployment *deployment, const struct act *act)
{
    if ((act->type->tests & ACT_WORK) == 0)
        return false;
    const struct node *node = node_of(deployment, act);
    return node->kind != NODE_DECISION || (node->authority == NULL && !node->rollback_decision);
}

bool act_proceeds(const struct act *act)
{
    return (act->type->tests & ACT_APPROVES) != 0 ||
           ((act->type->tests & ACT_DECIDES) != 0 && !act->stop);
}

bool act_is_pass(const struct act *act)
{
    return act->result == RESULT_PASS;
}

bool act_is(const struct act *act, const char *name)
{
    return strcmp(act->type->name, name) == 0;
}
