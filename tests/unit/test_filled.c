#include "deployment_kit.h"

#include "replay/filled.h"

static char *fill(const struct kit *kit)
{
    struct buf buf = {0};
    filled_add(kit->deployment, &buf);
    return buf_take_text(&buf);
}

static void has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no '%s' in:\n%s", part, text);
}

static void test_filled_add_untouched(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    char *text = fill(kit);
    assert_string_equal(text, kit_markdown);
    free(text);
    kit_free(kit);
}

static void test_filled_add_unopened(void **state)
{
    (void)state;
    struct kit *kit = kit_start(NULL);
    char *text = fill(kit);
    assert_string_equal(text, "");
    free(text);
    kit_free(kit);
}

static void test_filled_add_marks(void **state)
{
    (void)state;
    struct kit *kit = kit_open();
    kit_gate1(kit);
    KIT_OK(kit, kit_check(kit, lee, "1.1.3", "fail"));
    KIT_OK(kit,
           kit_act(kit, rosa, "approval.withdrawn", "{\"node\":\"1.2.1.1\",\"reason\":\"r\"}"));
    KIT_OK(kit, kit_act(kit, lee, "note.added", "{\"text\":\"a *b*\\n<i>\",\"node\":\"1.1.1\"}"));
    char *text = fill(kit);
    has(text, "\n- [x] Code reviewed **\\[1.1.1 pass, lee, 1970-01-10 12:00:0");
    has(text, "\n- [ ] Integrity checked **\\[1.1.3 fail, lee, ");
    has(text, "\n  - Peak users: ______ **\\[1.1.4.1 900, lee, ");
    has(text, "\n  - [ ] Release Manager: ______ **\\[1.2.1.1 rejected or withdrawn, rosa, ");
    has(text, "\n  - [x] Security Lead: ______ **\\[1.2.1.2 given, sam, ");
    has(text, "\n**Decision: [ ] GO [ ] NO-GO** **\\[4.1.2 GO, rosa, ");
    has(text, "\n- [ ] Customers told (if applicable)\n");
    has(text, "\n- a \\*b\\*\\\\n\\<i\\> (on 1.1.1) **\\[note, lee, ");
    free(text);
    kit_free(kit);
}

/* Line ends stay as they are, also the missing last one. */
static void test_filled_add_crlf(void **state)
{
    (void)state;
    struct kit *kit = kit_start("# T\r\n\r\n## A (T-2 hours to T-0)\r\n\r\nx\r\n\r\n- [ ] One");
    KIT_OK(kit, kit_open_with(kit, dana, ""));
    const char *one = kit->deployment->checklist->nodes[0].id;
    KIT_OK(kit, kit_check(kit, lee, one, "pass"));
    char *text = fill(kit);
    has(text, "\r\n\r\nx\r\n\r\n- [x] One **\\[");
    assert_int_equal(text[strlen(text) - 1], '*');
    free(text);
    kit_free(kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filled_add_untouched),
        cmocka_unit_test(test_filled_add_unopened),
        cmocka_unit_test(test_filled_add_marks),
        cmocka_unit_test(test_filled_add_crlf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
