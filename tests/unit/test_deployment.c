#include "deployment_kit.h"

#include <stdio.h>

static const struct node_state *state_of(const struct kit *kit, const char *id)
{
    return &kit->deployment->nodes[kit_node(kit, id)];
}

static void test_whole_way(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    const struct deployment *deployment = kit->deployment;
    assert_string_equal(deployment_phase_name(deployment->phase), "open");
    assert_int_equal(deployment_next_gate(deployment), kit_node(kit, "4.1.2"));
    kit_gate3(kit);
    assert_int_equal(deployment_next_gate(deployment), CHECKLIST_NONE);
    kit_at(kit, 61);
    KIT_OK(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"successful\"}"));
    assert_string_equal(deployment_phase_name(deployment->phase), "closed");
    assert_string_equal(deployment->outcome, "successful");
    assert_int_equal(deployment->accepted, kit->record_count);
    assert_int_equal(deployment->refused, 0);
    assert_int_equal(deployment->last.pos, kit->record_count - 1);
    assert_int_equal(deployment->first.pos, 0);
    kit_free(kit);
}

static void test_opening_is_kept(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    const struct deployment *deployment = kit->deployment;
    assert_string_equal(deployment_phase_name(deployment->phase), "unopened");
    assert_int_equal(deployment_next_gate(deployment), CHECKLIST_NONE);
    KIT_OK(kit, kit_open_with(kit, dana,
                              ",\"title\":\"T\",\"environment\":\"prod\",\"authors\":[\"eve\"],"
                              "\"impact\":\"none\",\"more\":1"));
    assert_string_equal(deployment->title, "T");
    assert_string_equal(deployment->release, "2.1.0");
    assert_string_equal(deployment->environment, "prod");
    assert_string_equal(deployment->authors[0], "eve");
    assert_string_equal(ijson_string(deployment->opening, "impact"), "none");
    assert_true(deployment->has_t0);
    assert_int_equal(deployment->t0_us, KIT_T0_US);
    assert_int_equal(deployment->assignment_count, 3);
    assert_true(deployment_holder(deployment, "rosa", "release manager", kit->seq, 0));
    assert_false(deployment_holder(deployment, "rudi", "release manager", kit->seq, 0));
    assert_string_equal(deployment->opened.principal, "dana");
    assert_non_null(deployment->opened.key_id);
    kit_free(kit);
}

static void test_met_since_is_without_a_break(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    const struct node_state *item = state_of(kit, "1.1.1");
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    KIT_OK(kit, kit_check(kit, robot, "1.1.1", "pass"));
    assert_int_equal(item->met_since, 1);
    assert_int_equal(item->mark.pos, 2);
    assert_null(item->mark.key_id); /* a token's */
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\",\"reason\":\"why\"}"));
    assert_false(item->met || item->mark.set);
    assert_string_equal(item->undo_reason, "why");
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "na"));
    assert_true(item->met);
    assert_int_equal(item->met_since, 4);
    assert_string_equal(item->note, "seen");
    kit_free(kit);
}

static void test_waiver_ends_with_a_failure(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    const struct node_state *item = state_of(kit, "1.1.1");
    static const char waive[] = "{\"node\":\"1.1.1\",\"reason\":\"old\"}";
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "fail"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", waive));
    assert_true(item->met && item->waived.set);
    assert_string_equal(item->waive_reason, "old");
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "fail"));
    assert_false(item->met || item->waived.set);
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", waive));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.1\"}"));
    assert_false(item->met);
    kit_free(kit);
}

static void test_twin_mirrors_its_gate(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    assert_false(deployment_met(kit->deployment, kit_node(kit, "1.2.2")));
    kit_gate1(kit);
    assert_string_equal(state_of(kit, "1.2.2")->value, "GO");
    assert_string_equal(state_of(kit, "1.2.2")->mark.principal, "rosa");
    assert_true(deployment_met(kit->deployment, kit_node(kit, "1.2.2")));
    assert_true(deployment_gate_open(kit->deployment, kit_node(kit, "4.1.2")));
    assert_false(deployment_gate_open(kit->deployment, kit_node(kit, "1.2.2")));
    uint64_t opened = state_of(kit, "4.1.2")->mark.pos;
    assert_true(deployment_gate_opened(kit->deployment, kit_node(kit, "4.1.2"), opened));
    assert_false(deployment_gate_opened(kit->deployment, kit_node(kit, "4.1.2"), opened + 1));
    assert_false(deployment_gate_opened(kit->deployment, kit_node(kit, "1.2.2"), opened));
    kit_free(kit);
}

static void test_rollback_started_implies_the_decision(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    assert_true(deployment_met(kit->deployment, kit_node(kit, "3.1.1"))); /* not open */
    KIT_OK(kit, kit_decide(kit, lee, "3.0.1", "NO"));
    size_t seen = kit->record_count - 1;
    KIT_OK(kit, kit_act(kit, sam, "rollback.started", "{\"reason\":\"errors\"}"));
    assert_int_equal(kit->deployment->phase, PHASE_ROLLING_BACK);
    assert_string_equal(kit->deployment->rollback_reason, "errors");
    assert_string_equal(state_of(kit, "3.0.1")->value, "YES");
    assert_string_equal(state_of(kit, "3.0.1")->mark.principal, "sam");
    assert_false(deployment_met(kit->deployment, kit_node(kit, "3.1.1")));
    KIT_IS(kit, kit_decide_on(kit, lee, "3.0.1", "NO", seen), RULE_SUPERSEDED);
    kit_free(kit);
}

static void test_rollback_by_the_decision_and_its_end(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, sam, "decision.made",
                        "{\"node\":\"3.0.1\",\"value\":\"YES\",\"comment\":\"errors\"}"));
    assert_true(kit->deployment->rollback_started.set);
    assert_string_equal(kit->deployment->rollback_reason, "errors");
    KIT_OK(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"PARTIAL\"}"));
    assert_int_equal(kit->deployment->phase, PHASE_ROLLING_BACK);
    assert_string_equal(state_of(kit, "3.1.2")->value, "PARTIAL");
    assert_string_equal(kit->deployment->criteria[0].id, "status:3.1.2");
    KIT_OK(kit, kit_act(kit, lee, "rollback.finished", "{\"status\":\"SUCCESSFUL\"}"));
    assert_string_equal(deployment_phase_name(kit->deployment->phase), "rolled-back");
    assert_true(kit->deployment->rollback_good);
    assert_true(kit->deployment->criteria[0].resolved.set);
    KIT_OK(kit, kit_check(kit, lee, "3.1.1", "pass")); /* also after its end */
    kit_free(kit);
}

static void test_rollback_without_a_section_for_it(void **state)
{
    (void)state;
    struct kit *kit = kit_start("# Plain\n\n## One\n\n## Work\n\n- [ ] Done\n");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_act(kit, dana, "rollback.started", "{}"));
    KIT_IS(kit, kit_act(kit, dana, "rollback.finished", "{\"status\":\"SUCCESSFUL\"}"),
           RULE_BAD_VALUE);
    KIT_OK(kit, kit_act(kit, dana, "rollback.finished", "{\"status\":\"successful\"}"));
    KIT_OK(kit, kit_act(kit, dana, "deployment.closed", "{\"outcome\":\"rolled-back\"}"));
    kit_free(kit);
}

static void test_erased_event_has_no_effect(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct verdict verdict = {0};
    KIT_OK(kit, kit_check(kit, lee, "1.1.1", "pass"));
    struct deployment *again = deployment_new("d1", kit->registry, kit->catalog);
    for (size_t i = 0; i < kit->record_count; i++) {
        struct event *event = i == 1 ? NULL : kit_parse(&kit->records[i]->event);
        deployment_apply(again, kit->records[i], event, &verdict);
        assert_int_equal(verdict.rule, RULE_NONE);
        verdict_clear(&verdict);
        event_free(event);
    }
    assert_int_equal(again->entries, 2);
    assert_false(again->nodes[kit_node(kit, "1.1.1")].met);
    deployment_free(again);
    kit_free(kit);
}

static void test_gate_missing_lists_lines(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct buf lines = {0};
    size_t gate = kit_node(kit, "4.1.2");
    kit_prepare(kit);
    assert_int_equal(deployment_gate_missing(kit->deployment, gate, &lines), 3);
    assert_string_equal((const char *)lines.data, "1.2.1: not checked\n"
                                                  "1.2.1.1: no approval of Release Manager\n"
                                                  "1.2.1.2: no approval of Security Lead\n");
    buf_clear(&lines);
    kit_approvals(kit);
    assert_int_equal(deployment_gate_missing(kit->deployment, gate, &lines), 0);
    assert_int_equal(lines.bytes, 0);
    buf_free(&lines);
    kit_free(kit);
}

/* Everything that can be seen of a mark. */
static void dump_mark(struct buf *buf, const char *name, const struct mark *mark)
{
    if (mark->set)
        buf_printf(buf, " %s(%llu %llu %lld %s %d %x)", name, (unsigned long long)mark->seq,
                   (unsigned long long)mark->pos, (long long)mark->time_us, mark->principal,
                   mark->key_id == NULL ? -1 : mark->key_id[0], mark->flags);
}

static void dump_text(struct buf *buf, const char *text)
{
    buf_printf(buf, " %s", text == NULL ? "-" : text);
}

static void dump_node(struct buf *buf, const struct deployment *deployment, size_t i)
{
    const struct node_state *node = &deployment->nodes[i];
    buf_printf(buf, "%s %d %d %llu %zu %d", deployment->checklist->nodes[i].id, node->result,
               node->met, node->met ? (unsigned long long)node->met_since : 0, node->refused,
               deployment_met(deployment, i));
    dump_text(buf, node->note);
    dump_text(buf, node->value);
    dump_text(buf, node->unit);
    dump_text(buf, node->waive_reason);
    dump_text(buf, node->undo_reason);
    dump_mark(buf, "mark", &node->mark);
    dump_mark(buf, "waived", &node->waived);
    dump_mark(buf, "undone", &node->undone);
    dump_mark(buf, "command", &node->command.mark);
    buf_text(buf, "\n");
}

static void dump_lists(struct buf *buf, const struct deployment *deployment)
{
    for (size_t i = 0; i < deployment->criterion_count; i++) {
        const struct criterion *criterion = &deployment->criteria[i];
        buf_printf(buf, "%s: %s", criterion->id, criterion->text);
        dump_mark(buf, "arose", &criterion->arose);
        dump_mark(buf, "resolved", &criterion->resolved);
        buf_text(buf, "\n");
    }
    for (size_t i = 0; i < deployment->assignment_count; i++) {
        const struct assignment *assignment = &deployment->assignments[i];
        buf_printf(buf, "%s %s %lld %llu %llu\n", assignment->role, assignment->principal,
                   (long long)assignment->until_us, (unsigned long long)assignment->from_pos,
                   (unsigned long long)assignment->to_pos);
    }
    for (size_t i = 0; i < deployment->issue_count; i++) {
        buf_printf(buf, "%s %d", deployment->issues[i].id, deployment->issues[i].severity);
        dump_mark(buf, "opened", &deployment->issues[i].opened);
        dump_mark(buf, "resolved", &deployment->issues[i].resolved);
        buf_text(buf, "\n");
    }
    for (size_t i = 0; i < deployment->sample_count; i++)
        buf_printf(buf, "%s %s\n", deployment->samples[i].metric,
                   deployment->samples[i].value_text);
    for (size_t i = 0; i < deployment->note_count; i++)
        buf_printf(buf, "%s\n", deployment->notes[i].text);
}

static void dump(struct buf *buf, const struct deployment *deployment)
{
    buf_printf(buf, "%s %llu %zu %zu %zu %lld", deployment_phase_name(deployment->phase),
               (unsigned long long)deployment->entries, deployment->accepted, deployment->refused,
               deployment->flagged, (long long)deployment->t0_us);
    dump_text(buf, deployment->lead);
    dump_text(buf, deployment->outcome);
    dump_text(buf, deployment->rollback_status);
    dump_mark(buf, "emergency", &deployment->emergency);
    dump_mark(buf, "rollback", &deployment->rollback_started);
    dump_mark(buf, "closed", &deployment->closed);
    buf_text(buf, "\n");
    for (size_t i = 0; deployment->checklist != NULL && i < deployment->checklist->node_count; i++)
        dump_node(buf, deployment, i);
    dump_lists(buf, deployment);
}

/* Numbers that look random and are the same on each run. */
static unsigned draw(uint32_t *seed, size_t below)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (unsigned)((*seed >> 8) % below);
}

/* One of many acts, on any node, by anybody: most make sense now and then. */
static void act_at_random(struct kit *kit, uint32_t *seed)
{
    static const struct person people[] = {{"root", 1}, {"dana", 2},  {"rosa", 3},
                                           {"sam", 4},  {"lee", 5},   {"eve", 6},
                                           {"rudi", 7}, {"robot", 0}, {"sam", 44}};
    static const struct {
        const char *name;
        const char *members; /* after the node, if they begin with a comma */
    } acts[] = {
        {"item.checked", ",\"result\":\"pass\""},
        {"item.checked", ",\"result\":\"pass\",\"note\":\"n\""},
        {"item.checked", ",\"result\":\"fail\""},
        {"item.reopened", ",\"reason\":\"r\""},
        {"item.waived", ",\"reason\":\"r\""},
        {"field.recorded", ",\"value\":100"},
        {"field.recorded", ",\"value\":0.05"},
        {"status.declared", ",\"value\":\"GOOD\""},
        {"status.declared", ",\"value\":\"BAD\""},
        {"approval.rejected", ",\"reason\":\"r\""},
        {"approval.withdrawn", ",\"reason\":\"r\""},
        {"decision.made", ",\"value\":\"NO-GO\""},
        {"command.finished", ",\"exit\":0"},
        {"metric.sampled", "\"metric\":\"error rate\",\"value\":0.2,\"unit\":\"%\""},
        {"metric.sampled", "\"metric\":\"error rate\",\"value\":0.01,\"unit\":\"%\""},
        {"note.added", ",\"text\":\"t\""},
        {"issue.opened", "\"issue\":\"I1\",\"severity\":1"},
        {"issue.resolved", "\"issue\":\"I1\""},
        {"role.assigned", "\"role\":\"Security Lead\",\"principal\":\"sam\""},
        {"role.unassigned", "\"role\":\"Security Lead\",\"principal\":\"sam\""},
    };
    const struct checklist *checklist = kit->deployment->checklist;
    const char *node = checklist->nodes[draw(seed, checklist->node_count)].id;
    const char *needed[] = {"1.1.1", "1.1.2", "2.1.1"};
    struct person who = people[draw(seed, sizeof(people) / sizeof(people[0]))];
    unsigned act = draw(seed, sizeof(acts) / sizeof(acts[0]) + 6);
    if (draw(seed, 4) == 0)
        node = needed[draw(seed, 3)];
    char data[128];
    if (act < sizeof(acts) / sizeof(acts[0])) {
        const char *members = acts[act].members;
        if (members[0] == ',')
            snprintf(data, sizeof(data), "{\"node\":\"%s\"%s}", node, members);
        else
            snprintf(data, sizeof(data), "{%s}", members);
        kit_act(kit, who, acts[act].name, data);
    } else if (act % 2 == 0) {
        kit_approve(kit, who, node);
    } else {
        kit_decide(kit, who, node, "GO");
    }
}

static void act_on_the_ledger(struct kit *kit, unsigned step)
{
    char more[64];
    if (step == 60)
        kit_ledger(kit, root, "role.revoked", "{\"principal\":\"sam\",\"role\":\"Security Lead\"}");
    if (step == 70)
        kit_grant(kit, sam, "Security Lead");
    if (step == 150)
        kit_enroll(kit, sam, 44);
    if (step == 200) {
        snprintf(more, sizeof(more), "\"reason\":\"compromised\",\"since\":%llu",
                 (unsigned long long)kit->records[10]->entry.seq);
        kit_revoke(kit, sam.seed, more);
    }
    if (step == 260)
        kit_ledger(kit, root, "policy.set", "{\"separation\":false}");
}

/* Fold the kit's records [from, to) into ${deployment}; their verdicts are added to ${buf}. */
static void refold(struct kit *kit, struct deployment *deployment, size_t to, struct buf *buf)
{
    for (size_t i = deployment->entries; i < to; i++) {
        struct verdict verdict = {0};
        struct event *event = kit_parse(&kit->records[i]->event);
        deployment_apply(deployment, kit->records[i], event, &verdict);
        buf_printf(buf, "%s %x %u %s\n", rule_name(verdict.rule), verdict.flags,
                   verdict.blind_count, verdict.reason == NULL ? "" : verdict.reason);
        verdict_clear(&verdict);
        event_free(event);
    }
}

/* What was judged as it came, while the ledger's stream grew, is judged the same from the whole
 * ledger; and after a look at any prefix too. */
static void check_fold(uint32_t seed)
{
    struct kit *kit = kit_open();
    struct buf live = {0}, verdicts = {0};
    if (seed % 2 == 0)
        kit_gate1(kit);
    for (unsigned step = 0; step < 320; step++) {
        act_on_the_ledger(kit, step);
        act_at_random(kit, &seed);
    }
    deployment_settle(kit->deployment, kit->seq);
    dump(&live, kit->deployment);
    for (size_t cut = 0; cut <= kit->record_count; cut += 40) {
        struct deployment *again = deployment_new("d1", kit->registry, kit->catalog);
        struct buf dumped = {0}, judged = {0};
        refold(kit, again, cut, &judged);
        if (cut > 0)
            deployment_settle(again,
                              cut < kit->record_count ? kit->records[cut]->entry.seq : kit->seq);
        refold(kit, again, kit->record_count, &judged);
        deployment_settle(again, kit->seq);
        dump(&dumped, again);
        assert_string_equal((const char *)dumped.data, (const char *)live.data);
        if (cut == 0)
            buf_add(&verdicts, judged.data, judged.bytes);
        assert_string_equal((const char *)judged.data, (const char *)verdicts.data);
        buf_free(&dumped);
        buf_free(&judged);
        deployment_free(again);
    }
    assert_true(kit->deployment->accepted > 50 && kit->deployment->refused > 50);
    buf_free(&live);
    buf_free(&verdicts);
    kit_free(kit);
}

static void test_fold_of_prefix_and_rest_is_fold_of_all(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 6; seed++)
        check_fold(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_way),
        cmocka_unit_test(test_opening_is_kept),
        cmocka_unit_test(test_met_since_is_without_a_break),
        cmocka_unit_test(test_waiver_ends_with_a_failure),
        cmocka_unit_test(test_twin_mirrors_its_gate),
        cmocka_unit_test(test_rollback_started_implies_the_decision),
        cmocka_unit_test(test_rollback_by_the_decision_and_its_end),
        cmocka_unit_test(test_rollback_without_a_section_for_it),
        cmocka_unit_test(test_erased_event_has_no_effect),
        cmocka_unit_test(test_gate_missing_lists_lines),
        cmocka_unit_test(test_fold_of_prefix_and_rest_is_fold_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
