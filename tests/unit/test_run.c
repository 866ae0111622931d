/* Whole deployments from the checklists that people have: everything that can be done is done, by
 * who may do it, until the deployment closes as successful. */
#include "tests/unit/deployment_kit.h"
#include "tests/unit/vectors.h"

#define FIRST_SEED 50 /* of the keys of those who hold the roles */

/* A checklist's roles; the holder of roles[i] is "p<i>", with the key of FIRST_SEED + i. */
struct roles {
    const char *names[64];
    size_t count;
};

static size_t role_at(struct roles *roles, const char *name)
{
    for (size_t i = 0; i < roles->count; i++) {
        if (registry_role_same(roles->names[i], name))
            return i;
    }
    assert_true(roles->count < 64);
    roles->names[roles->count] = name;
    return roles->count++;
}

static struct person holder(struct roles *roles, const char *role)
{
    static const char *const names[] = {"p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9"};
    size_t at = role_at(roles, role);
    assert_true(at < sizeof(names) / sizeof(names[0]));
    return (struct person){names[at], (uint8_t)(FIRST_SEED + at)};
}

static void gather_roles(const struct checklist *checklist, struct roles *roles)
{
    for (size_t i = 0; i < checklist->node_count; i++) {
        if (checklist->nodes[i].role != NULL)
            role_at(roles, checklist->nodes[i].role);
        if (checklist->nodes[i].authority != NULL)
            role_at(roles, checklist->nodes[i].authority);
    }
}

static void open_with_roles(struct kit *kit, struct roles *roles)
{
    struct buf assigned = {0};
    for (size_t i = 0; i < roles->count; i++) {
        struct person who = holder(roles, roles->names[i]);
        kit_enroll(kit, who, who.seed);
        kit_grant(kit, who, roles->names[i]);
    }
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    for (size_t i = 0; i < roles->count; i++) {
        buf_clear(&assigned);
        buf_printf(&assigned, "{\"role\":\"%s\",\"principal\":\"%s\"}", roles->names[i],
                   holder(roles, roles->names[i]).name);
        KIT_OK(kit, kit_act(kit, dana, "role.assigned", (const char *)assigned.data));
    }
    buf_free(&assigned);
}

/* A value that every threshold which the field measures, and its expectation, agree with. */
static void good_value(const struct checklist *checklist, size_t field, char *ret, size_t bytes)
{
    const struct node *node = &checklist->nodes[field];
    snprintf(ret, bytes, "\"%s\"", node->expectation != NULL ? node->expectation : "seen");
    for (size_t i = 0; node->expectation == NULL && i < checklist->node_count; i++) {
        const struct threshold *threshold = checklist->nodes[i].threshold;
        if (threshold == NULL || !checklist_measures(checklist, field, i))
            continue;
        double off = threshold->op == OP_LESS ? -0.01 : threshold->op == OP_GREATER ? 0.01 : 0;
        snprintf(ret, bytes, "%.3f", threshold->value + off);
    }
}

static enum rule try_node(struct kit *kit, struct roles *roles, size_t index)
{
    const struct checklist *checklist = kit->deployment->checklist;
    const struct node *node = &checklist->nodes[index];
    char value[128];
    switch (node->kind) {
    case NODE_ITEM:
        return kit_check(kit, node->role == NULL ? lee : holder(roles, node->role), node->id,
                         "pass");
    case NODE_APPROVAL:
        return kit_approve(kit, holder(roles, node->role), node->id);
    case NODE_STATUS:
        return kit_status(kit, node->id, node->options[0].label);
    case NODE_FIELD:
        good_value(checklist, index, value, sizeof(value));
        return kit_record_value(kit, node->id, value);
    case NODE_CHOICE:
        snprintf(value, sizeof(value), "\"%s\"", node->options[0].label);
        return kit_record_value(kit, node->id, value);
    case NODE_DECISION:
        if (node->authority == NULL || deployment_gate_open(kit->deployment, index))
            return RULE_WRONG_KIND;
        return kit_decide(kit, holder(roles, node->authority), node->id, node->options[0].label);
    case NODE_NOTES:
        break;
    }
    return RULE_WRONG_KIND;
}

/* Do what can be done, until nothing more can; an item waits for what is nested in it. */
static void do_all(struct kit *kit, struct roles *roles)
{
    const struct checklist *checklist = kit->deployment->checklist;
    bool again = true;
    while (again) {
        again = false;
        for (size_t i = 0; i < checklist->node_count; i++) {
            if (!kit->deployment->nodes[i].met && !checklist->nodes[i].rollback)
                again = try_node(kit, roles, i) == RULE_NONE || again;
        }
    }
}

static void run(const struct buf *markdown)
{
    struct roles roles = {0};
    struct checklist *checklist = NULL;
    struct kit *kit = kit_start((const char *)markdown->data);
    assert_int_equal(checklist_compile(markdown->data, markdown->bytes, &checklist, NULL), ERR_OK);
    gather_roles(checklist, &roles);
    open_with_roles(kit, &roles);
    const char *last = checklist->nodes[checklist->gates[checklist->gate_count - 1]].authority;
    for (int minutes = -300; minutes <= 1440; minutes += minutes < 120 ? 10 : 120) {
        if (minutes > (kit->time_us - KIT_T0_US) / INSTANT_MINUTE_US)
            kit_at(kit, minutes);
        do_all(kit, &roles);
    }
    kit_at(kit, 1441);
    KIT_OK(kit,
           kit_act(kit, holder(&roles, last), "deployment.closed", "{\"outcome\":\"successful\"}"));
    kit_free(kit);
    checklist_free(checklist);
}

static void test_run_of_the_seed(void **state)
{
    (void)state;
    const char *folder = getenv("COUNTERSIGN_SHARED");
    struct buf path = {0}, markdown = {0};
    buf_printf(&path, "%s/seed/PRODUCTION_DEPLOYMENT_CHECKLIST.md",
               folder != NULL ? folder : COUNTERSIGN_SOURCE "/../shared");
    bool there = vectors_file((const char *)path.data, &markdown);
    if (there)
        run(&markdown);
    else
        printf("SKIPPED: %s is absent (COUNTERSIGN_SHARED names another folder)\n",
               (const char *)path.data);
    buf_free(&path);
    buf_free(&markdown);
    if (!there)
        skip();
}

static void test_run_of_blue_green(void **state)
{
    (void)state;
    struct buf markdown = {0};
    assert_true(vectors_file(COUNTERSIGN_SOURCE "/replay/checklists/blue-green.md", &markdown));
    run(&markdown);
    buf_free(&markdown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_of_the_seed),
        cmocka_unit_test(test_run_of_blue_green),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
