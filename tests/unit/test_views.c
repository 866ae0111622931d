/* What `serve` shows of deployments, from a real ledger. */
#include "tests/unit/ledger_kit.h"

#include "replay/views.h"

static struct kit kit; /* with the deployments a, a-b and ab, and events in the inbox */
static struct views *views;

static int set_up(void **state)
{
    (void)state;
    kit_new(&kit);
    kit_fill(&kit, 20);
    assert_int_equal(views_open(kit.path, &views, NULL), ERR_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    views_close(views);
    views_close(NULL);
    kit_end(&kit);
    return 0;
}

/* The ids of a page of the list, one behind the other, and its `next`, "-" without one. */
static void expect_page(const char *after, uint64_t limit, const char *ids, const char *next)
{
    struct buf text = {0}, seen = {0};
    assert_int_equal(views_list(views, after, limit, &text, NULL), ERR_OK);
    json_t *page = json_loadb((const char *)text.data, text.bytes, 0, NULL), *one = NULL;
    size_t i = 0;
    buf_text(&seen, "");
    json_array_foreach (json_object_get(page, "deployments"), i, one) {
        buf_printf(&seen, "%s ", json_string_value(json_object_get(one, "deployment")));
    }
    assert_string_equal((const char *)seen.data, ids);
    const json_t *behind = json_object_get(page, "next");
    assert_string_equal(json_is_null(behind) ? "-" : json_string_value(behind), next);
    json_decref(page);
    buf_free(&text);
    buf_free(&seen);
}

static void test_views_open_no_ledger(void **state)
{
    (void)state;
    struct views *none = NULL;
    struct err_text why = {""};
    assert_int_equal(views_open("/tmp/there-is-no-such-ledger", &none, &why), ERR_NOT_FOUND);
    assert_null(none);
    assert_true(why.s[0] != '\0');
}

static void test_views_list_pages(void **state)
{
    (void)state;
    expect_page("", 10, "a a-b ab ", "-");
    expect_page("", 3, "a a-b ab ", "-");
    expect_page("", 2, "a a-b ", "a-b");
    expect_page("a-b", 2, "ab ", "-");
    expect_page("a", 1, "a-b ", "a-b");
    expect_page("a.", 5, "ab ", "-");
    expect_page("z", 5, "", "-");
}

static void test_views_list_sees_what_came_since(void **state)
{
    (void)state;
    struct kit_event event = {.id = "late", .deployment = "later"};
    expect_page("ab", 5, "", "-");
    struct receipt receipt = kit_append(&kit, &event);
    ledger_receipts_free(&receipt, 1);
    expect_page("ab", 5, "later ", "-");
}

static void expect_text(enum err err, enum err wanted, struct buf *text, const char *part)
{
    assert_int_equal(err, wanted);
    if (wanted == ERR_OK)
        assert_non_null(strstr((const char *)text->data, part));
    else
        assert_int_equal(text->bytes, 0);
    buf_free(text);
}

static void test_views_state(void **state)
{
    (void)state;
    struct buf text = {0};
    expect_text(views_state(views, "a-b", NULL, &text, NULL), ERR_OK, &text, "\"a-b\"");
    expect_text(views_state(views, "a-b", "#0", &text, NULL), ERR_OK, &text, "\"a-b\"");
    expect_text(views_state(views, "none", NULL, &text, NULL), ERR_NOT_FOUND, &text, "");
    expect_text(views_state(views, "inbox", NULL, &text, NULL), ERR_NOT_FOUND, &text, "");
    expect_text(views_state(views, "a", "#999", &text, NULL), ERR_NOT_FOUND, &text, "");
    expect_text(views_state(views, "a", "#x", &text, NULL), ERR_USAGE, &text, "");
}

static void test_views_timeline(void **state)
{
    (void)state;
    struct buf text = {0};
    expect_text(views_timeline(views, "ab", "json", &text, NULL), ERR_OK, &text, "\"ab\"");
    expect_text(views_timeline(views, "ab", "text", &text, NULL), ERR_OK, &text, "ab");
    expect_text(views_timeline(views, "ab", "csv", &text, NULL), ERR_OK, &text, "seq");
    expect_text(views_timeline(views, "ab", "html", &text, NULL), ERR_OK, &text, "<html");
    expect_text(views_timeline(views, "ab", "pdf", &text, NULL), ERR_USAGE, &text, "");
    expect_text(views_timeline(views, "ledger", "json", &text, NULL), ERR_NOT_FOUND, &text, "");
}

static void test_views_nothing_of_no_deployment(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"none", "a"}, {"a", "none"}};
    struct buf text = {0};
    expect_text(views_diff(views, "none", NULL, NULL, &text, NULL), ERR_NOT_FOUND, &text, "");
    expect_text(views_why(views, "none", "1.1", NULL, &text, NULL), ERR_NOT_FOUND, &text, "");
    for (size_t i = 0; i < 2; i++)
        expect_text(views_compare(views, pairs[i], &text, NULL), ERR_NOT_FOUND, &text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views_open_no_ledger),
        cmocka_unit_test_setup_teardown(test_views_list_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_views_list_sees_what_came_since, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_views_state, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_views_timeline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_views_nothing_of_no_deployment, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
