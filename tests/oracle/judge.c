/* judge - folds sequences of entries by the registry and the reducer alone, for tests/oracle: no
 * LMDB, no signatures, no process a sequence.  Each line of stdin is a sequence as JSON:
 *     {"entries": [[stream, pos, time_us, admitted_us, principal, origin, [key id], leaf, event]],
 *      "cut": n, "again": bool}
 * with hex ids and leaves, the event as text ("": erased), and the entry's place in the list for
 * its seq.  For each a line comes back:
 *     {"verdicts": [[rule, [flag], blind, reason]], "states": {deployment: …}, "again": null or
 * text} Before entry ${cut} all deployments are looked at, which must change nothing.  With
 * `again`, the registry is folded whole first and each deployment by itself afterwards: all must be
 * the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/replay.h"
#include "replay/state_json.h"

#define STREAMS_MAX 16

struct sequence {
    struct record **records; /* [count] */
    struct event **events;   /* [count]; NULL: erased */
    struct verdict *verdicts;
    size_t count;
};

/* What has been folded of a sequence. */
struct world {
    struct registry *registry;
    struct catalog *catalog;
    struct deployment *deployments[STREAMS_MAX];
    size_t count;
};

static void refuse_input(const char *what)
{
    fprintf(stderr, "judge: %s\n", what);
    exit(2);
}

static const char *text_at(const json_t *row, size_t i)
{
    const char *text = json_string_value(json_array_get(row, i));
    if (text == NULL)
        refuse_input("an entry lacks a text");
    return text;
}

static void read_keys(const json_t *keys, struct admitted_part *part)
{
    for (size_t i = 0; i < json_array_size(keys) && i < ENTRY_SIGS_MAX; i++) {
        if (!bytes_from_hex(text_at(keys, i), part->sigs[i].key_id, KEY_ID_BYTES))
            refuse_input("a key id is not hex");
        part->sigs[i].alg = SIG_DSSE_ED25519;
        part->sig_count++;
    }
}

static struct record *read_record(const json_t *row, uint64_t seq)
{
    struct record *record = mem_zero(1, sizeof(*record));
    struct entry *entry = &record->entry;
    const char *stream = text_at(row, 0), *principal = text_at(row, 4);
    entry->seq = seq;
    entry->stream_pos = (uint64_t)json_integer_value(json_array_get(row, 1));
    entry->time_us = json_integer_value(json_array_get(row, 2));
    entry->part.admitted_us = json_integer_value(json_array_get(row, 3));
    entry->part.origin = (uint8_t)json_integer_value(json_array_get(row, 5));
    if (!event_stream_ok(stream) || strlen(principal) > PRINCIPAL_BYTES_MAX)
        refuse_input("no name of a stream or principal");
    memcpy(entry->part.stream, stream, strlen(stream) + 1);
    memcpy(entry->part.principal, principal, strlen(principal) + 1);
    read_keys(json_array_get(row, 6), &entry->part);
    if (!bytes_from_hex(text_at(row, 7), record->leaf, HASH_BYTES))
        refuse_input("a leaf is not hex");
    buf_text(&record->event, text_at(row, 8));
    entry->part.event_bytes = (uint32_t)record->event.bytes;
    return record;
}

static struct sequence read_sequence(const json_t *line)
{
    const json_t *rows = json_object_get(line, "entries");
    struct sequence sequence = {.count = json_array_size(rows)};
    sequence.records = mem_zero(sequence.count, sizeof(*sequence.records));
    sequence.events = mem_zero(sequence.count, sizeof(struct event *));
    sequence.verdicts = mem_zero(sequence.count, sizeof(struct verdict));
    for (size_t i = 0; i < sequence.count; i++) {
        struct record *record = read_record(json_array_get(rows, i), i);
        struct err_text why = {0};
        sequence.records[i] = record;
        if (record->event.bytes > 0 && event_parse(record->event.data, record->event.bytes,
                                                   &sequence.events[i], &why) != ERR_OK)
            refuse_input(why.s);
    }
    return sequence;
}

static void free_sequence(struct sequence *sequence)
{
    for (size_t i = 0; i < sequence->count; i++) {
        ledger_record_free(sequence->records[i]);
        event_free(sequence->events[i]);
        verdict_clear(&sequence->verdicts[i]);
    }
    free(sequence->records);
    free(sequence->events);
    free(sequence->verdicts);
}

static void start_world(struct world *world)
{
    *world = (struct world){.registry = registry_new()};
    world->catalog = catalog_new(world->registry);
}

static void free_world(struct world *world)
{
    for (size_t i = 0; i < world->count; i++)
        deployment_free(world->deployments[i]);
    catalog_free(world->catalog);
    registry_free(world->registry);
}

static struct deployment *find_deployment(struct world *world, const char *stream)
{
    for (size_t i = 0; i < world->count; i++)
        if (strcmp(world->deployments[i]->id, stream) == 0)
            return world->deployments[i];
    if (world->count == STREAMS_MAX)
        refuse_input("more deployments than judge takes");
    return world->deployments[world->count++] =
               deployment_new(stream, world->registry, world->catalog);
}

static void fold_entry(struct world *world, const struct sequence *sequence, size_t i,
                       struct verdict *ret)
{
    const struct record *record = sequence->records[i];
    const char *stream = record->entry.part.stream;
    if (strcmp(stream, "ledger") == 0)
        registry_apply(world->registry, &record->entry, sequence->events[i], ret);
    else if (replay_is_deployment(stream))
        deployment_apply(find_deployment(world, stream), record, sequence->events[i], ret);
}

static const char *node_id(const struct deployment *deployment, size_t node)
{
    return node == CHECKLIST_NONE ? NULL : deployment->checklist->nodes[node].id;
}

static json_t *state_node(const struct deployment *deployment, size_t i)
{
    static const char *const results[] = {NULL, "pass", "fail", "na"};
    const struct node_state *node = &deployment->nodes[i];
    bool met = deployment_met(deployment, i);
    if (!met && node->result == RESULT_NONE && node->value == NULL && !node->waived.set)
        return NULL;
    return json_pack("[b, s?, s?, b]", met, results[node->result], node->value, node->waived.set);
}

/* The first word of each line of what a gate lacks. */
static json_t *state_missing(const struct deployment *deployment, size_t gate)
{
    struct buf text = {0};
    json_t *list = json_array();
    deployment_gate_missing(deployment, gate, &text);
    char *lines = buf_take_text(&text);
    for (char *line = lines; *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        json_array_append_new(list, json_stringn(line, bytes));
        line += bytes + (line[bytes] == '\n');
    }
    free(lines);
    return list;
}

static void state_checklist(const struct deployment *deployment, json_t *state)
{
    const struct checklist *checklist = deployment->checklist;
    json_t *nodes = json_object(), *open = json_array(), *missing = json_object();
    for (size_t i = 0; i < checklist->node_count; i++) {
        json_t *node = state_node(deployment, i);
        if (node != NULL)
            json_object_set_new_nocheck(nodes, checklist->nodes[i].id, node);
    }
    for (size_t i = 0; i < checklist->gate_count; i++) {
        const char *id = node_id(deployment, checklist->gates[i]);
        if (deployment_gate_open(deployment, checklist->gates[i]))
            json_array_append_new(open, json_string(id));
        json_object_set_new(missing, id, state_missing(deployment, checklist->gates[i]));
    }
    ijson_put(state, "nodes", nodes);
    ijson_put(state, "gates", open);
    ijson_put(state, "missing", missing);
}

static json_t *state_criteria(const struct deployment *deployment)
{
    json_t *list = json_array();
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        const char *section = criterion->section == CHECKLIST_NONE
                                  ? NULL
                                  : deployment->checklist->sections[criterion->section].id;
        json_int_t resolved = criterion->resolved.set ? (json_int_t)criterion->resolved.pos : -1;
        json_array_append_new(list, json_pack("[s, s?, I, I]", criterion->id, section,
                                              (json_int_t)criterion->arose.pos, resolved));
    }
    return list;
}

static json_t *state_assignments(const struct deployment *deployment)
{
    json_t *list = json_array();
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *assignment = &deployment->assignments[i];
        json_array_append_new(list, json_pack("[s, s, b]", assignment->role, assignment->principal,
                                              assignment->to_pos == SEQ_NONE));
    }
    return list;
}

static json_t *state(const struct deployment *deployment)
{
    json_t *state =
        json_pack("{s:s, s:s?, s:b, s:b, s:[b, b, s?, b], s:[I, I, I]}", "phase",
                  deployment_phase_name(deployment->phase), "outcome", deployment->outcome, "clock",
                  deployment->clock_started.set, "emergency", deployment->emergency.set, "rollback",
                  deployment->rollback_started.set, deployment->rollback_finished.set,
                  deployment->rollback_status, deployment->rollback_good, "counts",
                  (json_int_t)deployment->accepted, (json_int_t)deployment->refused,
                  (json_int_t)deployment->flagged);
    ijson_put(state, "t0", deployment->has_t0 ? json_integer(deployment->t0_us) : json_null());
    ijson_put(state, "criteria", state_criteria(deployment));
    ijson_put(state, "assignments", state_assignments(deployment));
    if (deployment->checklist != NULL)
        state_checklist(deployment, state);
    return state;
}

static json_t *say_verdict(const struct verdict *verdict)
{
    json_t *flags = json_array();
    for (int flag = 0; flag < FLAG_COUNT; flag++)
        if (verdict_has(verdict, (enum flag)flag))
            json_array_append_new(flags, json_string(flag_name((enum flag)flag)));
    return json_pack("[s, o, I, s?]", rule_name(verdict->rule), flags,
                     (json_int_t)verdict->blind_count, verdict->reason);
}

static void settle_all(struct world *world, uint64_t seq)
{
    for (size_t i = 0; i < world->count; i++)
        deployment_settle(world->deployments[i], seq);
}

static void fold_live(struct world *world, struct sequence *sequence, json_int_t cut)
{
    for (size_t i = 0; i < sequence->count; i++) {
        if (cut >= 0 && i == (size_t)cut) {
            settle_all(world, i);
            for (size_t k = 0; k < world->count; k++)
                json_decref(state(world->deployments[k]));
        }
        fold_entry(world, sequence, i, &sequence->verdicts[i]);
    }
    settle_all(world, sequence->count);
}

static bool same_verdict(const struct verdict *a, const struct verdict *b)
{
    return a->rule == b->rule && a->flags == b->flags && a->blind_count == b->blind_count &&
           strcmp(a->reason == NULL ? "" : a->reason, b->reason == NULL ? "" : b->reason) == 0;
}

/* Fold all of ${stream} but the entries of ${without}; append to ${diff} what is judged anew. */
static void fold_stream(struct world *world, struct sequence *sequence, const char *stream,
                        struct buf *diff)
{
    for (size_t i = 0; i < sequence->count; i++) {
        struct verdict verdict = {0};
        if (strcmp(sequence->records[i]->entry.part.stream, stream) != 0)
            continue;
        fold_entry(world, sequence, i, &verdict);
        if (!same_verdict(&verdict, &sequence->verdicts[i]))
            buf_printf(diff, "entry %zu is judged '%s', not '%s'; ", i, rule_name(verdict.rule),
                       rule_name(sequence->verdicts[i].rule));
        verdict_clear(&verdict);
    }
}

/* The whole registry first, then each deployment, the last one first: what differs, as text. */
static json_t *fold_again(const struct world *live, struct sequence *sequence)
{
    static const struct ledger_info info = {.origin = "test"};
    struct world world;
    struct buf diff = {0};
    start_world(&world);
    fold_stream(&world, sequence, "ledger", &diff);
    for (size_t i = live->count; i-- > 0;) {
        const struct deployment *before = live->deployments[i];
        fold_stream(&world, sequence, before->id, &diff);
        struct deployment *after = find_deployment(&world, before->id);
        deployment_settle(after, sequence->count);
        json_t *a = state_json_full(before, &info), *b = state_json_full(after, &info);
        if (!json_equal(a, b))
            buf_printf(&diff, "%s has another state; ", before->id);
        json_decref(a);
        json_decref(b);
    }
    free_world(&world);
    char *text = buf_take_text(&diff);
    json_t *result = text[0] == '\0' ? json_null() : json_string(text);
    free(text);
    return result;
}

static void judge_line(const char *line, size_t bytes)
{
    json_error_t error;
    json_t *json = json_loadb(line, bytes, 0, &error);
    if (json == NULL)
        refuse_input(error.text);
    struct sequence sequence = read_sequence(json);
    struct world world;
    start_world(&world);
    const json_t *cut = json_object_get(json, "cut");
    fold_live(&world, &sequence, cut == NULL ? -1 : json_integer_value(cut));
    json_t *verdicts = json_array(), *states = json_object();
    for (size_t i = 0; i < sequence.count; i++)
        json_array_append_new(verdicts, say_verdict(&sequence.verdicts[i]));
    for (size_t i = 0; i < world.count; i++)
        json_object_set_new(states, world.deployments[i]->id, state(world.deployments[i]));
    bool again = json_is_true(json_object_get(json, "again"));
    json_t *answer = json_pack("{s:o, s:o, s:o}", "verdicts", verdicts, "states", states, "again",
                               again ? fold_again(&world, &sequence) : json_null());
    json_dumpf(answer, stdout, JSON_COMPACT);
    putchar('\n');
    fflush(stdout);
    json_decref(answer);
    free_world(&world);
    free_sequence(&sequence);
    json_decref(json);
}

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t bytes;
    while ((bytes = getline(&line, &cap, stdin)) > 0)
        judge_line(line, (size_t)bytes);
    free(line);
    return 0;
}
