#include "deployment_kit.h"

#include "replay/target.h"

static struct err_text why;

static enum err find(const struct kit *kit, enum target_kind kind, const char *name,
                     const char *role, const char *principal, const char **ret_id)
{
    const struct target target = {.deployment = kit->deployment,
                                  .kind = kind,
                                  .name = name,
                                  .role = role,
                                  .principal = principal,
                                  .seq = kit->seq,
                                  .time_us = kit->time_us};
    *ret_id = "";
    why.s[0] = '\0';
    return target_find(&target, ret_id, &why);
}

#define FINDS(wanted, ...)                                                                         \
    do {                                                                                           \
        const char *id;                                                                            \
        assert_int_equal(find(kit, __VA_ARGS__, &id), ERR_OK);                                     \
        assert_string_equal(id, wanted);                                                           \
    } while (0)
#define FAILS(err, words, ...)                                                                     \
    do {                                                                                           \
        const char *id;                                                                            \
        assert_int_equal(find(kit, __VA_ARGS__, &id), err);                                        \
        if (strstr(why.s, words) == NULL)                                                          \
            fail_msg("no '%s' in: %s", words, why.s);                                              \
    } while (0)

static void test_target_find_approval(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    FINDS("1.2.1.1", TARGET_APPROVAL, "1.2.1.1", NULL, "eve");
    FINDS("1.2.1.1", TARGET_APPROVAL, NULL, NULL, "rosa");
    FINDS("1.2.1.2", TARGET_APPROVAL, NULL, NULL, "sam");
    FINDS("1.2.1.2", TARGET_APPROVAL, "security  LEAD", NULL, "rosa");
    FINDS("1.2.1.2", TARGET_APPROVAL, NULL, "Security Lead", NULL);
    FINDS("2.3.1", TARGET_SIGNOFF, NULL, NULL, "rosa");
    FINDS("no.such", TARGET_APPROVAL, "no.such", NULL, "rosa");
    FAILS(ERR_NOT_FOUND, "nothing of eve is there to be approved", TARGET_APPROVAL, NULL, NULL,
          "eve");
    FAILS(ERR_NOT_FOUND, "nothing of Cook is there to be signed off", TARGET_SIGNOFF, NULL, "Cook",
          "rosa");
    FAILS(ERR_CONFLICT, "1.2.1.1 Release Manager, 1.2.1.2 Security Lead", TARGET_APPROVAL, NULL,
          NULL, NULL);
    FAILS(ERR_CONFLICT, "1.2.1.1 Release Manager, 2.3.1 Release Manager", TARGET_REJECTED,
          "Release Manager", NULL, "rosa");
    kit_free(kit);
}

static void test_target_find_given(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    FAILS(ERR_NOT_FOUND, "nothing of rosa is there to be withdrawn", TARGET_GIVEN, NULL, NULL,
          "rosa");
    assert_int_equal(kit_approve(kit, rosa, "1.2.1.1"), RULE_NONE);
    FINDS("1.2.1.1", TARGET_GIVEN, NULL, NULL, "rosa");
    FAILS(ERR_NOT_FOUND, "to be approved", TARGET_APPROVAL, NULL, NULL, "rosa");
    FAILS(ERR_NOT_FOUND, "nothing of Cook is there to be rejected", TARGET_REJECTED, NULL, "Cook",
          "rosa");
    kit_free(kit);
}

static void test_target_find_decision(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    FINDS("4.1.2", TARGET_DECISION, "gate-1", NULL, NULL);
    FINDS("4.3.2", TARGET_DECISION, "Gate-3", NULL, NULL);
    FINDS("4.2.2", TARGET_DECISION, "gate 2: cutover (t+25 min)", NULL, NULL);
    FINDS("3.0.1", TARGET_DECISION, "rollback", NULL, NULL);
    FINDS("gate-0", TARGET_DECISION, "gate-0", NULL, NULL);
    FINDS("gate-4", TARGET_DECISION, "gate-4", NULL, NULL);
    FINDS("gate-1x", TARGET_DECISION, "gate-1x", NULL, NULL);
    FAILS(ERR_USAGE, "gate-N or rollback", TARGET_DECISION, NULL, NULL, "rosa");
    kit_free(kit);
}

static void test_target_find_unopened(void **state)
{
    (void)state;
    struct kit *kit = kit_start(kit_markdown);
    FINDS("1.2.1.1", TARGET_APPROVAL, "1.2.1.1", NULL, "rosa");
    FAILS(ERR_NOT_FOUND, "is not opened yet", TARGET_APPROVAL, NULL, NULL, "rosa");
    kit_free(kit);
}

static void test_target_option_case(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    const struct node *gate = &kit->deployment->checklist->nodes[kit_node(kit, "4.1.2")];
    struct buf list = {0};
    assert_int_equal(target_option(gate, "go"), 0);
    assert_int_equal(target_option(gate, "No-Go"), 1);
    assert_int_equal(target_option(gate, "perhaps"), CHECKLIST_NONE);
    target_options(gate, &list);
    assert_string_equal((const char *)list.data, "GO, NO-GO");
    buf_free(&list);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_target_find_approval), cmocka_unit_test(test_target_find_given),
        cmocka_unit_test(test_target_find_decision), cmocka_unit_test(test_target_find_unopened),
        cmocka_unit_test(test_target_option_case),
    };
    assert_true(sodium_init() >= 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
