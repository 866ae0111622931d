#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "replay/narrative.h"

static void tell(const char *type, const char *rest, struct narrative *ret_told)
{
    struct record record = {0};
    struct event *event = NULL;
    buf_printf(&record.event,
               "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/cli\",\"type\":\"%s\"%s}", type,
               rest);
    assert_int_equal(event_parse(record.event.data, record.event.bytes, &event, NULL), ERR_OK);
    narrative_of(&record, event, ret_told);
    event_free(event);
    buf_free(&record.event);
}

static void test_narrative_of_number_as_written(void **state)
{
    (void)state;
    struct narrative told;
    tell("dev.countersign.field.recorded.v1",
         ",\"data\":{\"node\":\"2.1.3\",\"value\":12.50,\"unit\":\"ms\",\"reason\":\"again\"}",
         &told);
    assert_string_equal(told.kind, "field.recorded");
    assert_string_equal(told.node, "2.1.3");
    assert_string_equal(told.value, "12.50 ms");
    assert_string_equal(told.text, "again");
    narrative_free(&told);
}

static void test_narrative_of_each_word(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *data;
        const char *value;
        const char *text;
    } cases[] = {
        {"item.checked", "{\"node\":\"1.1\",\"result\":\"fail\",\"note\":\"n\"}", "fail", "n"},
        {"approval.given", "{\"node\":\"1.1\",\"role\":\"QA Lead\"}", "QA Lead", NULL},
        {"decision.made", "{\"node\":\"1.1\",\"value\":\"NO-GO\",\"comment\":\"c\"}", "NO-GO", "c"},
        {"role.assigned", "{\"role\":\"DBA\",\"principal\":\"dan\"}", "DBA dan", NULL},
        {"metric.sampled", "{\"metric\":\"error rate\",\"value\":0.4,\"unit\":\"%\"}",
         "error rate 0.4 %", NULL},
        {"note.added", "{\"text\":\"t\"}", NULL, "t"},
        {"item.waived", "{\"reason\":{\"not\":\"text\"}}", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char type[80];
        struct buf rest = {0};
        struct narrative told;
        snprintf(type, sizeof(type), "dev.countersign.%s.v1", cases[i].type);
        buf_text(&rest, ",\"data\":");
        buf_text(&rest, cases[i].data);
        tell(type, (const char *)rest.data, &told);
        assert_string_equal(told.kind, cases[i].type);
        if (cases[i].value != NULL)
            assert_string_equal(told.value, cases[i].value);
        else
            assert_null(told.value);
        if (cases[i].text != NULL)
            assert_string_equal(told.text, cases[i].text);
        else
            assert_null(told.text);
        narrative_free(&told);
        buf_free(&rest);
    }
}

static void test_narrative_of_foreign(void **state)
{
    (void)state;
    struct narrative told;
    tell("dev.cdevents.service.deployed.0.3.0", ",\"subject\":\"web\",\"data\":{\"node\":\"1\"}",
         &told);
    assert_string_equal(told.kind, "dev.cdevents.service.deployed.0.3.0");
    assert_null(told.node);
    assert_string_equal(told.value, "web");
    assert_string_equal(told.text, "/cli");
    narrative_free(&told);
}

static void test_narrative_of_erased(void **state)
{
    (void)state;
    struct record record = {0};
    struct narrative told;
    narrative_of(&record, NULL, &told);
    assert_string_equal(told.kind, "erased");
    assert_null(told.value);
    narrative_free(&told);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_narrative_of_number_as_written),
        cmocka_unit_test(test_narrative_of_each_word),
        cmocka_unit_test(test_narrative_of_foreign),
        cmocka_unit_test(test_narrative_of_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
