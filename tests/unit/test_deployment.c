#include "deployment_kit.h"

#include <stdio.h>

static void test_deployment_apply_whole_way(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    const struct deployment *deployment = kit->deployment;
    assert_string_equal(deployment_phase_name(deployment->phase), "open");
    kit_gate3(kit);
    kit_at(kit, 61);
    KIT_OK(kit, kit_act(kit, lee, "deployment.closed", "{\"outcome\":\"successful\"}"));
    assert_string_equal(deployment_phase_name(deployment->phase), "closed");
    assert_string_equal(deployment->outcome, "successful");
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deployment_apply_whole_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
