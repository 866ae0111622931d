/* What a gate needs, and which events met it. */
#include "deployment_kit.h"

#include "replay/needs.h"

static const struct need *find(const struct needs *needs, const char *id)
{
    for (size_t i = 0; i < needs->count; i++) {
        if (strcmp(needs->list[i].id, id) == 0)
            return &needs->list[i];
    }
    fail_msg("%s is not needed", id);
    return NULL;
}

static bool is_needed(const struct needs *needs, const char *id)
{
    bool found = false;
    for (size_t i = 0; i < needs->count; i++)
        found = found || strcmp(needs->list[i].id, id) == 0;
    return found;
}

static size_t gate_of(const struct kit *kit, const char *id)
{
    return checklist_node(kit->deployment->checklist, id);
}

static struct needs needs_now(const struct kit *kit, const char *gate)
{
    struct needs needs;
    needs_find(kit->deployment, gate_of(kit, gate), NEEDS_NOW, &needs);
    return needs;
}

static void test_needs_find_how_and_by_whom(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.1\",\"reason\":\"w\"}"));
    KIT_OK(kit, kit_act(kit, lee, "item.reopened", "{\"node\":\"1.1.2\"}"));
    KIT_OK(kit, kit_act(kit, rosa, "item.waived", "{\"node\":\"1.1.2\",\"reason\":\"w\"}"));
    KIT_OK(kit, kit_check(kit, lee, "1.1.4", "na"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    struct needs needs = needs_now(kit, "4.1.2");
    assert_int_equal(find(&needs, "1.1.1")->how, NEED_PASS); /* it was passed, too */
    assert_int_equal(find(&needs, "1.1.2")->how, NEED_WAIVED);
    assert_string_equal(find(&needs, "1.1.2")->by[0].principal, "rosa");
    assert_int_equal(find(&needs, "1.1.4")->how, NEED_NA);
    assert_int_equal(find(&needs, "1.1.5")->how, NEED_OPTIONAL);
    assert_null(find(&needs, "1.1.5")->by);
    const struct need *given = find(&needs, "1.2.1.1");
    assert_int_equal(given->how, NEED_GIVEN);
    assert_int_equal(given->by_count, 1);
    assert_int_equal(given->by[0].seq, kit->seq - 1);
    assert_int_equal(find(&needs, "1.2.1.2")->how, NEED_MISSING);
    assert_string_equal(find(&needs, "1.2.1.2")->lack, "no approval of Security Lead");
    assert_false(is_needed(&needs, "1.2.3")); /* after the twin */
    assert_int_equal(needs.missing, 2);       /* and the item that it is nested in */
    needs_free(&needs);
    needs_missing(kit->deployment, gate_of(kit, "4.1.2"), NEEDS_NOW, &needs);
    assert_int_equal(needs.count, 2);
    needs_free(&needs);
    kit_free(kit);
}

static void test_needs_find_persons_gates_and_criteria(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    kit_ledger(kit, root, "policy.set", "{\"quorum\":{\"Release Manager\":2}}");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    KIT_OK(kit, kit_act(kit, dana, "role.assigned",
                        "{\"role\":\"Release Manager\",\"principal\":\"rudi\"}"));
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    KIT_OK(kit, kit_approve(kit, rudi, "1.2.1.1"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":1}"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":0}"));
    KIT_OK(kit, kit_act(kit, lee, "command.finished", "{\"node\":\"1.1.3\",\"exit\":2}"));
    struct needs needs = needs_now(kit, "4.2.2");
    assert_int_equal(find(&needs, "1.2.1.1")->by_count, 2);
    assert_string_equal(find(&needs, "1.2.1.1")->by[1].principal, "rudi");
    assert_int_equal(find(&needs, "4.1.2")->how, NEED_MISSING);
    assert_int_equal(find(&needs, "command:1.1.3")->how, NEED_MISSING);
    needs_free(&needs);
    KIT_OK(kit, kit_act(kit, robot, "command.finished", "{\"node\":\"1.1.3\",\"exit\":0}"));
    needs = needs_now(kit, "4.1.2");
    const struct need *criterion = find(&needs, "command:1.1.3");
    assert_true(criterion->criterion);
    assert_int_equal(criterion->how, NEED_RESOLVED);
    assert_string_equal(criterion->by[0].principal, "robot");
    assert_int_equal(criterion->by[0].seq, kit->seq - 1); /* the latest of its id, once */
    assert_ptr_equal(criterion, &needs.list[needs.count - 1]);
    needs_free(&needs);
    kit_free(kit);
}

static void test_needs_find_at_a_basis(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_prepare(kit);
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    size_t seen = kit->record_count - 2;
    struct needs needs;
    needs_find(kit->deployment, gate_of(kit, "4.1.2"), seen, &needs);
    assert_int_equal(find(&needs, "1.2.1.1")->how, NEED_MISSING);
    assert_string_equal(find(&needs, "1.2.1.1")->lack, "met only after the basis");
    needs_free(&needs);
    needs_find(kit->deployment, gate_of(kit, "4.1.2"), seen + 1, &needs);
    assert_int_equal(find(&needs, "1.2.1.1")->how, NEED_GIVEN);
    needs_free(&needs);
    kit_free(kit);
}

static void test_needs_find_in_an_emergency(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    KIT_OK(kit, kit_act(kit, rosa, "emergency.declared", "{\"reason\":\"outage\"}"));
    struct needs needs = needs_now(kit, "4.1.2");
    assert_int_equal(find(&needs, "1.2.1")->how, NEED_EMERGENCY);
    assert_int_equal(find(&needs, "1.2.1.2")->how, NEED_EMERGENCY);
    assert_int_equal(find(&needs, "1.1.1")->how, NEED_MISSING);
    needs_free(&needs);
    kit_free(kit);
}

static void test_needs_find_a_status_with_its_note(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_status(kit, "2.1.4", "WARNINGS"));
    struct needs needs = needs_now(kit, "4.2.2");
    assert_string_equal(find(&needs, "2.1.4")->lack, "⚠ WARNINGS, and no note on it");
    needs_free(&needs);
    KIT_OK(kit, kit_act(kit, eve, "note.added", "{\"node\":\"2.1.4\",\"text\":\"slow\"}"));
    needs = needs_now(kit, "4.2.2");
    const struct need *status = find(&needs, "2.1.4");
    assert_int_equal(status->how, NEED_DECLARED);
    assert_int_equal(status->by_count, 2);
    assert_string_equal(status->by[0].principal, "lee");
    assert_string_equal(status->by[1].principal, "eve");
    assert_int_equal(find(&needs, "4.1.2")->how, NEED_OPEN);
    needs_free(&needs);
    kit_free(kit);
}

static void test_needs_text_lines(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    struct buf text = {0};
    KIT_OK(kit, kit_approve(kit, rosa, "1.2.1.1"));
    struct needs needs = needs_now(kit, "4.1.2");
    needs_text(kit->deployment, &needs, &text);
    const char *lines = (const char *)text.data;
    assert_non_null(strstr(lines, "  [x] 1.2.1.1 Release Manager: given by rosa, seq "));
    assert_non_null(strstr(lines, "  [ ] 1.2.1.2 Security Lead: no approval of Security Lead\n"));
    assert_non_null(strstr(lines, "  [-] 1.1.5 Customers told (if applicable): optional\n"));
    assert_string_equal(needs_how(NEED_GIVEN), "given");
    buf_free(&text);
    needs_free(&needs);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_needs_find_how_and_by_whom),
        cmocka_unit_test(test_needs_find_persons_gates_and_criteria),
        cmocka_unit_test(test_needs_find_at_a_basis),
        cmocka_unit_test(test_needs_find_in_an_emergency),
        cmocka_unit_test(test_needs_find_a_status_with_its_note),
        cmocka_unit_test(test_needs_text_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
