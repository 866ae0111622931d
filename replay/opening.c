#include "replay/opening.h"

#include <string.h>

#include "replay/assignment.h"
#include "replay/data.h"
#include "replay/ready.h"

#define RULES_VERSION 1

static bool refuse(struct verdict *verdict, const char *name, const char *what)
{
    verdict_refuse(verdict, RULE_BAD_VALUE, "`%s` must be %s", name, what);
    return false;
}

/* The version of the rules; without one it is this. */
static bool parse_rules(const json_t *data, struct verdict *verdict)
{
    const json_t *rules = ijson_get(data, "rules");
    if (rules == NULL || json_is_null(rules) ||
        (json_is_integer(rules) && json_integer_value(rules) == RULES_VERSION))
        return true;
    return refuse(verdict, "rules", "1, the only version that there is");
}

/* A list of texts, or of principals; NULL is an empty one. */
static bool is_list(const json_t *list, bool principals)
{
    if (list == NULL || json_is_null(list))
        return true;
    bool good = json_is_array(list);
    for (size_t i = 0; good && i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        good = text != NULL && (!principals || event_principal_ok(text));
    }
    return good;
}

static bool parse_lists(const json_t *data, struct verdict *verdict)
{
    if (!is_list(ijson_get(data, "services"), false))
        return refuse(verdict, "services", "a list of names");
    if (!is_list(ijson_get(data, "authors"), true))
        return refuse(verdict, "authors", "a list of principals");
    if (!is_list(ijson_get(data, "repairs"), false))
        return refuse(verdict, "repairs", "a list of deployments");
    return true;
}

static bool parse_roles(const json_t *data, struct verdict *verdict)
{
    json_t *roles = ijson_get(data, "roles");
    const char *role;
    json_t *principals;
    if (roles == NULL || json_is_null(roles))
        return true;
    bool good = json_is_object(roles);
    json_object_foreach (roles, role, principals) {
        good = good && json_is_array(principals) && is_list(principals, true);
    }
    return good || refuse(verdict, "roles", "{role: [principal]}");
}

static bool parse_artifacts(const json_t *data, struct verdict *verdict)
{
    const json_t *artifacts = ijson_get(data, "artifacts"), *changes = ijson_get(data, "changes");
    bool good = artifacts == NULL || json_is_null(artifacts) || json_is_array(artifacts);
    uint8_t sha256[HASH_BYTES];
    for (size_t i = 0; good && i < json_array_size(artifacts); i++) {
        const char *hex = ijson_string(json_array_get(artifacts, i), "sha256");
        good = hex != NULL && bytes_from_hex(hex, sha256, HASH_BYTES);
    }
    if (!good)
        return refuse(verdict, "artifacts", "[{uri, sha256}]");
    if (changes != NULL && !json_is_null(changes) && !json_is_array(changes))
        return refuse(verdict, "changes", "[{ref, author, time}]");
    return true;
}

bool opening_parse(const struct deployment *deployment, struct act *act, struct verdict *verdict)
{
    static const char *const texts[] = {"title", "release", "environment", "reason", "impact"};
    struct data from = {act, verdict};
    const json_t *data = act->event->data;
    const char *text;
    (void)deployment;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!data_text(from, texts[i], false, &text))
            return false;
    }
    return parse_rules(data, verdict) && data_principal(from, "lead", false, &act->principal) &&
           data_time(from, "t0", &act->has_t0, &act->t0_us) &&
           data_window(from, &act->has_window, &act->window_from_us, &act->window_to_us) &&
           data_flag(from, "emergency", &act->emergency) && parse_lists(data, verdict) &&
           parse_roles(data, verdict) && parse_artifacts(data, verdict);
}

static void take_lists(struct deployment *deployment, const json_t *data)
{
    const json_t *authors = ijson_get(data, "authors"), *artifacts = ijson_get(data, "artifacts");
    deployment->author_count = json_array_size(authors);
    deployment->authors = mem_zero(deployment->author_count, sizeof(char *));
    for (size_t i = 0; i < deployment->author_count; i++)
        deployment->authors[i] = mem_text(json_string_value(json_array_get(authors, i)));
    deployment->artifact_count = json_array_size(artifacts);
    deployment->artifacts = mem_zero(deployment->artifact_count, sizeof(char *));
    deployment->fold->uris = mem_zero(deployment->artifact_count, sizeof(char *));
    for (size_t i = 0; i < deployment->artifact_count; i++) {
        const json_t *artifact = json_array_get(artifacts, i);
        deployment->artifacts[i] = mem_text(ijson_string(artifact, "sha256"));
        deployment->fold->uris[i] = mem_text(ijson_string(artifact, "uri"));
    }
}

static void take_roles(struct deployment *deployment, const struct act *act)
{
    json_t *roles = ijson_get(act->event->data, "roles");
    const char *role;
    json_t *principals;
    json_object_foreach (roles, role, principals) {
        for (size_t i = 0; i < json_array_size(principals); i++)
            assignment_add(deployment, role, json_string_value(json_array_get(principals, i)),
                           &act->mark);
    }
}

/* The checklist, and what is looked up in it again and again. */
static void take_checklist(struct deployment *deployment, const struct checklist *checklist)
{
    struct fold *fold = deployment->fold;
    deployment->checklist = checklist;
    deployment->nodes = mem_zero(checklist->node_count, sizeof(deployment->nodes[0]));
    fold->nodes = mem_zero(checklist->node_count, sizeof(fold->nodes[0]));
    fold->twins = mem_zero(checklist->gate_count, sizeof(fold->twins[0]));
    for (size_t i = 0; i < checklist->gate_count; i++)
        fold->twins[i] = ready_twin_gate(checklist, checklist->gates[i]);
    for (size_t i = 0; i < checklist->node_count; i++) {
        deployment->nodes[i].option = CHECKLIST_NONE;
        if (checklist->nodes[i].threshold == NULL)
            continue;
        size_t *threshold = MEM_PUSH(fold->thresholds, fold->threshold_count, fold->threshold_cap);
        *threshold = i;
    }
}

void opening_effect(struct deployment *deployment, const struct act *act)
{
    const json_t *data = act->event->data;
    deployment->opened = act->mark;
    deployment->opening = json_deep_copy(data);
    deployment->phase = PHASE_OPEN;
    deployment->policy = deployment->fold->supposed != NULL
                             ? deployment->fold->supposed
                             : registry_policy(deployment->registry, act->mark.seq);
    deployment->title = mem_text(ijson_string(data, "title"));
    deployment->release = mem_text(ijson_string(data, "release"));
    deployment->environment = mem_text(ijson_string(data, "environment"));
    deployment->reason = mem_text(ijson_string(data, "reason"));
    deployment->lead = mem_text(act->principal != NULL ? act->principal : act->mark.principal);
    deployment->has_t0 = act->has_t0;
    deployment->t0_us = act->t0_us;
    deployment->has_window = act->has_window;
    deployment->window_from_us = act->window_from_us;
    deployment->window_to_us = act->window_to_us;
    take_checklist(deployment, act->checklist);
    take_lists(deployment, data);
    take_roles(deployment, act);
    if (!act->emergency)
        return;
    deployment->emergency = act->mark;
    deployment->fold->emergency_since = act->mark.pos;
    deployment->emergency_reason = mem_text(deployment->reason);
}
