#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger/buf.h"
#include "ledger/event.h"
#include "ledger/limits.h"

#define MINIMAL "\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\""

/* Parse `{` MINIMAL more `}`. */
static enum err parse_with(const char *more, struct event **ret_event)
{
    struct buf text = {0};
    struct err_text why = {{0}};
    buf_printf(&text, "{" MINIMAL "%s}", more);
    enum err err = event_parse(text.data, text.bytes, ret_event, &why);
    assert_true((err == ERR_OK) == (why.s[0] == '\0'));
    buf_free(&text);
    return err;
}

static enum err parse(const char *text)
{
    struct event *event = NULL;
    enum err err = event_parse(text, strlen(text), &event, NULL);
    assert_true((err == ERR_OK) == (event != NULL));
    event_free(event);
    return err;
}

static void test_event_parse_minimal(void **state)
{
    (void)state;
    struct event *event = NULL;
    assert_int_equal(parse_with("", &event), ERR_OK);
    assert_string_equal(event->id, "1");
    assert_string_equal(event->source, "/s");
    assert_string_equal(event->type, "t");
    assert_null(event->deployment);
    assert_null(event->ledger);
    assert_null(event->data);
    assert_false(event->has_time || event->spooled || event->replayed);
    assert_int_equal(event->time_us, 0);
    event_free(event);
    event_free(NULL);
}

static void test_event_parse_full(void **state)
{
    (void)state;
    struct event *event = NULL;
    assert_int_equal(parse_with(",\"deployment\":\"d-1\",\"ledger\":\"ab\",\"spooled\":true,"
                                "\"replayed\":\"true\",\"time\":\"2026-03-01T11:00:00.5+01:00\","
                                "\"subject\":\"x\",\"n\":-2147483648,\"data\":{\"value\":1.50}",
                                &event),
                     ERR_OK);
    assert_string_equal(event->deployment, "d-1");
    assert_string_equal(event->ledger, "ab");
    assert_true(event->spooled && event->replayed && event->has_time);
    assert_int_equal(event->time_us, 1772359200500000LL);
    assert_true(json_is_object(event->data));
    event_free(event);
}

static void test_event_parse_null_is_absent(void **state)
{
    (void)state;
    struct event *event = NULL;
    assert_int_equal(parse_with(",\"deployment\":null,\"ledger\":null,\"time\":null,"
                                "\"spooled\":null,\"data\":null,\"data_base64\":null",
                                &event),
                     ERR_OK);
    assert_null(event->deployment);
    assert_null(event->ledger);
    assert_false(event->has_time || event->spooled);
    assert_true(json_is_null(event->data));
    event_free(event);
}

static void test_event_parse_invalid(void **state)
{
    (void)state;
    assert_int_equal(parse(""), ERR_INVALID);
    assert_int_equal(parse("{"), ERR_INVALID);
    assert_int_equal(parse(" {" MINIMAL "}"), ERR_INVALID);
    assert_int_equal(parse("{" MINIMAL "}\n"), ERR_INVALID);
    assert_int_equal(parse("{" MINIMAL "}{}"), ERR_INVALID);
    assert_int_equal(parse("{" MINIMAL ",\"id\":\"1\"}"), ERR_INVALID);
    assert_int_equal(parse("{" MINIMAL ",\"data\":[[[{\"a\":1,\"a\":1}]]]}"), ERR_INVALID);
    assert_int_equal(parse("{" MINIMAL ",\"data\":9007199254740993}"), ERR_INVALID);
}

static void test_event_parse_not_event(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "1",
        "{}",
        "{\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\"}",
        "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":1.0,\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":1,\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":null,\"source\":\"/s\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"a\\nb\",\"type\":\"t\"}",
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"\\u0085\"}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(parse(texts[i]), ERR_NOT_EVENT);
}

static void test_event_parse_bad_attribute(void **state)
{
    (void)state;
    static const char *const more[] = {
        ",\"Upper\":\"x\"",
        ",\"with-dash\":\"x\"",
        ",\"with_line\":\"x\"",
        ",\"\":\"x\"",
        ",\"\xc3\xa9\":\"x\"",
        ",\"n\":2147483648",
        ",\"n\":-2147483649",
        ",\"n\":1.0",
        ",\"n\":{}",
        ",\"n\":[1]",
        ",\"n\":\"\\u0000\"",
        ",\"n\":\"\\u007f\"",
        ",\"n\":\"\\u009f\"",
        ",\"n\":\"\\ufdd0\"",
        ",\"n\":\"\\uffff\"",
        ",\"n\":\"\\ud83f\\udffe\"",
        ",\"subject\":\"\"",
        ",\"subject\":true",
        ",\"datacontenttype\":1",
        ",\"dataschema\":\"\"",
        ",\"time\":\"yesterday\"",
        ",\"time\":5",
        ",\"time\":\"2026-02-30T00:00:00Z\"",
        ",\"ledger\":1",
        ",\"ledger\":true",
        ",\"deployment\":1",
        ",\"deployment\":\"\"",
        ",\"deployment\":\"Upper\"",
        ",\"deployment\":\"a/b\"",
        ",\"data\":1,\"data_base64\":\"\"",
        ",\"data_base64\":1",
    };
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        struct event *event = NULL;
        enum err expected = strstr(more[i], "u0000") != NULL ? ERR_INVALID : ERR_NOT_EVENT;
        assert_int_equal(parse_with(more[i], &event), expected);
        assert_null(event);
    }
}

static void test_event_parse_odd_attribute(void **state)
{
    (void)state;
    static const char *const more[] = {
        ",\"n\":2147483647",
        ",\"n\":false",
        ",\"n\":\"\"",
        ",\"0123456789abcdefghijklmnop\":\"x\"",
        ",\"n\":\"\\ud83d\\ude00\"",
        ",\"n\":\"\\u00a0\\ufdcf\\ufdf0\\ufffd\"",
        ",\"data\":\"a\\nb\"",
        ",\"data_base64\":\"AAAA\"",
        ",\"deployment\":\"ledger\"",
    };
    for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
        struct event *event = NULL;
        assert_int_equal(parse_with(more[i], &event), ERR_OK);
        event_free(event);
    }
}

static void test_event_parse_sizes(void **state)
{
    (void)state;
    struct buf more = {0};
    struct event *event = NULL;
    const size_t around = strlen("{" MINIMAL ",\"data\":\"\"}");
    buf_text(&more, ",\"data\":\"");
    for (size_t i = around; i < EVENT_BYTES_MAX; i++)
        buf_u8(&more, 'x');
    buf_text(&more, "\"");
    assert_int_equal(parse_with((const char *)more.data, &event), ERR_OK);
    event_free(event);
    event = NULL;
    buf_text(&more, " ");
    assert_int_equal(parse_with((const char *)more.data, &event), ERR_TOO_BIG);
    assert_null(event);
    buf_free(&more);
}

static void test_event_parse_id_length(void **state)
{
    (void)state;
    for (size_t bytes = ID_BYTES_MAX; bytes <= ID_BYTES_MAX + 1; bytes++) {
        struct buf text = {0};
        buf_text(&text, "{\"specversion\":\"1.0\",\"source\":\"/s\",\"type\":\"t\",\"id\":\"");
        for (size_t i = 0; i < bytes; i++)
            buf_u8(&text, 'i');
        buf_text(&text, "\"}");
        assert_int_equal(parse((const char *)text.data),
                         bytes <= ID_BYTES_MAX ? ERR_OK : ERR_NOT_EVENT);
        buf_free(&text);
    }
}

static void test_event_subject_verb_types(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool own;
        const char *expected;
    } cases[] = {
        {"dev.countersign.item.checked.v1", true, "item.checked"},
        {"dev.countersign.ingest.conflicted.v1", true, "ingest.conflicted"},
        {"dev.countersign.ledger.created.v1", true, "ledger.created"},
        {"dev.countersign.item.checked.v2", true, NULL},
        {"dev.countersign.item.checked", true, NULL},
        {"dev.countersign.item.eaten.v1", true, NULL},
        {"dev.countersign.", true, NULL},
        {"dev.countersign", false, NULL},
        {"item.checked", false, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct event event = {.type = cases[i].type};
        assert_int_equal(event_is_own(&event), cases[i].own);
        if (cases[i].expected == NULL)
            assert_null(event_subject_verb(&event));
        else
            assert_string_equal(event_subject_verb(&event), cases[i].expected);
    }
}

/* All that RULES.md names. */
static void test_event_subject_verb_all(void **state)
{
    (void)state;
    static const char *const names[] = {
        "approval.withdrawn",  "deployment.opened", "status.declared",    "metric.sampled",
        "clock.started",       "key.enrolled",      "event.erased",       "emergency.declared",
        "role.revoked",        "hold.placed",       "token.issued",       "issue.changed",
        "role.granted",        "policy.set",        "item.waived",        "rollback.started",
        "ingest.conflicted",   "issue.opened",      "note.added",         "deployment.rescheduled",
        "checklist.published", "ingest.denied",     "rollback.finished",  "item.checked",
        "token.revoked",       "field.recorded",    "issue.resolved",     "approval.given",
        "ledger.heads",        "ledger.sealed",     "ingest.quarantined", "key.revoked",
        "role.assigned",       "approval.rejected", "role.unassigned",    "command.finished",
        "evidence.attached",   "item.reopened",     "ledger.rekeyed",     "ledger.created",
        "ledger.restored",     "decision.made",     "hold.released",      "clock.leapt",
        "report.issued",       "deployment.closed",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char type[80];
        snprintf(type, sizeof(type), "dev.countersign.%s.v1", names[i]);
        const struct event event = {.type = type};
        if (event_subject_verb(&event) == NULL)
            fail_msg("not found: %s", names[i]);
        assert_string_equal(event_subject_verb(&event), names[i]);
        type[strlen(type) - 4] = '\0';
        assert_null(event_subject_verb(&event));
    }
}

static void test_event_stream_ok_names(void **state)
{
    (void)state;
    char name[STREAM_BYTES_MAX + 2];
    assert_true(event_stream_ok("a"));
    assert_true(event_stream_ok("0.a_b-c"));
    assert_true(event_stream_ok("ledger"));
    assert_false(event_stream_ok(NULL));
    assert_false(event_stream_ok(""));
    assert_false(event_stream_ok(".a"));
    assert_false(event_stream_ok("-a"));
    assert_false(event_stream_ok("A"));
    assert_false(event_stream_ok("a b"));
    assert_false(event_stream_ok("a@b"));
    memset(name, 'a', sizeof(name));
    name[STREAM_BYTES_MAX + 1] = '\0';
    assert_false(event_stream_ok(name));
    name[STREAM_BYTES_MAX] = '\0';
    assert_true(event_stream_ok(name));
}

static void test_event_principal_ok_names(void **state)
{
    (void)state;
    char name[PRINCIPAL_BYTES_MAX + 2];
    assert_true(event_principal_ok("Anna@example.com"));
    assert_true(event_principal_ok("amqp:ci+1_x-y"));
    assert_false(event_principal_ok(NULL));
    assert_false(event_principal_ok(""));
    assert_false(event_principal_ok("@a"));
    assert_false(event_principal_ok("a/b"));
    assert_false(event_principal_ok("\xc3\xa9"));
    memset(name, 'Z', sizeof(name));
    name[PRINCIPAL_BYTES_MAX + 1] = '\0';
    assert_false(event_principal_ok(name));
    name[PRINCIPAL_BYTES_MAX] = '\0';
    assert_true(event_principal_ok(name));
}

static void test_event_is_newer(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        bool newer;
    } types[] = {
        {"dev.countersign.item.checked.v1", false},  {"dev.countersign.item.checked.v2", true},
        {"dev.countersign.item.checked.v10", true},  {"dev.countersign.item.checked.v0", false},
        {"dev.countersign.item.checked.v2x", false}, {"dev.countersign.item.checked.v", false},
        {"dev.countersign.item.checked.v02", false}, {"dev.countersign.item.invented.v2", false},
        {"com.example.item.checked.v2", false},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        const struct event event = {.type = types[i].type};
        assert_int_equal(event_is_newer(&event), types[i].newer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_is_newer),
        cmocka_unit_test(test_event_parse_minimal),
        cmocka_unit_test(test_event_parse_full),
        cmocka_unit_test(test_event_parse_null_is_absent),
        cmocka_unit_test(test_event_parse_invalid),
        cmocka_unit_test(test_event_parse_not_event),
        cmocka_unit_test(test_event_parse_bad_attribute),
        cmocka_unit_test(test_event_parse_odd_attribute),
        cmocka_unit_test(test_event_parse_sizes),
        cmocka_unit_test(test_event_parse_id_length),
        cmocka_unit_test(test_event_subject_verb_types),
        cmocka_unit_test(test_event_subject_verb_all),
        cmocka_unit_test(test_event_stream_ok_names),
        cmocka_unit_test(test_event_principal_ok_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
